import { describe, expect, test } from 'vitest';
import { cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { enforceSecurityGroupEvent } from '../../src/enforcement/enforce-security-group-event.ts';
import type { VpcPorts } from '../../src/enforcement/ports.ts';
import type { HowToEnforceSecurityGroups, ReadSecurityGroupEvent } from '../../src/enforcement/security-group-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import type { SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { fakeCalls, GROUP, OTHER_GROUP, RULE, ruleFrom, ruleWith } from '../support/examples/security-groups.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] }],
});
const call = { eventId: 'e', eventTime: new Date('2026-11-23T12:00:00Z'), grantedBy: { type: 'IAMUser' } };
const about = { account: ACCOUNT, region: REGION, call };
const pointingTo = (...securityGroupRuleIds: string[]): ReadSecurityGroupEvent => ({
  ...about,
  kind: 'rules',
  securityGroupId: GROUP,
  securityGroupRuleIds,
});
const attachmentOf = (...securityGroupIds: string[]): ReadSecurityGroupEvent => ({
  ...about,
  kind: 'attachment',
  cacheName: 'sessions',
  securityGroupIds,
});
const untimed = { ...call, eventTime: undefined };
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' });
const allowed = ruleWith({ securityGroupRuleId: 'sgr-allowed' });
const strangers = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    ruleFrom({ kind: 'cidr', cidr: `192.0.2.${i}/32` }, { securityGroupRuleId: `sgr-${i}` }),
  );
const idsOf = (rules: readonly { readonly securityGroupRuleId: string }[]) =>
  rules.map(({ securityGroupRuleId }) => securityGroupRuleId);
const AWAY = new Error('EC2 is away');

/** A guard that stays from one event to the next, five seconds after the call or later. */
function guardWith(
  fake: ReturnType<typeof fakeCalls>,
  changes: Partial<HowToEnforceSecurityGroups & VpcPorts> & {
    mode?: 'report-only' | 'enforce';
    lateMs?: number;
  } = {},
) {
  const { mode = 'enforce', lateMs = 5_000, ...rest } = changes;
  const clock = { ms: call.eventTime.getTime() + lateMs };
  const now = () => new Date(clock.ms);
  const calls = { ...fake.calls, ...rest };
  const how: HowToEnforceSecurityGroups = {
    ...UNHURRIED,
    guardedAccount: ACCOUNT,
    cacheIndex: cacheIndexReader(() => calls.listCaches(), now),
    readPolicy: async () => ({
      allowlist,
      allowlistSha256: 'abc',
      mode,
      shared: 'hold',
      mixed: 'hold',
      maxRevocations: 10,
    }),
    now,
    connect: () => calls,
    ...rest,
  };
  return { enforce: (read: ReadSecurityGroupEvent) => enforceSecurityGroupEvent(read, how), clock };
}

describe('a revocation that fails', () => {
  /** Fails for one rule, and revokes the others. */
  const failingFor = (fake: ReturnType<typeof fakeCalls>, id: string) => ({
    toRevokeRule: (rule: SecurityGroupRule) =>
      rule.securityGroupRuleId === id ? toRevoke(() => Promise.reject(AWAY))(rule) : fake.calls.toRevokeRule(rule),
  });

  test('makes the event fail, with the error, and with why the grant stands', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(fake, failingFor(fake, RULE)).enforce(pointingTo(RULE));

    expect(outcome).toMatchObject({
      outcome: 'failed',
      problem: 'EC2 is away',
      decision: { effect: 'deny' },
      exposureMs: 5_000,
    });
    expect(error).toBe(AWAY);
  });

  test('keeps no other rule from being revoked, and the first error is told', async () => {
    const fake = fakeCalls({ rules: strangers(3) });

    const { outcome, error } = await guardWith(fake, failingFor(fake, 'sgr-0')).enforce(
      pointingTo(...idsOf(strangers(3))),
    );

    expect(outcome.outcome).toBe('failed');
    expect(outcome.grants?.map((one) => [one.outcome, one.problem])).toEqual([
      ['failed', 'EC2 is away'],
      ['revoked', undefined],
      ['revoked', undefined],
    ]);
    expect(error).toBe(AWAY);
    expect(fake.revoked).toEqual(['sgr-1', 'sgr-2']);
  });

  test('is what is told, though something else is not listed yet', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(fake, failingFor(fake, RULE)).enforce(pointingTo(RULE, 'sgr-2'));

    expect(outcome.outcome).toBe('failed');
    expect(error).toBe(AWAY);
  });
});

