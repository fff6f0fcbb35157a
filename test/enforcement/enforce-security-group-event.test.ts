import { describe, expect, test } from 'vitest';
import { cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { enforceSecurityGroupEvent } from '../../src/enforcement/enforce-security-group-event.ts';
import type { Mixed, Shared } from '../../src/enforcement/mode.ts';
import { HELD_BECAUSE_SHARED } from '../../src/enforcement/plan.ts';
import { GUARDS_NO_CACHE } from '../../src/enforcement/pointed.ts';
import type { ReadSecurityGroupEvent } from '../../src/enforcement/security-group-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { VpcGrant } from '../../src/policy/vpc/grant.ts';
import type { ListedCache, ListedRule } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import {
  fakeCalls,
  GROUP,
  OTHER_GROUP,
  RULE,
  ruleFrom,
  ruleWith,
  sessions,
} from '../support/examples/security-groups.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'], securityGroupIds: [OTHER_GROUP] }],
});
const eventTime = new Date('2026-11-23T12:00:00Z');
const call = { eventId: 'e', eventTime, grantedBy: {} };
const event: ReadSecurityGroupEvent = {
  kind: 'rules',
  account: ACCOUNT,
  region: REGION,
  securityGroupId: GROUP,
  securityGroupRuleIds: [RULE],
  call,
};
const attachment: ReadSecurityGroupEvent = {
  kind: 'attachment',
  account: ACCOUNT,
  region: REGION,
  cacheName: 'sessions',
  securityGroupIds: [GROUP],
  call,
};
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' });

interface Settings {
  readonly allowlist?: CompiledAllowlist;
  readonly mode?: 'report-only' | 'enforce';
  readonly shared?: Shared;
  readonly mixed?: Mixed;
  readonly maxRevocations?: number;
  /** How long after the call the event is handled. */
  readonly lateMs?: number;
}

/** A guard that stays, with its index, from one event to the next. */
function guardWith(fake: ReturnType<typeof fakeCalls>, settings: Settings = {}) {
  const { mode = 'enforce', shared = 'hold', mixed = 'hold', maxRevocations = 10 } = settings;
  const clock = { ms: eventTime.getTime() + (settings.lateMs ?? 5_000) };
  const now = () => new Date(clock.ms);
  const cacheIndex = cacheIndexReader(() => fake.calls.listCaches(), now);
  const enforce = (read: ReadSecurityGroupEvent) =>
    enforceSecurityGroupEvent(read, {
      ...UNHURRIED,
      connect: () => fake.calls,
      guardedAccount: ACCOUNT,
      cacheIndex,
      readPolicy: async () => ({
        allowlist: settings.allowlist ?? allowlist,
        allowlistSha256: 'abc',
        mode,
        shared,
        mixed,
        maxRevocations,
      }),
      now,
    });
  return { enforce, clock };
}

