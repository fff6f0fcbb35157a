import { describe, expect, test } from 'vitest';
import { cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { enforceSecurityGroupEvent } from '../../src/enforcement/enforce-security-group-event.ts';
import { GUARDS_NO_CACHE } from '../../src/enforcement/pointed.ts';
import type { ReadSecurityGroupEvent } from '../../src/enforcement/security-group-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ListedCache } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { fakeCalls, GROUP, OTHER_GROUP, RULE, ruleFrom, sessions } from '../support/examples/security-groups.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['*'], cidrs: ['10.0.0.0/8'] }],
});
const eventTime = new Date('2026-11-23T12:00:00Z');
const place = { account: ACCOUNT, region: REGION, call: { eventId: 'e', eventTime, grantedBy: {} } };
const rules: ReadSecurityGroupEvent = {
  ...place,
  kind: 'rules',
  securityGroupId: OTHER_GROUP,
  securityGroupRuleIds: [RULE],
};
const attachment = (cacheName: string, ...securityGroupIds: string[]): ReadSecurityGroupEvent => {
  return { ...place, kind: 'attachment', cacheName, securityGroupIds };
};
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' }, { securityGroupId: OTHER_GROUP, toPort: 11_211 });
const jobs: ListedCache = { cacheName: 'jobs', securityGroupIds: [], ports: [11_211], unknownGroups: 'nobody knows' };
const creating: ListedCache = { ...jobs, ports: [], likelyPorts: [11_211] };
const found: ListedCache = { cacheName: 'jobs', securityGroupIds: [OTHER_GROUP], ports: [11_211] };
const HOUR_MS = 3_600_000;

function guardWith(fake: ReturnType<typeof fakeCalls>, lateMs = 5_000) {
  const clock = { ms: eventTime.getTime() + lateMs };
  const now = () => new Date(clock.ms);
  const cacheIndex = cacheIndexReader(() => fake.calls.listCaches(), now);
  const enforce = (read: ReadSecurityGroupEvent) =>
    enforceSecurityGroupEvent(read, {
      ...UNHURRIED,
      connect: () => fake.calls,
      guardedAccount: ACCOUNT,
      cacheIndex,
      readPolicy: async () => ({
        allowlist,
        allowlistSha256: 'abc',
        mode: 'enforce',
        shared: 'hold',
        mixed: 'hold',
        maxRevocations: 10,
      }),
      now,
    });
  return { enforce, clock };
}