describe('an event whose rules EC2 does not list', () => {
  test('has those revoked that are listed, when it is old enough for the others to be gone', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(fake, { lateMs: 120_000 }).enforce(pointingTo(RULE, 'sgr-2'));

    expect(error).toBeUndefined();
    expect(outcome.outcome).toBe('revoked');
    expect(fake.revoked).toEqual([RULE]);
  });

  test('fails with each of them named, while it is young', async () => {
    const { error } = await guardWith(fakeCalls()).enforce(pointingTo('sgr-1', 'sgr-2'));

    expect((error as Error).message).toBe(`EC2 does not list rule sgr-1, sgr-2 of ${GROUP} yet`);
  });

  test('is taken for a new one where it does not say when it was', async () => {
    const read = { ...pointingTo(RULE), call: untimed } as ReadSecurityGroupEvent;

    const { outcome, error } = await guardWith(fakeCalls(), { lateMs: 3_600_000 }).enforce(read);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe(`EC2 does not list rule ${RULE} of ${GROUP} yet`);
    expect(outcome).not.toHaveProperty('exposureMs');
  });
});

describe('the index of caches', () => {
  test('is read anew before anything is revoked by a kept one, also when only some of the rules are denied', async () => {
    const fake = fakeCalls({ rules: [allowed, anybody] });
    const { enforce, clock } = guardWith(fake);
    await enforce(pointingTo('sgr-allowed'));
    fake.state.caches = [];
    clock.ms += 1_000;

    const { outcome } = await enforce(pointingTo('sgr-allowed', RULE));

    expect(outcome.outcome).toBe('ignored');
    expect(fake.revoked).toEqual([]);
  });

  test('is read again after a denial was seen, also where it was read for this very event, and only then', async () => {
    const fake = fakeCalls({ rules: [allowed, anybody] });
    const { enforce, clock } = guardWith(fake);

    await enforce(pointingTo(RULE));
    const forTheDenied = [...fake.made];
    clock.ms += 1_000;
    await enforce(pointingTo('sgr-allowed'));

    expect(forTheDenied).toEqual(['listCaches', 'listRules', 'listCaches', 'toRevokeRule', 'listRules', 'revokeRule']);
    expect(fake.made.slice(forTheDenied.length)).toEqual(['listRules']);
  });
});

describe('the limit on revocations', () => {
  test('does not count what is allowed', async () => {
    const fake = fakeCalls({ rules: [allowed, ...strangers(10)] });

    await guardWith(fake).enforce(attachmentOf(GROUP));

    expect(fake.revoked).toHaveLength(10);
  });

  test('holds nothing back that the event itself names', async () => {
    const fake = fakeCalls({ rules: strangers(11) });

    await guardWith(fake).enforce(pointingTo(...idsOf(strangers(11))));

    expect(fake.revoked).toHaveLength(11);
  });

  test('holds nothing back in mode report-only, where nothing is revoked anyway', async () => {
    const fake = fakeCalls({ rules: strangers(11) });

    const { outcome } = await guardWith(fake, { mode: 'report-only' }).enforce(attachmentOf(GROUP));

    expect(outcome.outcome).toBe('would-revoke');
    expect(new Set(outcome.grants?.map((one) => one.outcome))).toEqual(new Set(['would-revoke']));
  });

  test('leaves what is allowed allowed, where it holds the rest', async () => {
    const fake = fakeCalls({ rules: [allowed, ...strangers(11)] });

    const { outcome } = await guardWith(fake).enforce(attachmentOf(GROUP));

    expect(outcome.outcome).toBe('held');
    expect(outcome.grants?.[0]?.outcome).toBe('allowed');
  });
});

describe('a cache that got security groups', () => {
  test.each([
    ['which it should have', attachmentOf(GROUP, OTHER_GROUP), `${GROUP}, ${OTHER_GROUP}`],
    ['which nobody said', attachmentOf(), 'its security groups'],
  ])('is waited for while it is not listed with those %s', async (_, read, groups) => {
    const { outcome, error } = await guardWith(fakeCalls({ caches: [] })).enforce(read);

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe(`ElastiCache does not list cache sessions with ${groups} yet`);
  });
});

describe('what cannot be read', () => {
  test('is named in the failure, also a rule without an id, and there is no grant of it', async () => {
    const unreadable = { securityGroupId: GROUP, problem: 'the source is missing' };

    const { outcome, error } = await guardWith(fakeCalls({ rules: [{ unreadable }] })).enforce(attachmentOf(GROUP));

    expect(outcome.outcome).toBe('failed');
    expect(outcome).not.toHaveProperty('grants');
    expect((error as Error).message).toBe(`rule without an id of security group ${GROUP}: the source is missing`);
  });
});

