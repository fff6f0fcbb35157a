import * as z from 'zod/mini';
import { checkShape, TOO_MANY_PROBLEMS } from '../policy/check-shape.ts';
import type { ClassicGrant } from '../policy/classic/grant.ts';
import { describeIssue } from '../policy/describe-issue.ts';
import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { HELD_BECAUSE, OUTCOMES } from '../policy/outcome.ts';
import { PARTS } from '../policy/parts.ts';
import { type Place, placeKey } from '../policy/place.ts';
import { quote } from '../policy/quote.ts';
import { revocationIdOfGrant } from '../policy/revocation-id.ts';
import { WHY_NOT_APPLICABLE, WHY_NOT_JUDGED, WHY_NOT_WATCHED } from '../policy/target.ts';
import type { CacheGrant } from '../policy/vpc/grant.ts';
import { type AuditReport, SCHEMA_VERSION, UNKNOWN_ACCOUNT } from './audit-report.ts';

const whole = z.number().check(z.int(), z.minimum(0));
export const instant = z.string().check(
  z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  z.refine((text) => !Number.isNaN(Date.parse(text))),
);
const day = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/));

const place = { account: z.string(), region: z.string() };
/** Before version 1.2 a report was of one account, and did not say of which. */
const account = z.optional(z.string());
const port = z.number().check(z.int(), z.minimum(1), z.maximum(65_535));

const classicGrant = z.object({
  kind: z.optional(z.literal('classic')),
  ...place,
  target: z.object({ cacheSecurityGroupName: z.string() }),
  source: z.object({ ec2SecurityGroupName: z.string(), ec2SecurityGroupOwnerId: z.string() }),
});

const absent = z.optional(z.never());

/** One of the three, and none of the others: of a source that is said in two ways no one knows which holds. */
const vpcSource = z.union([
  z.object({ kind: z.optional(z.literal('cidr')), cidr: z.string(), prefixListId: absent, securityGroupId: absent }),
  z.object({
    kind: z.optional(z.literal('prefixList')),
    prefixListId: z.string(),
    entries: z.optional(z.array(z.string())),
    entryCount: z.optional(whole),
    cidr: absent,
    securityGroupId: absent,
  }),
  z.object({
    kind: z.optional(z.literal('securityGroup')),
    securityGroupId: z.string(),
    securityGroupName: z.optional(z.string()),
    securityGroupOwnerId: z.optional(z.string()),
    cidr: absent,
    prefixListId: absent,
  }),
]);

const vpcGrant = z.object({
  kind: z.optional(z.literal('vpc')),
  ...place,
  target: z.object({
    cacheName: z.string(),
    clusterNames: z.optional(z.array(z.string())),
    ports: z.array(port).check(z.minLength(1)),
    securityGroupId: z.string(),
    securityGroupRuleId: z.string(),
  }),
  source: vpcSource,
});

/** Anyone on the internet reaches a cache by its public endpoint: no rule makes that. Since version 1.3. */
const publicEndpointGrant = z.object({
  kind: z.literal('vpc'),
  ...place,
  target: z.object({
    cacheName: z.string(),
    ports: z.array(port).check(z.minLength(1)),
    securityGroupId: absent,
    securityGroupRuleId: absent,
  }),
  source: z.object({ kind: z.literal('internet'), cidr: absent, prefixListId: absent, securityGroupId: absent }),
});

/** Before version 1.2 a grant and its source did not say their kind. */
export const grant = z.union([classicGrant, vpcGrant, publicEndpointGrant]);

export const ruleText = z.object({
  ipProtocol: z.string(),
  fromPort: z.optional(z.number()),
  toPort: z.optional(z.number()),
  description: z.optional(z.string()),
});

const reason = z.object({
  rule: z.optional(z.string()),
  covers: z.array(z.enum(PARTS)),
  misses: z.array(z.enum(PARTS)),
  text: z.string(),
});

export const decision = z.discriminatedUnion('effect', [
  z.object({ effect: z.literal('allow'), rule: z.string() }),
  z.object({ effect: z.literal('deny'), reasons: z.array(reason) }),
]);

/** Who called, as far as CloudTrail says it. */
export const caller = z.object({
  type: z.optional(z.string()),
  arn: z.optional(z.string()),
  accountId: z.optional(z.string()),
  principalId: z.optional(z.string()),
  invokedBy: z.optional(z.string()),
  sourceIPAddress: z.optional(z.string()),
  userAgent: z.optional(z.string()),
});

