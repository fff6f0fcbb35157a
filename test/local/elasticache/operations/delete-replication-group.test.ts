import {
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'DeleteReplicationGroup';
const NAME = { ReplicationGroupId: 'shop' };

async function startWithGroup(input = {}): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  const group = { ...NAME, ReplicationGroupDescription: 'The shop', NumCacheClusters: 2, ...input };
  await endpoint.sdk.send(new CreateReplicationGroupCommand(group));
  endpoint.settle();
  return endpoint;
}

async function clusters({ sdk }: CacheEndpoint) {
  return (await sdk.send(new DescribeCacheClustersCommand({}))).CacheClusters;
}

describe(ACTION, () => {
  test('deletes the replication group with its members and their network interfaces', async () => {
    const endpoint = await startWithGroup();
    const { sdk } = endpoint;

    const { ReplicationGroup } = await sdk.send(new DeleteReplicationGroupCommand(NAME));

    expect(ReplicationGroup).toMatchObject({ Status: 'deleting', MemberClusters: [] });
    expect(await clusters(endpoint)).toMatchObject([
      { CacheClusterId: 'shop-001', CacheClusterStatus: 'deleting' },
      { CacheClusterId: 'shop-002', CacheClusterStatus: 'deleting' },
    ]);
    expect(await endpoint.interfaces()).toEqual([]);
    endpoint.settle();
    expect(await clusters(endpoint)).toEqual([]);
    expect((await sdk.send(new DescribeReplicationGroupsCommand({}))).ReplicationGroups).toEqual([]);
  });

  test('retains the primary, which lives on for itself, if it is asked to', async () => {
    const endpoint = await startWithGroup();

    await endpoint.sdk.send(new DeleteReplicationGroupCommand({ ...NAME, RetainPrimaryCluster: true }));

    endpoint.settle();
    const [primary, ...others] = (await clusters(endpoint)) ?? [];
    expect(primary).toMatchObject({ CacheClusterId: 'shop-001', CacheClusterStatus: 'available' });
    expect([primary?.ReplicationGroupId, others]).toEqual([undefined, []]);
    expect(await endpoint.interfaces()).toEqual([`ElastiCache shop-001: ${endpoint.defaultGroup}`]);
  });

  test('answers InvalidParameterCombination when there are several primaries to retain', async () => {
    const endpoint = await startWithGroup({ NumNodeGroups: 2 });

    const answer = await endpoint.call(ACTION, { ...NAME, RetainPrimaryCluster: 'true' });

    expectError(answer, 400, 'InvalidParameterCombination');
    expect(await endpoint.interfaces()).toHaveLength(2);
  });

  test('answers InvalidReplicationGroupState while it is being deleted, and ReplicationGroupNotFoundFault after', async () => {
    const endpoint = await startWithGroup();
    await endpoint.call(ACTION, NAME);

    const meanwhile = await endpoint.call(ACTION, NAME);
    endpoint.settle();
    const after = await endpoint.call(ACTION, NAME);

    expect(expectError(meanwhile, 400, 'InvalidReplicationGroupState')).toContain('deleting');
    expectError(after, 404, 'ReplicationGroupNotFoundFault');
  });
});
