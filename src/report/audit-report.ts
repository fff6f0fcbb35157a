import { writeAccountPath } from '../policy/account-paths.ts';
import type { Allowlist } from '../policy/allowlist.ts';
import { endOfDay } from '../policy/allowlist.ts';
import type { Finding, NotJudged, PlaceAudit } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import type { Outcome } from '../policy/outcome.ts';
import { type Place, placeKey } from '../policy/place.ts';
import type { Target } from '../policy/target.ts';
import type { NameWarning } from '../policy/vpc/gone-names.ts';
import { describeSource } from '../policy/vpc/source.ts';
import { inOrderOfDanger } from './danger.ts';

/** The version of the report's shape. Readers may rely on all they know of a version with the same first number. */
export const SCHEMA_VERSION = '1.5';

/** An audit as one JSON document: what every other form of the report is made from. */
export interface AuditReport {
  readonly schemaVersion: typeof SCHEMA_VERSION;
  readonly tool: { readonly name: 'elasticache-ingress-guard'; readonly version: string };
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly mode: 'report-only' | 'enforce';
  /**
   * If more revocations than this are due, none is made; `null` if there is no limit. A grant of a cache security group is one,
   * and so is a security group's rule, however many grants it makes.
   */
  readonly maxRevocations: number | null;
  readonly allowlist: { readonly sha256: string; readonly rules: number };
  /** What was to be looked at. `regions` is for readers of versions before 1.2, which knew of one account. */
  readonly expected: { readonly regions: readonly string[]; readonly places: readonly Place[] };
  /** The id of the organization, `o-…`. Only in the report of one, if AWS Organizations gave it. */
  readonly organization?: string;
  /**
   * Of an organization: every account × region that the audit speaks of, by account, then by region. `expected.places` has those of
   * them that were to be evaluated.
   */
  readonly targets?: readonly ReportTarget[];
  /** Whether everything expected was judged. What could not be judged never looks clean. */
  readonly complete: boolean;
  readonly counts: {
    readonly cacheSecurityGroups: number;
    /** Not there in reports of versions that looked at cache security groups only. */
    readonly caches?: number;
    /** Those that guard these caches. */
    readonly securityGroups?: number;
    /** Grants that were listed, of either kind. */
    readonly grants: number;
    readonly judged: number;
    readonly allowed: number;
    readonly denied: number;
    readonly notJudged: number;
    readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  };
  /** One for each place. */
  readonly regions: readonly PlaceAudit[];
  readonly notJudged: readonly NotJudged[];
  readonly findings: readonly Finding[];
  /** Rules that end within 30 days, or have ended. */
  readonly expiringRules: readonly { readonly rule: string; readonly expires: string; readonly expired: boolean }[];
  /** Rules that allowed none of the grants; empty unless the audit is complete, because no one could know. */
  readonly unusedRules: readonly string[];
  /** Allowlist rules that name caches which no longer exist. Not there if there are none. */
  readonly warnings?: readonly NameWarning[];
  /** How many calls were made, by operation, retries included. */
  readonly apiCalls: Readonly<Record<string, number>>;
  /** Only if it was asked who made the denied security group rules. */
  readonly whoMade?: WhoMade;
}

/** How far it is known who made the denied security group rules. Never a reason for anything else in the report. */
export interface WhoMade {
  /** How many security group rules were looked up: the most dangerous. */
  readonly lookedUp: number;
  /** Of how many of these CloudTrail knows the call. It keeps 90 days. */
  readonly found: number;
  /** How many more denied security group rules there are. */
  readonly leftOut: number;
  /** Why some of them could not be looked up to the end. */
  readonly problem?: string;
}

/** A target, and what was seen there. */
export type ReportTarget = Target & {
  /** The account's name in the organization. */
  readonly name?: string;
  /** Where the account is in the organization: `o-…/r-…/ou-…/`. */
  readonly path?: string;
  /** Not there if nothing was evaluated. */
  readonly counts?: TargetCounts;
};

export interface TargetCounts {
  readonly caches: number;
  readonly grants: number;
  readonly denied: number;
  readonly notJudged: number;
}

/** What AWS Organizations says of an account. */
export interface ReportAccount {
  readonly account: string;
  readonly name?: string;
  /** Ids from the organization down to the account's own organizational unit. */
  readonly path?: readonly string[];
}

/** The account in a report that was read, was written before version 1.2 and has no finding: it does not say of which it is. */
export const UNKNOWN_ACCOUNT = 'unknown';

/** What an audit saw and did, and how it was run. */
export interface AuditRun
  extends Pick<AuditReport, 'notJudged' | 'findings' | 'mode' | 'apiCalls' | 'warnings' | 'whoMade'> {
  readonly places: AuditReport['regions'];
  readonly expectedPlaces: readonly Place[];
  readonly version: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly maxRevocations: number;
  readonly allowlist: Allowlist;
  readonly allowlistSha256: string;
  /** Of an organization: its targets, each once. */
  readonly targets?: readonly Target[];
  /** Their accounts. */
  readonly accounts?: readonly ReportAccount[];
}

const SOON_MS = 30 * 24 * 60 * 60 * 1000;

