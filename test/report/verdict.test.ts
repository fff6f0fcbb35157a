import { describe, expect, it } from 'vitest';
import type { AuditReport, AuditRun } from '../../src/report/audit-report.ts';
import { verdictOf } from '../../src/report/verdict.ts';
import {
  cleanReport,
  enforcedReport,
  findingOf,
  grant,
  heldReport,
  incompleteReport,
  placesIn,
  reportOf,
  troubledReport,
} from '../support/examples/audit-reports.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import {
  bothKindsReport,
  DENIED_RULES,
  findingsOf,
  goneNameReport,
  rule,
  SHARED_PROBLEM,
  vpcCleanReport,
  vpcEnforcedReport,
  vpcHeldReport,
  vpcRegion,
  vpcReportOf,
  WEB,
} from '../support/examples/vpc-audit-reports.ts';

const strangers = grant('sessions', 'web', { owner: STRANGER });
const revoked = findingOf(strangers, { outcome: 'revoked' });
const region = (status: 'judged' | 'not-applicable' | 'failed') => ({
  account: ACCOUNT,
  region: REGION,
  status,
  cacheSecurityGroups: 0,
  grants: 0,
});
const withGroups = { ...region('judged'), cacheSecurityGroups: 2 };
const run = (changes: Partial<AuditRun>) => reportOf([], changes);

