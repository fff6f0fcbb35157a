import { describe, expect, test } from 'vitest';
import { CacheIndex, cacheIndexReader } from '../../src/enforcement/cache-index.ts';
import type { ListedCache } from '../../src/policy/vpc/security-group-rule.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { GROUP, OTHER_GROUP, sessions } from '../support/examples/security-groups.ts';
import { ENOUGH_TIME } from '../support/examples/unhurried.ts';

const { timeUp } = ENOUGH_TIME;

const NOW = new Date('2026-11-23T12:00:00Z');
const carts: ListedCache = { cacheName: 'carts', securityGroupIds: [OTHER_GROUP, GROUP], ports: [6380] };

describe('an index of caches', () => {
  test('knows which caches are behind a security group, and which groups a cache has', () => {
    const index = new CacheIndex([sessions, carts], NOW);

    expect(index.guardedBy(GROUP)).toEqual([
      { cacheName: 'sessions', ports: [6379] },
      { cacheName: 'carts', ports: [6380] },
    ]);
    expect(index.groupsOf('carts')).toEqual([OTHER_GROUP, GROUP]);
    expect(index.securityGroupIds).toEqual([GROUP, OTHER_GROUP]);
    expect(index.cacheCount).toBe(2);
    expect(index.readAt).toBe(NOW);
  });

  test('knows nothing of a group that guards no cache, and of a cache that is not there', () => {
    const index = new CacheIndex([sessions], NOW);

    expect(index.guardedBy(OTHER_GROUP)).toEqual([]);
    expect(index.groupsOf('carts')).toBeUndefined();
  });

  test('takes the clusters of one replication group for one cache, with all their ports, each once and in order', () => {
    const clusters = [[11_211, 6379], [6380], [6379]].map((ports) => ({ ...sessions, ports }));

    const index = new CacheIndex(clusters, NOW);

    expect(index.guardedBy(GROUP)).toEqual([{ cacheName: 'sessions', ports: [6379, 6380, 11_211] }]);
    expect(index.cacheCount).toBe(1);
  });

  test('knows a replication group by its name and by those of its clusters, also of one behind another group', () => {
    const group = { cacheName: 'sessions-ha', ports: [6379] };
    const index = new CacheIndex(
      [
        { ...group, clusterName: 'sessions', securityGroupIds: [GROUP] },
        { ...group, clusterName: 'a-002', securityGroupIds: [OTHER_GROUP] },
        { ...group, clusterName: 'sessions-ha', securityGroupIds: [GROUP] },
      ],
      NOW,
    );

    expect(index.guardedBy(GROUP)).toEqual([
      { cacheName: 'sessions-ha', clusterNames: ['a-002', 'sessions'], ports: [6379] },
    ]);
    expect(index.groupsOf('sessions-ha')).toEqual([GROUP, OTHER_GROUP]);
    expect(index.groupsOf('sessions')).toEqual([GROUP]);
    expect([...index.names].sort()).toEqual(['a-002', 'sessions', 'sessions-ha']);
    expect(index.cacheCount).toBe(1);
  });

  test('says why a cache behind a group cannot be judged', () => {
    const index = new CacheIndex([sessions, { ...carts, ports: [], problem: 'it has no endpoint' }], NOW);

    expect(index.problems).toEqual([
      { cacheName: 'carts', securityGroupIds: [OTHER_GROUP, GROUP], why: 'it has no endpoint' },
    ]);
    expect(index.problemBehind(GROUP)).toBe('cache carts: it has no endpoint');
    expect(new CacheIndex([sessions], NOW).problemBehind(GROUP)).toBeUndefined();
  });
});

const HERE = { account: ACCOUNT, region: REGION };

