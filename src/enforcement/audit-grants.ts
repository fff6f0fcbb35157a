import pMap from 'p-map';
import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import type { Finding, NotJudged, RegionAudit } from '../policy/finding.ts';
import type { ClassicGrant, ReadGrant } from '../policy/grant.ts';
import type { JudgedRule } from '../policy/judge-rule.ts';
import { auditCacheSecurityGroups, type ClassicFinding } from './audit-cache-security-groups.ts';
import {
  auditSecurityGroups,
  type Became,
  type DeniedRule,
  type Judged,
  judgeAgain,
  write,
} from './audit-security-groups.ts';
import { type Deadline, isTooLate, NO_TIME_TO_LIST } from './deadline.ts';
import { describeError } from './describe-error.ts';
import type { Mode, Revoke } from './enforce-grant.ts';
import { enforceRule, findHeld, HELD_FOR_OTHERS, NONE_HELD, type Shared } from './enforce-rule.ts';
import type { SecurityGroupCalls } from './security-group-calls.ts';

/** A grant as a region lists it. Of one that cannot be read, `what` says which it is, as far as it is known. */
export type ListedGrant = ReadGrant<ClassicGrant> & { readonly status: string; readonly what?: string };

/** A page of what a region lists. */
export interface ListedPage {
  readonly cacheSecurityGroups: number;
  readonly grants: readonly ListedGrant[];
}

export interface HowToAudit extends SecurityGroupCalls, Deadline {
  readonly regions: readonly string[];
  /** Lists every grant of a region's cache security groups, page by page. */
  readonly listGrants: (region: string) => AsyncIterable<ListedPage>;
  /** Whether an error of `listGrants` says that the account has no EC2-Classic, so that there is nothing to judge. */
  readonly isNotApplicable: (error: unknown) => boolean;
  readonly allowlist: CompiledAllowlist;
  readonly mode: Mode;
  readonly revoke: Revoke;
  readonly shared: Shared;
  /** If more revocations than this are due, of cache security groups' grants and security groups' rules, none is made. */
  readonly maxRevocations: number;
}

/** What an audit saw and did. */
export interface Audit {
  readonly findings: readonly Finding[];
  readonly regions: readonly RegionAudit[];
  readonly notJudged: readonly NotJudged[];
}

/** How many regions are listed at once, and how many revocations made at once: ElastiCache allows few calls a second. */
const REGIONS_AT_ONCE = 4;
const REVOCATIONS_AT_ONCE = 4;

/**
 * Judges every grant of every region, then revokes what no rule allows: all of it, or, if it is more than
 * `maxRevocations`, none of it. A bad allowlist or the first run after an outage must not cut off a fleet.
 *
 * Grants that are `revoking` already are judged and not touched. One region, one kind of grant or one grant that fails does
 * not stop the others. Never throws.
 */
export async function auditGrants(how: HowToAudit): Promise<Audit> {
  const listed = await pMap(how.regions, (region) => auditRegion(region, how), { concurrency: REGIONS_AT_ONCE });
  const due =
    how.mode === 'enforce'
      ? (await pMap(listed, (one) => dueIn(one, how), { concurrency: REGIONS_AT_ONCE })).flat()
      : [];
  const rules = due.flatMap(({ judged }) => judged ?? []);
  const { held, untold } = due.length > how.maxRevocations ? await findHeld(rules, how) : NONE_HELD;
  for (const { judged, findings } of due) if (judged && held.has(judged)) write(findings, HELD_FOR_OTHERS);
  const counted = due.filter(({ judged }) => judged === undefined || !held.has(judged));
  if (counted.length <= how.maxRevocations) {
    await pMap(counted, ({ findings, revoke }) => tryToRevoke(findings, revoke, how), {
      concurrency: REVOCATIONS_AT_ONCE,
    });
  }
  return {
    findings: listed.flatMap((one) => one.findings),
    regions: listed.map((one) => one.region),
    notJudged: [
      ...listed.flatMap((one) => one.notJudged),
      ...untold.map(({ region, securityGroupId, error }) => {
        return { region, what: `what else security group ${securityGroupId} guards`, why: describeError(error) };
      }),
    ],
  };
}

/** One revocation that is due, and the findings that it would put an end to. */
interface DueRevocation {
  /** The rule that it would take away; nothing if it is a grant of a cache security group. */
  readonly judged?: JudgedRule;
  readonly findings: readonly Judged[];
  readonly revoke: () => Promise<Became>;
}

interface AuditedRegion {
  readonly region: RegionAudit;
  readonly findings: readonly Judged[];
  readonly notJudged: readonly NotJudged[];
  /** Those that are held unless they are revoked: denied, and not on their way out already. None in `report-only`. */
  readonly grants: readonly ClassicFinding[];
  /** Those that are denied. */
  readonly rules: readonly DeniedRule[];
}

/** What is to be revoked of a region. */
async function dueIn({ region, grants, rules }: AuditedRegion, how: HowToAudit): Promise<DueRevocation[]> {
  return [
    ...grants.map((one) => toRevokeGrant(one, how)),
    ...(await judgeAgain(rules, region.region, how)).map((one) => toRevokeRule(one, how)),
  ];
}

/** Both kinds of grants of a region, side by side. */
async function auditRegion(region: string, how: HowToAudit): Promise<AuditedRegion> {
  if (isTooLate(how)) return notBegun(region);
  const [classic, vpc] = await Promise.all([auditCacheSecurityGroups(region, how), auditSecurityGroups(region, how)]);
  const { cacheSecurityGroups, hasNoEc2Classic } = classic;
  const { caches, securityGroups } = vpc;
  const problem = classic.problem ?? vpc.problem;
  return {
    region: {
      region,
      status: problem === undefined ? 'judged' : 'failed',
      ...(hasNoEc2Classic && { ec2Classic: false }),
      cacheSecurityGroups,
      caches,
      securityGroups,
      grants: classic.grants + vpc.findings.length,
      ...(problem !== undefined && { problem }),
    },
    findings: [...classic.findings, ...vpc.findings],
    notJudged: [...classic.notJudged, ...vpc.notJudged],
    grants: classic.findings.filter(({ outcome }) => outcome === 'held'),
    rules: vpc.denied,
  };
}

function notBegun(region: string): AuditedRegion {
  const problem = NO_TIME_TO_LIST;
  return {
    region: { region, status: 'failed', cacheSecurityGroups: 0, caches: 0, securityGroups: 0, grants: 0, problem },
    findings: [],
    notJudged: [{ region, what: 'all of it', why: problem }],
    grants: [],
    rules: [],
  };
}

function toRevokeGrant(finding: ClassicFinding, how: HowToAudit): DueRevocation {
  return {
    findings: [finding],
    async revoke() {
      const { result, requestId } = await how.revoke(finding.grant);
      return { outcome: result, ...(requestId !== undefined && { revocationRequestId: requestId }) };
    },
  };
}

function toRevokeRule({ judged, findings }: DeniedRule, how: HowToAudit): DueRevocation {
  return {
    judged,
    findings,
    async revoke() {
      const { error, ...became } = await enforceRule(judged, how);
      if (error !== undefined) throw error;
      return became;
    },
  };
}

/** Writes what became of a revocation to its findings. */
async function tryToRevoke(findings: readonly Judged[], revoke: () => Promise<Became>, how: HowToAudit): Promise<void> {
  const became = isTooLate(how)
    ? { outcome: 'failed' as const, problem: 'there was no time left to revoke it: the next audit goes on' }
    : await revoke().catch((error): Became => ({ outcome: 'failed', problem: describeError(error) }));
  write(findings, became);
}
