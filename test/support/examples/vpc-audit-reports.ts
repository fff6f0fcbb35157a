import type { AllowlistRule } from '../../../src/policy/allowlist.ts';
import { decide } from '../../../src/policy/decide.ts';
import type { Finding } from '../../../src/policy/finding.ts';
import type { VpcGrant } from '../../../src/policy/vpc/grant.ts';
import { judgeRule } from '../../../src/policy/vpc/judge-rule.ts';
import { ruleText } from '../../../src/policy/vpc/rule-text.ts';
import { type GuardedCache, grantsOf, type SecurityGroupRule } from '../../../src/policy/vpc/security-group-rule.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import type { AuditReport, AuditRun } from '../../../src/report/audit-report.ts';
import {
  type Act,
  ALLOWED,
  compile,
  findingOf,
  grant,
  HOSTILE_NAMES,
  RULES,
  reportOf,
  STARTED_AT,
} from './audit-reports.ts';
import { ACCOUNT, REGION, STRANGER } from './grants.ts';

/** An id as AWS makes them: `sg-0000000000000000a`. */
const id = (prefix: string, number: number) => `${prefix}-0${number.toString(16).padStart(16, '0')}`;
export const GUARD = id('sg', 0xca);
export const WEB = id('sg', 0x3eb);
export const STRANGERS = id('sg', 0xbad);

/** The caches of most tests, all behind one security group. */
export const CACHES: readonly GuardedCache[] = [
  { cacheName: 'orders', ports: [6379] },
  { cacheName: 'carts', ports: [6379, 6380] },
  { cacheName: 'rates', ports: [11211] },
];

export const VPC_RULES: readonly AllowlistRule[] = [
  { id: 'web-to-orders', caches: ['orders'], securityGroupIds: [WEB] },
  { id: 'office-to-caches', caches: ['orders', 'carts'], cidrs: ['10.20.0.0/16', '2001:db8:20::/48'] },
  { id: 'monitoring', caches: ['*'], prefixListIds: [id('pl', 1)], ports: [6379, 6380, 11211] },
  { id: 'migration', caches: ['rates'], cidrs: ['192.0.2.0/24'], expires: '2027-01-31' },
];
const BOTH_RULES = [...RULES, ...VPC_RULES];
const COMPILED = compile(BOTH_RULES);

/** A rule of the security group of CACHES; what is left out opens port 6379. */
export function rule(number: number, source: VpcSource, more: Partial<SecurityGroupRule> = {}): SecurityGroupRule {
  return {
    account: ACCOUNT,
    region: REGION,
    securityGroupId: GUARD,
    securityGroupRuleId: id('sgr', number),
    ipProtocol: 'tcp',
    fromPort: 6379,
    toPort: 6379,
    source,
    ...more,
  };
}

/** What an audit finds of a rule: its grants share what becomes of a denied one. */
export function findingsOf(
  one: SecurityGroupRule,
  { verifiedGone, ...became }: Act = { outcome: 'would-revoke' },
  caches: readonly GuardedCache[] = CACHES,
): Finding[] {
  const { grants, isDenied } = judgeRule(one, caches, COMPILED, STARTED_AT);
  return grants.map(
    ({ grant, decision, securityGroupRule, remark }): Finding => ({
      grant,
      status: 'listed',
      decision,
      ...(isDenied ? became : { outcome: 'allowed' }),
      ...(securityGroupRule !== undefined && { securityGroupRule }),
      ...(remark !== undefined && { remark }),
      ...(isDenied && verifiedGone !== undefined && { verifiedGone }),
    }),
  );
}

/** The first grant of a rule. */
export function vpcGrant(source: VpcSource, more: Partial<SecurityGroupRule> = {}): VpcGrant {
  return grantsOf(rule(1, source, more), CACHES)[0] as VpcGrant;
}

const onlyOrders = CACHES.slice(0, 1);
const ALLOWED_RULES = [
  ...findingsOf(
    rule(1, { kind: 'securityGroup', securityGroupId: WEB, securityGroupOwnerId: ACCOUNT }),
    undefined,
    onlyOrders,
  ),
  ...findingsOf(rule(2, { kind: 'cidr', cidr: '10.20.4.0/24' })),
  ...findingsOf(rule(3, { kind: 'prefixList', prefixListId: id('pl', 1) }, { toPort: 11211 })),
];

/** A place in which there is no EC2-Classic, as today. */
export const vpcRegion = (
  findings: readonly Finding[],
  region = REGION,
  account = ACCOUNT,
): AuditRun['places'][number] => ({
  account,
  region,
  status: 'judged',
  ec2Classic: false,
  cacheSecurityGroups: 0,
  caches: CACHES.length,
  securityGroups: 1,
  grants: findings.length,
});