/** Makes the report of an audit. Findings are ordered by danger, then by grant, so that two audits of the same state compare. */
export function toAuditReport(run: AuditRun): AuditReport {
  const {
    places,
    expectedPlaces,
    notJudged,
    warnings = [],
    mode,
    apiCalls,
    startedAt,
    finishedAt,
    maxRevocations,
    allowlist,
  } = run;
  const findings = inOrderOfDanger(run.findings, byGrant);
  const outcomes: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of findings) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const audited = new Set(places.filter(({ status }) => status !== 'failed').map(placeKey));
  const targets = run.targets && toReportTargets(run.targets, run);
  const complete =
    notJudged.length === 0 &&
    expectedPlaces.every((place) => audited.has(placeKey(place))) &&
    (targets ?? []).every(({ status }) => status !== 'not-judged');
  const denied = findings.filter(({ decision }) => decision.effect === 'deny').length;
  return {
    schemaVersion: SCHEMA_VERSION,
    tool: { name: 'elasticache-ingress-guard', version: run.version },
    startedAt: startedAt.toISOString(),
    durationMs: Math.max(0, finishedAt.getTime() - startedAt.getTime()),
    mode,
    maxRevocations: Number.isFinite(maxRevocations) ? maxRevocations : null,
    allowlist: { sha256: run.allowlistSha256, rules: allowlist.rules.length },
    expected: { regions: [...new Set(expectedPlaces.map(({ region }) => region))], places: expectedPlaces },
    ...(targets !== undefined && { ...organizationOf(run), targets }),
    complete,
    counts: {
      cacheSecurityGroups: sum(places.map((one) => one.cacheSecurityGroups)),
      ...sumIfKnown('caches', places),
      ...sumIfKnown('securityGroups', places),
      grants: sum(places.map((one) => one.grants)),
      judged: findings.length,
      allowed: findings.length - denied,
      denied,
      notJudged: notJudged.length,
      outcomes,
    },
    regions: places,
    notJudged,
    findings,
    expiringRules: findExpiringRules(allowlist, startedAt),
    unusedRules: complete ? findUnusedRules(allowlist, findings) : [],
    ...(warnings.length > 0 && { warnings }),
    apiCalls,
    ...(run.whoMade !== undefined && { whoMade: run.whoMade }),
  };
}

function organizationOf({ accounts = [] }: AuditRun): Pick<AuditReport, 'organization'> {
  const id = accounts.flatMap(({ path = [] }) => path).find((one) => one.startsWith('o-'));
  return id === undefined ? {} : { organization: id };
}

function toReportTargets(
  targets: readonly Target[],
  { places, findings, notJudged, accounts = [] }: AuditRun,
): ReportTarget[] {
  const accountOf = new Map(accounts.map((one) => [one.account, one]));
  const auditOf = new Map(places.map((one) => [placeKey(one), one]));
  const denied = countByPlace(findings.filter(({ decision }) => decision.effect === 'deny').map(({ grant }) => grant));
  const unknown = countByPlace(notJudged);
  return targets
    .map((target): ReportTarget => {
      const key = placeKey(target);
      const { name, path } = accountOf.get(target.account) ?? {};
      const audit = auditOf.get(key);
      const counts: TargetCounts | undefined = audit && {
        caches: audit.caches ?? 0,
        grants: audit.grants,
        denied: denied.get(key) ?? 0,
        notJudged: unknown.get(key) ?? 0,
      };
      const { account, region, ...state } = target;
      return {
        account,
        ...(name !== undefined && { name }),
        ...(path !== undefined && { path: writeAccountPath(path) }),
        region,
        ...state,
        ...(counts !== undefined && { counts }),
      };
    })
    .sort((a, b) => compare(a.account, b.account) || compare(a.region, b.region));
}

function countByPlace(places: readonly Place[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const place of places) counts.set(placeKey(place), (counts.get(placeKey(place)) ?? 0) + 1);
  return counts;
}

/** A count over all places that know it; nothing if none does. */
function sumIfKnown(key: 'caches' | 'securityGroups', places: readonly PlaceAudit[]): Partial<AuditReport['counts']> {
  const known = places.flatMap((one) => one[key] ?? []);
  return known.length > 0 ? { [key]: sum(known) } : {};
}

function findExpiringRules({ rules }: Allowlist, instant: Date): AuditReport['expiringRules'] {
  return rules.flatMap(({ id, expires }) => {
    if (expires === undefined || endOfDay(expires) - instant.getTime() > SOON_MS) return [];
    return [{ rule: id, expires, expired: endOfDay(expires) <= instant.getTime() }];
  });
}

function findUnusedRules({ rules }: Allowlist, findings: readonly Finding[]): string[] {
  const used = new Set(findings.map(({ decision }) => (decision.effect === 'allow' ? decision.rule : undefined)));
  return rules.map(({ id }) => id).filter((id) => !used.has(id));
}

function byGrant({ grant: a }: Finding, { grant: b }: Finding): number {
  return compare(a.account, b.account) || compare(a.region, b.region) || compareReach(a, b);
}

/** Cache security groups come before caches. */
function compareReach(a: Grant, b: Grant): number {
  if (a.kind === 'vpc' && b.kind === 'vpc') {
    return (
      compare(a.target.cacheName, b.target.cacheName) ||
      compare(describeSource(a.source), describeSource(b.source)) ||
      compare(a.target.securityGroupId ?? '', b.target.securityGroupId ?? '') ||
      compare(a.target.securityGroupRuleId ?? '', b.target.securityGroupRuleId ?? '')
    );
  }
  if (a.kind === 'vpc' || b.kind === 'vpc') return a.kind === 'vpc' ? 1 : -1;
  return (
    compare(a.target.cacheSecurityGroupName, b.target.cacheSecurityGroupName) ||
    compare(a.source.ec2SecurityGroupName, b.source.ec2SecurityGroupName) ||
    compare(a.source.ec2SecurityGroupOwnerId, b.source.ec2SecurityGroupOwnerId)
  );
}

/** By code unit: what a locale thinks must not change a report. */
function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