describe('an event that points to a rule', () => {
  test('is allowed if every grant of the rule is, and nothing is revoked', async () => {
    const fake = fakeCalls({ rules: [ruleWith()] });

    const { outcome, error } = await guardWith(fake).enforce(event);

    expect(error).toBeUndefined();
    expect(outcome).toMatchObject({
      outcome: 'allowed',
      decision: { effect: 'allow', rule: 'office' },
      grant: { target: { cacheName: 'sessions', ports: [6379], securityGroupId: GROUP, securityGroupRuleId: RULE } },
      exposureMs: 5_000,
      allowlistSha256: 'abc',
    });
    expect(fake.revoked).toEqual([]);
  });

  test('has a rule revoked that no rule of the allowlist allows, and tells all that it takes to make it again', async () => {
    const fake = fakeCalls({
      rules: [{ ...anybody, description: 'for a test' }, ruleWith({ securityGroupRuleId: 'sgr-1' })],
    });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({
      outcome: 'revoked',
      revocationRequestId: 'request-1',
      grant: { source: { kind: 'cidr', cidr: '0.0.0.0/0' } },
      securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'for a test' },
    });
    expect(outcome.grants).toBeUndefined();
    expect(fake.revoked).toEqual([RULE]);
  });

  test('judges what the rule says now, whatever the event said', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    const guard = guardWith(fake);
    fake.state.rules = [{ rule: ruleWith() }];

    const { outcome } = await guard.enforce(event);

    expect(outcome.outcome).toBe('allowed');
  });

  /** What EC2 lists once the rule was judged. */
  const listingThen = (fake: ReturnType<typeof fakeCalls>, rules: readonly ListedRule[]) => ({
    ...fake,
    calls: {
      ...fake.calls,
      async *listRules(...asked: Parameters<typeof fake.calls.listRules>) {
        yield* fake.calls.listRules(...asked);
        fake.state.rules = [...rules];
      },
    },
  });

  test.each<readonly [string, ListedRule]>([
    ['from others', { rule: ruleWith() }],
    ['on other ports', { rule: { ...anybody, toPort: 6380 } }],
    ['to what nobody can read', { unreadable: { securityGroupId: GROUP, securityGroupRuleId: RULE, problem: 'odd' } }],
  ])('fails, and lets the rule stand, if it was edited after it was evaluated: %s', async (_, edited) => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(listingThen(fake, [edited])).enforce(event);

    expect(fake.made).not.toContain('revokeRule');
    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toMatch(
      /^rule sgr-\w+ of sg-\w+ was edited after it was evaluated: it stands until/,
    );
  });

  test('is revoked though its description was edited after it was evaluated', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    const edited = { ...anybody, description: 'not for you' };

    const { outcome } = await guardWith(listingThen(fake, [{ rule: edited }])).enforce(event);

    expect(outcome.outcome).toBe('revoked');
  });

  test('leaves it to the revocation to say that a rule is gone that is not listed any more', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome } = await guardWith(listingThen(fake, [])).enforce(event);

    expect(fake.made.at(-1)).toBe('revokeRule');
    expect(outcome.outcome).toBe('already-gone');
  });

  test('would revoke in mode report-only, and touches nothing', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome } = await guardWith(fake, { mode: 'report-only' }).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'would-revoke', mode: 'report-only' });
    expect(fake.revoked).toEqual([]);
  });

  test('revokes a rule that reaches three caches once if one of the three grants is denied, and tells of all three', async () => {
    const caches = [sessions, { ...sessions, cacheName: 'carts' }, { ...sessions, cacheName: 'queues' }];
    const fake = fakeCalls({ caches, rules: [ruleWith()] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'revoked', decision: { effect: 'deny' } });
    expect(
      outcome.grants?.map(({ outcome, decision, grant }) => [
        (grant as VpcGrant).target.cacheName,
        decision.effect,
        outcome,
      ]),
    ).toEqual([
      ['sessions', 'allow', 'revoked'],
      ['carts', 'deny', 'revoked'],
      ['queues', 'deny', 'revoked'],
    ]);
    expect(fake.revoked).toEqual([RULE]);
  });

  test('fails for a group whose owner is not known, if a rule could allow it: EC2 may not list it yet', async () => {
    const fake = fakeCalls({ rules: [ruleFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP })] });

    const { outcome, error } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'failed' });
    expect(error).toEqual(
      new Error(
        `rule ${RULE} of security group ${GROUP}: the owner of security group ${OTHER_GROUP} is not known: EC2 does not list it. If it was deleted, remove the security group rule`,
      ),
    );
    expect(fake.revoked).toEqual([]);
  });

  test('revokes a group whose owner is not known, if no rule could allow it, whoever that is', async () => {
    const fake = fakeCalls({ rules: [ruleFrom({ kind: 'securityGroup', securityGroupId: 'sg-0c' })] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'revoked' });
    expect(fake.made).not.toContain('readGroupNames');
  });

  test.each([
    ['udp', { ipProtocol: 'udp' }],
    ['a port that no cache listens on', { fromPort: 22, toPort: 22 }],
    ['ICMP', { ipProtocol: 'icmp', fromPort: -1, toPort: -1 }],
  ])('is ignored if its rule opens %s: that is no grant', async (_, changes) => {
    const fake = fakeCalls({ rules: [{ ...anybody, ...changes }] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'ignored' });
    expect(fake.revoked).toEqual([]);
  });

  test('is ignored, and costs no call while the index is warm, if its security group guards no cache', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    const { enforce, clock } = guardWith(fake);
    const elsewhere = { ...event, securityGroupId: OTHER_GROUP };

    await enforce(elsewhere);
    clock.ms += 59_999;
    const { outcome } = await enforce(elsewhere);
    const callsWhileWarm = [...fake.made];
    clock.ms += 1;
    await enforce(elsewhere);

    expect(outcome).toMatchObject({ outcome: 'ignored', reason: GUARDS_NO_CACHE });
    expect(callsWhileWarm).toEqual(['listCaches']);
    expect(fake.made).toEqual(['listCaches', 'listCaches']);
  });

  test('is never revoked by an index that was kept: a group that guards no cache any more is let be', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    const { enforce, clock } = guardWith(fake);
    await enforce({ ...event, securityGroupId: OTHER_GROUP });
    fake.state.caches = [];
    clock.ms += 1_000;

    const { outcome } = await enforce(event);

    expect(outcome.outcome).toBe('ignored');
    expect(fake.revoked).toEqual([]);
  });

  test('fails, to be tried again, while its rule is not listed and the event is younger than two minutes', async () => {
    const { outcome, error } = await guardWith(fakeCalls(), { lateMs: 119_999 }).enforce(event);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe(`EC2 does not list rule ${RULE} of ${GROUP} yet`);
  });

  test('fails, too, if its rule is not listed by an answer that was asked for within the two minutes, and came later', async () => {
    const fake = fakeCalls();
    const { enforce, clock } = guardWith(
      {
        ...fake,
        calls: {
          ...fake.calls,
          async *listRules(...asked) {
            yield* fake.calls.listRules(...asked);
            clock.ms += 60_000;
          },
        },
      },
      { lateMs: 110_000 },
    );

    const { outcome } = await enforce(event);

    expect(outcome.outcome).toBe('failed');
  });

  test('finds a rule already gone that is not listed two minutes later', async () => {
    const { outcome, error } = await guardWith(fakeCalls(), { lateMs: 120_000 }).enforce(event);

    expect(error).toBeUndefined();
    expect(outcome.outcome).toBe('already-gone');
  });

  test('has what is listed revoked, and fails for what is not listed yet', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(fake).enforce({ ...event, securityGroupRuleIds: [RULE, 'sgr-2'] });

    expect(outcome.outcome).toBe('failed');
    expect(outcome.grants).toMatchObject([{ outcome: 'revoked' }]);
    expect((error as Error).message).toContain('sgr-2');
    expect(fake.revoked).toEqual([RULE]);
  });

  test('is ignored if its rule lets out, not in', async () => {
    const fake = fakeCalls({ rules: [{ egressRuleId: RULE }] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome.outcome).toBe('ignored');
  });

  test('fails if the rule cannot be read, and revokes nothing', async () => {
    const unreadable = { securityGroupId: GROUP, securityGroupRuleId: RULE, problem: 'the source is missing' };
    const fake = fakeCalls({ rules: [{ unreadable }] });

    const { outcome, error } = await guardWith(fake).enforce(event);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe(`rule ${RULE} of security group ${GROUP}: the source is missing`);
  });

  test('names no more than a few of the rules that cannot be read', async () => {
    const rules = Array.from({ length: 500 }, (_, i) => ({
      unreadable: { securityGroupId: GROUP, securityGroupRuleId: `sgr-${i}`, problem: 'the source is missing' },
    }));

    const { error } = await guardWith(fakeCalls({ rules })).enforce({ ...event, securityGroupRuleIds: [] });

    expect((error as Error).message).toMatch(/^rule sgr-0 of .* the source is missing; and 497 more$/);
    expect((error as Error).message.length).toBeLessThan(300);
  });

  test('fails if a cache behind its group cannot be judged, and revokes what is denied all the same', async () => {
    const caches = [
      sessions,
      { ...sessions, cacheName: 'odd', ports: [], problem: 'it is available and has no endpoint' },
    ];
    const fake = fakeCalls({ caches, rules: [anybody] });

    const { outcome, error } = await guardWith(fake).enforce(event);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe('cache odd: it is available and has no endpoint');
    expect(fake.revoked).toEqual([RULE]);
  });

  test.each(['udp', 'icmp'])(
    'is ignored for %s, though the port of a cache is not known: it is no port of TCP',
    async (ipProtocol) => {
      const caches = [{ ...sessions, ports: [], problem: 'it is available and has no endpoint' }];
      const fake = fakeCalls({ caches, rules: [{ ...anybody, ipProtocol }] });

      const { outcome, error } = await guardWith(fake).enforce(event);

      expect(error).toBeUndefined();
      expect(outcome.outcome).toBe('ignored');
    },
  );

  test.each(['-1', 'tcp', '6'])(
    'fails for %s while the port of a cache is not known, which it may open',
    async (ipProtocol) => {
      const caches = [{ ...sessions, ports: [], problem: 'it is available and has no endpoint' }];
      const fake = fakeCalls({ caches, rules: [{ ...anybody, ipProtocol }] });

      const { outcome } = await guardWith(fake).enforce(event);

      expect(outcome.outcome).toBe('failed');
    },
  );

  test('fails if the caches cannot be listed, and revokes nothing', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    const guard = guardWith({
      ...fake,
      calls: { ...fake.calls, listCaches: () => Promise.reject(new Error('Throttling')) },
    });

    const { outcome, error } = await guard.enforce(event);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe('Throttling');
    expect(fake.revoked).toEqual([]);
  });

  test('is rejected if it is for another account', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce({ ...event, account: STRANGER });

    expect(outcome).toMatchObject({ outcome: 'rejected', problems: [expect.stringContaining(STRANGER)] });
    expect(fake.made).toEqual([]);
  });
});