export function vpcReportOf(findings: readonly Finding[], run: Partial<AuditRun> = {}): AuditReport {
  return reportOf(findings, {
    allowlist: { version: 1, rules: VPC_RULES },
    places: [vpcRegion(findings)],
    apiCalls: { DescribeCacheClusters: 1, DescribeServerlessCaches: 1, DescribeSecurityGroupRules: 1 },
    ...run,
  });
}

/** 194 disallowed grants, of which the two that were made last are open to everybody: `…fffe` to 0.0.0.0/0, `…ffff` to ::/0. */
export const openReport = (): AuditReport => {
  const denied = (number: number, source: VpcSource) => findingsOf(rule(number, source), undefined, onlyOrders);
  const cidr = (text: string): VpcSource => ({ kind: 'cidr', cidr: text });
  return vpcReportOf([
    findingOf(grant('queue', 'debug')),
    ...denied(1, { kind: 'securityGroup', securityGroupId: STRANGERS, securityGroupOwnerId: '444455556666' }),
    ...Array.from({ length: 188 }, (_, n) => denied(100 + n, cidr(`198.51.100.${n}/32`))).flat(),
    ...denied(2, cidr('2001:db8::/64')),
    ...denied(3, cidr('172.16.0.0/12')),
    ...denied(0xfffe, cidr('0.0.0.0/0')),
    ...denied(0xffff, cidr('::/0')),
  ]);
};

/** Caches in a VPC, and every grant is allowed. */
export const vpcCleanReport = (): AuditReport => vpcReportOf(ALLOWED_RULES);

/** A replication group and its clusters, which have names of their own: reached by a range and by a stranger's group. */
export const severalNamesReport = (): AuditReport => {
  const cache = { cacheName: 'orders', clusterNames: ['orders-001', 'shop'], ports: [6379] };
  const stranger = { kind: 'securityGroup', securityGroupId: STRANGERS, securityGroupOwnerId: STRANGER } as const;
  const named: VpcSource = {
    kind: 'securityGroup',
    securityGroupId: WEB,
    securityGroupName: '`web` \u202e</script>',
    securityGroupOwnerId: ACCOUNT,
  };
  return vpcReportOf([
    ...findingsOf(rule(1, { kind: 'cidr', cidr: '10.20.4.0/24' }), undefined, [cache]),
    ...findingsOf(rule(2, stranger), undefined, [cache]),
    ...findingsOf(rule(3, named), undefined, [cache]),
  ]);
};

/** An allowlist that names a cache which no longer exists, and a rule that is held for that. */
export const goneNameReport = (): AuditReport => {
  const text = 'allowlist rule `office-to-caches` names cache `carts-ha`, which no longer exists: was it renamed?';
  const held = { outcome: 'held', problem: text, heldBecause: 'gone-name' } as const;
  const unknown: GuardedCache = { cacheName: 'carts-001', ports: [6379] };
  return vpcReportOf(findingsOf(rule(1, { kind: 'cidr', cidr: '10.20.4.0/24' }), held, [unknown]), {
    mode: 'enforce',
    warnings: [{ rule: 'office-to-caches', text }],
  });
};

/** Rules that let in whom they should not: of every kind of source. */
export const DENIED_RULES: readonly SecurityGroupRule[] = [
  rule(16, { kind: 'cidr', cidr: '0.0.0.0/0' }, { description: 'temporary, for debugging' }),
  rule(17, { kind: 'cidr', cidr: '::/0' }, { fromPort: 0, toPort: 65_535 }),
  rule(18, { kind: 'cidr', cidr: '10.21.0.0/24' }),
  rule(19, { kind: 'securityGroup', securityGroupId: STRANGERS, securityGroupOwnerId: STRANGER }),
  rule(
    20,
    { kind: 'securityGroup', securityGroupId: WEB, securityGroupOwnerId: ACCOUNT },
    { ipProtocol: '-1', fromPort: -1, toPort: -1 },
  ),
  rule(21, { kind: 'securityGroup', securityGroupId: id('sg', 0xdead) }, { description: 'peering' }),
  rule(22, { kind: 'prefixList', prefixListId: id('pl', 2) }),
  rule(23, { kind: 'cidr', cidr: '192.0.2.0/25' }, { fromPort: 11211, toPort: 11211 }),
];

/** Grants of both kinds, some of them denied. */
export function bothKindsReport(run: Partial<AuditRun> = {}): AuditReport {
  const classic = [...ALLOWED, grant('sessions', 'web', { owner: STRANGER }), grant('queue', 'debug')];
  const findings = [
    ...classic.map((one) => findingOf(one)),
    ...ALLOWED_RULES,
    ...DENIED_RULES.flatMap((one) => findingsOf(one)),
  ];
  const { ec2Classic: _, ...region } = vpcRegion(findings);
  return reportOf(findings, {
    allowlist: { version: 1, rules: BOTH_RULES },
    places: [{ ...region, cacheSecurityGroups: 4 }],
    apiCalls: { DescribeCacheSecurityGroups: 1, DescribeCacheClusters: 1, DescribeSecurityGroupRules: 1 },
    ...run,
  });
}

