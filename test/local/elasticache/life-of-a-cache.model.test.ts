import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  CreateServerlessCacheCommand,
  DeleteCacheClusterCommand,
  DeleteReplicationGroupCommand,
  DeleteServerlessCacheCommand,
  DescribeCacheClustersCommand,
  DescribeServerlessCachesCommand,
  type ElastiCacheClient,
  ModifyCacheClusterCommand,
  ModifyReplicationGroupCommand,
  ModifyServerlessCacheCommand,
} from '@aws-sdk/client-elasticache';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../support/local-aws/caches.ts';
import { CREATING } from '../../support/local-aws/local-endpoint.ts';
import { times } from '../../support/tools/fuzz.ts';
import { type Ended, ReferenceCaches } from './reference-caches.ts';

/** The three kinds of caches, called in one way. `members` are the cache clusters that a cache shows as. */
const KINDS = {
  cluster: {
    members: (name: string) => [name],
    create: (CacheClusterId: string, Port: number, SecurityGroupIds: string[]) =>
      new CreateCacheClusterCommand({ CacheClusterId, Engine: 'redis', Port, SecurityGroupIds }),
    modify: (CacheClusterId: string, SecurityGroupIds: string[]) =>
      new ModifyCacheClusterCommand({ CacheClusterId, SecurityGroupIds }),
    delete: (CacheClusterId: string) => new DeleteCacheClusterCommand({ CacheClusterId }),
  },
  group: {
    members: (name: string) => [`${name}-001`, `${name}-002`],
    create: (ReplicationGroupId: string, Port: number, SecurityGroupIds: string[]) =>
      new CreateReplicationGroupCommand({
        ReplicationGroupId,
        ReplicationGroupDescription: 'a',
        NumCacheClusters: 2,
        Port,
        SecurityGroupIds,
      }),
    modify: (ReplicationGroupId: string, SecurityGroupIds: string[]) =>
      new ModifyReplicationGroupCommand({ ReplicationGroupId, SecurityGroupIds }),
    delete: (ReplicationGroupId: string) => new DeleteReplicationGroupCommand({ ReplicationGroupId }),
  },
  serverless: {
    members: () => [],
    create: (ServerlessCacheName: string, _port: number, SecurityGroupIds: string[]) =>
      new CreateServerlessCacheCommand({ ServerlessCacheName, Engine: 'valkey', SecurityGroupIds }),
    modify: (ServerlessCacheName: string, SecurityGroupIds: string[]) =>
      new ModifyServerlessCacheCommand({ ServerlessCacheName, SecurityGroupIds }),
    delete: (ServerlessCacheName: string) => new DeleteServerlessCacheCommand({ ServerlessCacheName }),
  },
} as const;

type KindName = keyof typeof KINDS;
type Verb = 'create' | 'modify' | 'delete';

const ENDED: Readonly<Record<string, Ended>> = {
  CacheClusterAlreadyExistsFault: 'exists',
  ReplicationGroupAlreadyExistsFault: 'exists',
  ServerlessCacheAlreadyExistsFault: 'exists',
  CacheClusterNotFoundFault: 'not found',
  ReplicationGroupNotFoundFault: 'not found',
  ServerlessCacheNotFoundFault: 'not found',
  InvalidCacheClusterStateFault: 'invalid state',
  InvalidReplicationGroupStateFault: 'invalid state',
  InvalidServerlessCacheStateFault: 'invalid state',
};

/** A call, or time that passes. */
type Step =
  | {
      readonly kind: KindName;
      readonly verb: Verb;
      readonly name: string;
      readonly port: number;
      /** Which of three security groups. */
      readonly groups: readonly number[];
    }
  | { readonly ms: number };

// Small worlds: few names, so that calls are about the same caches again and again.
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom<KindName>('cluster', 'group', 'serverless'),
      verb: fc.constantFrom<Verb>('create', 'modify', 'delete'),
      name: fc.constantFrom('a', 'a', 'a', 'b'),
      port: fc.constantFrom(6379, 7000),
      groups: fc.subarray([0, 1, 2]),
    }),
  },
  { weight: 2, arbitrary: fc.record({ ms: fc.constantFrom(1, CREATING / 2, CREATING - 1, CREATING) }) },
);