/** The call that made a security group rule, or that edited it last. Since version 1.5. */
const madeBy = z.object({
  eventName: z.enum(['AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules']),
  eventId: z.optional(z.string()),
  eventTime: z.optional(instant),
  grantedBy: caller,
});

const finding = z.object({
  grant,
  status: z.string(),
  decision,
  outcome: z.enum(OUTCOMES),
  problem: z.optional(z.string()),
  heldBecause: z.optional(z.enum(HELD_BECAUSE)),
  revocationRequestId: z.optional(z.string()),
  securityGroupRule: z.optional(ruleText),
  remark: z.optional(z.string()),
  verifiedGone: z.optional(z.boolean()),
  madeBy: z.optional(madeBy),
});

const events = z.discriminatedUnion('status', [
  z.object({ status: z.literal('watched') }),
  z.object({ status: z.literal('not-watched'), why: z.enum(WHY_NOT_WATCHED), detail: z.optional(z.string()) }),
]);

const ofTarget = {
  ...place,
  name: z.optional(z.string()),
  path: z.optional(z.string()),
  counts: z.optional(z.object({ caches: whole, grants: whole, denied: whole, notJudged: whole })),
};
const detail = z.optional(z.string());

/** A target of an organization. Since version 1.4. */
const target = z.discriminatedUnion('status', [
  z.object({ ...ofTarget, status: z.literal('judged'), events: z.optional(events) }),
  z.object({
    ...ofTarget,
    status: z.literal('not-judged'),
    why: z.enum(WHY_NOT_JUDGED),
    detail,
    events: z.optional(events),
  }),
  z.object({ ...ofTarget, status: z.literal('not-applicable'), why: z.enum(WHY_NOT_APPLICABLE), detail }),
  z.object({ ...ofTarget, status: z.literal('excluded') }),
]);

const outcomes = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, z.optional(whole)]));

/** The shape of the report. The JSON Schema in the package is made from it. */
export const auditReportSchema = z.object({
  // The second number grows with keys that readers of the first need not know.
  schemaVersion: z.string().check(z.regex(/^1\.\d{1,6}$/)),
  tool: z.object({ name: z.literal('elasticache-ingress-guard'), version: z.string() }),
  startedAt: instant,
  durationMs: whole,
  mode: z.enum(['report-only', 'enforce']),
  maxRevocations: z.nullable(whole),
  allowlist: z.object({ sha256: z.string(), rules: whole }),
  expected: z.object({ regions: z.array(z.string()), places: z.optional(z.array(z.object(place))) }),
  organization: z.optional(z.string()),
  targets: z.optional(z.array(target)),
  complete: z.boolean(),
  counts: z.object({
    cacheSecurityGroups: whole,
    caches: z.optional(whole),
    securityGroups: z.optional(whole),
    grants: whole,
    judged: whole,
    allowed: whole,
    denied: whole,
    notJudged: whole,
    outcomes: z.object(outcomes),
  }),
  regions: z.array(
    z.object({
      account,
      region: z.string(),
      status: z.enum(['judged', 'not-applicable', 'failed']),
      ec2Classic: z.optional(z.boolean()),
      cacheSecurityGroups: whole,
      caches: z.optional(whole),
      securityGroups: z.optional(whole),
      grants: whole,
      problem: z.optional(z.string()),
    }),
  ),
  notJudged: z.array(z.object({ account, region: z.string(), what: z.string(), why: z.string() })),
  findings: z.array(finding),
  expiringRules: z.array(z.object({ rule: z.string(), expires: day, expired: z.boolean() })),
  unusedRules: z.array(z.string()),
  warnings: z.optional(z.array(z.object({ rule: z.string(), text: z.string() }))),
  apiCalls: z.record(z.string(), whole),
  whoMade: z.optional(z.object({ lookedUp: whole, found: whole, leftOut: whole, problem: z.optional(z.string()) })),
});

/** The JSON Schema of the report, made from the schema that stored reports are read with. */
export function auditReportJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(auditReportSchema, { target: 'draft-7', io: 'input' });
  return { ...schema, title: 'Audit report of Ingress Guard' };
}

/** How many problems of a document are reported. */
const MOST_PROBLEMS = 10;

/**
 * Reads a report that was stored, as it came out of JSON.parse. Keys that are not known are left out, so that reports of
 * later versions with the same first number can be read.
 *
 * @returns the report, or what is wrong with it, also where it contradicts itself. Never throws, whatever it is given.
 */
