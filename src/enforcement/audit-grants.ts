import pMap from 'p-map';
import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { decide } from '../policy/decision.ts';
import type { Finding, NotJudged, RegionAudit } from '../policy/finding.ts';
import { type Grant, printable, type ReadGrant } from '../policy/grant.ts';
import type { Mode, Revoke } from './enforce-grant.ts';

/** A grant as a region lists it. Of one that cannot be read, `what` says which it is, as far as it is known. */
export type ListedGrant = ReadGrant & { readonly status: string; readonly what?: string };

/** A page of what a region lists. */
export interface ListedPage {
  readonly cacheSecurityGroups: number;
  readonly grants: readonly ListedGrant[];
}

export interface HowToAudit {
  readonly regions: readonly string[];
  /** Lists every grant of a region, page by page. */
  readonly listGrants: (region: string) => AsyncIterable<ListedPage>;
  /** Whether an error of `listGrants` says that the account has no EC2-Classic, so that there is nothing to judge. */
  readonly isNotApplicable: (error: unknown) => boolean;
  readonly allowlist: CompiledAllowlist;
  readonly mode: Mode;
  readonly revoke: Revoke;
  /** If more grants than this are denied, none is revoked. */
  readonly maxRevocations: number;
  readonly now: () => Date;
  /** When to stop: what is not done by then is named. Calls under way must end by then of themselves. */
  readonly deadline?: Date;
}

/** What an audit saw and did. */
export interface Audit {
  readonly findings: readonly Finding[];
  readonly regions: readonly RegionAudit[];
  readonly notJudged: readonly NotJudged[];
}

/** How many grants an audit revokes at most, if nobody says otherwise. */
export const DEFAULT_MAX_REVOCATIONS = 10;

/** How many regions are listed at once, and how many grants revoked at once: ElastiCache allows few calls a second. */
const REGIONS_AT_ONCE = 4;
const REVOCATIONS_AT_ONCE = 4;

/**
 * Judges every grant of every region, then revokes what no rule allows: all of it, or, if it is more than
 * `maxRevocations`, none of it. A bad allowlist or the first run after an outage must not cut off a fleet.
 *
 * Grants that are `revoking` already are judged and not touched. One region or grant that fails does not stop the
 * others. Never throws.
 */
export async function auditGrants(how: HowToAudit): Promise<Audit> {
  const listed = await pMap(how.regions, (region) => auditRegion(region, how), { concurrency: REGIONS_AT_ONCE });
  const findings = listed.flatMap((one) => one.findings);
  const standing = findings.filter(isDeniedAndStands);
  if (how.mode === 'enforce' && standing.length <= how.maxRevocations) {
    await pMap(standing, async (one) => Object.assign(one, await tryToRevoke(one.grant, how)), {
      concurrency: REVOCATIONS_AT_ONCE,
    });
  }
  return {
    findings,
    regions: listed.map((one) => one.region),
    notJudged: listed.flatMap((one) => one.notJudged),
  };
}

/** A finding to which the outcome of its revocation may still be written: a copy of each would be costly. */
type Judged = { -readonly [Key in keyof Finding]: Finding[Key] };

async function auditRegion(
  region: string,
  how: HowToAudit,
): Promise<{ region: RegionAudit; findings: Judged[]; notJudged: NotJudged[] }> {
  const findings: Judged[] = [];
  const notJudged: NotJudged[] = [];
  let cacheSecurityGroups = 0;
  let grants = 0;
  const done = (rest: Pick<RegionAudit, 'status' | 'problem'>) => ({
    region: { region, cacheSecurityGroups, grants, ...rest },
    findings,
    notJudged,
  });
  try {
    if (isTooLate(how)) throw new Error(NO_TIME_TO_LIST);
    for await (const page of how.listGrants(region)) {
      cacheSecurityGroups += page.cacheSecurityGroups;
      grants += page.grants.length;
      const instant = how.now();
      for (const { grant, problems, status, what } of page.grants) {
        if (grant === undefined) notJudged.push({ region, what: what ?? 'a grant', why: problems.join('; ') });
        else findings.push(judge(grant, status, instant, how));
      }
    }
    return done({ status: 'judged' });
  } catch (error) {
    if (how.isNotApplicable(error)) return done({ status: 'not-applicable', problem: describe(error) });
    // Whoever lists is to end at the deadline, with an error of whatever kind.
    const problem = isTooLate(how) ? NO_TIME_TO_LIST : describe(error);
    const what =
      cacheSecurityGroups > 0 ? `what comes after ${cacheSecurityGroups} cache security groups` : 'all of it';
    notJudged.push({ region, what, why: problem });
    return done({ status: 'failed', problem });
  }
}

/** The decision on a grant, and the outcome that it has if nothing is done about it. */
function judge(grant: Grant, status: string, instant: Date, { allowlist, mode }: HowToAudit): Judged {
  const decision = decide(grant, allowlist, instant);
  const standing = mode === 'enforce' ? 'held' : 'would-revoke';
  const outcome = decision.effect === 'allow' ? 'allowed' : status === 'revoking' ? 'already-gone' : standing;
  return { grant, status, decision, outcome };
}

/** Denied, and not on its way out already. */
function isDeniedAndStands({ outcome }: Finding): boolean {
  return outcome === 'held' || outcome === 'would-revoke';
}

async function tryToRevoke(
  grant: Grant,
  how: HowToAudit,
): Promise<Pick<Finding, 'outcome' | 'problem' | 'revocationRequestId'>> {
  if (isTooLate(how)) {
    return { outcome: 'failed', problem: 'there was no time left to revoke it: the next audit goes on' };
  }
  try {
    const { result, requestId } = await how.revoke(grant);
    return { outcome: result, ...(requestId !== undefined && { revocationRequestId: requestId }) };
  } catch (error) {
    return { outcome: 'failed', problem: describe(error) };
  }
}

const NO_TIME_TO_LIST = 'there was no time left to list the rest';

function isTooLate({ deadline, now }: HowToAudit): boolean {
  return deadline !== undefined && now() >= deadline;
}

/** On one line, and never so long that it would swell a report. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error), LONGEST_PROBLEM);
  return printable(error.name === 'Error' ? error.message : `${error.name}: ${error.message}`, LONGEST_PROBLEM);
}

const LONGEST_PROBLEM = 300;
