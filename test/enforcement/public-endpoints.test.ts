import { describe, expect, test } from 'vitest';
import { audit } from '../../src/enforcement/audit.ts';
import { cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { enforceSecurityGroupEvent } from '../../src/enforcement/enforce-security-group-event.ts';
import type { ReadSecurityGroupEvent } from '../../src/enforcement/security-group-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ListedCache } from '../../src/policy/vpc/security-group-rule.ts';
import { howTo } from '../support/examples/audited.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { fakeCalls, GROUP, RULE, ruleFrom, ruleWith, sessions } from '../support/examples/security-groups.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['*'], cidrs: ['10.0.0.0/8'] }],
});
const eventTime = new Date('2026-11-23T12:00:00Z');
const call = { eventId: 'e', eventTime, grantedBy: {} };
const event = {
  kind: 'attachment',
  account: ACCOUNT,
  region: REGION,
  cacheName: 'open',
  securityGroupIds: [],
  call,
} as const;
/** The call asked for a public endpoint. */
const asking = { ...event, isPublic: true } as const;
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' });
/** As ElastiCache lists it with its public endpoint, and without. */
const open: ListedCache = { cacheName: 'open', securityGroupIds: [], ports: [6379, 6380], isPublic: true };
const closed: ListedCache = { cacheName: 'open', securityGroupIds: [], ports: [] };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Handles one event so long after its call. */
async function enforce(
  read: ReadSecurityGroupEvent,
  { lateMs = 5_000, ...answers }: Parameters<typeof fakeCalls>[0] & { readonly lateMs?: number },
) {
  const fake = fakeCalls(answers);
  const now = () => new Date(eventTime.getTime() + lateMs);
  const ended = await enforceSecurityGroupEvent(read, {
    ...UNHURRIED,
    connect: () => fake.calls,
    guardedAccount: ACCOUNT,
    cacheIndex: cacheIndexReader(() => fake.calls.listCaches(), now),
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
  return { ...ended, ...fake };
}

const HELD = { outcome: 'held', heldBecause: 'public', grant: { target: { cacheName: 'open', ports: [6379, 6380] } } };
const NO_CACHE = { outcome: 'ignored', reason: 'the security group guards no cache' };

describe('an event that asked for a public endpoint', () => {
  test('is held at once, though ElastiCache does not list the cache yet, and asks EC2 for no rule', async () => {
    const { outcome, error, made } = await enforce(asking, { caches: [] });

    expect(error).toBeUndefined();
    expect(outcome).toMatchObject(HELD);
    expect(outcome.awaits).toBeUndefined();
    expect(made).not.toContain('listRules');
  });

  test('is held for an hour while ElastiCache lists the cache and does not show the endpoint yet', async () => {
    const within = await enforce(asking, { caches: [closed], lateMs: HOUR });
    const after = await enforce(asking, { caches: [closed], lateMs: HOUR + 1 });

    expect(within.outcome).toMatchObject(HELD);
    expect(after.outcome).toMatchObject(NO_CACHE);
  });

  test('is held if it does not say when it was: it may be new', async () => {
    const { outcome } = await enforce({ ...asking, call: { ...call, eventTime: undefined } }, { caches: [closed] });

    expect(outcome).toMatchObject(HELD);
  });

  test('is ignored if there is no such cache two minutes later: the call came to nothing, or the cache is gone', async () => {
    const { outcome, error } = await enforce(asking, { caches: [sessions], lateMs: 2 * MINUTE });

    expect(error).toBeUndefined();
    expect(outcome).toMatchObject(NO_CACHE);
  });

  test.each([
    ['soon', 5_000],
    ['a day later', 24 * HOUR],
  ])('is held with the ports that ElastiCache shows, once it shows them: %s', async (_, lateMs) => {
    const { outcome } = await enforce(asking, { caches: [{ ...open, ports: [6379] }], lateMs });

    expect(outcome).toMatchObject({ ...HELD, grant: { target: { cacheName: 'open', ports: [6379] } } });
  });

  test('waits for the security groups that it names as well: their rules are not known before', async () => {
    const { outcome, error } = await enforce({ ...asking, securityGroupIds: [GROUP] }, { caches: [] });

    expect(outcome.outcome).toBe('failed');
    expect(error).toEqual(new Error(`ElastiCache does not list cache open with ${GROUP} yet`));
  });

  test('is held, and does not fail because no one knows which security groups guard another cache with its name', async () => {
    const unknown: ListedCache = { ...closed, unknownGroups: 'nobody knows' };

    const { outcome, error } = await enforce(asking, { caches: [open, unknown] });

    expect(error).toBeUndefined();
    expect(outcome).toMatchObject(HELD);
  });
});

describe('an event of a cache that has a public endpoint', () => {
  test('is held for it, whatever else the call was about', async () => {
    const { outcome } = await enforce(event, { caches: [open] });

    expect(outcome).toMatchObject(HELD);
  });

  test('is also about the rules of its security groups: a denied one is revoked, and both are in the outcome', async () => {
    const caches = [{ ...open, securityGroupIds: [GROUP] }];

    const { outcome, revoked } = await enforce({ ...asking, securityGroupIds: [GROUP] }, { caches, rules: [anybody] });

    expect(revoked).toEqual([RULE]);
    expect(outcome.outcome).toBe('held');
    expect(outcome.grants).toMatchObject([
      { outcome: 'revoked', grant: { source: { kind: 'cidr' } } },
      { outcome: 'held', grant: { source: { kind: 'internet' } } },
    ]);
  });

  test('says nothing of the public endpoint of another cache', async () => {
    const { outcome } = await enforce(
      { ...event, cacheName: 'sessions', securityGroupIds: [GROUP] },
      { caches: [sessions, open], rules: [ruleWith()] },
    );

    expect(outcome).toMatchObject({ outcome: 'allowed', grant: { target: { cacheName: 'sessions' } } });
    expect(outcome.grants).toBeUndefined();
  });
});

test('an audit counts a public endpoint as one grant, next to those that rules make', async () => {
  const { calls } = fakeCalls({ caches: [sessions, open], rules: [ruleWith()] });

  const { findings, places } = await audit(howTo([], { ...calls, allowlist }));

  expect(places).toMatchObject([{ status: 'judged', caches: 2, grants: 2 }]);
  expect(findings.map(({ outcome }) => outcome).sort()).toEqual(['allowed', 'held']);
});
