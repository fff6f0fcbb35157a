import { describe, expect, test } from 'vitest';
import type { AllowlistRule } from '../../src/policy/allowlist.ts';
import type { ClassicAllowlistRule } from '../../src/policy/classic/allowlist-rule.ts';
import type { Finding } from '../../src/policy/finding.ts';
import { OUTCOMES } from '../../src/policy/outcome.ts';
import { findingOf, grant, placesIn, reportOf, STARTED_AT } from '../support/examples/audit-reports.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { bothKindsReport, vpcCleanReport, vpcRegion } from '../support/examples/vpc-audit-reports.ts';

const OTHER_REGION = 'eu-west-1';
const region = (name: string, status: 'judged' | 'not-applicable' | 'failed', grants = 0) => ({
  account: ACCOUNT,
  region: name,
  status,
  cacheSecurityGroups: 2,
  grants,
});
const allowed = findingOf(grant('sessions', 'web'));
const denied = findingOf(grant('sessions', 'web', { owner: STRANGER }));

describe('a report is complete', () => {
  test.each(['judged', 'not-applicable'] as const)('when every region is %s', (status) => {
    const report = reportOf([], { expectedPlaces: placesIn(REGION), places: [region(REGION, status)] });

    expect(report.complete).toBe(true);
  });

  test('whatever was found, and even when a denied grant could not be revoked', () => {
    expect(reportOf([denied, findingOf(grant('queue', 'x'), { outcome: 'failed', problem: 'No.' })]).complete).toBe(
      true,
    );
  });
});

describe('a report is not complete', () => {
  test('when a region failed', () => {
    expect(reportOf([], { places: [region(REGION, 'failed')] }).complete).toBe(false);
  });

  test('when a region that was expected was not even looked at', () => {
    const report = reportOf([], { expectedPlaces: placesIn(REGION, OTHER_REGION), places: [region(REGION, 'judged')] });

    expect(report.complete).toBe(false);
  });

  test('when a single grant could not be evaluated', () => {
    const report = reportOf([allowed], {
      notJudged: [{ account: ACCOUNT, region: REGION, what: 'a grant', why: 'it cannot be read' }],
    });

    expect(report.complete).toBe(false);
    expect(report.counts.notJudged).toBe(1);
  });
});

describe('the counts', () => {
  test('are those of the regions and of the findings', () => {
    const { counts } = reportOf([allowed, denied], {
      expectedPlaces: placesIn(REGION, OTHER_REGION),
      places: [region(REGION, 'judged', 2), region(OTHER_REGION, 'failed', 1)],
      notJudged: [{ account: ACCOUNT, region: OTHER_REGION, what: 'a grant', why: 'it cannot be read' }],
    });

    expect(counts).toEqual({
      cacheSecurityGroups: 4,
      grants: 3,
      judged: 2,
      allowed: 1,
      denied: 1,
      notJudged: 1,
      outcomes: { allowed: 1, 'would-revoke': 1 },
    });
  });

  test('add up caches and security groups over the regions that looked at them', () => {
    const places = [vpcRegion([], REGION), vpcRegion([], OTHER_REGION), region('us-west-2', 'failed')];

    const { counts } = reportOf([], { expectedPlaces: placesIn(REGION, OTHER_REGION, 'us-west-2'), places });

    expect(counts).toMatchObject({ cacheSecurityGroups: 2, caches: 6, securityGroups: 2 });
  });

  test('do not say how many caches there are where nobody looked at them', () => {
    const { counts } = reportOf([], { places: [region(REGION, 'judged')] });

    expect(counts).not.toHaveProperty('caches');
    expect(counts).not.toHaveProperty('securityGroups');
  });

  test('tell every outcome that there is', () => {
    const findings = OUTCOMES.flatMap((outcome) => [denied, denied].map((one) => ({ ...one, outcome })));

    const { counts } = reportOf(findings);

    expect(counts.outcomes).toEqual(Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 2])));
  });
});