describe('an event that names thousands of ids', () => {
  const many = (prefix: string) => Array.from({ length: 3_000 }, (_, i) => `${prefix}-${i}${'0'.repeat(50)}`);

  test.each<[string, ReadSecurityGroupEvent]>([
    ['rules', { ...event, securityGroupRuleIds: many('sgr') }],
    ['security groups', { ...attachment, securityGroupIds: many('sg') }],
  ])('of %s is never echoed whole', async (_, read) => {
    const { outcome, error } = await guardWith(fakeCalls()).enforce(read);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toContain('and 2997 more');
    expect((error as Error).message.length).toBeLessThan(500);
  });
});

describe('a denied rule of a group that also guards something else', () => {
  const everything = { ipProtocol: '-1', fromPort: -1, toPort: -1 };

  test('is revoked if it opens only ports of caches', async () => {
    const fake = fakeCalls({ rules: [anybody], shared: [GROUP] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome.outcome).toBe('revoked');
    expect(fake.made).not.toContain('guardsSomethingElse');
  });

  test.each([
    ['all protocols', everything],
    ['one port more', { fromPort: 6379, toPort: 6380 }],
  ])('is held if it opens %s', async (_, changes) => {
    const fake = fakeCalls({ rules: [{ ...anybody, ...changes }], shared: [GROUP] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'held', problem: HELD_BECAUSE_SHARED, remark: expect.any(String) });
    expect(fake.revoked).toEqual([]);
  });

  test('is revoked if that was asked for', async () => {
    const fake = fakeCalls({ rules: [{ ...anybody, ...everything }], shared: [GROUP] });

    const { outcome } = await guardWith(fake, { shared: 'revoke' }).enforce(event);

    expect(outcome.outcome).toBe('revoked');
  });

  test('is revoked if nothing else is in the group after all', async () => {
    const fake = fakeCalls({ rules: [{ ...anybody, ...everything }] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome.outcome).toBe('revoked');
  });
});

describe('a group that is looked at as a whole', () => {
  const strangers = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      ruleFrom({ kind: 'cidr', cidr: `192.0.2.${i}/32` }, { securityGroupRuleId: `sgr-${i}` }),
    );

  test.each([
    ['a cache that got the group', attachment],
    ['an event that does not say which rules it is about', { ...event, securityGroupRuleIds: [] }],
  ])('because of %s has its denied rules revoked, and no other', async (_, read) => {
    const fake = fakeCalls({ rules: [ruleWith({ securityGroupRuleId: 'sgr-good' }), ...strangers(2)] });

    const { outcome } = await guardWith(fake).enforce(read);

    expect(outcome.outcome).toBe('revoked');
    expect(fake.revoked).toEqual(['sgr-0', 'sgr-1']);
  });

  test('has none of them revoked if they are more than the limit', async () => {
    const fake = fakeCalls({ rules: strangers(11) });

    const { outcome } = await guardWith(fake).enforce(attachment);

    expect(outcome).toMatchObject({
      outcome: 'held',
      problem: '11 rules are to be revoked, and at most 10 may be at once',
    });
    expect(fake.revoked).toEqual([]);
  });

  test('does not count what is held because others may need it to the limit', async () => {
    const wide = { ...anybody, securityGroupRuleId: 'sgr-wide', ipProtocol: '-1' };
    const fake = fakeCalls({ rules: [wide, anybody], shared: [GROUP] });

    const { outcome } = await guardWith(fake, { maxRevocations: 1 }).enforce(attachment);

    expect(fake.revoked).toEqual([RULE]);
    expect(outcome.grants?.map((one) => one.outcome)).toEqual(['revoked', 'held']);
  });

  test('fails, and has none revoked, if nobody can say whether they are more than the limit', async () => {
    const wide = { ...anybody, securityGroupRuleId: 'sgr-wide', ipProtocol: '-1' };
    const fake = fakeCalls({ rules: [wide, anybody] });
    const guardsSomethingElse = () => Promise.reject(new Error('Rate exceeded'));

    const { outcome, error } = await guardWith(
      { ...fake, calls: { ...fake.calls, guardsSomethingElse } },
      { maxRevocations: 1 },
    ).enforce(attachment);

    expect(fake.revoked).toEqual([]);
    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe('Rate exceeded');
  });

  test('has all of them revoked if they are as many as the limit', async () => {
    const fake = fakeCalls({ rules: strangers(10) });

    await guardWith(fake).enforce(attachment);

    expect(fake.revoked).toHaveLength(10);
  });

  test('is looked at by an index that is newer than the event', async () => {
    const fake = fakeCalls({ caches: [], rules: strangers(1) });
    const { enforce } = guardWith(fake);
    await enforce(event);
    fake.state.caches = [sessions];

    const { outcome } = await enforce(attachment);

    expect(outcome.outcome).toBe('revoked');
  });

  test('is waited for while the cache is not listed with it', async () => {
    const fake = fakeCalls({ caches: [{ ...sessions, securityGroupIds: [OTHER_GROUP] }], rules: strangers(1) });

    const { outcome, error } = await guardWith(fake).enforce(attachment);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe(`ElastiCache does not list cache sessions with ${GROUP} yet`);
  });

  test('is ignored later if the cache is not there any more', async () => {
    const fake = fakeCalls({ caches: [], rules: strangers(1) });

    const { outcome } = await guardWith(fake, { lateMs: 200_000 }).enforce(attachment);

    expect(outcome).toMatchObject({ outcome: 'ignored', reason: GUARDS_NO_CACHE });
  });

  test('is found by the name of a cache that was made without saying which groups', async () => {
    const fake = fakeCalls({ rules: strangers(1) });

    const { outcome } = await guardWith(fake).enforce({ ...attachment, securityGroupIds: [] });

    expect(outcome.outcome).toBe('revoked');
  });

  test('is no grant to a cache that listens on no port yet', async () => {
    const fake = fakeCalls({ caches: [{ ...sessions, ports: [] }], rules: strangers(1) });

    const { outcome } = await guardWith(fake).enforce(attachment);

    expect(outcome.outcome).toBe('ignored');
    expect(fake.revoked).toEqual([]);
  });
});

describe('a rule that lets a security group in, while the allowlist has names of security groups', () => {
  const byName = new CompiledAllowlist({
    version: 1,
    rules: [{ id: 'web', caches: ['sessions'], securityGroupNames: ['web'] }],
  });
  const web = ruleFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP, securityGroupOwnerId: ACCOUNT });

  test('is judged by the name that the group has now', async () => {
    const allowed = fakeCalls({ rules: [web], names: { [OTHER_GROUP]: 'web' } });
    const denied = fakeCalls({ rules: [web], names: { [OTHER_GROUP]: 'Web' } });

    expect((await guardWith(allowed, { allowlist: byName }).enforce(event)).outcome).toMatchObject({
      outcome: 'allowed',
      grant: { source: { securityGroupName: 'web' } },
    });
    expect((await guardWith(denied, { allowlist: byName }).enforce(event)).outcome).toMatchObject({
      outcome: 'revoked',
      grant: { source: { securityGroupName: 'Web' } },
    });
  });

  test('fails while the name is not known, and is not revoked', async () => {
    const fake = fakeCalls({ rules: [web] });

    const { outcome, error } = await guardWith(fake, { allowlist: byName }).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'failed' });
    expect((error as Error).message).toContain(`the name of security group ${OTHER_GROUP} is not known`);
    expect(fake.revoked).toEqual([]);
  });

  test('fails if the names cannot be asked for; what does not depend on them is revoked', async () => {
    const fake = fakeCalls({ rules: [web, { ...anybody, securityGroupRuleId: 'sgr-anybody' }] });
    fake.calls.readGroupNames = () => Promise.reject(new Error('You are not authorized'));
    const whole = { ...event, securityGroupRuleIds: [RULE, 'sgr-anybody'] };

    const { outcome, error } = await guardWith(fake, { allowlist: byName }).enforce(whole);

    expect(outcome).toMatchObject({ outcome: 'failed', grants: [{ outcome: 'revoked' }] });
    expect((error as Error).message).toContain('could not be asked for: You are not authorized');
    expect(fake.revoked).toEqual(['sgr-anybody']);
  });

  test('costs no call where no group is let in', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    await guardWith(fake, { allowlist: byName }).enforce(event);

    expect(fake.made).not.toContain('readGroupNames');
  });
});

