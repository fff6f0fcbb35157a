import { describe, expect, test } from 'vitest';
import { audit as auditAll } from '../../src/enforcement/audit.ts';
import { MODES } from '../../src/enforcement/mode.ts';
import { HELD_BECAUSE_SHARED } from '../../src/enforcement/plan.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ListedRule, SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import { denied as deniedGrant, howTo } from '../support/examples/audited.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { fakeCalls, GROUP, OTHER_GROUP, ruleFrom, ruleWith, sessions } from '../support/examples/security-groups.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] }],
});
const carts = { ...sessions, cacheName: 'carts' };
const anybody = ruleFrom(
  { kind: 'cidr', cidr: '0.0.0.0/0' },
  { securityGroupRuleId: 'sgr-anybody', description: 'for a test' },
);
const THROTTLED = Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });
type Fake = ReturnType<typeof fakeCalls>;

const audit = ({ calls }: Fake, changes: Parameters<typeof howTo>[1] = {}) =>
  auditAll(howTo([], { ...calls, allowlist, ...changes }));

/** What a group's rules are listed as: page by page, and an error in place of the rest. */
const listing = (...pages: readonly (readonly ListedRule[] | Error)[]) =>
  async function* () {
    for (const page of pages) {
      if (page instanceof Error) throw page;
      yield page;
    }
  };