export function parseAuditReport(
  value: unknown,
):
  | { readonly report: AuditReport; readonly problems?: never }
  | { readonly report?: never; readonly problems: readonly string[] } {
  const parsed = checkShape(auditReportSchema, value);
  if (parsed === undefined) return { problems: [`the report ${TOO_MANY_PROBLEMS}`] };
  if (!parsed.success) {
    return { problems: few(parsed.error.issues, (issue) => describe(issue, value)) };
  }
  const missing = missingPlaces(parsed.data);
  if (missing.length > 0) return { problems: few(missing, (problem) => problem) };
  const findings = parsed.data.findings.map((one) => ({ ...one, grant: withKinds(one.grant) }));
  const report = { ...withPlaces(parsed.data, findings), findings, schemaVersion: SCHEMA_VERSION } as AuditReport;
  const problems = contradictionsOf(report);
  return problems.length > 0 ? { problems } : { report };
}

/** The first problems, and how many more there are. */
function few<Problem>(all: readonly Problem[], describe: (problem: Problem) => string): string[] {
  const more = all.length - MOST_PROBLEMS;
  return [...all.slice(0, MOST_PROBLEMS).map(describe), ...(more > 0 ? [`and ${more} more`] : [])];
}

type ReadReport = z.infer<typeof auditReportSchema>;

/** Since this version a report says of each place its account. The schema cannot: it is that of versions before, too. */
const MINOR_WITH_PLACES = 2;

/** What a report of version 1.2 or later must say, and one of before cannot. */
function missingPlaces({ schemaVersion, expected, regions, notJudged }: ReadReport): string[] {
  if (Number(schemaVersion.split('.')[1]) < MINOR_WITH_PLACES) return [];
  const without = (key: string, entries: readonly { readonly account?: string | undefined }[]): string[] =>
    entries.flatMap(({ account }, i) =>
      account === undefined ? `${key}[${i}].account must be a text: it is missing` : [],
    );
  return [
    ...(expected.places === undefined ? ['expected.places must be a list: it is missing'] : []),
    ...without('regions', regions),
    ...without('notJudged', notJudged),
  ];
}

/** A report that says of each place its account, also if it was written before reports did. */
function withPlaces(read: ReadReport, [first]: readonly Pick<Finding, 'grant'>[]) {
  const account = first?.grant.account ?? UNKNOWN_ACCOUNT;
  return {
    ...read,
    expected: { places: read.expected.regions.map((region) => ({ account, region })), ...read.expected },
    regions: read.regions.map((one) => ({ account, ...one })),
    notJudged: read.notJudged.map((one) => ({ account, ...one })),
  };
}

/** A grant that says its kind, and its source's, also if it was written before grants did. */
function withKinds(read: z.infer<typeof grant>): Grant {
  const { account, region } = read;
  if ('cacheSecurityGroupName' in read.target) {
    return { kind: 'classic', account, region, target: read.target, source: read.source } as ClassicGrant;
  }
  return { kind: 'vpc', account, region, target: read.target, source: withKind(read.source) } as CacheGrant;
}

function withKind(source: z.infer<typeof grant>['source']): object {
  if ('kind' in source && source.kind === 'internet') return { kind: 'internet' };
  const kind = 'cidr' in source ? 'cidr' : 'prefixListId' in source ? 'prefixList' : 'securityGroup';
  return { ...source, kind };
}

/** Where a report says two things of which only one can be true: a report that was tampered with must not look clean. */
function contradictionsOf(report: AuditReport): string[] {
  const { findings, notJudged, regions, expected, counts, complete } = report;
  const problems: string[] = [];
  const expect = (key: keyof typeof counts, found: number) => {
    if (counts[key] !== found) problems.push(`counts.${key} is ${counts[key]}, but there are ${found}`);
  };
  const denied = findings.filter(({ decision: { effect } }) => effect === 'deny').length;
  expect('judged', findings.length);
  expect('denied', denied);
  expect('allowed', findings.length - denied);
  expect('notJudged', notJudged.length);
  for (const outcome of OUTCOMES) {
    const found = findings.filter((one) => one.outcome === outcome).length;
    if ((counts.outcomes[outcome] ?? 0) !== found) {
      problems.push(`counts.outcomes.${outcome} is ${counts.outcomes[outcome] ?? 0}, but there are ${found}`);
    }
  }
  const deniedFates = new Set(findings.flatMap((one) => (one.decision.effect === 'deny' ? (fateOf(one) ?? []) : [])));
  const odd = findings.findIndex((one) =>
    one.decision.effect === 'deny'
      ? one.outcome === 'allowed'
      : one.outcome !== 'allowed' && !deniedFates.has(fateOf(one) ?? ''),
  );
  if (odd !== -1) problems.push(`findings[${odd}] has an outcome that its decision does not lead to`);
  const audited = new Set(regions.filter(({ status }) => status !== 'failed').map(placeKey));
  const missed = expected.places.find((one) => !audited.has(placeKey(one)));
  if (complete && missed !== undefined) {
    problems.push(`complete is true, but ${quotePlace(missed)} was not evaluated`);
  }
  if (complete && notJudged.length > 0) problems.push('complete is true, but notJudged is not empty');
  return [
    ...problems,
    ...contradictionsAboutPlaces({ expected, regions, notJudged }),
    ...contradictionsOfTargets(report),
  ];
}

