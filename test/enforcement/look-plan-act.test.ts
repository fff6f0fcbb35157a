import { describe, expect, test } from 'vitest';
import { cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { enforceSecurityGroupEvent } from '../../src/enforcement/enforce-security-group-event.ts';
import type { EventOutcome } from '../../src/enforcement/event-outcome.ts';
import type { VpcPorts } from '../../src/enforcement/ports.ts';
import type { ReadSecurityGroupEvent } from '../../src/enforcement/security-group-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import type { ListedCache } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import {
  fakeCalls,
  GROUP,
  OTHER_GROUP,
  RULE,
  ruleFrom,
  ruleWith,
  sessions,
} from '../support/examples/security-groups.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [
    { id: 'office', caches: ['sessions', 'cache-*'], cidrs: ['10.0.0.0/8'] },
    { id: 'vpn', caches: ['*'], cidrs: ['192.168.0.0/16'] },
  ],
});
const eventTime = new Date('2026-11-23T12:00:00Z');
const call = { eventId: 'e', eventTime, grantedBy: {} };
const about = { account: ACCOUNT, region: REGION, call };
const pointingTo = (...securityGroupRuleIds: string[]): ReadSecurityGroupEvent => {
  return { ...about, kind: 'rules', securityGroupId: GROUP, securityGroupRuleIds };
};
const attachmentOf = (cacheName: string, ...securityGroupIds: string[]) => {
  return { ...about, kind: 'attachment', cacheName, securityGroupIds } as const;
};
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' });
const carts: ListedCache = { ...sessions, cacheName: 'carts' };
const creating: ListedCache = { ...sessions, ports: [], likelyPorts: [6379] };
const WAITS = 'cache `sessions` is being created and has no port yet';
const nameOf = ({ grant }: { readonly grant?: Grant }) => (grant?.kind === 'vpc' ? grant.target.cacheName : undefined);

/** Handles an event five seconds after its call, and keeps what was reported of its grants. */
async function enforce(
  read: ReadSecurityGroupEvent,
  fake: ReturnType<typeof fakeCalls>,
  changes: Partial<VpcPorts> & { readonly maxRevocations?: number } = {},
) {
  const { maxRevocations = 10, ...others } = changes;
  const calls = { ...fake.calls, ...others };
  const now = () => new Date(eventTime.getTime() + 5_000);
  const reported: EventOutcome[] = [];
  const counted: (readonly [string, number])[] = [];
  const policy = { allowlist, allowlistSha256: 'abc', mode: 'enforce', shared: 'hold', mixed: 'hold' } as const;
  const ended = await enforceSecurityGroupEvent(read, {
    ...UNHURRIED,
    guardedAccount: ACCOUNT,
    connect: () => calls,
    cacheIndex: cacheIndexReader(() => calls.listCaches(), now),
    readPolicy: async () => ({ ...policy, maxRevocations }),
    reporter: {
      async reportGrant(one) {
        reported.push(one);
      },
      countGrants: (outcome, count) => counted.push([outcome, count]),
    },
    now,
  });
  return { ...ended, reported, counted };
}

describe('the report of a grant', () => {
  test('says of which event it is, by which allowlist and in which mode; and that it awaits nothing', async () => {
    const { reported } = await enforce(pointingTo(RULE), fakeCalls({ rules: [anybody] }));

    expect(reported).toMatchObject([
      {
        schemaVersion: OUTCOME_SCHEMA_VERSION,
        outcome: 'revoked',
        mode: 'enforce',
        allowlistSha256: 'abc',
        exposureMs: 5_000,
        ...call,
      },
    ]);
    expect(reported[0]?.awaits).toBeUndefined();
  });

  test('says what its event waits for, also where the grant itself is revoked', async () => {
    const { outcome, reported } = await enforce(
      pointingTo(RULE),
      fakeCalls({ caches: [creating, carts], rules: [anybody] }),
    );

    expect(outcome).toMatchObject({ outcome: 'revoked', awaits: WAITS });
    expect(reported.map((one) => [nameOf(one), one.outcome, one.awaits])).toEqual([
      ['carts', 'revoked', WAITS],
      ['sessions', 'pending', WAITS],
    ]);
  });

  test('awaits nothing where its event fails: that comes again because it failed', async () => {
    const { outcome, reported } = await enforce(
      pointingTo(RULE, 'sgr-2'),
      fakeCalls({ caches: [creating, carts], rules: [anybody] }),
    );

    expect(outcome.outcome).toBe('failed');
    expect(outcome.awaits).toBeUndefined();
    expect(reported.map(({ awaits }) => awaits)).toEqual([undefined, undefined]);
  });
});

test('of more than fifty allowed grants fifty are reported, and it is said how many there are besides', async () => {
  const caches = Array.from({ length: 60 }, (_, i) => ({ ...sessions, cacheName: `cache-${i}` }));

  const { outcome, reported, counted } = await enforce(pointingTo(RULE), fakeCalls({ caches, rules: [ruleWith()] }));

  expect(reported).toHaveLength(50);
  expect(counted).toEqual([['allowed', 10]]);
  expect(outcome).toMatchObject({ outcome: 'allowed', grantsLeftOut: 10 });
});

test('of two rules of one call one is revoked and one is allowed: the event is about the revoked one, and lists both', async () => {
  const other = ruleWith({ securityGroupRuleId: 'sgr-2' });
  const fake = fakeCalls({ rules: [other, anybody] });

  const { outcome, reported } = await enforce(pointingTo('sgr-2', RULE), fake);

  expect(outcome).toMatchObject({ outcome: 'revoked', decision: { effect: 'deny' } });
  expect(outcome.grants?.map((one) => one.outcome)).toEqual(['revoked', 'allowed']);
  expect(reported.map((one) => one.outcome)).toEqual(['revoked', 'allowed']);
  expect(fake.revoked).toEqual([RULE]);
});