describe('a cache of which it is not known which groups guard it', () => {
  const unknown = { cacheName: 'jobs', securityGroupIds: [], ports: [11211], unknownGroups: 'nobody knows' };
  const creating = { ...unknown, ports: [], likelyPorts: [11211] };

  test('is known as such, and cannot be judged', () => {
    const index = new CacheIndex([sessions, unknown], NOW);

    expect(index.unguarded).toEqual([{ cacheName: 'jobs', why: 'nobody knows', isAwaited: false }]);
    expect(index.problems).toEqual([{ cacheName: 'jobs', securityGroupIds: [], why: 'nobody knows' }]);
    expect(index.unguardedOf('jobs')).toEqual(index.unguarded);
    expect(index.unguardedOf('sessions')).toEqual([]);
  });

  test('is waited for while it is created', () => {
    const index = new CacheIndex([creating], NOW);

    expect(index.unguarded).toEqual([{ cacheName: 'jobs', why: 'nobody knows', isAwaited: true }]);
    expect(index.problems).toEqual([]);
    expect(index.awaited).toHaveLength(1);
  });

  test('is known by the name of its replication group and by its own', () => {
    const index = new CacheIndex([{ ...unknown, cacheName: 'shop', clusterName: 'shop-001' }], NOW);

    expect(index.unguardedOf('shop')).toEqual(index.unguarded);
    expect(index.unguardedOf('shop-001')).toEqual(index.unguarded);
    expect(index.unguardedOf('shop-002')).toEqual([]);
  });

  test('cannot be judged as long as one of its clusters is like that, and the others have a port', () => {
    const jobs = { ...sessions, cacheName: 'jobs', clusterName: 'jobs-001' };
    const index = new CacheIndex([jobs, { ...creating, clusterName: 'jobs-002' }], NOW);

    expect(index.problems).toEqual([{ cacheName: 'jobs', securityGroupIds: [], why: 'nobody knows' }]);
  });
});

describe('a cache that is being created and has no port yet', () => {
  const creating: ListedCache = { ...sessions, ports: [], likelyPorts: [6379] };
  const awaitedOf = (...caches: readonly ListedCache[]) => new CacheIndex(caches, NOW).awaited;

  test('is waited for behind its own security groups, and behind no other', () => {
    const index = new CacheIndex([creating], NOW);

    expect(index.awaitedBehind(GROUP)).toEqual([
      { cacheName: 'sessions', securityGroupIds: [GROUP], likelyPorts: [6379] },
    ]);
    expect(index.awaitedBehind(OTHER_GROUP)).toEqual([]);
  });

  test('is waited for as a cluster of which no security group is known yet, while none of its replication group has a port', () => {
    const cluster = { ...creating, clusterName: 'sessions-001', securityGroupIds: [], unknownGroups: 'nobody knows' };

    expect(awaitedOf(cluster)).toMatchObject([{ cacheName: 'sessions', clusterNames: ['sessions-001'] }]);
  });

  test('is not waited for as a cluster where another of its replication group has the port', () => {
    const cluster = { ...creating, clusterName: 'sessions-002' };

    expect(awaitedOf({ ...sessions, clusterName: 'sessions-001' }, cluster)).toEqual([]);
  });

  test.each([
    [
      'a replication group, and a serverless cache with its name has one',
      { ...creating, clusterName: 'a-001' },
      sessions,
    ],
    [
      'a serverless cache, and a replication group with its name has one',
      creating,
      { ...sessions, clusterName: 'a-001' },
    ],
  ])('is waited for as %s: these do not share a port', (_, portless, listening) => {
    expect(awaitedOf(listening, portless)).toMatchObject([{ cacheName: 'sessions', securityGroupIds: [GROUP] }]);
  });
});

describe('a cache that may be behind any security group, because its own are not known', () => {
  const unknown = { cacheName: 'jobs', securityGroupIds: [], ports: [], unknownGroups: 'nobody knows' };

  test.each<[string, ListedCache, readonly number[], boolean]>([
    ['those that it listens on', { ...unknown, ports: [11_211] }, [11_211], true],
    [
      'those that it will most likely have, while it is created',
      { ...unknown, likelyPorts: [11_211] },
      [11_211],
      false,
    ],
    ['those that it most likely had', { ...unknown, formerPorts: [6379] }, [6379], false],
    ['none where nothing is known of them', unknown, [], false],
  ])('has as ports %s', (_, cache, likelyPorts, arePortsKnown) => {
    const index = new CacheIndex([cache], NOW);

    expect(index.doubtfulBehind(GROUP).filter(({ why }) => why === 'groups-not-known')).toEqual([
      { cacheName: 'jobs', likelyPorts, arePortsKnown, why: 'groups-not-known' },
    ]);
  });
});