describe('a rule of a group that guards no cache that is known, where the groups of a cache are not known', () => {
  test('fails while EC2 says that the group guards some cache, and names the cache that it may be', async () => {
    const fake = fakeCalls({ caches: [sessions, jobs], rules: [anybody], unattributed: [OTHER_GROUP] });

    const { outcome, error } = await guardWith(fake).enforce(rules);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe(
      `security group ${OTHER_GROUP} guards a cache, and not every cache is known by its security groups: cache jobs: nobody knows`,
    );
    expect(fake.revoked).toEqual([]);
  });

  test('is ignored if EC2 says that the group guards no cache', async () => {
    const fake = fakeCalls({ caches: [sessions, jobs], rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce(rules);

    expect(outcome).toMatchObject({ outcome: 'ignored', reason: GUARDS_NO_CACHE });
    expect(fake.made).toContain('guardsCache');
  });

  test('fails if it is the default group of its VPC, which guards a cache for which no one named another', async () => {
    const fake = fakeCalls({ caches: [sessions, jobs], rules: [anybody], names: { [OTHER_GROUP]: 'default' } });

    const { outcome, error } = await guardWith(fake).enforce(rules);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe(
      `security group ${OTHER_GROUP} is the default group of its VPC, and may guard a cache for which no one named a group: cache jobs: nobody knows`,
    );
  });

  test('fails if EC2 does not say whether the group guards a cache', async () => {
    const fake = fakeCalls({ caches: [jobs], rules: [anybody] });
    fake.calls.guardsCache = async () => {
      throw new Error('not authorized');
    };

    const { outcome, error } = await guardWith(fake).enforce(rules);

    expect(outcome.outcome).toBe('failed');
    expect(error).toEqual(new Error('not authorized'));
  });

  test('is revoked if the caches are known by now, though the index that was kept says otherwise', async () => {
    const fake = fakeCalls({ caches: [jobs], rules: [anybody], unattributed: [OTHER_GROUP] });
    const guard = guardWith(fake);
    await guard.enforce({ ...rules, securityGroupId: GROUP });
    fake.state.caches = [found];

    const { outcome } = await guard.enforce(rules);

    expect(outcome).toMatchObject({ outcome: 'revoked', grant: { target: { cacheName: 'jobs' } } });
  });

  test('asks EC2 for nothing where all groups are known', async () => {
    const fake = fakeCalls({ caches: [sessions], rules: [anybody], unattributed: [OTHER_GROUP] });

    const { outcome } = await guardWith(fake).enforce(rules);

    expect(outcome.outcome).toBe('ignored');
    expect(fake.made).not.toContain('guardsCache');
  });
});

describe('a cache that is being created, and of which no group is known yet', () => {
  const PROBLEM = 'cache `jobs` is being created, and which security groups guard it is not known yet';

  test.each([
    ['its own event', attachment('jobs')],
    ['an event of a group that guards no other cache', rules],
  ])('has %s wait until it is there, and then judged', async (_, event) => {
    const fake = fakeCalls({ caches: [creating], rules: [anybody] });
    const guard = guardWith(fake);

    const first = await guard.enforce(event);
    fake.state.caches = [found];
    guard.clock.ms += 180_000;
    const second = await guard.enforce(event);

    expect(first).toMatchObject({ outcome: { outcome: 'pending', problem: PROBLEM, awaits: PROBLEM } });
    expect(second).toMatchObject({ outcome: { outcome: 'revoked', grant: { target: { cacheName: 'jobs' } } } });
  });

  test('is waited for six hours, and no longer', async () => {
    const fake = fakeCalls({ caches: [creating], rules: [anybody] });

    const within = await guardWith(fake, 6 * HOUR_MS).enforce(attachment('jobs'));
    const after = await guardWith(fake, 6 * HOUR_MS + 1).enforce(attachment('jobs'));

    expect(within.outcome.outcome).toBe('pending');
    expect(after.outcome.outcome).toBe('failed');
    expect(after.error).toEqual(new Error(PROBLEM));
  });

  test('does not keep the rules of its replication group from being judged, and waits all the same', async () => {
    const member = { ...found, cacheName: 'carts' };
    const fake = fakeCalls({ caches: [member, { ...creating, cacheName: 'carts' }], rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce(attachment('carts'));

    expect(outcome).toMatchObject({ outcome: 'revoked', awaits: expect.stringMatching(/^cache `carts` is being/) });
  });
});

describe('a rule that opens no port of the caches that its group is known to guard', () => {
  const known = { ...sessions, securityGroupIds: [OTHER_GROUP] };
  const to = (ipProtocol: string) => ({ ...anybody, ipProtocol, fromPort: 11_211 });

  test('fails where the groups of another cache are not known: it may open that', async () => {
    const fake = fakeCalls({ caches: [known, jobs], rules: [to('tcp')] });

    const { outcome, error } = await guardWith(fake).enforce(rules);

    expect(outcome.outcome).toBe('failed');
    expect(error).toEqual(new Error('cache jobs: nobody knows'));
  });

  test.each([
    ['is allowed', '10.0.0.0/16', []],
    ['is denied', '0.0.0.0/0', ['sgr-0b']],
  ])('fails for that also if another rule of its call %s', async (_, cidr, revoked) => {
    const other = ruleFrom({ kind: 'cidr', cidr }, { securityGroupId: OTHER_GROUP, securityGroupRuleId: 'sgr-0b' });
    const fake = fakeCalls({ caches: [known, jobs], rules: [to('tcp'), other] });

    const { outcome, error } = await guardWith(fake).enforce({ ...rules, securityGroupRuleIds: [RULE, 'sgr-0b'] });

    expect(outcome.outcome).toBe('failed');
    expect(error).toEqual(new Error('cache jobs: nobody knows'));
    expect(fake.revoked).toEqual(revoked);
  });

  test('is left to audits where it stands in the group that a cache gets, next to a rule that is allowed', async () => {
    const allowed = ruleFrom({ kind: 'cidr', cidr: '10.0.0.0/16' }, { securityGroupId: OTHER_GROUP });
    const other = { ...to('tcp'), securityGroupRuleId: 'sgr-0b' };
    const fake = fakeCalls({ caches: [known, jobs], rules: [allowed, other] });

    expect((await guardWith(fake).enforce(attachment('sessions', OTHER_GROUP))).outcome.outcome).toBe('allowed');
  });

  test('waits where those of a cache that is being created are not', async () => {
    const fake = fakeCalls({ caches: [known, creating], rules: [to('tcp')] });

    const { outcome } = await guardWith(fake).enforce(rules);

    expect(outcome).toMatchObject({
      outcome: 'pending',
      awaits: expect.stringMatching(/^cache `jobs` is being created/),
    });
  });

  test('is ignored if it speaks no TCP, or all groups are known', async () => {
    const udp = fakeCalls({ caches: [known, jobs], rules: [to('udp')] });
    const all = fakeCalls({ caches: [known], rules: [to('tcp')] });

    expect((await guardWith(udp).enforce(rules)).outcome.outcome).toBe('ignored');
    expect((await guardWith(all).enforce(rules)).outcome.outcome).toBe('ignored');
  });
});

describe('the event of a cache of which no group is known', () => {
  test('fails, and says why', async () => {
    const fake = fakeCalls({ caches: [jobs], rules: [anybody] });

    const { outcome, error } = await guardWith(fake).enforce(attachment('jobs'));

    expect(outcome.outcome).toBe('failed');
    expect(error).toEqual(new Error('cache jobs: nobody knows'));
  });

  test('fails, and says why, however old the event is: it is not one that is being created', async () => {
    const fake = fakeCalls({ caches: [jobs], rules: [anybody] });

    const { outcome, error } = await guardWith(fake, 24 * HOUR_MS).enforce(attachment('jobs'));

    expect(outcome.outcome).toBe('failed');
    expect(error).toEqual(new Error('cache jobs: nobody knows'));
  });

  test('fails for one of several clusters, and has denied rules of the others revoked', async () => {
    const member = { ...found, cacheName: 'carts' };
    const fake = fakeCalls({ caches: [member, { ...jobs, cacheName: 'carts' }], rules: [anybody] });

    const { outcome, error } = await guardWith(fake).enforce(attachment('carts'));

    expect(outcome).toMatchObject({ outcome: 'failed', grants: [{ outcome: 'revoked' }] });
    expect(error).toEqual(new Error('cache carts: nobody knows'));
    expect(fake.revoked).toEqual([RULE]);
  });

  test('is judged by the groups that were found', async () => {
    const fake = fakeCalls({ caches: [found], rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce(attachment('jobs'));

    expect(outcome).toMatchObject({ outcome: 'revoked', grant: { target: { cacheName: 'jobs' } } });
  });
});

describe('a rule that the allowlist allows for the caches that its group is known to guard', () => {
  const known = { ...sessions, securityGroupIds: [OTHER_GROUP] };
  const allowed = ruleFrom({ kind: 'cidr', cidr: '10.0.0.0/16' }, { securityGroupId: OTHER_GROUP });

  test.each([
    ['its own event', rules],
    ['the event of the cache that is known', attachment('sessions', OTHER_GROUP)],
  ])('has %s wait where it is not known yet which groups guard a cache that is being created', async (_, event) => {
    const fake = fakeCalls({ caches: [known, creating], rules: [allowed] });
    const guard = guardWith(fake);

    const { outcome: first } = await guard.enforce(event);
    fake.state.caches = [known, found];
    guard.clock.ms += 180_000;
    const { outcome: second } = await guard.enforce(event);

    expect(first).toMatchObject({
      outcome: 'pending',
      awaits: expect.stringMatching(/^cache `jobs` is being created/),
      grants: [{ outcome: 'allowed' }],
    });
    expect(second.outcome).toBe('allowed');
  });

  test('has it fail after six hours', async () => {
    const fake = fakeCalls({ caches: [known, creating], rules: [allowed] });

    const { outcome } = await guardWith(fake, 6 * HOUR_MS + 1).enforce(rules);

    expect(outcome.outcome).toBe('failed');
    expect(outcome.problem).toMatch(/cache `jobs` is being created/);
  });
});

describe('the event of a prefix list, where the groups of a cache are not known', () => {
  const LIST = 'pl-0123456789abcdef0';
  const changed: ReadSecurityGroupEvent = { ...place, kind: 'prefixList', prefixListId: LIST };
  const known = { ...sessions, securityGroupIds: [GROUP] };
  const naming = ruleFrom({ kind: 'prefixList', prefixListId: LIST }, { securityGroupId: OTHER_GROUP, toPort: 11_211 });
  const prefixLists = { [LIST]: { entries: ['0.0.0.0/0'] } };

  test('waits for one that is being created, and then has the rule revoked', async () => {
    const fake = fakeCalls({ caches: [known, creating], rules: [naming], prefixLists });
    const guard = guardWith(fake);

    const { outcome: first } = await guard.enforce(changed);
    fake.state.caches = [known, found];
    guard.clock.ms += 180_000;
    const { outcome: second } = await guard.enforce(changed);

    expect(first).toMatchObject({
      outcome: 'pending',
      awaits: expect.stringMatching(/^cache `jobs` is being created/),
    });
    expect(second).toMatchObject({ outcome: 'revoked', grant: { target: { cacheName: 'jobs' } } });
  });

  test.each([
    ['waits', 5_000, 'revoked'],
    ['fails after six hours', 6 * HOUR_MS + 1, 'failed'],
  ])('%s for one that is being created, and has a rule revoked that is seen', async (_, lateMs, expected) => {
    const seen = { ...naming, securityGroupId: GROUP };
    const fake = fakeCalls({ caches: [known, creating], rules: [seen], prefixLists });

    const { outcome } = await guardWith(fake, lateMs).enforce(changed);

    expect(fake.revoked).toEqual([RULE]);
    expect(outcome.outcome).toBe(expected);
    expect(outcome.awaits ?? outcome.problem).toMatch(/^cache `jobs` is being created/);
  });

  test.each([
    ['no rule that is seen names the list', []],
    ['a rule that is seen names it', [{ ...naming, securityGroupId: GROUP }]],
  ])('fails for one that is there, where %s', async (_, listed) => {
    const fake = fakeCalls({
      caches: [known, jobs],
      rules: listed,
      prefixLists: { [LIST]: { entries: ['10.1.0.0/16'] } },
    });

    const { outcome, error } = await guardWith(fake).enforce(changed);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toContain('cache jobs: nobody knows');
  });

  test('does not say that one is being created which is there, however old the event is', async () => {
    const seen = { ...naming, securityGroupId: GROUP };
    const fake = fakeCalls({ caches: [known, jobs], rules: [seen], prefixLists });

    const { outcome, error } = await guardWith(fake, 24 * HOUR_MS).enforce(changed);

    expect(fake.revoked).toEqual([RULE]);
    expect(outcome.outcome).toBe('failed');
    expect(error).toEqual(new Error('cache jobs: nobody knows'));
  });

  test('is ignored where all groups are known, and no rule names the list', async () => {
    const fake = fakeCalls({ caches: [known], rules: [naming], prefixLists });

    expect((await guardWith(fake).enforce(changed)).outcome.outcome).toBe('ignored');
  });
});
