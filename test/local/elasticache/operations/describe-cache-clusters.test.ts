import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  paginateDescribeCacheClusters,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'DescribeCacheClusters';

async function create({ sdk }: CacheEndpoint, CacheClusterId: string, input = {}) {
  await sdk.send(new CreateCacheClusterCommand({ CacheClusterId, Engine: 'redis', ...input }));
}

async function describeClusters({ sdk }: CacheEndpoint, input = {}) {
  return (await sdk.send(new DescribeCacheClustersCommand(input))).CacheClusters ?? [];
}

describe(ACTION, () => {
  test('shows nothing where there is nothing', async () => {
    const endpoint = await startWithSecurityGroups();

    expect(await describeClusters(endpoint)).toEqual([]);
  });

  test('tells of the nodes, their endpoints and security groups, if it is asked to', async () => {
    const endpoint = await startWithSecurityGroups();
    const { web, batch } = endpoint;
    const created = new Date(endpoint.clock.now());
    await create(endpoint, 'mem', {
      Engine: 'memcached',
      NumCacheNodes: 2,
      Port: 7001,
      SecurityGroupIds: [web, batch],
    });
    endpoint.settle();

    const clusters = await describeClusters(endpoint, { ShowCacheNodeInfo: true });

    const node = { CacheNodeStatus: 'available', CacheNodeCreateTime: created };
    const addressOf = (part: string) => ({ Address: `mem.local0.${part}.use1.cache.amazonaws.com`, Port: 7001 });
    expect(clusters).toEqual([
      {
        CacheClusterId: 'mem',
        ConfigurationEndpoint: addressOf('cfg'),
        CacheNodeType: 'cache.t4g.micro',
        Engine: 'memcached',
        EngineVersion: '1.6.22',
        CacheClusterStatus: 'available',
        NumCacheNodes: 2,
        CacheClusterCreateTime: created,
        CacheNodes: [
          { CacheNodeId: '0001', ...node, Endpoint: addressOf('0001') },
          { CacheNodeId: '0002', ...node, Endpoint: addressOf('0002') },
        ],
        CacheSecurityGroups: [],
        CacheSubnetGroupName: 'default',
        SecurityGroups: [
          { SecurityGroupId: web, Status: 'active' },
          { SecurityGroupId: batch, Status: 'active' },
        ],
        ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:cluster:mem`,
      },
    ]);
  });

  test.each([undefined, false])(
    'tells nothing of the nodes when ShowCacheNodeInfo is %s',
    async (ShowCacheNodeInfo) => {
      const endpoint = await startWithSecurityGroups();
      await create(endpoint, 'sessions', { SecurityGroupIds: [endpoint.web] });
      endpoint.settle();

      const [cluster] = await describeClusters(endpoint, { ShowCacheNodeInfo });

      expect(cluster).toMatchObject({ CacheClusterStatus: 'available', SecurityGroups: [{ Status: 'active' }] });
      expect(cluster?.CacheNodes).toBeUndefined();
    },
  );

  test('tells nothing of the nodes, and no configuration endpoint, while the cache cluster is creating', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'mem', { Engine: 'memcached', SecurityGroupIds: [endpoint.web] });

    const [creating] = await describeClusters(endpoint, { ShowCacheNodeInfo: true });
    endpoint.settle();
    const [available] = await describeClusters(endpoint, { ShowCacheNodeInfo: true });

    expect(creating).toMatchObject({ CacheClusterStatus: 'creating', SecurityGroups: [{ Status: 'active' }] });
    expect([creating?.CacheNodes, creating?.ConfigurationEndpoint]).toEqual([undefined, undefined]);
    expect(available).toMatchObject({ CacheClusterStatus: 'available', CacheNodes: [{}], ConfigurationEndpoint: {} });
  });

  test('shows members of replication groups too, unless it is asked not to', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'alone');
    const group = { ReplicationGroupId: 'shop', ReplicationGroupDescription: 'The shop', NumCacheClusters: 2 };
    await endpoint.sdk.send(new CreateReplicationGroupCommand(group));

    const all = await describeClusters(endpoint);
    const alone = await describeClusters(endpoint, { ShowCacheClustersNotInReplicationGroups: true });

    expect(all.map(({ CacheClusterId, ReplicationGroupId }) => [CacheClusterId, ReplicationGroupId])).toEqual([
      ['alone', undefined],
      ['shop-001', 'shop'],
      ['shop-002', 'shop'],
    ]);
    expect(alone.map(({ CacheClusterId }) => CacheClusterId)).toEqual(['alone']);
  });

  test('shows one by its id, in any case', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'sessions');
    await create(endpoint, 'sessions-2');

    const clusters = await describeClusters(endpoint, { CacheClusterId: 'SESSIONS' });

    expect(clusters).toMatchObject([{ CacheClusterId: 'sessions' }]);
  });

  test.each(['constructor', '__proto__', 'tostring'])('knows no %s', async (CacheClusterId) => {
    const { call } = await startWithSecurityGroups();

    const answer = await call(ACTION, { CacheClusterId });

    expect([400, 404]).toContain(answer.status);
  });

  test.each(['yes', '1', 'TRUE', ''])('answers InvalidParameterValue for ShowCacheNodeInfo %j', async (written) => {
    const { call } = await startWithSecurityGroups();

    const answer = await call(ACTION, { ShowCacheNodeInfo: written });

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('ShowCacheNodeInfo');
  });
});

describe(`${ACTION} page by page`, () => {
  async function startWithClusters(count: number): Promise<CacheEndpoint> {
    const endpoint = await startWithSecurityGroups();
    for (let number = 1; number <= count; number++) await create(endpoint, `c-${String(number).padStart(3, '0')}`);
    return endpoint;
  }

  test('shows as many as MaxRecords says, and every cache cluster once', async () => {
    const { sdk } = await startWithClusters(45);
    const pages: string[][] = [];

    for await (const { CacheClusters } of paginateDescribeCacheClusters({ client: sdk, pageSize: 20 }, {})) {
      pages.push((CacheClusters ?? []).map(({ CacheClusterId }) => CacheClusterId as string));
    }

    expect(pages.map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(pages.flat()).toEqual([...new Set(pages.flat())].sort());
  });

  test('counts only those it shows: members of replication groups left out fill no page', async () => {
    const { sdk } = await startWithClusters(20);
    const group = { ReplicationGroupId: 'b-group', ReplicationGroupDescription: 'a', NumCacheClusters: 6 };
    await sdk.send(new CreateReplicationGroupCommand(group));
    const input = { MaxRecords: 20, ShowCacheClustersNotInReplicationGroups: true };

    const { CacheClusters, Marker } = await sdk.send(new DescribeCacheClustersCommand(input));

    expect([CacheClusters?.length, Marker]).toEqual([20, undefined]);
  });

  test.each(['19', '101', '', 'many'])('answers InvalidParameterValue for MaxRecords %j', async (MaxRecords) => {
    const { call } = await startWithSecurityGroups();

    expect(expectError(await call(ACTION, { MaxRecords }), 400, 'InvalidParameterValue')).toContain('MaxRecords');
  });

  test.each(['', 'x', Buffer.from('after:<b>').toString('base64url')])(
    'answers InvalidParameterValue for a marker that no answer gave: %s',
    async (Marker) => {
      const { call } = await startWithSecurityGroups();

      expect(expectError(await call(ACTION, { Marker }), 400, 'InvalidParameterValue')).toContain('Marker');
    },
  );

  test('takes MaxRecords from 20 to 100', async () => {
    const { call } = await startWithSecurityGroups();

    for (const MaxRecords of ['20', '100']) expectSuccess(await call(ACTION, { MaxRecords }), ACTION);
  });
});
