import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DeleteCacheClusterCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'DeleteCacheCluster';
const NAME = { CacheClusterId: 'sessions' };

async function startWithSessions(): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  await endpoint.sdk.send(new CreateCacheClusterCommand({ ...NAME, Engine: 'redis' }));
  endpoint.settle();
  return endpoint;
}

async function startWithGroup(input = {}): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  const group = { ReplicationGroupId: 'shop', ReplicationGroupDescription: 'The shop', ...input };
  await endpoint.sdk.send(new CreateReplicationGroupCommand(group));
  endpoint.settle();
  return endpoint;
}

describe(ACTION, () => {
  test('answers with the cache cluster, which is deleting; then it is gone', async () => {
    const endpoint = await startWithSessions();
    const { sdk } = endpoint;

    const { CacheCluster } = await sdk.send(new DeleteCacheClusterCommand(NAME));
    const meanwhile = await sdk.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }));
    endpoint.settle();
    const after = await sdk.send(new DescribeCacheClustersCommand({}));

    expect(CacheCluster).toMatchObject({ CacheClusterStatus: 'deleting', NumCacheNodes: 1 });
    expect(meanwhile.CacheClusters).toMatchObject([{ ...NAME, CacheClusterStatus: 'deleting' }]);
    expect(meanwhile.CacheClusters?.[0]?.CacheNodes).toBeUndefined();
    expect(after.CacheClusters).toEqual([]);
  });

  test('has no network interface any more, also while it is deleting', async () => {
    const endpoint = await startWithSessions();

    await endpoint.sdk.send(new DeleteCacheClusterCommand(NAME));

    expect(await endpoint.interfaces()).toEqual([]);
  });

  test('lets the id be used again only when the cache cluster is gone', async () => {
    const endpoint = await startWithSessions();
    const again = () => endpoint.sdk.send(new CreateCacheClusterCommand({ ...NAME, Engine: 'valkey' }));
    await endpoint.sdk.send(new DeleteCacheClusterCommand(NAME));

    await expect(again()).rejects.toMatchObject({ name: 'CacheClusterAlreadyExistsFault' });
    endpoint.settle();
    await expect(again()).resolves.toMatchObject({ CacheCluster: { Engine: 'valkey' } });
  });

  test('answers InvalidCacheClusterState while the cache cluster is being deleted, and CacheClusterNotFound after', async () => {
    const endpoint = await startWithSessions();
    await endpoint.call(ACTION, NAME);

    const meanwhile = await endpoint.call(ACTION, NAME);
    endpoint.settle();
    const after = await endpoint.call(ACTION, NAME);

    expect(expectError(meanwhile, 400, 'InvalidCacheClusterState')).toContain('deleting');
    expectError(after, 404, 'CacheClusterNotFound');
  });

  test('takes a replica out of its replication group', async () => {
    const endpoint = await startWithGroup({ NumCacheClusters: 3 });
    const { sdk } = endpoint;

    await sdk.send(new DeleteCacheClusterCommand({ CacheClusterId: 'shop-002' }));

    const { ReplicationGroups } = await sdk.send(new DescribeReplicationGroupsCommand({}));
    expect(ReplicationGroups).toMatchObject([{ Status: 'modifying', MemberClusters: ['shop-001', 'shop-003'] }]);
  });

  test('answers InvalidCacheClusterState in AWS’s words for the only member of a replication group', async () => {
    const { call } = await startWithGroup({ NumCacheClusters: 1 });

    const answer = await call(ACTION, { CacheClusterId: 'shop-001' });

    expect(expectError(answer, 400, 'InvalidCacheClusterState')).toBe(
      'Cannot delete the cache cluster since it is the only member of a replication group. Delete the replication group instead.',
    );
  });

  test.each([
    ['the primary of a replication group', 'shop-001', { NumCacheClusters: 3 }],
    ['the last replica of a replication group', 'shop-002', { NumCacheClusters: 2 }],
    ['a member of one in cluster mode', 'shop-0001-002', { NumNodeGroups: 2, ReplicasPerNodeGroup: 2 }],
  ])('answers InvalidCacheClusterState for %s, and changes nothing', async (_, CacheClusterId, input) => {
    const { call, sdk } = await startWithGroup(input);

    const answer = await call(ACTION, { CacheClusterId });

    expect(expectError(answer, 400, 'InvalidCacheClusterState')).toContain('shop');
    const { CacheClusters } = await sdk.send(new DescribeCacheClustersCommand({ CacheClusterId }));
    expect(CacheClusters).toMatchObject([{ CacheClusterStatus: 'available', ReplicationGroupId: 'shop' }]);
  });
});
