import type { ClassicGrant } from '../policy/classic/grant.ts';
import type { Finding, NotJudged } from '../policy/finding.ts';
import { partitionOf } from '../policy/partition.ts';
import type { CacheGrant } from '../policy/vpc/grant.ts';
import type { AuditReport } from './audit-report.ts';
import { findingIdOf, hashOf } from './finding-id.ts';
import { grantWords } from './grant-words.ts';
import { placeNamer } from './looked-at.ts';
import { accountNames } from './organization.ts';
import { revokeCommand } from './remedy.ts';
import { whyHeld } from './revocations.ts';
import { isStanding, verdictOf } from './verdict.ts';

/**
 * The report as OCSF 1.6 Compliance Findings, one JSON object a line: https://schema.ocsf.io/1.6.0/classes/compliance_finding
 *
 * A finding's uid is a hash of its grant, so that audits of the same grant speak of the same finding. What was not
 * judged becomes findings of unknown status: a consumer that counts passes must not miss it.
 */
export function toOcsf(report: AuditReport): string {
  const names = accountNames(report);
  const nameOf = placeNamer(report);
  const lines = [
    ...report.findings.map((finding) => ofFinding(finding, report, names)),
    ...verdictOf(report).notJudged.map((one, index) => ofNotJudged(one, index, report, { names, nameOf })),
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

// The numbers are OCSF's; each stands next to its caption, as OCSF wants it.
const COMPLIANCE = {
  unknown: { status_id: 0, status: 'Unknown' },
  pass: { status_id: 1, status: 'Pass' },
  fail: { status_id: 3, status: 'Fail' },
} as const;
const SEVERITY = {
  unknown: { severity_id: 0, severity: 'Unknown' },
  informational: { severity_id: 1, severity: 'Informational' },
  high: { severity_id: 4, severity: 'High' },
} as const;
const LIFE = {
  new: { status_id: 1, status: 'New' },
  resolved: { status_id: 4, status: 'Resolved' },
} as const;

const CONTROL = 'Only what the allowlist allows may reach a cache';

type AccountNames = ReadonlyMap<string, string>;

function ofFinding(finding: Finding, report: AuditReport, names: AccountNames): object {
  const { grant, decision, outcome, status, problem, revocationRequestId, verifiedGone } = finding;
  const { securityGroupRule, remark, madeBy } = finding;
  const allowed = decision.effect === 'allow';
  const standing = isStanding(finding);
  const heldBecause = whyHeld(finding);
  const { targetKind, target, sourceKind, source, owner } = grantWords(grant);
  const who = `${sourceKind} ${source}${owner === '' ? '' : ` of ${owner}`}`;
  const uid = findingIdOf(grant);
  const details = allowed ? [`rule ${decision.rule} allows it`] : decision.reasons.map(({ text }) => text);
  return {
    ...base(report, uid),
    ...(standing ? SEVERITY.high : SEVERITY.informational),
    ...(standing ? LIFE.new : LIFE.resolved),
    message: `${who} may reach ${targetKind} ${target}: ${decision.effect}, ${outcome}`,
    finding_info: {
      uid,
      title: allowed ? `Allowed grant on a ${targetKind}` : `Grant on a ${targetKind} that no rule allows`,
      desc: `${who} was granted ingress to ${targetKind} ${target}`,
      types: [`ElastiCache ${targetKind} ingress`],
    },
    compliance: {
      standards: ['Ingress Guard allowlist'],
      control: CONTROL,
      ...(allowed ? COMPLIANCE.pass : COMPLIANCE.fail),
      status_code: outcome,
      status_details: problem === undefined ? details : [...details, problem],
    },
    resources: grant.kind === 'vpc' ? vpcResources(grant) : [cacheSecurityGroup(grant)],
    cloud: { provider: 'AWS', region: grant.region, account: accountOf(grant.account, names) },
    ...(standing && {
      remediation: { desc: remedyOf(finding) },
    }),
    unmapped: {
      grant,
      grant_status: status,
      ...(allowed && { rule: decision.rule }),
      ...(securityGroupRule !== undefined && { security_group_rule: securityGroupRule }),
      ...(remark !== undefined && { remark }),
      // A Compliance Finding has no `actor`.
      ...(madeBy !== undefined && { made_by: madeBy }),
      ...(heldBecause !== undefined && { held_because: heldBecause }),
      ...(revocationRequestId !== undefined && { revocation_request_id: revocationRequestId }),
      ...(verifiedGone !== undefined && { verified_gone: verifiedGone }),
      ...provenance(report),
    },
  };
}

/** To revoke a grant that is held for others cuts them off: anyone who reads the command must read that first. */
function remedyOf(finding: Finding): string {
  const { grant, problem } = finding;
  const heldBecause = whyHeld(finding);
  const command = revokeCommand(grant);
  if (command === undefined) {
    return 'Add a rule to the allowlist, or make a new serverless cache without a public endpoint: no call takes it away';
  }
  return heldBecause === undefined || heldBecause === 'limit'
    ? `Add a rule to the allowlist, or revoke the grant: ${command}`
    : `Others may live by it: ${problem ?? heldBecause}. Add a rule to the allowlist, or, if no one needs it, revoke the grant: ${command}`;
}

function ofNotJudged(
  { account, region, what, why }: NotJudged,
  index: number,
  report: AuditReport,
  { names, nameOf }: { readonly names: AccountNames; readonly nameOf: ReturnType<typeof placeNamer> },
): object {
  // There can be several of which no more is known than that they are "a grant" of a place.
  const uid = hashOf('not-judged', String(index), account, region, what, why);
  return {
    ...base(report, uid),
    ...SEVERITY.unknown,
    ...LIFE.new,
    message: `Not evaluated in ${nameOf({ account, region })}: ${what}: ${why}`,
    finding_info: { uid, title: 'Ingress that could not be evaluated', desc: `${what}: ${why}` },
    compliance: {
      standards: ['Ingress Guard allowlist'],
      control: CONTROL,
      ...COMPLIANCE.unknown,
      status_code: 'not-judged',
      status_details: [why],
    },
    resources: [
      {
        uid: `${account}/${region}/${what}`,
        name: what,
        type: 'AWS::ElastiCache::SecurityGroup',
        ...placeOf(account, region),
      },
    ],
    cloud: { provider: 'AWS', region, account: accountOf(account, names) },
    unmapped: provenance(report),
  };
}

function base({ startedAt, tool, schemaVersion }: AuditReport, uid: string): object {
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2003,
    class_name: 'Compliance Finding',
    type_uid: 200301,
    type_name: 'Compliance Finding: Create',
    time: Date.parse(startedAt),
    metadata: {
      version: '1.6.0',
      // This finding of this audit; finding_info.uid is the finding, whichever audit saw it.
      uid: hashOf('event', startedAt, uid),
      profiles: ['cloud'],
      product: { name: 'Ingress Guard', uid: tool.name, vendor_name: 'Ingress Guard', version: tool.version },
      log_version: schemaVersion,
    },
  };
}

function cacheSecurityGroup({ account, region, target: { cacheSecurityGroupName } }: ClassicGrant): object {
  return {
    uid: `arn:${partitionOf(region)}:elasticache:${region}:${account}:securitygroup:${cacheSecurityGroupName}`,
    name: cacheSecurityGroupName,
    type: 'AWS::ElastiCache::SecurityGroup',
    ...placeOf(account, region),
  };
}

/** What is reached first, then what makes it reachable. A cache has no ARN here: no one knows which of three kinds it is of. */
function vpcResources({ account, region, target }: CacheGrant): object[] {
  const { cacheName, securityGroupId, securityGroupRuleId } = target;
  const ec2 = `arn:${partitionOf(region)}:ec2:${region}:${account}`;
  const cache = { uid: `${account}/${region}/${cacheName}`, name: cacheName, type: 'ElastiCache cache' };
  const rule =
    securityGroupId === undefined
      ? []
      : [
          { uid: `${ec2}:security-group/${securityGroupId}`, name: securityGroupId, type: 'AWS::EC2::SecurityGroup' },
          {
            uid: `${ec2}:security-group-rule/${securityGroupRuleId}`,
            name: securityGroupRuleId,
            type: 'AWS::EC2::SecurityGroupIngress',
          },
        ];
  return [cache, ...rule].map((one) => ({ ...one, ...placeOf(account, region) }));
}

function placeOf(account: string, region: string): object {
  return { region, cloud_partition: partitionOf(region), owner: { account: accountOf(account) } };
}

function accountOf(uid: string, names: AccountNames = new Map()): object {
  const name = names.get(uid);
  return { uid, ...(name !== undefined && { name }), type_id: 10, type: 'AWS Account' };
}

function provenance({ allowlist, mode }: AuditReport): object {
  return { allowlist_sha256: allowlist.sha256, mode };
}
