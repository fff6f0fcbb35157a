import pMap from 'p-map';
import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';

/** How often the API is asked whether a grant is gone, in milliseconds. */
const POLL_MS = 1_000;
const POLLS_AT_ONCE = 4;

export interface HowToVerify {
  /** What ElastiCache says of a grant now; `undefined` once it is gone. */
  readonly readStatus: (grant: Grant) => Promise<string | undefined>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => Date;
  /** When to stop waiting. */
  readonly deadline: Date;
}

/**
 * Waits until the grants that an audit revoked are gone, and says of each whether it is: evidence, where an outcome is
 * only AWS's promise. Never throws; a grant that cannot be looked at is not verified.
 */
export function verifyRevocations(findings: readonly Finding[], how: HowToVerify): Promise<Finding[]> {
  return pMap(
    findings,
    async (finding) =>
      finding.outcome === 'revoked' || finding.outcome === 'already-gone'
        ? { ...finding, verifiedGone: await isGoneInTime(finding.grant, how) }
        : finding,
    { concurrency: POLLS_AT_ONCE },
  );
}

async function isGoneInTime(grant: Grant, { readStatus, sleep, now, deadline }: HowToVerify): Promise<boolean> {
  for (;;) {
    try {
      if ((await readStatus(grant)) === undefined) return true;
    } catch {
      // Perhaps the next look succeeds; if none does, the report says that nothing was verified.
    }
    if (now() >= deadline) return false;
    await sleep(POLL_MS);
  }
}