describe('a rule that the allowlist would allow for a cache that no longer exists', () => {
  const dissolved = { ...sessions, cacheName: 'sessions-001' };
  const office = ruleFrom({ kind: 'cidr', cidr: '10.0.3.0/24' });

  test('is held while it stands: the cache may be that one, by another name', async () => {
    const fake = fakeCalls({ caches: [dissolved], rules: [office] });

    const { outcome } = await guardWith(fake).enforce({ ...attachment, cacheName: 'sessions-001' });

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'gone-name' });
    expect(fake.revoked).toEqual([]);
  });

  test('is revoked while it is new', async () => {
    const fake = fakeCalls({ caches: [dissolved], rules: [office] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'revoked' });
  });
});

describe('a rule that makes an allowed and a denied grant', () => {
  const loadTest = { ...sessions, cacheName: 'tmp-load-test' };
  const HOUR = 3_600_000;
  const mixedRule = () => fakeCalls({ caches: [sessions, loadTest], rules: [ruleWith()] });

  test('is held if a cache that the allowlist does not know was put into its group, and nothing is cut off', async () => {
    const fake = mixedRule();

    const { outcome } = await guardWith(fake).enforce({ ...attachment, cacheName: 'tmp-load-test' });

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'mixed', decision: { effect: 'deny' } });
    expect(outcome.problem).toContain('`sessions` (allowlist rule `office`)');
    expect(outcome.problem).toContain('`tmp-load-test`');
    expect(fake.revoked).toEqual([]);
  });

  test('is held in report-only too, because it would be held', async () => {
    const { outcome } = await guardWith(mixedRule(), { mode: 'report-only' }).enforce(attachment);

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'mixed' });
  });

  test('is revoked where the setting says so', async () => {
    const fake = mixedRule();

    await guardWith(fake, { mixed: 'revoke' }).enforce(attachment);

    expect(fake.revoked).toEqual([RULE]);
  });

  test.each([
    ['a minute', 60_000, 'revoked'],
    ['an hour', HOUR, 'revoked'],
    ['more than an hour', HOUR + 1, 'held'],
    ['a day', 24 * HOUR, 'held'],
  ])('is new to the event that made it for an hour: after %s', async (_, lateMs, expected) => {
    const { outcome } = await guardWith(mixedRule(), { lateMs }).enforce(event);

    expect(outcome.outcome).toBe(expected);
  });

  test.each([
    ['does not say when it was', { ...call, eventTime: undefined }],
    ['claims to be of tomorrow', { ...call, eventTime: new Date(eventTime.getTime() + 24 * HOUR) }],
  ])('stands for an event that %s', async (_, changed) => {
    const { outcome } = await guardWith(mixedRule()).enforce({ ...event, call: changed });

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'mixed' });
  });

  test.each([
    ['a port of a cache is allowed, and another is not', { ...sessions, ports: [6379, 6380] }, sessions],
    [
      'the only allowed cache is being created',
      { ...sessions, cacheName: 'tmp-load-test' },
      { ...sessions, ports: [], likelyPorts: [6379] },
    ],
  ])('is held if %s', async (_, one, other) => {
    const onePort = new CompiledAllowlist({
      version: 1,
      rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'], ports: [6379] }],
    });
    const rules = [{ ...ruleWith(), toPort: 6380 }];
    const standing = fakeCalls({ caches: [one, other], rules });
    const made = fakeCalls({ caches: [one, other], rules });

    const { outcome } = await guardWith(standing, { allowlist: onePort }).enforce(attachment);
    const ofNew = await guardWith(made, { allowlist: onePort }).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'mixed', decision: { effect: 'deny' } });
    expect(outcome.problem).toContain('`sessions` (');
    expect(outcome.problem).toContain('allowlist rule `office`');
    expect(standing.revoked).toEqual([]);
    expect(ofNew.outcome.outcome).toBe('revoked');
  });

  test('is revoked if no port of the cache that is being created would be allowed', async () => {
    const fake = fakeCalls({
      caches: [loadTest, { ...sessions, ports: [], likelyPorts: [6379] }],
      rules: [anybody],
    });

    await guardWith(fake).enforce({ ...attachment, cacheName: 'tmp-load-test' });

    expect(fake.revoked).toEqual([RULE]);
  });

  test('stands for an event that does not say which rule of its group it made', async () => {
    const { outcome } = await guardWith(mixedRule()).enforce({ ...event, securityGroupRuleIds: [] });

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'mixed' });
  });
});