/** What is told of a cache, in a line: its status, its security groups, and its ports once it is there. */
function line(name: string, status: string, groups: readonly string[], ports: readonly unknown[]): string {
  return `${name} ${status} ${groups.join(',')} ${status === 'creating' || status === 'deleting' ? '' : ports.join(',')}`;
}

/** The client, on the endpoint's clock: each answer sets it to the real one. */
function onTime({ sdk, clock }: CacheEndpoint): ElastiCacheClient {
  sdk.config.systemClockOffset = clock.now() - Date.now();
  return sdk;
}

async function shown(endpoint: CacheEndpoint): Promise<string[]> {
  const { CacheClusters = [] } = await onTime(endpoint).send(
    new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }),
  );
  const { ServerlessCaches = [] } = await onTime(endpoint).send(new DescribeServerlessCachesCommand({}));
  return [
    ...CacheClusters.map(({ CacheClusterId = '', CacheClusterStatus = '', SecurityGroups = [], CacheNodes = [] }) =>
      line(
        CacheClusterId,
        CacheClusterStatus,
        SecurityGroups.map(({ SecurityGroupId = '' }) => SecurityGroupId),
        CacheNodes.map(({ Endpoint }) => Endpoint?.Port),
      ),
    ),
    ...ServerlessCaches.map(({ ServerlessCacheName, Status = '', SecurityGroupIds = [], Endpoint, ReaderEndpoint }) =>
      line(`serverless ${ServerlessCacheName}`, Status, SecurityGroupIds, [Endpoint?.Port, ReaderEndpoint?.Port]),
    ),
  ].sort();
}

function expected(model: Readonly<Record<KindName, ReferenceCaches>>): string[] {
  const clusters = (['cluster', 'group'] as const).flatMap((kind) =>
    [...model[kind].caches].flatMap(([name, { status, groups, port }]) =>
      KINDS[kind].members(name).map((member) => line(member, status, groups, [port])),
    ),
  );
  const serverless = [...model.serverless.caches].map(([name, { status, groups }]) =>
    line(`serverless ${name}`, status, groups, [6379, 6380]),
  );
  return [...clusters, ...serverless].sort();
}

async function endOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    ({ name }: Error) => ENDED[name] ?? name,
  );
}

test('caches of every kind live, through any calls in any order, as a plain model of them does', async () => {
  const seen = new Set<string>();

  async function live(endpoint: CacheEndpoint, creatingMs: number, steps: readonly Step[]) {
    const { clock } = endpoint;
    const ids = [endpoint.web, endpoint.batch, endpoint.defaultGroup];
    const model = {
      cluster: new ReferenceCaches(creatingMs),
      group: new ReferenceCaches(creatingMs),
      serverless: new ReferenceCaches(creatingMs),
    };
    for (const one of steps) {
      if ('ms' in one) {
        clock.advance(one.ms);
        for (const caches of Object.values(model)) caches.pass(one.ms);
      } else {
        const { kind, verb, name, port } = one;
        const groups = one.groups.map((index) => ids[index] as string);
        const ends = {
          create: () => [model[kind].create(name, port, groups), KINDS[kind].create(name, port, groups)],
          modify: () => [model[kind].modify(name, groups), KINDS[kind].modify(name, groups)],
          delete: () => [model[kind].delete(name), KINDS[kind].delete(name)],
        } as const;
        const [end, command] = ends[verb]();
        expect(await endOf(onTime(endpoint).send(command as CreateCacheClusterCommand))).toBe(end);
        seen.add(`${kind} ${verb} ${end}`);
      }
      expect(await shown(endpoint)).toEqual(expected(model));
    }
  }

  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40, size: 'max' }),
      fc.constantFrom(CREATING, CREATING, CREATING, 0),
      async (steps, creatingMs) => {
        const endpoint = await startWithSecurityGroups({ creatingMs });
        await live(endpoint, creatingMs, steps).finally(() => endpoint.close());
      },
    ),
    times(40),
  );

  const kinds = Object.keys(KINDS);
  expect([...seen].sort()).toEqual(
    kinds
      .flatMap((kind) => [
        ...['done', 'exists'].map((end) => `${kind} create ${end}`),
        ...['modify', 'delete'].flatMap((verb) =>
          ['done', 'not found', 'invalid state'].map((end) => `${kind} ${verb} ${end}`),
        ),
      ])
      .sort(),
  );
});
