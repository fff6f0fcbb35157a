import { describe, expect, test } from 'vitest';
import { CacheIndex } from '../../../src/enforcement/cache-index.ts';
import { seeRule } from '../../../src/enforcement/look/see-rule.ts';
import { type HowToLook, lookAgain, lookAtSecurityGroups } from '../../../src/enforcement/look/vpc.ts';
import type { VpcPorts } from '../../../src/enforcement/ports.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import type { ListedRule } from '../../../src/policy/vpc/security-group-rule.ts';
import { NOW } from '../../support/examples/audited.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { fakeCalls, GROUP, OTHER_GROUP, ruleFrom, ruleWith, sessions } from '../../support/examples/security-groups.ts';
import { ENOUGH_TIME } from '../../support/examples/unhurried.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] }],
});
const carts = { ...sessions, cacheName: 'carts' };
const allowed = ruleWith({ securityGroupRuleId: 'sgr-allowed' });
const anybody = ruleFrom(
  { kind: 'cidr', cidr: '0.0.0.0/0' },
  { securityGroupRuleId: 'sgr-anybody', description: 'for a test' },
);
const THROTTLED = Object.assign(new Error('Rate exceeded'), { name: 'Throttling' });

const listAll = (
  { calls }: ReturnType<typeof fakeCalls>,
  { listCaches = calls.listCaches, listRules = calls.listRules, ...changes }: Partial<HowToLook & VpcPorts> = {},
) =>
  lookAtSecurityGroups(
    { account: ACCOUNT, region: REGION },
    { ...calls, listCaches, listRules },
    { ...ENOUGH_TIME, allowlist, now: () => NOW, ...changes },
  );

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
    expect(seen.seen.map((one) => ({ ...one, grants: [...one.grants] }))).toMatchObject([
      { isDenied: false, rule: allowed, grants: [{ status: 'listed', decision: { rule: 'office' } }] },
      {
        isDenied: true,
        rule: anybody,
        grants: [
          {
            status: 'listed',
            decision: { effect: 'deny' },
            securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'for a test' },
          },
        ],
      },
    ]);
  });

  test('are not even asked for where no security group guards a cache', async () => {
    const fake = fakeCalls({ caches: [{ ...sessions, securityGroupIds: [] }], rules: [anybody] });

    const seen = await listAll(fake);

    expect(seen).toMatchObject({ caches: 1, securityGroups: 0, seen: [], notJudged: [] });
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

    expect([today, tomorrow].map(({ seen }) => seen[0]?.isDenied)).toEqual([false, true]);
  });
});

