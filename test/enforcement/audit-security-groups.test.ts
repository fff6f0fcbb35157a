import { describe, expect, test } from 'vitest';
import { auditGrants } from '../../src/enforcement/audit-grants.ts';
import { auditSecurityGroups, type HowToAuditSecurityGroups } from '../../src/enforcement/audit-security-groups.ts';
import { HELD_BECAUSE_SHARED } from '../../src/enforcement/enforce-rule.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ListedRule, SecurityGroupRule } from '../../src/policy/security-group-rule.ts';
import { denied as deniedGrant, howTo, NOW } from '../support/audited.ts';
import { REGION } from '../support/grants.ts';
import { fakeCalls, GROUP, OTHER_GROUP, ruleFrom, ruleWith, sessions } from '../support/security-groups.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] }],
});
const carts = { ...sessions, cacheName: 'carts' };
const allowed = ruleWith({ securityGroupRuleId: 'sgr-allowed' });
const anybody = ruleFrom({ cidr: '0.0.0.0/0' }, { securityGroupRuleId: 'sgr-anybody', description: 'for a test' });
const THROTTLED = Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
type Fake = ReturnType<typeof fakeCalls>;

const listAll = ({ calls }: Fake, changes: Partial<HowToAuditSecurityGroups> = {}) =>
  auditSecurityGroups(REGION, { ...calls, allowlist, mode: 'enforce', now: () => NOW, ...changes });
const audit = ({ calls }: Fake, changes: Parameters<typeof howTo>[1] = {}) =>
  auditGrants(howTo([], { ...calls, allowlist, ...changes }));

/** What a group's rules are listed as: page by page, and an error in place of the rest. */
const listing = (...pages: readonly (readonly ListedRule[] | Error)[]) =>
  async function* () {
    for (const page of pages) {
      if (page instanceof Error) throw page;
      yield page;
    }
  };

describe('the rules of the security groups of a region', () => {
  test('are all judged, and those that are denied are told with what it takes to make them again', async () => {
    const seen = await listAll(fakeCalls({ caches: [sessions], rules: [allowed, anybody] }));

    expect(seen).toMatchObject({ caches: 1, securityGroups: 1, notJudged: [] });
    expect(seen).not.toHaveProperty('problem');
    expect(seen.findings).toMatchObject([
      {
        status: 'listed',
        outcome: 'allowed',
        decision: { rule: 'office' },
        grant: { source: { cidr: '10.0.0.0/16' } },
      },
      {
        status: 'listed',
        outcome: 'held',
        decision: { effect: 'deny' },
        securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'for a test' },
      },
    ]);
    expect(seen.denied.map(({ judged, findings }) => [judged.rule, findings])).toEqual([[anybody, [seen.findings[1]]]]);
  });

  test('would be revoked in mode report-only', async () => {
    const { findings } = await listAll(fakeCalls({ rules: [allowed, anybody] }), { mode: 'report-only' });

    expect(findings.map(({ outcome }) => outcome)).toEqual(['allowed', 'would-revoke']);
  });

  test('are not even asked for where no security group guards a cache', async () => {
    const fake = fakeCalls({ caches: [{ ...sessions, securityGroupIds: [] }], rules: [anybody] });

    const seen = await listAll(fake);

    expect(seen).toMatchObject({ caches: 1, securityGroups: 0, findings: [], notJudged: [] });
    expect(fake.made).toEqual(['listCaches']);
  });

  test('are judged at the instant at which they are listed', async () => {
    const expiring = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'], expires: '2026-11-23' }],
    });
    const fake = fakeCalls({ rules: [allowed] });

    const today = await listAll(fake, { allowlist: expiring });
    const tomorrow = await listAll(fake, { allowlist: expiring, now: () => new Date('2026-11-24T00:00:00Z') });

    expect([today, tomorrow].map(({ findings }) => findings[0]?.outcome)).toEqual(['allowed', 'held']);
  });
});