describe('the findings', () => {
  const findings = [
    grant('a', 'a'),
    grant('a', 'a', { owner: STRANGER }),
    grant('a', 'b'),
    grant('b', 'A'),
    grant('b', 'a'),
    grant('a', 'a', { region: 'us-west-2' }),
    grant('a', 'a', { account: '999988887777' }),
  ].map((one) => findingOf(one));

  test('are in the order of account, region, cache security group, EC2 security group and owner', () => {
    const shuffled = [5, 2, 6, 0, 4, 1, 3].map((index) => findings[index] as (typeof findings)[number]);

    expect(reportOf(shuffled).findings).toEqual(findings);
    expect(shuffled[0]).toBe(findings[5]);
  });
});

describe('the findings of both kinds', () => {
  test('are in order of danger; where that is the same, of cache security groups, then caches, their sources and rules', () => {
    const { findings } = bothKindsReport();

    const shuffled = reportOf([...findings].reverse()).findings;

    expect(shuffled).toEqual(findings);
    const isRange = ({ grant: { kind, source } }: Finding) => kind === 'vpc' && source.kind === 'cidr';
    const alike = findings.filter((one) => one.decision.effect === 'deny' && !isRange(one));
    const names = alike.map(({ grant: { target } }) => 'cacheName' in target && target.cacheName);
    expect(names.filter((name, i) => name !== names[i - 1])).toEqual([false, 'carts', 'orders', 'rates']);
  });
});

describe('the rules', () => {
  const rule = (id: string, more: Partial<ClassicAllowlistRule> = {}): AllowlistRule => ({
    id,
    cacheSecurityGroups: ['sessions'],
    ec2SecurityGroups: [id],
    ownerIds: ['self'],
    ...more,
  });
  const withRules = (...rules: AllowlistRule[]) => ({ allowlist: { version: 1 as const, rules } });

  // The audit began on 2027-02-03. A rule allows until the end of its last day.
  test('that expire are told from 30 days before on, and when they have', () => {
    const days = ['2027-02-01', '2027-02-02', '2027-02-03', '2027-03-04', '2027-03-05', '2027-03-06'];

    const { expiringRules } = reportOf(
      [],
      withRules(rule('never'), ...days.map((expires) => rule(expires, { expires }))),
    );

    expect(expiringRules).toEqual([
      { rule: '2027-02-01', expires: '2027-02-01', expired: true },
      { rule: '2027-02-02', expires: '2027-02-02', expired: true },
      { rule: '2027-02-03', expires: '2027-02-03', expired: false },
      { rule: '2027-03-04', expires: '2027-03-04', expired: false },
    ]);
  });

  test('that allowed no grant are unused', () => {
    const rules = [rule('web'), rule('batch'), rule('cron')];

    const { unusedRules } = reportOf([findingOf(grant('sessions', 'web'), undefined, rules)], withRules(...rules));

    expect(unusedRules).toEqual(['batch', 'cron']);
  });

  test('that allowed nothing but caches are used', () => {
    expect(vpcCleanReport().unusedRules).toEqual(['migration']);
  });

  test('are not called unused when not everything was evaluated: nobody could know', () => {
    const { unusedRules } = reportOf([], { ...withRules(rule('web')), places: [region(REGION, 'failed')] });

    expect(unusedRules).toEqual([]);
  });
});

describe('a report says how it was made', () => {
  test('when, how long, in which mode, by which allowlist, with which version and calls', () => {
    const report = reportOf([], { mode: 'enforce', maxRevocations: 7, apiCalls: { DescribeCacheSecurityGroups: 9 } });

    expect(report).toMatchObject({
      schemaVersion: '1.5',
      tool: { name: 'elasticache-ingress-guard', version: '1.2.3' },
      startedAt: STARTED_AT.toISOString(),
      durationMs: 4321,
      mode: 'enforce',
      maxRevocations: 7,
      allowlist: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), rules: 5 },
      expected: { regions: [REGION], places: placesIn(REGION) },
      apiCalls: { DescribeCacheSecurityGroups: 9 },
    });
  });

  test('without a limit on revocations, as null: JSON knows no infinity', () => {
    expect(reportOf([], { maxRevocations: Number.POSITIVE_INFINITY }).maxRevocations).toBe(null);
  });

  test('with no negative time when the clock was put back meanwhile', () => {
    expect(reportOf([], { finishedAt: new Date(STARTED_AT.getTime() - 5000) }).durationMs).toBe(0);
  });

  test('and is the same after a way through JSON', () => {
    const report = reportOf([allowed, { ...denied, grant: { ...denied.grant, account: ACCOUNT } }]);

    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});
