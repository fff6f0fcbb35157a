import pMap from 'p-map';
import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { decide } from '../policy/decision.ts';
import type { Finding, NotJudged, RegionAudit } from '../policy/finding.ts';
import type { Grant, ReadGrant } from '../policy/grant.ts';
import type { Outcome } from '../policy/outcome.ts';
import type { Mode, Revoke } from './enforce-grant.ts';

/** A page of what a region lists. */
export interface ListedPage {
  readonly cacheSecurityGroups: number;
  readonly grants: readonly (ReadGrant & { readonly status: string })[];
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
  /** When to stop: what is not done by then is named. */
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
  const judged = listed.flatMap((one) => one.findings);
  const toRevoke = judged.filter(isToRevoke);
  const act = how.mode === 'enforce' && toRevoke.length <= how.maxRevocations;
  const revocations = new Map(
    await pMap(act ? toRevoke : [], async (one) => [one, await tryToRevoke(one.grant, how)] as const, {
      concurrency: REVOCATIONS_AT_ONCE,
    }),
  );
  return {
    findings: judged.map((one) => ({
      ...one,
      ...(revocations.get(one) ?? { outcome: outcomeWithoutAct(one, how.mode) }),
    })),
    regions: listed.map((one) => one.region),
    notJudged: listed.flatMap((one) => one.notJudged),
  };
}

/** A finding before anything was done about it. */
type Judged = Omit<Finding, 'outcome'>;

async function auditRegion(
  region: string,
  { listGrants, isNotApplicable, allowlist, now, deadline }: HowToAudit,
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
    for await (const page of listGrants(region)) {
      cacheSecurityGroups += page.cacheSecurityGroups;
      grants += page.grants.length;
      for (const { grant, problems, status } of page.grants) {
        if (grant === undefined) notJudged.push({ region, what: 'a grant', why: problems.join('; ') });
        else findings.push({ grant, status, decision: decide(grant, allowlist, now()) });
      }
      if (deadline !== undefined && now() >= deadline) throw new Error('there was no time left to list the rest');
    }
    return done({ status: 'judged' });
  } catch (error) {
    const problem = describe(error);
    if (isNotApplicable(error)) return done({ status: 'not-applicable', problem });
    const what =
      cacheSecurityGroups > 0 ? `what comes after ${cacheSecurityGroups} cache security groups` : 'all of it';
    notJudged.push({ region, what, why: problem });
    return done({ status: 'failed', problem });
  }
}

/** Denied, and not on its way out already. */
function isToRevoke({ decision, status }: Judged): boolean {
  return decision.effect === 'deny' && status !== 'revoking';
}

function outcomeWithoutAct(judged: Judged, mode: Mode): Outcome {
  if (judged.decision.effect === 'allow') return 'allowed';
  if (!isToRevoke(judged)) return 'already-gone';
  return mode === 'enforce' ? 'held' : 'would-revoke';
}

async function tryToRevoke(
  grant: Grant,
  { revoke, deadline, now }: HowToAudit,
): Promise<Pick<Finding, 'outcome' | 'problem' | 'revocationRequestId'>> {
  if (deadline !== undefined && now() >= deadline) {
    return { outcome: 'failed', problem: 'there was no time left to revoke it: the next audit goes on' };
  }
  try {
    const { result, requestId } = await revoke(grant);
    return { outcome: result, ...(requestId !== undefined && { revocationRequestId: requestId }) };
  } catch (error) {
    return { outcome: 'failed', problem: describe(error) };
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