describe('what cannot be judged of security groups', () => {
  test('is named: a cache of which the ports cannot be told', async () => {
    const caches = [sessions, { ...carts, ports: [], problem: 'it has no endpoint' }];

    const { notJudged, seen } = await listAll(fakeCalls({ caches, rules: [allowed] }));

    expect(notJudged).toEqual([{ account: ACCOUNT, region: REGION, what: 'cache carts', why: 'it has no endpoint' }]);
    expect(seen.map(({ isDenied }) => isDenied)).toEqual([false]);
  });

  test('is named: a cache that is being created, and that its grants are evaluated later', async () => {
    const caches = [sessions, { ...carts, ports: [], likelyPorts: [6379] }];

    const { notJudged } = await listAll(fakeCalls({ caches, rules: [allowed] }));

    expect(notJudged).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        what: 'cache carts',
        why: 'it is being created and has no port yet: its own event, or the next audit, evaluates its grants',
      },
    ]);
  });

  test('leaves it open whether there are caches with other names: a cache that cannot be judged may be one of these', async () => {
    const all = await listAll(fakeCalls({ caches: [sessions, carts] }));
    const some = await listAll(
      fakeCalls({ caches: [sessions, { ...carts, ports: [], problem: 'it has no endpoint' }] }),
    );

    const names = new Set(['sessions', 'carts']);
    expect(all.names).toEqual({ account: ACCOUNT, region: REGION, names, areAll: true });
    expect(some.names).toEqual({ account: ACCOUNT, region: REGION, names, areAll: false });
  });

  test('is named: a rule that cannot be read, with its id and without', async () => {
    const problem = 'the source is missing';
    const unreadable: ListedRule[] = [
      { unreadable: { securityGroupId: GROUP, securityGroupRuleId: 'sgr-odd', problem } },
      { unreadable: { securityGroupId: GROUP, problem } },
    ];

    const { notJudged, seen } = await listAll(fakeCalls({ rules: [...unreadable, allowed] }));

    expect(notJudged).toEqual([
      { account: ACCOUNT, region: REGION, what: `rule sgr-odd of security group ${GROUP}`, why: problem },
      { account: ACCOUNT, region: REGION, what: `rule without an id of security group ${GROUP}`, why: problem },
    ]);
    expect(seen).toHaveLength(1);
  });

  test('is not: a rule that lets out', async () => {
    const { notJudged, seen } = await listAll(fakeCalls({ rules: [{ egressRuleId: 'sgr-out' }] }));

    expect({ notJudged, seen }).toEqual({ notJudged: [], seen: [] });
  });

  test('is named as a whole where the caches cannot be listed', async () => {
    const seen = await listAll(fakeCalls(), { listCaches: () => Promise.reject(THROTTLED) });

    expect(seen).toMatchObject({ caches: 0, securityGroups: 0, seen: [], problem: 'Throttling: Rate exceeded' });
    expect(seen.notJudged).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        what: 'the security groups that guard caches, or some of them',
        why: 'Throttling: Rate exceeded',
      },
    ]);
  });

  test('is named where the rules are listed in part, and that part is judged', async () => {
    const seen = await listAll(fakeCalls(), { listRules: listing([{ rule: anybody }], THROTTLED) });

    expect(seen).toMatchObject({ caches: 1, securityGroups: 1, problem: 'Throttling: Rate exceeded' });
    expect(seen.seen).toMatchObject([{ isDenied: true }]);
    expect(seen.notJudged).toHaveLength(1);
  });

  test('is told as a lack of time where the deadline ended the listing', async () => {
    const { problem } = await listAll(fakeCalls(), { listRules: listing(THROTTLED), deadline: NOW });

    expect(problem).toBe('there was no time left to list the rest');
  });
});

describe('denied rules that are looked at again before they are revoked', () => {
  const how = { ...ENOUGH_TIME, allowlist, now: () => NOW };
  const see = (rule: ReturnType<typeof ruleWith>, caches = [carts]) =>
    seeRule(rule, new CacheIndex(caches, NOW), allowlist, NOW);
  const byOwner = new CompiledAllowlist({
    version: 1,
    rules: [{ id: 'web', caches: ['sessions'], securityGroupIds: [OTHER_GROUP] }],
  });
  const ofUnknownOwner = ruleFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP });
  const PROBLEM =
    'the caches behind its security group changed after it was evaluated: it stands until the next audit evaluates it again';

  test('are denied still where the caches behind their group are', async () => {
    const rule = see(anybody);

    const { denied, unsure } = await lookAgain([rule], fakeCalls({ caches: [carts] }).calls, how);

    expect(denied).toMatchObject([{ rule: anybody, isDenied: true }]);
    expect(unsure).toEqual([]);
  });

  test('are not, but unsure, with why, where the caches changed so that the allowlist allows them', async () => {
    const rule = see(allowed);

    const { denied, unsure } = await lookAgain([rule], fakeCalls({ caches: [sessions] }).calls, how);

    expect(denied).toEqual([]);
    expect(unsure).toEqual([{ rule, problem: PROBLEM }]);
  });

  test('are unsure, too, where the allowlist may allow them by now, depending on an owner that is not known', async () => {
    const rule = see(ofUnknownOwner);

    const again = await lookAgain([rule], fakeCalls({ caches: [sessions] }).calls, { ...how, allowlist: byOwner });

    expect(again).toEqual({ denied: [], unsure: [{ rule, problem: PROBLEM }] });
  });
});
