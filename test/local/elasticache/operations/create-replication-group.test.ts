import {
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'CreateReplicationGroup';
const NAME = { ReplicationGroupId: 'shop', ReplicationGroupDescription: 'The shop' };

async function create({ sdk }: CacheEndpoint, input: Partial<CreateReplicationGroupCommandInput> = {}) {
  return (await sdk.send(new CreateReplicationGroupCommand({ ...NAME, ...input }))).ReplicationGroup;
}

async function members({ sdk }: CacheEndpoint) {
  return (await sdk.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true }))).CacheClusters ?? [];
}

describe(ACTION, () => {
  test('answers with the replication group, which is creating and has no endpoint yet', async () => {
    const endpoint = await startWithSecurityGroups();
    const ReplicationGroupCreateTime = new Date(endpoint.clock.now());

    const group = await create(endpoint, { ReplicationGroupId: 'Shop', Engine: 'valkey', NumCacheClusters: 3 });

    expect(group).toEqual({
      ReplicationGroupId: 'shop',
      Description: 'The shop',
      Status: 'creating',
      MemberClusters: ['shop-001', 'shop-002', 'shop-003'],
      ClusterEnabled: false,
      CacheNodeType: 'cache.t4g.micro',
      ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:replicationgroup:shop`,
      ReplicationGroupCreateTime,
      Engine: 'valkey',
    });
  });

  test('makes its members cache clusters with its port and its security groups, and a network interface each', async () => {
    const endpoint = await startWithSecurityGroups();
    const { web, batch } = endpoint;
    await create(endpoint, { NumCacheClusters: 2, Port: 7000, SecurityGroupIds: [web, batch] });

    const creating = await members(endpoint);
    endpoint.settle();
    const available = await members(endpoint);

    const SecurityGroups = [{ SecurityGroupId: web }, { SecurityGroupId: batch }];
    expect(creating).toMatchObject([
      { CacheClusterId: 'shop-001', ReplicationGroupId: 'shop', CacheClusterStatus: 'creating', SecurityGroups },
      { CacheClusterId: 'shop-002', ReplicationGroupId: 'shop', CacheClusterStatus: 'creating', SecurityGroups },
    ]);
    expect(available.map(({ CacheNodes }) => CacheNodes?.map(({ Endpoint }) => Endpoint?.Port))).toEqual([
      [7000],
      [7000],
    ]);
    expect(await endpoint.interfaces()).toEqual([
      `ElastiCache shop-001: ${web}, ${batch}`,
      `ElastiCache shop-002: ${web}, ${batch}`,
    ]);
  });

  test('has members without listed security groups, in the default one of the VPC, when none is named', async () => {
    const endpoint = await startWithSecurityGroups();

    await create(endpoint);

    endpoint.settle();
    const [member] = await members(endpoint);
    expect(member).toMatchObject({
      CacheClusterId: 'shop-001',
      Engine: 'redis',
      CacheSubnetGroupName: 'default',
      CacheNodes: [{ Endpoint: { Port: 6379 } }],
    });
    expect(member?.SecurityGroups).toBeUndefined();
    expect(await endpoint.interfaces()).toEqual([`ElastiCache shop-001: ${endpoint.defaultGroup}`]);
  });

  test.each([
    ['two node groups', { NumNodeGroups: 2 }, ['shop-0001-001', 'shop-0002-001']],
    [
      'two node groups with a replica each',
      { NumNodeGroups: 2, ReplicasPerNodeGroup: 1, NumCacheClusters: 6 },
      ['shop-0001-001', 'shop-0001-002', 'shop-0002-001', 'shop-0002-002'],
    ],
    ['one node group in cluster mode', { NumNodeGroups: 1, ClusterMode: 'enabled' as const }, ['shop-0001-001']],
    ['a parameter group for cluster mode', { CacheParameterGroupName: 'default.redis7.cluster.on' }, ['shop-0001-001']],
    ['one node group with two replicas', { ReplicasPerNodeGroup: 2 }, ['shop-001', 'shop-002', 'shop-003']],
  ])('with %s has these members', async (_, input, expected) => {
    const endpoint = await startWithSecurityGroups();

    const group = await create(endpoint, input);

    expect(group?.MemberClusters).toEqual(expected);
    expect((await members(endpoint)).map(({ CacheClusterId }) => CacheClusterId)).toEqual(expected);
  });

  test.each([
    ['Memcached', { Engine: 'memcached' }],
    ['seven cache clusters', { NumCacheClusters: '7' }],
    ['six replicas', { ReplicasPerNodeGroup: '6' }],
    ['91 node groups', { NumNodeGroups: '91' }],
    ['an id of 41 characters', { ReplicationGroupId: `a${'1'.repeat(40)}` }],
    ['an id that ends in a hyphen', { ReplicationGroupId: 'shop-' }],
    ['a security group that is not there', { 'SecurityGroupIds.SecurityGroupId.1': 'sg-0badbadbadbadbad0' }],
  ])('answers InvalidParameterValue for %s, and makes nothing', async (_, parameters) => {
    const endpoint = await startWithSecurityGroups();

    const answer = await endpoint.call(ACTION, { ...NAME, ...parameters });

    expectError(answer, 400, 'InvalidParameterValue');
    endpoint.settle();
    expect([await members(endpoint), await endpoint.interfaces()]).toEqual([[], []]);
  });

  test('makes its members outside of a VPC when cache security groups are named', async () => {
    const endpoint = await startWithSecurityGroups();

    await create(endpoint, { NumCacheClusters: 2, CacheSecurityGroupNames: ['default'] });
    endpoint.settle();

    const CacheSecurityGroups = [{ CacheSecurityGroupName: 'default' }];
    expect(await members(endpoint)).toMatchObject([{ CacheSecurityGroups }, { CacheSecurityGroups }]);
    expect(await endpoint.interfaces()).toEqual([]);
  });

  test.each([
    ['PrimaryClusterId', { PrimaryClusterId: 'sessions' }],
    ['GlobalReplicationGroupId', { GlobalReplicationGroupId: 'global' }],
    ['NodeGroupConfiguration', { 'NodeGroupConfiguration.NodeGroupConfiguration.1.ReplicaCount': '2' }],
  ])('refuses %s, which it does not emulate', async (parameter, parameters) => {
    const { call } = await startWithSecurityGroups();

    const answer = await call(ACTION, { ...NAME, ...parameters });

    expect(expectError(answer, 400, 'InvalidParameterCombination')).toContain(parameter);
  });

  test('answers ReplicationGroupAlreadyExists for an id that there is', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint);

    const answer = await endpoint.call(ACTION, { ...NAME, ReplicationGroupId: 'SHOP' });

    expectError(answer, 400, 'ReplicationGroupAlreadyExists');
    await expect(create(endpoint)).rejects.toMatchObject({ name: 'ReplicationGroupAlreadyExistsFault' });
  });

  test('answers CacheClusterAlreadyExists when one of its members is there already, and makes nothing', async () => {
    const endpoint = await startWithSecurityGroups();
    await endpoint.call('CreateCacheCluster', { CacheClusterId: 'shop-002', Engine: 'redis' });

    const answer = await endpoint.call(ACTION, { ...NAME, NumCacheClusters: '2' });

    expect(expectError(answer, 400, 'CacheClusterAlreadyExists')).toContain('shop-002');
    endpoint.settle();
    expect(await endpoint.interfaces()).toHaveLength(1);
    const { ReplicationGroups } = await endpoint.sdk.send(new DescribeReplicationGroupsCommand({}));
    expect(ReplicationGroups).toEqual([]);
  });
});