/** What an audit says of a rule that it left, because others may need it. */
export const SHARED_PROBLEM =
  'the rule opens more than cache ports, and its security group also guards something other than caches';

/** Rules were revoked, with an allowed grant of one; others were held, because of what else they open, or failed. */
export function vpcEnforcedReport(): AuditReport {
  const [everybody, wide, narrow, strangers, all] = DENIED_RULES as [
    SecurityGroupRule,
    SecurityGroupRule,
    SecurityGroupRule,
    SecurityGroupRule,
    SecurityGroupRule,
  ];
  const requestId = '3d1f2a90-7c55-4e7e-9a1b-000000000007';
  const findings = [
    ...ALLOWED_RULES,
    ...findingsOf(everybody, { outcome: 'revoked', revocationRequestId: requestId, verifiedGone: true }),
    ...findingsOf(wide, { outcome: 'held', problem: SHARED_PROBLEM }),
    ...findingsOf(narrow, { outcome: 'already-gone' }),
    ...findingsOf(strangers, { outcome: 'failed', problem: 'UnauthorizedOperation: not authorized to perform this' }),
    ...findingsOf(all, { outcome: 'revoked', revocationRequestId: requestId }),
  ];
  return vpcReportOf(findings, { mode: 'enforce' });
}

/** More rules were denied than may be revoked. */
export function vpcHeldReport(): AuditReport {
  const denied = Array.from({ length: 12 }, (_, i) =>
    findingsOf(rule(32 + i, { kind: 'cidr', cidr: `198.51.100.${i}/32` }), { outcome: 'held' }),
  );
  return vpcReportOf([...ALLOWED_RULES, ...denied.flat()], { mode: 'enforce' });
}

/** As many findings as asked for, each of a rule of its own; every `deniedEvery`th is denied. */
export function largeVpcReport(size: number, deniedEvery: number): AuditReport {
  // Few, because a test has no time to look for the nearest of many, thousands of times.
  const rules = Array.from({ length: 10 }, (_, i) => ({
    id: `floor-${i}`,
    caches: [`cache-of-team-*${i}`],
    cidrs: [`10.${i}.0.0/16`],
  }));
  const compiled = compile(rules);
  const findings = Array.from({ length: size }, (_, i): Finding => {
    const team = (i * 7) % 500;
    const strange = i % deniedEvery === 0;
    const cidr = `${strange ? 172 : 10}.${team % 10}.${team % 250}.${i % 256}/32`;
    const caches = [{ cacheName: `cache-of-team-${team}`, ports: [6379] }];
    const one = rule(
      i,
      { kind: 'cidr', cidr },
      { securityGroupId: id('sg', team), description: `for host ${i} of team ${team}` },
    );
    const [grant] = grantsOf(one, caches) as [VpcGrant];
    const decision = decide(grant, compiled, STARTED_AT);
    if (decision.effect === 'allow') return { grant, status: 'listed', decision, outcome: 'allowed' };
    const revocationRequestId = `3d1f2a90-7c55-4e7e-9a1b-${String(i).padStart(12, '0')}`;
    return {
      grant,
      status: 'listed',
      decision,
      outcome: 'revoked',
      revocationRequestId,
      securityGroupRule: ruleText(one),
      verifiedGone: true,
    };
  });
  return vpcReportOf(findings, { allowlist: { version: 1, rules }, mode: 'enforce' });
}

/** Names, ids and descriptions that nobody should be able to do harm with. */
export function hostileVpcReport(): AuditReport {
  const findings = HOSTILE_NAMES.flatMap((name): Finding[] => {
    const target = { cacheName: name, ports: [1], securityGroupId: name, securityGroupRuleId: name };
    const place = { account: name, region: name, target };
    const text = `rule \`${name}\` does not cover cache \`${name}\``;
    const decision = { effect: 'deny', reasons: [{ rule: name, covers: [], misses: ['cache'], text }] } as const;
    const beside = {
      securityGroupRule: { ipProtocol: name, fromPort: -1, toPort: -1, description: name },
      remark: name,
    };
    return [
      { kind: 'cidr', cidr: name },
      { kind: 'prefixList', prefixListId: name },
      { kind: 'securityGroup', securityGroupId: name, securityGroupOwnerId: name },
      { kind: 'securityGroup', securityGroupId: name },
    ].map((source) => ({
      grant: { kind: 'vpc', ...place, source: source as VpcSource },
      status: name,
      decision,
      outcome: 'failed',
      problem: name,
      ...beside,
    }));
  });
  const places = HOSTILE_NAMES.map((name) => vpcRegion([], name, name));
  return vpcReportOf(findings, { expectedPlaces: places.map(({ account, region }) => ({ account, region })), places });
}