describe('the reader of the index', () => {
  /** Reads from caches that change, with a clock that somebody sets. */
  function reading() {
    const state = { caches: [sessions] as readonly ListedCache[], ms: NOW.getTime(), asked: [] as string[] };
    const reader = cacheIndexReader(
      async ({ account, region }) => {
        state.asked.push(`${account} ${region}`);
        return state.caches;
      },
      () => new Date(state.ms),
    );
    return { state, reader };
  }

  test('keeps what it read for a minute, and reads it anew then', async () => {
    const { state, reader } = reading();
    await reader.read(HERE, timeUp);

    await reader.read(HERE, timeUp);
    state.ms += 59_999;
    await reader.read(HERE, timeUp);
    const whileKept = state.asked.length;
    state.ms += 1;
    await reader.read(HERE, timeUp);

    expect(whileKept).toBe(1);
    expect(state.asked).toHaveLength(2);
  });

  test('keeps it no longer where the clock was put back', async () => {
    const { state, reader } = reading();
    await reader.read(HERE, timeUp);
    state.caches = [];
    state.ms -= 1;

    const index = await reader.read(HERE, timeUp);

    expect(index.cacheCount).toBe(0);
  });

  test('keeps each region and each account for itself', async () => {
    const { state, reader } = reading();

    await reader.read(HERE, timeUp);
    await reader.read({ ...HERE, region: 'eu-west-1' }, timeUp);
    await reader.read({ ...HERE, account: STRANGER }, timeUp);

    expect(state.asked).toEqual([`${ACCOUNT} ${REGION}`, `${ACCOUNT} eu-west-1`, `${STRANGER} ${REGION}`]);
  });

  test('reads it anew when asked to, and keeps that', async () => {
    const { state, reader } = reading();
    await reader.read(HERE, timeUp);
    state.caches = [sessions, carts];

    const anew = await reader.readAnew(HERE, timeUp);

    expect(anew.cacheCount).toBe(2);
    expect(await reader.read(HERE, timeUp)).toBe(anew);
    expect(state.asked).toHaveLength(2);
  });

  test('keeps the index that was begun last, also if one of before ends after it', async () => {
    const answers = [Promise.withResolvers<readonly ListedCache[]>(), Promise.withResolvers<readonly ListedCache[]>()];
    const state = { ms: NOW.getTime(), asked: 0 };
    const reader = cacheIndexReader(
      async () => (await answers[state.asked++]?.promise) ?? [],
      () => new Date(state.ms),
    );
    const thawed = reader.readAnew(HERE, timeUp);
    state.ms += 1_000;
    const next = reader.readAnew(HERE, timeUp);
    answers[1]?.resolve([sessions]);
    await next;
    answers[0]?.resolve([]);
    await thawed;

    const kept = await reader.read(HERE, timeUp);

    expect(kept.names).toEqual(new Set(['sessions']));
    expect(state.asked).toBe(2);
  });

  test('keeps none of before one that is not kept', async () => {
    const awaited: ListedCache = { ...sessions, ports: [], likelyPorts: [6379] };
    const answers = [Promise.withResolvers<readonly ListedCache[]>(), Promise.withResolvers<readonly ListedCache[]>()];
    const state = { ms: NOW.getTime(), asked: 0 };
    const reader = cacheIndexReader(
      async () => (await answers[state.asked++]?.promise) ?? [awaited],
      () => new Date(state.ms),
    );
    const thawed = reader.readAnew(HERE, timeUp);
    state.ms += 1_000;
    const next = reader.readAnew(HERE, timeUp);
    answers[1]?.resolve([awaited]);
    await next;
    answers[0]?.resolve([]);
    await thawed;

    const read = await reader.read(HERE, timeUp);

    expect(read.names).toEqual(new Set(['sessions']));
  });

  test('does not keep it while one node of a replication group is being created whose security groups are not known', async () => {
    const { state, reader } = reading();
    const node = { ...sessions, clusterName: 'sessions-002', securityGroupIds: [], ports: [], likelyPorts: [6379] };
    state.caches = [
      { ...sessions, clusterName: 'sessions-001' },
      { ...node, unknownGroups: 'nobody knows' },
    ];
    await reader.read(HERE, timeUp);
    state.caches = [sessions, carts];

    const read = await reader.read(HERE, timeUp);

    expect(read.guardedBy(OTHER_GROUP)).toHaveLength(1);
  });

  test('forgets what it kept once it sees a cache that is being created', async () => {
    const { state, reader } = reading();
    await reader.read(HERE, timeUp);
    state.caches = [{ ...carts, ports: [], likelyPorts: [6380] }];
    await reader.readAnew(HERE, timeUp);
    state.caches = [carts];

    const read = await reader.read(HERE, timeUp);

    expect([...read.names]).toEqual(['carts']);
  });

  test('takes it for as old as the beginning of the calls that it took', async () => {
    const state = { ms: NOW.getTime() };
    const reader = cacheIndexReader(
      async () => {
        state.ms += 5_000;
        return [sessions];
      },
      () => new Date(state.ms),
    );

    const { readAt } = await reader.read(HERE, timeUp);

    expect(readAt).toEqual(NOW);
  });
});