describe('a cache that is being created and has no port yet', () => {
  const creating: ListedCache = { ...sessions, ports: [], likelyPorts: [6379] };
  const HOUR = 3_600_000;
  const WAITS = 'cache `sessions` is being created and has no port yet';

  test.each([
    ['its own event', attachment],
    ['a rule that is made meanwhile', event],
    ['a change that does not say which rule', { ...event, securityGroupRuleIds: [] }],
  ])('lets %s wait, and what is likely is in the outcome', async (_, read) => {
    const fake = fakeCalls({ caches: [creating], rules: [anybody] });

    const { outcome, error } = await guardWith(fake).enforce(read);

    expect(error).toBeUndefined();
    expect(outcome).toMatchObject({
      outcome: 'pending',
      awaits: WAITS,
      problem: WAITS,
      decision: { effect: 'deny' },
      grant: { target: { cacheName: 'sessions', ports: [6379] } },
    });
    expect(fake.revoked).toEqual([]);
  });

  test('is revoked by the same event once it has its port', async () => {
    const fake = fakeCalls({ caches: [creating], rules: [{ ...anybody, fromPort: 7000, toPort: 7000 }] });
    const guard = guardWith(fake);

    const before = await guard.enforce(event);
    fake.state.caches = [{ ...sessions, ports: [7000] }];
    const after = await guard.enforce(event);

    expect(before.outcome).toMatchObject({ outcome: 'pending', awaits: WAITS });
    expect(before.outcome.grant).toBeUndefined();
    expect(after.outcome.outcome).toBe('revoked');
  });

  test('is found by the next event, whatever was asked in the minute before', async () => {
    const fake = fakeCalls({ caches: [creating], rules: [anybody] });
    const guard = guardWith(fake);
    await guard.enforce({ ...event, securityGroupId: OTHER_GROUP });
    fake.state.caches = [sessions];

    const { outcome } = await guard.enforce(event);

    expect(outcome.outcome).toBe('revoked');
  });

  test('waits with the port that its call chose', async () => {
    const fake = fakeCalls({ caches: [creating], rules: [{ ...anybody, fromPort: 7000, toPort: 7000 }] });

    const { outcome } = await guardWith(fake).enforce({ ...attachment, port: 7000 });

    expect(outcome).toMatchObject({ outcome: 'pending', grant: { target: { ports: [7000] } } });
  });

  test('does not keep rules from being revoked that open another cache, and waits all the same', async () => {
    const carts = { ...sessions, cacheName: 'carts' };
    const fake = fakeCalls({ caches: [creating, carts], rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(fake.revoked).toEqual([RULE]);
    expect(outcome).toMatchObject({ outcome: 'revoked', awaits: WAITS });
    expect(outcome.grants?.map(({ outcome }) => outcome)).toEqual(['revoked', 'pending']);
  });

  test('does not look clean while it waits, though every grant so far is allowed', async () => {
    const carts = { ...creating, cacheName: 'carts' };
    const fake = fakeCalls({
      caches: [{ ...sessions, ports: [7000] }, carts],
      rules: [{ ...ruleWith(), fromPort: 7000, toPort: 7000 }],
    });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'pending', grants: [{ outcome: 'allowed' }] });
    expect(outcome.awaits).toBe('cache `carts` is being created and has no port yet');
    expect(outcome.grant).toBeUndefined();
  });

  test('does not wait for rules that speak no TCP', async () => {
    const fake = fakeCalls({ caches: [creating], rules: [{ ...anybody, ipProtocol: 'udp' }] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome).toMatchObject({ outcome: 'ignored' });
    expect(outcome.awaits).toBeUndefined();
  });

  test('does not wait where another cluster of its replication group has the port', async () => {
    const clusters = [sessions, creating].map((one, n) => ({ ...one, clusterName: `sessions-00${n + 1}` }));
    const fake = fakeCalls({ caches: clusters, rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce(event);

    expect(outcome.outcome).toBe('revoked');
    expect(outcome.awaits).toBeUndefined();
  });

  test.each([
    ['a serverless cache with the name of a replication group', { ...creating, securityGroupIds: [OTHER_GROUP] }],
    [
      'a cluster of a replication group behind a group that the others do not have',
      { ...creating, clusterName: 'sessions-002', securityGroupIds: [OTHER_GROUP] },
    ],
  ])('is waited for, though its name has a port: %s', async (_, one) => {
    const wide = { ...anybody, securityGroupId: OTHER_GROUP, fromPort: 7000, toPort: 7000 };
    const fake = fakeCalls({ caches: [{ ...sessions, clusterName: 'sessions-001' }, one], rules: [wide] });
    const guard = guardWith(fake);
    const read = { ...event, securityGroupId: OTHER_GROUP };

    const before = await guard.enforce(read);
    const { likelyPorts: _likely, ...there } = one;
    fake.state.caches = [sessions, { ...there, ports: [7000] }];
    const after = await guard.enforce(read);

    expect(before.outcome).toMatchObject({ outcome: 'pending', awaits: WAITS });
    expect(after.outcome.outcome).toBe('revoked');
  });

  test.each([
    ['after six hours', { lateMs: 6 * HOUR + 1 }, event],
    ['where the event does not say when it was', {}, { ...event, call: { ...call, eventTime: undefined } }],
  ])('is given up %s, as failed', async (_, settings, read) => {
    const fake = fakeCalls({ caches: [creating], rules: [anybody] });

    const { outcome, error } = await guardWith(fake, settings).enforce(read);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toContain(WAITS);
  });
});