describe('what cannot be judged of security groups', () => {
  test('is named: a cache of which the ports cannot be told', async () => {
    const caches = [sessions, { ...carts, ports: [], problem: 'it has no endpoint' }];

    const { notJudged, findings } = await listAll(fakeCalls({ caches, rules: [allowed] }));

    expect(notJudged).toEqual([{ region: REGION, what: 'cache carts', why: 'it has no endpoint' }]);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['allowed']);
  });

  test('is named: a rule that cannot be read, with its id and without', async () => {
    const problem = 'the source is missing';
    const unreadable: ListedRule[] = [
      { unreadable: { securityGroupId: GROUP, securityGroupRuleId: 'sgr-odd', problem } },
      { unreadable: { securityGroupId: GROUP, problem } },
    ];

    const { notJudged, findings } = await listAll(fakeCalls({ rules: [...unreadable, allowed] }));

    expect(notJudged).toEqual([
      { region: REGION, what: `rule sgr-odd of security group ${GROUP}`, why: problem },
      { region: REGION, what: `rule without an id of security group ${GROUP}`, why: problem },
    ]);
    expect(findings).toHaveLength(1);
  });

  test('is not: a rule that lets out', async () => {
    const { notJudged, findings } = await listAll(fakeCalls({ rules: [{ egressRuleId: 'sgr-out' }] }));

    expect({ notJudged, findings }).toEqual({ notJudged: [], findings: [] });
  });

  test('is named as a whole where the caches cannot be listed', async () => {
    const seen = await listAll(fakeCalls(), { listCaches: () => Promise.reject(THROTTLED) });

    expect(seen).toMatchObject({ caches: 0, securityGroups: 0, findings: [], problem: 'Throttling: Rate exceeded' });
    expect(seen.notJudged).toEqual([
      {
        region: REGION,
        what: 'the security groups that guard caches, or some of them',
        why: 'Throttling: Rate exceeded',
      },
    ]);
  });

  test('is named where the rules are listed in part, and that part is judged', async () => {
    const seen = await listAll(fakeCalls(), { listRules: listing([{ rule: anybody }], THROTTLED) });

    expect(seen).toMatchObject({ caches: 1, securityGroups: 1, problem: 'Throttling: Rate exceeded' });
    expect(seen.denied).toHaveLength(1);
    expect(seen.notJudged).toHaveLength(1);
  });

  test('is told as a lack of time where the deadline ended the listing', async () => {
    const { problem } = await listAll(fakeCalls(), { listRules: listing(THROTTLED), deadline: NOW });

    expect(problem).toBe('there was no time left to list the rest');
  });
});

