import pMap from 'p-map';
import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { type Deadline, isTooLate } from './deadline.ts';

/** How often the API is asked whether a grant is gone, in milliseconds. */
const POLL_MS = 1_000;
const LOOKS_AT_ONCE = 4;

export interface HowToVerify extends Deadline {
  /** What ElastiCache says of a grant now; `undefined` once it is gone. */
  readonly readStatus: (grant: Grant) => Promise<string | undefined>;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Waits until the grants that an audit revoked are gone, and says of each whether it is: evidence, where an outcome is
 * only AWS's promise. Never throws; a grant that cannot be looked at is not verified.
 */
export async function verifyRevocations(findings: readonly Finding[], how: HowToVerify): Promise<Finding[]> {
  const revoked = findings.filter(({ outcome }) => outcome === 'revoked' || outcome === 'already-gone');
  const gone = new Set<Finding>();
  let waitingFor = revoked;
  // In rounds, so that grants which never go do not take up the time of the others.
  for (;;) {
    const looks = await pMap(waitingFor, (finding) => isGone(finding.grant, how), { concurrency: LOOKS_AT_ONCE });
    for (const [index, finding] of waitingFor.entries()) if (looks[index]) gone.add(finding);
    waitingFor = waitingFor.filter((finding) => !gone.has(finding));
    const left = how.deadline.getTime() - how.now().getTime();
    if (waitingFor.length === 0 || isTooLate(how)) break;
    await how.sleep(Math.min(POLL_MS, left));
  }
  const lookedAt = new Set(revoked);
  return findings.map((finding) => (lookedAt.has(finding) ? { ...finding, verifiedGone: gone.has(finding) } : finding));
}

async function isGone(grant: Grant, { readStatus }: HowToVerify): Promise<boolean> {
  try {
    return (await readStatus(grant)) === undefined;
  } catch {
    // Perhaps the next look succeeds; if none does, the report says that nothing was verified.
    return false;
  }
}