describe('an audit of a region with security groups', () => {
  const strangers = (count: number): SecurityGroupRule[] =>
    Array.from({ length: count }, (_, i) =>
      ruleFrom({ kind: 'cidr', cidr: `192.0.2.${i}/32` }, { securityGroupRuleId: `sgr-${i}` }),
    );

  test('revokes each denied rule once, and writes what became of it to every grant that it made', async () => {
    const fake = fakeCalls({ caches: [sessions, carts], rules: [anybody] });

    const { findings, places } = await audit(fake);

    expect(fake.revoked).toEqual(['sgr-anybody']);
    expect(findings).toMatchObject([
      { outcome: 'revoked', revocationRequestId: 'request-1', grant: { target: { cacheName: 'sessions' } } },
      { outcome: 'revoked', revocationRequestId: 'request-1', grant: { target: { cacheName: 'carts' } } },
    ]);
    expect(places).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        status: 'judged',
        cacheSecurityGroups: 1,
        caches: 2,
        securityGroups: 1,
        grants: 2,
      },
    ]);
  });

  describe('whose allowlist has names of security groups', () => {
    const byName = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'web', caches: ['sessions'], securityGroupNames: ['web'] }],
    });
    const web = ruleFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP, securityGroupOwnerId: ACCOUNT });

    test('judges by them, and revokes a group with another name', async () => {
      const allowed = fakeCalls({ rules: [web], names: { [OTHER_GROUP]: 'web' } });
      const denied = fakeCalls({ rules: [web], names: { [OTHER_GROUP]: 'batch' } });

      expect((await audit(allowed, { allowlist: byName })).findings).toMatchObject([{ outcome: 'allowed' }]);
      expect((await audit(denied, { allowlist: byName })).findings).toMatchObject([{ outcome: 'revoked' }]);
    });

    test('does not judge, and does not revoke, what depends on a name that is not known', async () => {
      const fake = fakeCalls({ rules: [web] });

      const { findings, notJudged } = await audit(fake, { allowlist: byName });

      expect(findings).toEqual([]);
      expect(notJudged).toMatchObject([
        {
          what: `rule ${web.securityGroupRuleId} of security group ${GROUP}`,
          why: expect.stringContaining('the name'),
        },
      ]);
      expect(fake.revoked).toEqual([]);
    });
  });

  test('does not judge, and does not revoke, what depends on an owner that is not known', async () => {
    const byId = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'web', caches: ['sessions'], securityGroupIds: [OTHER_GROUP] }],
    });
    const fake = fakeCalls({ rules: [ruleFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP })] });

    const { findings, notJudged } = await audit(fake, { allowlist: byId });

    expect(findings).toEqual([]);
    expect(notJudged).toMatchObject([{ why: expect.stringContaining(`the owner of security group ${OTHER_GROUP}`) }]);
    expect(fake.revoked).toEqual([]);
  });

  describe('whose allowlist names a cache that no longer exists', () => {
    const dissolved = { ...sessions, cacheName: 'sessions-001' };
    const office = ruleFrom({ kind: 'cidr', cidr: '10.0.3.0/24' });

    test.each(MODES)('holds in mode %s what the allowlist rule would allow by that name, and warns', async (mode) => {
      const fake = fakeCalls({ caches: [dissolved], rules: [office] });

      const { findings, warnings } = await audit(fake, { mode });

      const problem = expect.stringContaining('allowlist rule `office` names cache `sessions`, which no longer exists');
      expect(findings).toMatchObject([{ outcome: 'held', heldBecause: 'gone-name', problem }]);
      expect(warnings).toEqual([{ rule: 'office', text: problem }]);
      expect(fake.revoked).toEqual([]);
    });

    test('revokes what the allowlist rule would not allow by that name either', async () => {
      const fake = fakeCalls({ caches: [dissolved], rules: [anybody] });

      const { findings } = await audit(fake);

      expect(findings).toMatchObject([{ outcome: 'revoked' }]);
    });

    test('holds, and does not warn, where another region could not be listed', async () => {
      const fake = fakeCalls({ caches: [dissolved], rules: [office] });
      const how = howTo([], { ...fake.calls, allowlist, regions: [REGION, 'eu-west-1'] });
      const connect: typeof how.connect = (place) => ({
        ...how.connect(place),
        listCaches: async () => (place.region === REGION ? [dissolved] : Promise.reject(THROTTLED)),
      });

      const { findings, warnings } = await auditAll({ ...how, connect });

      expect(findings).toMatchObject([{ outcome: 'held', heldBecause: 'gone-name' }]);
      expect(warnings).toEqual([]);
    });
  });

  test('counts the grants of both kinds, and keeps both within one limit', async () => {
    const fake = fakeCalls({ rules: strangers(2) });
    const both = (maxRevocations: number) =>
      auditAll(howTo([deniedGrant()], { ...fake.calls, allowlist, maxRevocations }));

    const held = await both(2);
    const revoked = await both(3);

    expect(held.findings.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held']);
    expect(held.places).toMatchObject([{ grants: 3 }]);
    expect(revoked.findings.map(({ outcome }) => outcome)).toEqual(['revoked', 'revoked', 'revoked']);
  });

  test('revokes nothing in mode report-only', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { findings } = await audit(fake, { mode: 'report-only' });

    expect(findings.map(({ outcome }) => outcome)).toEqual(['would-revoke']);
    expect(fake.revoked).toEqual([]);
  });

  test.each<[string, 'report-only' | 'enforce', SecurityGroupRule]>([
    ['in mode report-only', 'report-only', anybody],
    ['where nothing is denied', 'enforce', ruleWith()],
  ])('lists the caches once %s: nothing is revoked that needs a second look', async (_, mode, rule) => {
    const fake = fakeCalls({ rules: [rule] });

    await audit(fake, { mode });

    expect(fake.made.filter((call) => call === 'listCaches')).toHaveLength(1);
  });

  test('lets a rule stand that was repaired while all the rest was listed, and says so', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    async function* listGrants() {
      // Another kind of grants takes longer to list than the rule stood as it was.
      await expect.poll(() => fake.made).toContain('listRules');
      fake.state.rules = [{ rule: { ...anybody, source: { kind: 'cidr', cidr: '10.0.0.0/16' } } }];
    }

    const { findings } = await audit(fake, { listGrants });

    expect(fake.revoked).toEqual([]);
    expect(findings).toMatchObject([
      { outcome: 'failed', problem: expect.stringContaining('was edited after it was evaluated') },
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

  test.each(MODES)(
    'holds a rule that also makes an allowed grant, in mode %s, does not count it, and names both',
    async (mode) => {
      const caches = [sessions, { ...sessions, cacheName: 'tmp-load-test' }];
      const fake = fakeCalls({ caches, rules: [ruleWith()] });

      const { findings } = await audit(fake, { mode, maxRevocations: 0 });

      expect(fake.revoked).toEqual([]);
      expect(findings.map(({ outcome, heldBecause }) => [outcome, heldBecause])).toEqual([
        ['held', 'mixed'],
        ['held', 'mixed'],
      ]);
      expect(findings[0]?.problem).toMatch(/`sessions` \(allowlist rule `\w+`\).*`tmp-load-test`/);
    },
  );

  test('holds a rule that makes an allowed grant only since the rest was listed', async () => {
    const fake = fakeCalls({ caches: [{ ...sessions, cacheName: 'tmp-load-test' }], rules: [ruleWith()] });
    async function* listGrants() {
      await expect.poll(() => fake.made).toContain('listRules');
      fake.state.caches = [...fake.state.caches, sessions];
    }

    const { findings } = await audit(fake, { listGrants });

    expect(fake.revoked).toEqual([]);
    expect(findings).toMatchObject([
      { outcome: 'held', heldBecause: 'mixed', grant: { target: { cacheName: 'tmp-load-test' } } },
      { outcome: 'held', heldBecause: 'mixed', grant: { target: { cacheName: 'sessions' } } },
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
      {
        account: ACCOUNT,
        region: REGION,
        what: `what else security group ${GROUP} guards`,
        why: 'Throttling: Rate exceeded',
      },
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
    const { toRevokeRule } = fake.calls;
    const denied = Object.assign(new Error('No.'), { name: 'UnauthorizedOperation' });

    const { findings } = await audit(fake, {
      toRevokeRule: (rule) =>
        rule.securityGroupRuleId === 'sgr-1' ? toRevoke(() => Promise.reject(denied))(rule) : toRevokeRule(rule),
    });

    expect(findings.map(({ outcome, problem }) => ({ outcome, problem }))).toEqual([
      { outcome: 'revoked', problem: undefined },
      { outcome: 'failed', problem: 'UnauthorizedOperation: No.' },
      { outcome: 'revoked', problem: undefined },
    ]);
  });

  test('is failed where the security groups could not be listed, and what was denied before is revoked', async () => {
    const fake = fakeCalls({ caches: [sessions, { ...carts, securityGroupIds: [OTHER_GROUP] }], rules: [anybody] });

    const { findings, places, notJudged } = await audit(fake, {
      listRules: listing([{ rule: anybody }], THROTTLED),
    });

    expect(findings.map(({ outcome }) => outcome)).toEqual(['revoked']);
    expect(places).toMatchObject([{ status: 'failed', problem: 'Throttling: Rate exceeded' }]);
    expect(notJudged).toHaveLength(1);
  });
});