describe('an audit of a region with security groups', () => {
  const strangers = (count: number): SecurityGroupRule[] =>
    Array.from({ length: count }, (_, i) => ruleFrom({ cidr: `192.0.2.${i}/32` }, { securityGroupRuleId: `sgr-${i}` }));

  test('revokes each denied rule once, and writes what became of it to every grant that it made', async () => {
    const fake = fakeCalls({ caches: [sessions, carts], rules: [anybody] });

    const { findings, regions } = await audit(fake);

    expect(fake.revoked).toEqual(['sgr-anybody']);
    expect(findings).toMatchObject([
      { outcome: 'revoked', revocationRequestId: 'request-1', grant: { target: { cacheName: 'sessions' } } },
      { outcome: 'revoked', revocationRequestId: 'request-1', grant: { target: { cacheName: 'carts' } } },
    ]);
    expect(regions).toEqual([
      { region: REGION, status: 'judged', cacheSecurityGroups: 1, caches: 2, securityGroups: 1, grants: 2 },
    ]);
  });

  test('counts the grants of both kinds, and keeps both within one limit', async () => {
    const fake = fakeCalls({ rules: strangers(2) });
    const both = (maxRevocations: number) =>
      auditGrants(howTo([deniedGrant()], { ...fake.calls, allowlist, maxRevocations }));

    const held = await both(2);
    const revoked = await both(3);

    expect(held.findings.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held']);
    expect(held.regions).toMatchObject([{ grants: 3 }]);
    expect(revoked.findings.map(({ outcome }) => outcome)).toEqual(['revoked', 'revoked', 'revoked']);
  });

  test('revokes nothing in mode report-only', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { findings } = await audit(fake, { mode: 'report-only' });

    expect(findings.map(({ outcome }) => outcome)).toEqual(['would-revoke']);
    expect(fake.revoked).toEqual([]);
  });

  test('lets a rule stand that was repaired while all the rest was listed, and says so', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    async function* listGrants() {
      // Another kind of grants takes longer to list than the rule stood as it was.
      await expect.poll(() => fake.made).toContain('listRules');
      fake.state.rules = [{ rule: { ...anybody, source: { cidr: '10.0.0.0/16' } } }];
    }

    const { findings } = await audit(fake, { listGrants });

    expect(fake.revoked).toEqual([]);
    expect(findings).toMatchObject([
      { outcome: 'failed', problem: expect.stringContaining('was edited after it was judged') },
    ]);
  });

  test('holds a rule that opens more than caches where its group guards more than caches, and says why', async () => {
    const rules = [{ ...anybody, ipProtocol: '-1' }];

    const { findings } = await audit(fakeCalls({ rules, shared: [GROUP] }));

    expect(findings).toMatchObject([{ outcome: 'held', problem: HELD_BECAUSE_SHARED }]);
  });

  const everything = (many: number) =>
    strangers(many).map((rule) => ({
      ...rule,
      securityGroupRuleId: `${rule.securityGroupRuleId}-wide`,
      ipProtocol: '-1',
    }));

  test('does not count what is held because others may need it to the limit on revocations', async () => {
    const fake = fakeCalls({ rules: [...everything(3), anybody], shared: [GROUP] });

    const { findings } = await audit(fake, { maxRevocations: 1 });

    expect(fake.revoked).toEqual(['sgr-anybody']);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held', 'revoked']);
    expect(findings[0]?.problem).toBe(HELD_BECAUSE_SHARED);
  });

  test('holds for others what is of the groups that guard more than caches, and of no other group', async () => {
    const [first, ...rest] = everything(3) as [SecurityGroupRule, ...SecurityGroupRule[]];
    const fake = fakeCalls({
      caches: [sessions, { ...carts, securityGroupIds: [OTHER_GROUP] }],
      rules: [{ ...first, securityGroupId: OTHER_GROUP }, ...rest],
      shared: [GROUP],
    });

    const { findings } = await audit(fake, { maxRevocations: 1 });

    expect(fake.revoked).toEqual([first.securityGroupRuleId]);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['revoked', 'held', 'held']);
  });

  test('revokes nothing if more are to go than the limit, and says which are held because others may need them', async () => {
    const fake = fakeCalls({ rules: [...everything(1), ...strangers(2)], shared: [GROUP] });

    const { findings } = await audit(fake, { maxRevocations: 1 });

    expect(fake.revoked).toEqual([]);
    expect(findings.map(({ outcome, problem }) => [outcome, problem])).toEqual([
      ['held', HELD_BECAUSE_SHARED],
      ['held', undefined],
      ['held', undefined],
    ]);
  });

  test('counts a rule of which nobody can say whether others need it, and names why in what was not judged', async () => {
    const fake = fakeCalls({ rules: [...everything(1), anybody], shared: [GROUP] });
    const guardsSomethingElse = () => Promise.reject(THROTTLED);

    const { findings, notJudged } = await audit(fake, { maxRevocations: 1, guardsSomethingElse });

    expect(fake.revoked).toEqual([]);
    expect(findings.map(({ outcome, problem }) => [outcome, problem])).toEqual([
      ['held', undefined],
      ['held', undefined],
    ]);
    expect(notJudged).toEqual([
      { region: REGION, what: `what else security group ${GROUP} guards`, why: 'Throttling: Rate exceeded' },
    ]);
  });

  test('asks once what else a group guards if that decides the limit: nothing goes that was not counted', async () => {
    const fake = fakeCalls({ rules: everything(3), shared: [GROUP] });
    let asked = 0;

    const { findings } = await audit(fake, { maxRevocations: 1, guardsSomethingElse: async () => asked++ === 0 });

    expect(asked).toBe(1);
    expect(fake.revoked).toEqual([]);
    expect(findings.map(({ problem }) => problem)).toEqual([
      HELD_BECAUSE_SHARED,
      HELD_BECAUSE_SHARED,
      HELD_BECAUSE_SHARED,
    ]);
  });

  test('judges by the caches there are when it revokes: a rule whose group guards none any more stands, and is failed', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    async function* listGrants() {
      await expect.poll(() => fake.made).toContain('listRules');
      fake.state.caches = [{ ...sessions, securityGroupIds: [OTHER_GROUP] }];
    }

    const { findings } = await audit(fake, { listGrants });

    expect(fake.revoked).toEqual([]);
    expect(findings).toMatchObject([{ outcome: 'failed', problem: expect.stringContaining('the caches behind its') }]);
  });

  test('revokes no rule of a region whose caches cannot be listed again, and says why', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    let listed = 0;
    const listCaches = async () => (listed++ === 0 ? [sessions] : Promise.reject(THROTTLED));

    const { findings } = await audit(fake, { listCaches });

    expect(fake.revoked).toEqual([]);
    expect(findings).toMatchObject([{ outcome: 'failed', problem: 'Throttling: Rate exceeded' }]);
  });

  test('is failed for a rule whose revocation fails, with why; the others are still revoked', async () => {
    const fake = fakeCalls({ rules: strangers(3) });
    const { revokeRule } = fake.calls;
    const denied = Object.assign(new Error('No.'), { name: 'UnauthorizedOperation' });

    const { findings } = await audit(fake, {
      revokeRule: (rule) => (rule.securityGroupRuleId === 'sgr-1' ? Promise.reject(denied) : revokeRule(rule)),
    });

    expect(findings.map(({ outcome, problem }) => ({ outcome, problem }))).toEqual([
      { outcome: 'revoked', problem: undefined },
      { outcome: 'failed', problem: 'UnauthorizedOperation: No.' },
      { outcome: 'revoked', problem: undefined },
    ]);
  });

  test('is failed where the security groups could not be listed, and what was denied before is revoked', async () => {
    const fake = fakeCalls({ caches: [sessions, { ...carts, securityGroupIds: [OTHER_GROUP] }], rules: [anybody] });

    const { findings, regions, notJudged } = await audit(fake, {
      listRules: listing([{ rule: anybody }], THROTTLED),
    });

    expect(findings.map(({ outcome }) => outcome)).toEqual(['revoked']);
    expect(regions).toMatchObject([{ status: 'failed', problem: 'Throttling: Rate exceeded' }]);
    expect(notJudged).toHaveLength(1);
  });
});