describe('an event whose denied rule was gone by the time it was revoked', () => {
  const toRevokeRule = toRevoke(async () => ({ result: 'already-gone' }) as const);

  test('is already-gone', async () => {
    const { outcome } = await enforce(pointingTo(RULE), fakeCalls({ rules: [anybody] }), { toRevokeRule });

    expect(outcome.outcome).toBe('already-gone');
  });

  test('is pending while a cache behind its group is being created, and does not look clean', async () => {
    const fake = fakeCalls({ caches: [{ ...creating, likelyPorts: [11_211] }, carts], rules: [anybody] });

    const { outcome } = await enforce(pointingTo(RULE), fake, { toRevokeRule });

    expect(outcome).toMatchObject({
      outcome: 'pending',
      problem: WAITS,
      awaits: WAITS,
      grants: [{ outcome: 'already-gone' }],
    });
  });
});

describe('the public endpoint of a cache', () => {
  const open: ListedCache = { ...carts, securityGroupIds: [], ports: [6379, 6380], isPublic: true };

  test('is held, because no call takes it away, and its grant is from anyone on the internet', async () => {
    const { outcome, reported } = await enforce(attachmentOf('carts'), fakeCalls({ caches: [sessions, open] }));

    expect(outcome).toMatchObject({
      outcome: 'held',
      heldBecause: 'public',
      grant: { target: { cacheName: 'carts', ports: [6379, 6380] }, source: { kind: 'internet' } },
    });
    expect(reported).toHaveLength(1);
  });

  test('does not keep a denied rule of its cache from being revoked', async () => {
    const guarded = { ...open, securityGroupIds: [GROUP] };
    const fake = fakeCalls({ caches: [guarded], rules: [anybody] });

    const { outcome } = await enforce(attachmentOf('carts', GROUP), fake);

    expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'public' });
    expect(outcome.grants?.map((one) => one.outcome)).toEqual(['revoked', 'held']);
    expect(fake.revoked).toEqual([RULE]);
  });

  test('is none of a cache of another name', async () => {
    const { outcome } = await enforce(
      attachmentOf('sessions', GROUP),
      fakeCalls({ caches: [sessions, open], rules: [ruleWith()] }),
    );

    expect(outcome.outcome).toBe('allowed');
    expect(outcome).not.toHaveProperty('grants');
  });
});

describe('where the security groups of another cache are not known', () => {
  const jobs: ListedCache = { cacheName: 'jobs', securityGroupIds: [], ports: [11_211], unknownGroups: 'nobody knows' };

  test.each([
    ['is revoked', 'revoked', anybody],
    ['is allowed', 'allowed', ruleWith()],
  ])('a rule that opens a known cache %s, and its event does not fail', async (_, expected, rule) => {
    const { outcome, error } = await enforce(pointingTo(RULE), fakeCalls({ caches: [sessions, jobs], rules: [rule] }));

    expect(error).toBeUndefined();
    expect(outcome.outcome).toBe(expected);
  });

  test('the event of a cache fails if no rule of its group opens a known cache: one may open the other', async () => {
    const rules = [{ ...anybody, fromPort: 11_211, toPort: 11_211 }];

    const { outcome, error } = await enforce(
      attachmentOf('sessions', GROUP),
      fakeCalls({ caches: [sessions, jobs], rules }),
    );

    expect(outcome.outcome).toBe('failed');
    expect((error as Error).message).toBe('cache jobs: nobody knows');
  });
});

describe('the limit on revocations', () => {
  test('holds nothing back where it is kept, though it is not known of one rule whether others need it', async () => {
    const wide = { fromPort: 0, toPort: 65_535 };
    const rules = [
      { ...anybody, ...wide, securityGroupRuleId: 'sgr-needed', securityGroupId: OTHER_GROUP },
      { ...anybody, ...wide, securityGroupRuleId: 'sgr-untold' },
      anybody,
    ];
    const fake = fakeCalls({ caches: [{ ...sessions, securityGroupIds: [GROUP, OTHER_GROUP] }], rules });

    const { outcome } = await enforce(attachmentOf('sessions', GROUP, OTHER_GROUP), fake, {
      maxRevocations: 2,
      guardsSomethingElse: async (id) => {
        if (id === OTHER_GROUP) return true;
        throw new Error('Rate exceeded');
      },
    });

    expect(fake.revoked).toEqual([RULE]);
    expect(outcome.outcome).toBe('failed');
    expect(outcome.grants?.map((one) => [one.outcome, one.problem ?? one.heldBecause])).toEqual([
      ['failed', 'Rate exceeded'],
      ['revoked', undefined],
      ['held', expect.stringContaining('its security group also guards something other than caches')],
    ]);
  });
});

test('a rule that the allowlist would allow by a name that is gone is held, also next to one that is allowed', async () => {
  const renamed = { ...sessions, cacheName: 'sessions-001' };
  const vpn = ruleFrom({ kind: 'cidr', cidr: '192.168.0.0/16' }, { securityGroupRuleId: 'sgr-vpn' });
  const fake = fakeCalls({ caches: [renamed], rules: [vpn, ruleWith()] });

  const { outcome } = await enforce(attachmentOf('sessions-001', GROUP), fake);

  expect(outcome).toMatchObject({ outcome: 'held', heldBecause: 'gone-name' });
  expect(outcome.grants?.map((one) => one.outcome)).toEqual(['allowed', 'held']);
  expect(fake.revoked).toEqual([]);
});