describe('an event for which no time is left', () => {
  const over = { deadline: call.eventTime };

  test('fails, says that it is to be handled again, and keeps why its last call ended', async () => {
    const { outcome, error } = await guardWith(fakeCalls(), {
      ...over,
      listCaches: () => Promise.reject(AWAY),
    }).enforce(pointingTo(RULE));

    expect(outcome).toMatchObject({ outcome: 'failed', exposureMs: 5_000 });
    expect((error as Error).message).toBe('there was no time left to evaluate it: the event is to be handled again');
    expect((error as Error).cause).toBe(AWAY);
  });

  test('has nothing revoked, though the rule was found to be denied', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(fake, over).enforce(pointingTo(RULE));

    expect(fake.revoked).toEqual([]);
    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe('there was no time left to revoke it: it stands until it is evaluated again');
  });
});

describe('an event that points to nothing that could be revoked', () => {
  test.each<[string, ReadSecurityGroupEvent, object]>([
    ['ignored with its reason', { kind: 'ignored', reason: 'another call', call }, { reason: 'another call' }],
    ['rejected with its problems', { kind: 'rejected', problems: ['no group'], call }, { problems: ['no group'] }],
  ])('is %s, and nothing is asked', async (_, read, rest) => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(fake).enforce(read);

    expect(outcome).toEqual({ schemaVersion: OUTCOME_SCHEMA_VERSION, outcome: read.kind, ...rest, ...call });
    expect(error).toBeUndefined();
    expect(fake.made).toEqual([]);
  });

  test('is ignored as a heartbeat when it is one: the caches are looked up, and no rule is', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce({ ...about, kind: 'heartbeat', securityGroupId: GROUP });

    expect(outcome).toMatchObject({ outcome: 'ignored', reason: 'heartbeat' });
    expect(fake.made).toEqual(['listCaches']);
  });

  test('is ignored as a heartbeat through CloudTrail when it is that, and nothing is asked', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome } = await guardWith(fake).enforce({ ...about, kind: 'callHeartbeat', securityGroupId: GROUP });

    expect(outcome).toMatchObject({ outcome: 'ignored', reason: 'heartbeat through CloudTrail' });
    expect(fake.made).toEqual([]);
  });

  test('fails as a heartbeat when the caches cannot be listed, so that its absence is noticed', async () => {
    const { outcome, error } = await guardWith(fakeCalls(), { listCaches: () => Promise.reject(AWAY) }).enforce({
      ...about,
      kind: 'heartbeat',
      securityGroupId: GROUP,
    });

    expect(outcome.outcome).toBe('failed');
    expect(error).toBe(AWAY);
  });

  test('is ignored as a heartbeat through CloudTrail when its call is one, and nothing is asked', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome, error } = await guardWith(fake).enforce({
      ...about,
      kind: 'callHeartbeat',
      securityGroupId: GROUP,
    });

    expect(outcome).toEqual({
      schemaVersion: OUTCOME_SCHEMA_VERSION,
      outcome: 'ignored',
      reason: 'heartbeat through CloudTrail',
      ...call,
    });
    expect(error).toBeUndefined();
    expect(fake.made).toEqual([]);
  });

  test('is ignored where its rule opens no port of a cache, and says so', async () => {
    const fake = fakeCalls({ rules: [{ ...anybody, ipProtocol: 'udp' }] });

    const { outcome } = await guardWith(fake).enforce(pointingTo(RULE));

    expect(outcome).toMatchObject({ outcome: 'ignored', reason: 'the rule opens no port that a cache listens on' });
  });

  test('is judged where nobody said which account is guarded', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    const read = { ...pointingTo(RULE), account: STRANGER } as ReadSecurityGroupEvent;

    const { outcome } = await guardWith(fake, { guardedAccount: undefined }).enforce(read);

    expect(outcome.outcome).toBe('revoked');
  });
});

describe('an event of a member account', () => {
  const ofHub = { guardedAccount: STRANGER, organization: { excludedAccounts: [], envelopeAccount: ACCOUNT } };

  test.each(['heartbeat', 'callHeartbeat'] as const)(
    'is ignored if it is a %s: it must not hide that those of the hub stay away',
    async (kind) => {
      const fake = fakeCalls({ rules: [anybody] });

      const { outcome } = await guardWith(fake, ofHub).enforce({ ...about, kind, securityGroupId: GROUP });

      expect(outcome).toMatchObject({
        outcome: 'ignored',
        reason: `it is a heartbeat of account ${ACCOUNT}, and only those of the hub count`,
      });
      expect(fake.made).toEqual([]);
    },
  );

  test('has its rule revoked by the hub', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const { outcome } = await guardWith(fake, ofHub).enforce(pointingTo(RULE));

    expect(outcome.outcome).toBe('revoked');
    expect(fake.revoked).toEqual([RULE]);
  });

  test('is rejected by a stack of one account, which says whose security group it is', async () => {
    const { outcome } = await guardWith(fakeCalls(), { guardedAccount: STRANGER }).enforce(pointingTo(RULE));

    expect(outcome).toMatchObject({
      outcome: 'rejected',
      problems: [`the security group is in account ${ACCOUNT}, and this stack guards ${STRANGER}`],
    });
  });
});