describe('the verdict', () => {
  it.each<[string, AuditReport, string, string]>([
    ['everything is allowed', cleanReport(), 'clean', 'Every grant is allowed'],
    ['there are cache security groups and no grants', run({ places: [withGroups] }), 'empty', 'Nothing was evaluated'],
    ['there are caches and no grants', run({ places: [vpcRegion([])] }), 'empty', 'Nothing was evaluated'],
    [
      'no grant was evaluated, and not everything was looked at',
      run({ places: [{ ...vpcRegion([]), status: 'failed' }] }),
      'incomplete',
      'Nothing was evaluated',
    ],
    ['there is no EC2-Classic, and all rules are allowed', vpcCleanReport(), 'clean', 'Every grant is allowed'],
    ['rules are held', vpcHeldReport(), 'standing', '24 disallowed grants stand'],
    [
      'rules were revoked, held or failed',
      vpcEnforcedReport(),
      'standing',
      '5 disallowed grants stand, 3 of them open to everybody',
    ],
    [
      'half of all addresses are let in',
      vpcReportOf(
        findingsOf(rule(1, { kind: 'cidr', cidr: '0.0.0.0/1' }), undefined, [{ cacheName: 'orders', ports: [6379] }]),
      ),
      'standing',
      '1 disallowed grant stands, open to everybody',
    ],
    [
      'nothing but openings to everybody stands',
      vpcReportOf(findingsOf(rule(1, { kind: 'cidr', cidr: '::/0' }))),
      'standing',
      '2 disallowed grants stand, all of them open to everybody',
    ],
    [
      'what was open to everybody was revoked',
      vpcReportOf(findingsOf(rule(1, { kind: 'cidr', cidr: '::/0' }), { outcome: 'revoked' })),
      'mended',
      '2 disallowed grants found, none stands any more',
    ],
    ['there are neither groups nor caches', run({}), 'empty', 'Nothing was evaluated'],
    ['there is no cache', run({ places: [{ ...vpcRegion([]), caches: 0 }] }), 'empty', 'Nothing was evaluated'],
    ['disallowed grants stand', troubledReport(), 'standing', '5 disallowed grants stand'],
    ['one stands', reportOf([findingOf(strangers)]), 'standing', '1 disallowed grant stands'],
    ['they were held', heldReport(), 'standing', '14 disallowed grants stand'],
    ['some could not be revoked, or stood afterwards', enforcedReport(), 'standing', '2 disallowed grants stand'],
    ['all were revoked', reportOf([revoked]), 'mended', '1 disallowed grant found, none stands any more'],
    ['something was not evaluated', incompleteReport(), 'incomplete', 'Not everything was evaluated'],
    [
      'something was not evaluated, and what was is gone',
      incompleteReport([revoked]),
      'incomplete',
      'Not everything was evaluated',
    ],
    [
      'something was not evaluated, and something stands',
      incompleteReport([findingOf(strangers)]),
      'standing',
      '1 disallowed grant stands',
    ],
    ['no region has EC2-Classic', run({ places: [region('not-applicable')] }), 'empty', 'Nothing was evaluated'],
    ['no region was expected', run({ expectedPlaces: [] }), 'empty', 'Nothing was evaluated'],
  ])('says what the audit comes to: %s', (_, report, kind, headline) => {
    expect(verdictOf(report)).toMatchObject({ kind, headline });
  });

  it.each<[string, AuditReport]>([
    [
      'a region is not spoken of',
      { ...cleanReport(), expected: { regions: [REGION, 'eu-west-1'], places: placesIn(REGION, 'eu-west-1') } },
    ],
    ['a region failed', { ...cleanReport(), regions: [region('failed')] }],
    [
      'something is named as not judged',
      { ...cleanReport(), notJudged: [{ account: ACCOUNT, region: REGION, what: 'a grant', why: 'x' }] },
    ],
    ['it says that it is not complete', { ...cleanReport(), complete: false }],
  ])('is never clean if anything is missing, whatever else the report says: %s', (_, report) => {
    expect(verdictOf(report)).toMatchObject({ kind: 'incomplete', complete: false });
  });

  it.each<[string, AuditReport, string]>([
    ['held', heldReport(), 'None was revoked: 14 revocations would have been more than the limit of 10.'],
    ['report-only', troubledReport(), 'None was revoked: this audit only reports.'],
    [
      'more rules than may go',
      vpcHeldReport(),
      'None was revoked: 12 revocations would have been more than the limit of 10.',
    ],
    ['shared', vpcEnforcedReport(), '1 security group rule is held: its group guards more than caches.'],
    ['went along', vpcEnforcedReport(), '1 allowed grant went with them, being of the same security group rule.'],
    [
      'a name that is gone',
      goneNameReport(),
      '1 security group rule is held: the allowlist would allow it for a cache that no longer exists.',
    ],
    ['failed', enforcedReport(), '1 grant could not be revoked.'],
    ['verified', enforcedReport(), '1 revoked grant stood when looked at again.'],
    [
      'more unknown',
      incompleteReport([findingOf(strangers)]),
      'Not everything was evaluated (eu-central-1 and us-east-1): there may be more.',
    ],
    [
      'not applicable',
      run({ places: [region('not-applicable')] }),
      'No region has cache security groups: these accounts have no EC2-Classic.',
    ],
    [
      'no grant',
      run({ places: [vpcRegion([])] }),
      'Looked at 3 caches behind 1 security group: there is no grant on any of them.',
    ],
    ['nothing', run({ places: [{ ...vpcRegion([]), caches: 0 }] }), 'No region has a cache or a cache security group.'],
  ])('says why: %s', (_, report, sentence) => {
    expect(verdictOf(report).sentences).toContain(sentence);
  });

  it.each<[string, AuditReport, string]>([
    ['classic', troubledReport(), 'Looked at 5 cache security groups.'],
    ['not everywhere', incompleteReport(), 'Looked at 104 cache security groups; no EC2-Classic in ap-southeast-2.'],
    ['VPC', vpcCleanReport(), 'Looked at 3 caches behind 1 security group; no EC2-Classic in us-east-1.'],
    ['both', bothKindsReport(), 'Looked at 3 caches behind 1 security group, and 4 cache security groups.'],
    [
      'many regions',
      run({ places: ['a', 'b', 'c', 'd', 'e'].map((name) => vpcRegion([], name)) }),
      'Looked at 15 caches behind 5 security groups; no EC2-Classic in 5 regions.',
    ],
  ])('says what was looked at: %s', (_, report, sentence) => {
    expect(verdictOf(report).sentences.at(-1)).toBe(sentence);
  });

  it('counts a region without EC2-Classic as judged when its caches were', () => {
    expect(verdictOf(vpcCleanReport()).regions).toEqual({ expected: 1, judged: 1, withoutEc2Classic: 1 });
  });

  it('counts what is denied itself as standing, not an allowed grant whose rule is held with it', () => {
    const all = rule(
      1,
      { kind: 'securityGroup', securityGroupId: WEB, securityGroupOwnerId: '111122223333' },
      { ipProtocol: '-1' },
    );
    const findings = findingsOf(all, { outcome: 'held', problem: SHARED_PROBLEM });

    const { denied, standing } = verdictOf(vpcReportOf(findings, { mode: 'enforce' }));

    expect(findings.map(({ decision, outcome }) => `${decision.effect}, ${outcome}`)).toEqual([
      'allow, held',
      'deny, held',
      'deny, held',
    ]);
    expect({ denied, standing }).toEqual({ denied: 2, standing: 2 });
  });

  it('says of one rule that it is one revocation, however many caches it opens', () => {
    const findings = findingsOf(DENIED_RULES[0] as (typeof DENIED_RULES)[number], { outcome: 'held' });

    const { sentences } = verdictOf(vpcReportOf(findings, { mode: 'enforce', maxRevocations: 0 }));

    expect(findings).toHaveLength(2);
    expect(sentences).toContain('None was revoked: 1 revocation would have been more than the limit of 0.');
  });
});
