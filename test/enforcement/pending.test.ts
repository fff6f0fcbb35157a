import { describe, expect, test } from 'vitest';
import { CacheIndex, cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import { seeRule } from '../../src/enforcement/look/see-rule.ts';
import {
  describeUnguarded,
  seePending,
  seePerhapsBehind,
  waitForGroups,
  whyPending,
} from '../../src/enforcement/pending.ts';
import type { PointingEvent } from '../../src/enforcement/security-group-event.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ListedCache } from '../../src/policy/vpc/security-group-rule.ts';
import { NOW } from '../support/examples/audited.ts';
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
import { UNHURRIED } from '../support/examples/unhurried.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [{ id: 'office', caches: ['sessions', 'carts'], cidrs: ['10.0.0.0/8'] }],
});
const policy = {
  ...{ allowlist, allowlistSha256: 'abc', maxRevocations: 10 },
  ...({ mode: 'enforce', shared: 'hold', mixed: 'hold' } as const),
};
const { calls } = fakeCalls();
const how = {
  ...UNHURRIED,
  connect: () => calls,
  guardedAccount: ACCOUNT,
  cacheIndex: cacheIndexReader(calls.listCaches, () => NOW),
  readPolicy: async () => policy,
  now: () => NOW,
};
const at = { account: ACCOUNT, region: REGION, call: { eventId: 'e', eventTime: NOW, grantedBy: {} } };
const made: PointingEvent = { ...at, kind: 'rules', securityGroupId: GROUP, securityGroupRuleIds: [RULE] };

const creating: ListedCache = { ...sessions, ports: [], likelyPorts: [6379] };
const carts: ListedCache = { ...creating, cacheName: 'carts' };
const unknown: ListedCache = { ...creating, cacheName: 'jobs', securityGroupIds: [], unknownGroups: 'nobody knows' };
const wide = ruleWith({ toPort: 7_000 });
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' });
const indexOf = (...caches: readonly ListedCache[]) => new CacheIndex(caches, NOW);
const see = (index: CacheIndex, ...rules: readonly ReturnType<typeof ruleWith>[]) =>
  rules.map((one) => seeRule(one, index, allowlist, NOW));

/** What waits for caches without ports: why, and for which ports of which caches. */
async function pendingOf(index: CacheIndex, event: PointingEvent, ...rules: readonly ReturnType<typeof ruleWith>[]) {
  const parts = await seePending(see(index, ...rules), index, event, policy, how);
  return parts.map(({ problem, grants }) => ({
    problem,
    reaches: Array.from(
      grants,
      ({ grant }) => 'cacheName' in grant.target && `${grant.target.cacheName} ${grant.target.ports}`,
    ),
  }));
}

describe('a rule of a group with caches that have no port yet', () => {
  test('waits for one of them, and says which', async () => {
    expect(await pendingOf(indexOf(creating), made, wide)).toEqual([
      { problem: 'cache `sessions` is being created and has no port yet', reaches: ['sessions 6379'] },
    ]);
  });

  test('waits for several of them, and names each', async () => {
    expect(await pendingOf(indexOf(creating, carts), made, wide)).toEqual([
      {
        problem: 'caches `sessions`, `carts` are being created and have no port yet',
        reaches: ['sessions 6379', 'carts 6379'],
      },
    ]);
  });

  test('is warned of with the port that a call chose for its own cache, and with the default for the others', async () => {
    const event: PointingEvent = {
      ...at,
      kind: 'attachment',
      cacheName: 'carts',
      port: 7_000,
      securityGroupIds: [GROUP],
    };

    const [waits] = await pendingOf(indexOf(creating, carts), event, wide);

    expect(waits?.reaches).toEqual(['sessions 6379', 'carts 7000']);
  });

  test('waits for none that is behind another group, or if it speaks no TCP', async () => {
    const elsewhere = { ...creating, securityGroupIds: [OTHER_GROUP] };

    expect(await pendingOf(indexOf(elsewhere), made, wide)).toEqual([]);
    expect(await pendingOf(indexOf(creating), made, { ...wide, ipProtocol: 'udp' })).toEqual([]);
  });
});

describe('a rule that may open a cache that is being created, and of which no security group is known yet', () => {
  const known = indexOf(sessions, unknown);
  const PROBLEM = 'cache `jobs` is being created, and which security groups guard it is not known yet';

  test('waits if it is allowed so far, also next to one that is denied', () => {
    const waits = [{ problem: PROBLEM, grants: [] }];

    expect(seePerhapsBehind(see(known, wide), known)).toEqual(waits);
    expect(seePerhapsBehind(see(known, anybody, wide), known)).toEqual(waits);
  });

  test('does not wait if it is denied, because it goes, or if it speaks no TCP', () => {
    expect(seePerhapsBehind(see(known, anybody), known)).toEqual([]);
    expect(seePerhapsBehind(see(known, { ...wide, ipProtocol: 'udp' }), known)).toEqual([]);
  });

  test('does not wait where all security groups are known, or no one is creating the cache', () => {
    const all = indexOf(sessions);
    const { likelyPorts: _, ...available } = unknown;
    const there = indexOf(sessions, available);

    expect(seePerhapsBehind(see(all, wide), all)).toEqual([]);
    expect(seePerhapsBehind(see(there, wide), there)).toEqual([]);
  });
});

describe('what is said of what waits', () => {
  test('names several caches of which no security group is known yet', () => {
    const { unguarded } = indexOf(unknown, { ...unknown, cacheName: 'mail' });
    const problem = 'caches `jobs`, `mail` are being created, and which security groups guard them is not known yet';

    expect(waitForGroups(unguarded, made, how)).toEqual({
      outcome: 'pending',
      problem,
      awaits: problem,
      exposureMs: 0,
    });
  });

  test('names a replication group once, however many of its nodes are being created', () => {
    const nodes = ['jobs-001', 'jobs-002'].map((clusterName) => ({ ...unknown, clusterName }));

    expect(waitForGroups(indexOf(...nodes).unguarded, made, how).problem).toMatch(/^cache `jobs` is being created/);
  });

  test('has each reason once, one after another', () => {
    const parts = ['a', 'b', 'a'].map((problem) => ({ problem, grants: [] }));

    expect(whyPending(parts)).toBe('a; b');
    expect(whyPending([])).toBeUndefined();
  });

  test('has why of each cache of which no security group is known', () => {
    const { unguarded } = indexOf(unknown, { ...unknown, cacheName: 'mail', unknownGroups: 'no one said' });

    expect(describeUnguarded(unguarded)).toBe('cache jobs: nobody knows; cache mail: no one said');
  });
});
