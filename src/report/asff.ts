import type { Finding, NotJudged } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { partitionOf } from '../policy/partition.ts';
import type { Place } from '../policy/place.ts';
import { printable } from '../policy/quote.ts';
import type { AuditReport } from './audit-report.ts';
import { findingIdOf, hashOf } from './finding-id.ts';
import { type GrantWords, grantWords, isForEverybody } from './grant-words.ts';
import { describeMadeBy } from './made-by-words.ts';
import { revokeCommand } from './remedy.ts';
import { whyHeld } from './revocations.ts';
import { isStanding, verdictOf } from './verdict.ts';
import { count } from './wording.ts';

/** A finding in the AWS Security Finding Format (ASFF), as far as Ingress Guard writes it. */
export interface AsffFinding {
  readonly SchemaVersion: '2018-10-08';
  /** The same in every audit that sees the grant, and of one generator alone. */
  readonly Id: string;
  readonly ProductArn: string;
  readonly ProductName: string;
  readonly CompanyName: string;
  readonly GeneratorId: string;
  readonly AwsAccountId: string;
  /** ISO 8601, in UTC, as are the others. */
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly FirstObservedAt: string;
  readonly Title: string;
  readonly Description: string;
  readonly FindingProviderFields: {
    readonly Severity: { readonly Label: SeverityLabel; readonly Original: string };
    readonly Types: readonly string[];
  };
  readonly Compliance: { readonly Status: 'PASSED' | 'FAILED' | 'NOT_AVAILABLE' };
  readonly RecordState: 'ACTIVE' | 'ARCHIVED';
  readonly Remediation?: { readonly Recommendation: { readonly Text: string } };
  readonly ProductFields: Readonly<Record<string, string>>;
  readonly Resources: readonly AsffResource[];
}

type SeverityLabel = 'INFORMATIONAL' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

interface AsffResource {
  readonly Type: 'AwsEc2SecurityGroup' | 'Other';
  readonly Id: string;
  readonly Partition?: string;
  readonly Region: string;
  readonly Details: {
    readonly AwsEc2SecurityGroup?: { readonly GroupId: string };
    readonly Other?: Readonly<Record<string, string>>;
  };
}

/** Who made a finding, if no one says otherwise. */
export const GENERATOR = 'ingress-guard';

/**
 * What the texts of a finding may have, in characters: Security Hub API Reference, AwsSecurityFinding, Recommendation, Resource; and
 * the user guide on `Details.Other`.
 */
const LONGEST = { title: 256, description: 1024, recommendation: 512, productField: 2048, other: 1024 };

/** In the taxonomy of finding types of the Security Hub User Guide. */
const TYPES = ['Software and Configuration Checks/AWS Security Best Practices/Network Reachability'];

/**
 * The report as findings in the AWS Security Finding Format, version 2018-10-08: one for each grant, and one for each thing that could
 * not be judged. A grant that no longer stands is `ARCHIVED`. Each finding belongs to the account and region of its grant: Security Hub
 * takes it from that account alone, in that region, as a finding of the account's own product (`product/ACCOUNT/default`).
 *
 * `Workflow` is left out: it belongs to the people who work with findings, and Security Hub begins it as `NEW`.
 *
 * @param generator distinguishes findings of one audit from those of another that looks at the same places; becomes part of each id. At most
 * 300 characters.
 */
export function toAsff(report: AuditReport, generator = GENERATOR): AsffFinding[] {
  return [
    ...report.findings.map((finding) => ofFinding(finding, report, generator)),
    ...notJudgedOnce(verdictOf(report).notJudged).map((one) => ofNotJudged(one, report, generator)),
  ];
}