/** Where a report could hide a place behind another of the same region, or of the same account. */
function contradictionsAboutPlaces({
  expected,
  regions,
  notJudged,
}: Pick<AuditReport, 'expected' | 'regions' | 'notJudged'>): string[] {
  const problems: string[] = [];
  const named = new Set(expected.regions);
  const ofPlaces = new Set(expected.places.map(({ region }) => region));
  const withoutPlace = expected.regions.find((region) => !ofPlaces.has(region));
  if (withoutPlace !== undefined) {
    problems.push(`expected.regions names region ${quote(withoutPlace)}, and expected.places does not`);
  }
  const notNamed = expected.places.find(({ region }) => !named.has(region));
  if (notNamed !== undefined) {
    problems.push(`expected.places names region ${quote(notNamed.region)}, and expected.regions does not`);
  }
  const places = new Set(expected.places.map(placeKey));
  const refuseUnexpected = (key: string, entries: readonly Place[]): void => {
    const i = entries.findIndex((one) => !places.has(placeKey(one)));
    if (i !== -1)
      problems.push(`${key}[${i}] is of ${quotePlace(entries[i] as Place)}, which expected.places does not name`);
  };
  refuseUnexpected('regions', regions);
  refuseUnexpected('notJudged', notJudged);
  const first = new Map(regions.toReversed().map((one) => [placeKey(one), one]));
  const twice = regions.find((one) => first.get(placeKey(one)) !== one);
  if (twice !== undefined) problems.push(`regions has ${quotePlace(twice)} twice`);
  return problems;
}

/** Where the targets of an organization say something else than the rest of its report. */
function contradictionsOfTargets({ targets, expected, regions, findings, complete }: AuditReport): string[] {
  if (targets === undefined) return [];
  const problems: string[] = [];
  const targetAt = new Map(targets.map((one) => [placeKey(one), one]));
  const twice = targets.find((one) => targetAt.get(placeKey(one)) !== one);
  if (twice !== undefined) problems.push(`targets has ${quotePlace(twice)} twice`);
  const auditAt = new Map(regions.map((one) => [placeKey(one), one]));
  const unseen = targets.find((one) => one.status === 'judged' && auditAt.get(placeKey(one))?.status !== 'judged');
  if (unseen !== undefined)
    problems.push(`targets says that ${quotePlace(unseen)} was evaluated, and regions does not`);
  const isEvaluated = (one: Place): boolean =>
    ['judged', 'not-judged'].includes(targetAt.get(placeKey(one))?.status ?? '');
  const places = new Set(expected.places.map(placeKey));
  const unexpected = targets.find((one) => isEvaluated(one) && !places.has(placeKey(one)));
  if (unexpected !== undefined) problems.push(`targets names ${quotePlace(unexpected)}, and expected.places does not`);
  const without = [...expected.places, ...findings.map(({ grant }) => grant)].find((one) => !isEvaluated(one));
  if (without !== undefined) problems.push(`targets does not say that ${quotePlace(without)} was to be evaluated`);
  const open = targets.find(({ status }) => status === 'not-judged');
  if (complete && open !== undefined) problems.push(`complete is true, but ${quotePlace(open)} was not evaluated`);
  return problems;
}

function quotePlace({ account, region }: Place): string {
  return `region ${quote(region)} of ${quote(account)}`;
}

/** What happened to the rule of a security group: an allowed grant of it shares the outcome of a denied one. */
function fateOf({ grant, outcome }: Finding): string | undefined {
  return grant.kind === 'vpc' ? JSON.stringify([revocationIdOfGrant(grant), outcome]) : undefined;
}

/** `findings[3].outcome must be one of allowed, revoked, ...: it is \`x\`` */
function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const path = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const where = path === '' ? 'the report' : quote(path.replace(/^\./, '')).slice(1, -1);
  return `${where} ${describeIssue(issue, value)}`;
}
