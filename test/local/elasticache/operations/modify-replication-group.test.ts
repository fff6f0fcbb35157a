import {
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  ModifyCacheClusterCommand,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'ModifyReplicationGroup';
const NAME = { ReplicationGroupId: 'shop' };

async function startWithGroup(input = {}): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  const SecurityGroupIds = [endpoint.web];
  const group = { ...NAME, ReplicationGroupDescription: 'The shop', NumCacheClusters: 2, SecurityGroupIds, ...input };
  await endpoint.sdk.send(new CreateReplicationGroupCommand(group));
  endpoint.settle();
  return endpoint;
}

async function members({ sdk }: CacheEndpoint) {
  const { CacheClusters = [] } = await sdk.send(new DescribeCacheClustersCommand({}));
  return CacheClusters.map(({ CacheClusterId, CacheClusterStatus, SecurityGroups }) => [
    CacheClusterId,
    CacheClusterStatus,
    ...(SecurityGroups ?? []).map(({ SecurityGroupId }) => SecurityGroupId),
  ]);
}

describe(ACTION, () => {
  test.each([
    ['cluster mode or not', {}, ['shop-001', 'shop-002']],
    ['several node groups', { NumNodeGroups: 2 }, ['shop-0001-001', 'shop-0002-001']],
  ])('puts the security groups in the place of those that each member had: %s', async (_, input, expected) => {
    const endpoint = await startWithGroup(input);
    const { sdk, batch, defaultGroup } = endpoint;
    const SecurityGroupIds = [batch, defaultGroup];

    const { ReplicationGroup } = await sdk.send(new ModifyReplicationGroupCommand({ ...NAME, SecurityGroupIds }));

    expect(ReplicationGroup).toMatchObject({ Status: 'modifying', MemberClusters: expected });
    expect(await members(endpoint)).toEqual(expected.map((id) => [id, 'modifying', ...SecurityGroupIds]));
    expect(await endpoint.interfaces()).toEqual(expected.map((id) => `ElastiCache ${id}: ${batch}, ${defaultGroup}`));
  });

  test('has its endpoints while it is modifying', async () => {
    const { sdk } = await startWithGroup({ Port: 7000 });

    const { ReplicationGroup } = await sdk.send(new ModifyReplicationGroupCommand(NAME));

    expect(ReplicationGroup?.NodeGroups).toMatchObject([{ PrimaryEndpoint: { Port: 7000 } }]);
  });

  test('changes the description alone when it is told no security groups', async () => {
    const endpoint = await startWithGroup();
    const input = { ...NAME, ReplicationGroupDescription: 'Another shop' };

    const { ReplicationGroup } = await endpoint.sdk.send(new ModifyReplicationGroupCommand(input));

    expect(ReplicationGroup?.Description).toBe('Another shop');
    expect(await endpoint.interfaces()).toEqual([
      `ElastiCache shop-001: ${endpoint.web}`,
      `ElastiCache shop-002: ${endpoint.web}`,
    ]);
  });

  test('keeps what a replica that joins later is made of', async () => {
    const endpoint = await startWithGroup();
    const SecurityGroupIds = [endpoint.batch];
    await endpoint.sdk.send(new ModifyReplicationGroupCommand({ ...NAME, SecurityGroupIds }));
    endpoint.settle();

    await endpoint.call('CreateCacheCluster', { CacheClusterId: 'late', ReplicationGroupId: 'shop' });

    endpoint.settle();
    expect(await endpoint.interfaces()).toContain(`ElastiCache late: ${endpoint.batch}`);
  });

  test.each([
    ['one that is not there', () => 'sg-0badbadbadbadbad0'],
    ['one of another VPC', ({ elsewhere }: CacheEndpoint) => elsewhere],
  ])('answers InvalidParameterValue for security groups with %s, and changes nothing', async (_, groupOf) => {
    const endpoint = await startWithGroup();
    const before = await members(endpoint);

    const answer = await endpoint.call(ACTION, { ...NAME, 'SecurityGroupIds.SecurityGroupId.1': groupOf(endpoint) });

    expectError(answer, 400, 'InvalidParameterValue');
    expect(await members(endpoint)).toEqual(before);
  });

  test('answers InvalidReplicationGroupState while it is being changed, and is good after', async () => {
    const endpoint = await startWithGroup();
    await endpoint.call(ACTION, NAME);

    const meanwhile = await endpoint.call(ACTION, NAME);
    endpoint.settle();
    const after = await endpoint.call(ACTION, NAME);

    expect(expectError(meanwhile, 400, 'InvalidReplicationGroupState')).toContain('modifying');
    expect(after.status).toBe(200);
  });

  test('answers InvalidCacheClusterState while one of its members is being changed, and changes none', async () => {
    const endpoint = await startWithGroup();
    await endpoint.sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'shop-002' }));

    const answer = await endpoint.call(ACTION, { ...NAME, 'SecurityGroupIds.SecurityGroupId.1': endpoint.batch });

    expect(expectError(answer, 400, 'InvalidCacheClusterState')).toContain('shop-002');
    expect(await endpoint.interfaces()).toContain(`ElastiCache shop-001: ${endpoint.web}`);
  });
});