/** The findings as one JSON list, a finding a line, in pieces: see `toJson` on why. */
export function* toAsffJson(report: AuditReport): Generator<string> {
  let before = '[\n';
  for (const finding of toAsff(report)) {
    yield `${before}${JSON.stringify(finding)}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

function ofFinding(finding: Finding, report: AuditReport, generator: string): AsffFinding {
  const { grant, decision, outcome } = finding;
  const isAllowed = decision.effect === 'allow';
  const isActive = isAllowed ? outcome === 'allowed' : isStanding(finding);
  const words = grantWords(grant);
  const [who, what] = [sourceOf(words), `${words.targetKind} ${words.target}`];
  const remedy = isActive && !isAllowed ? remedyOf(finding) : undefined;
  return {
    ...base(report, grant, generator, findingIdOf(grant)),
    Title: cut(`${isAllowed ? 'Allowed' : 'Disallowed'} access to ElastiCache: ${who} to ${what}`, LONGEST.title),
    Description: cut(describe(finding, `${who} may reach ${what}`), LONGEST.description),
    FindingProviderFields: {
      Severity: { Label: isAllowed || !isActive ? 'INFORMATIONAL' : severityOf(grant), Original: outcome },
      Types: TYPES,
    },
    Compliance: { Status: isAllowed ? 'PASSED' : 'FAILED' },
    RecordState: isActive ? 'ACTIVE' : 'ARCHIVED',
    ...(remedy !== undefined && { Remediation: { Recommendation: { Text: remedy } } }),
    ProductFields: fieldsOf(finding, report),
    Resources: resourcesOf(grant, words),
  };
}

function severityOf(grant: Grant): SeverityLabel {
  return isForEverybody(grant) ? 'CRITICAL' : 'HIGH';
}

function sourceOf({ sourceKind, source, owner }: GrantWords): string {
  return `${sourceKind} ${source}${owner === '' ? '' : ` of ${owner}`}`;
}

function describe({ decision, outcome, problem, remark, madeBy }: Finding, access: string): string {
  const why =
    decision.effect === 'allow'
      ? [`Allowlist rule ${decision.rule} allows it`]
      : decision.reasons.map(({ text }) => text).slice(0, 3);
  const maker = madeBy && `The security group rule was ${describeMadeBy(madeBy)}`;
  const more = [problem, remark, maker].filter((text) => text !== undefined);
  return [`${access}. Outcome: ${outcome}`, ...why, ...more].join('. ');
}

/** To revoke a grant that is held for others cuts them off: anyone who reads the command must read that first. */
function remedyOf(finding: Finding): string {
  const { grant } = finding;
  const command = revokeCommand(grant);
  if (command === undefined) {
    return 'Add an allowlist rule with publicEndpoint: true, or replace the cache by one without a public endpoint. No call takes the endpoint away.';
  }
  const heldBecause = whyHeld(finding);
  const others =
    heldBecause === undefined || heldBecause === 'limit'
      ? ''
      : ' First read in the description why it is held: others may need this security group rule.';
  const text = `Add an allowlist rule, or revoke the grant.${others}`;
  const whole = `${text} To revoke: ${command}`;
  // Half a command is worse than none.
  return whole.length <= LONGEST.recommendation && isPrintable(whole)
    ? whole
    : `${text} The HTML report of the audit has the command.`;
}

function fieldsOf({ grant, outcome, heldBecause, decision }: Finding, { mode, tool }: AuditReport) {
  const fields = {
    outcome,
    mode,
    version: tool.version,
    ...(heldBecause !== undefined && { heldBecause }),
    ...(decision.effect === 'allow' && { allowlistRule: decision.rule }),
    ...(grant.kind === 'vpc' &&
      grant.target.securityGroupRuleId !== undefined && { securityGroupRuleId: grant.target.securityGroupRuleId }),
  };
  return toMap(fields, LONGEST.productField, `${GENERATOR}/`);
}

/** What is reached, and what makes it reachable. A cache has no ARN here: which of three kinds it is of is not known. */
function resourcesOf(grant: Grant, words: GrantWords): AsffResource[] {
  const where = { ...partitionAt(grant), Region: grant.region };
  const { account, region } = grant;
  const source = { Source: sourceOf(words) };
  if (grant.kind !== 'vpc') {
    const { cacheSecurityGroupName } = grant.target;
    const arn = `arn:${partitionOf(region)}:elasticache:${region}:${account}:securitygroup:${cacheSecurityGroupName}`;
    const other = { CacheSecurityGroupName: cacheSecurityGroupName, ...source };
    return [{ Type: 'Other', Id: cut(arn, 512), ...where, Details: { Other: toMap(other, LONGEST.other) } }];
  }
  const { cacheName, ports, securityGroupId, securityGroupRuleId } = grant.target;
  const other = { CacheName: cacheName, Ports: ports.join(', '), ...source };
  const cache: AsffResource = {
    Type: 'Other',
    Id: cut(`${account}/${region}/${cacheName}`, 512),
    ...where,
    Details: {
      Other: toMap(
        { ...other, ...(securityGroupRuleId !== undefined && { SecurityGroupRuleId: securityGroupRuleId }) },
        LONGEST.other,
      ),
    },
  };
  if (securityGroupId === undefined) return [cache];
  const group: AsffResource = {
    Type: 'AwsEc2SecurityGroup',
    Id: cut(`arn:${partitionOf(region)}:ec2:${region}:${account}:security-group/${securityGroupId}`, 512),
    ...where,
    Details: { AwsEc2SecurityGroup: { GroupId: cut(securityGroupId, 128) } },
  };
  return [group, cache];
}

interface SeveralNotJudged extends NotJudged {
  /** How many there are of which no more is known. */
  readonly times: number;
}

/** Things that have the same name at a place are one: why they could not be judged changes from audit to audit. */
function notJudgedOnce(all: readonly NotJudged[]): SeveralNotJudged[] {
  const alike = Map.groupBy(all, ({ account, region, what }) => JSON.stringify([account, region, what]));
  return [...alike.values()].map((group) => ({ ...(group[0] as NotJudged), times: group.length }));
}

function ofNotJudged({ what, why, times, ...place }: SeveralNotJudged, report: AuditReport, generator: string) {
  const { account, region } = place;
  const more = times > 1 ? ` (${count(times, 'time')})` : '';
  return {
    ...base(report, place, generator, hashOf('not-judged', account, region, what)),
    Title: cut(`Access to ElastiCache that could not be evaluated: ${what}`, LONGEST.title),
    Description: cut(
      `Ingress Guard could not evaluate ${what}${more}: ${why}. Access that the allowlist does not allow may stand.`,
      LONGEST.description,
    ),
    FindingProviderFields: { Severity: { Label: 'MEDIUM', Original: 'not-judged' }, Types: TYPES },
    Compliance: { Status: 'NOT_AVAILABLE' },
    RecordState: 'ACTIVE',
    ProductFields: toMap(
      { outcome: 'not-judged', mode: report.mode, version: report.tool.version },
      LONGEST.productField,
      `${GENERATOR}/`,
    ),
    Resources: [
      {
        Type: 'Other',
        Id: cut(`${account}/${region}/${what}`, 512),
        ...partitionAt(place),
        Region: region,
        Details: { Other: toMap({ What: what }, LONGEST.other) },
      },
    ],
  } as const satisfies AsffFinding;
}

function base({ startedAt }: AuditReport, { account, region }: Place, generator: string, id: string) {
  return {
    SchemaVersion: '2018-10-08',
    Id: `${generator}/${region}/${account}/${id}`,
    ProductArn: productArnOf({ account, region }),
    ProductName: 'Ingress Guard',
    CompanyName: 'Ingress Guard',
    GeneratorId: generator,
    AwsAccountId: account,
    CreatedAt: startedAt,
    UpdatedAt: startedAt,
    FirstObservedAt: startedAt,
  } as const;
}

/** The product of findings that an account makes itself: Security Hub User Guide, "Using custom product integrations". */
export function productArnOf({ account, region }: Place): string {
  return `arn:${partitionOf(region)}:securityhub:${region}:${account}:product/${account}/default`;
}

/** Security Hub knows three partitions. */
function partitionAt({ region }: Place): { readonly Partition?: string } {
  const partition = partitionOf(region);
  return ['aws', 'aws-cn', 'aws-us-gov'].includes(partition) ? { Partition: partition } : {};
}

/** On one line, in printable ASCII, with dots where it is cut. Security Hub takes no text without anything to see. */
function cut(text: string, longest: number): string {
  const shown = text.length > longest ? printable(text, longest - 3) : printable(text, longest);
  return /\S/.test(shown) ? shown : '?';
}

function isPrintable(text: string): boolean {
  return printable(text, text.length) === text;
}

function toMap(fields: Readonly<Record<string, string>>, longest: number, prefix = ''): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [prefix + name, cut(value, longest)]));
}
