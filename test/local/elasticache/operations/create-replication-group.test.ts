import {
  CreateCacheClusterCommand,
  type CreateCacheClusterCommandInput,
  CreateReplicationGroupCommand,
  type CreateReplicationGroupCommandInput,
  DeleteReplicationGroupCommand,
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

describe(`${ACTION} with PrimaryClusterId`, () => {
  const HA = { ReplicationGroupId: 'sessions-ha', ReplicationGroupDescription: 'Sessions of the shop' };
  const AROUND = { ...HA, PrimaryClusterId: 'Sessions' };

  /** A standing cache cluster `sessions`. */
  async function startWithSessions(input: Partial<CreateCacheClusterCommandInput> = {}): Promise<CacheEndpoint> {
    const endpoint = await startWithSecurityGroups();
    const cluster = { CacheClusterId: 'sessions', Engine: 'redis', Port: 7000, SecurityGroupIds: [endpoint.web] };
    await endpoint.sdk.send(new CreateCacheClusterCommand({ ...cluster, ...input }));
    endpoint.settle();
    return endpoint;
  }

  test('puts a standing cache cluster in the replication group, where it keeps name, port and security groups', async () => {
    const endpoint = await startWithSessions();

    const group = await create(endpoint, AROUND);
    const joining = await members(endpoint);
    endpoint.settle();
    const joined = await members(endpoint);

    expect(group).toMatchObject({
      ReplicationGroupId: 'sessions-ha',
      Status: 'creating',
      MemberClusters: ['sessions'],
    });
    const member = {
      CacheClusterId: 'sessions',
      ReplicationGroupId: 'sessions-ha',
      SecurityGroups: [{ SecurityGroupId: endpoint.web }],
      CacheNodes: [{ Endpoint: { Port: 7000 } }],
    };
    expect(joining).toMatchObject([{ ...member, CacheClusterStatus: 'modifying' }]);
    expect(joined).toMatchObject([{ ...member, CacheClusterStatus: 'available' }]);
    expect(await endpoint.interfaces()).toEqual([`ElastiCache sessions: ${endpoint.web}`]);
  });

  test('lets replicas join that are made of what the primary is made of', async () => {
    const endpoint = await startWithSessions();
    await create(endpoint, AROUND);
    endpoint.settle();
    const replica = { CacheClusterId: 'sessions-002', ReplicationGroupId: 'sessions-ha' };

    await endpoint.sdk.send(new CreateCacheClusterCommand(replica));
    endpoint.settle();

    expect(await members(endpoint)).toMatchObject([
      { CacheClusterId: 'sessions', ReplicationGroupId: 'sessions-ha' },
      { ...replica, SecurityGroups: [{ SecurityGroupId: endpoint.web }], CacheNodes: [{ Endpoint: { Port: 7000 } }] },
    ]);
  });

  test('is undone by DeleteReplicationGroup that retains the primary', async () => {
    const endpoint = await startWithSessions();
    await create(endpoint, AROUND);
    endpoint.settle();
    const remove = { ReplicationGroupId: 'sessions-ha', RetainPrimaryCluster: true };

    await endpoint.sdk.send(new DeleteReplicationGroupCommand(remove));
    endpoint.settle();

    const [cluster, ...others] = await members(endpoint);
    expect(cluster).toMatchObject({ CacheClusterId: 'sessions', CacheClusterStatus: 'available' });
    expect([cluster?.ReplicationGroupId, others]).toEqual([undefined, []]);
  });

  test('answers CacheClusterNotFound, with 404, for a cache cluster that is not there, and makes nothing', async () => {
    const endpoint = await startWithSecurityGroups();

    const answer = await endpoint.call(ACTION, AROUND);

    expect(expectError(answer, 404, 'CacheClusterNotFound')).toContain('sessions');
    const { ReplicationGroups } = await endpoint.sdk.send(new DescribeReplicationGroupsCommand({}));
    expect(ReplicationGroups).toEqual([]);
  });

  test('answers InvalidCacheClusterState for a member of another replication group, or one that is being changed', async () => {
    const endpoint = await startWithSessions();
    await create(endpoint, AROUND);
    const other = { ...AROUND, ReplicationGroupId: 'other' };

    const changing = await endpoint.call(ACTION, other);
    endpoint.settle();
    const member = await endpoint.call(ACTION, other);

    expect(expectError(changing, 400, 'InvalidCacheClusterState')).toContain('modifying');
    expect(expectError(member, 400, 'InvalidCacheClusterState')).toContain('sessions-ha');
  });

  test('answers InvalidParameterValue for a cache cluster of Memcached', async () => {
    const endpoint = await startWithSessions({ Engine: 'memcached' });

    const answer = await endpoint.call(ACTION, AROUND);

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('PrimaryClusterId');
  });

  test.each([
    ['a number of cache clusters', { NumCacheClusters: 2 }],
    ['a number of node groups', { NumNodeGroups: 1 }],
    ['a number of replicas', { ReplicasPerNodeGroup: 1 }],
    ['a port', { Port: 6379 }],
    ['security groups', { SecurityGroupIds: ['sg-0badbadbadbadbad0'] }],
    ['a cache subnet group', { CacheSubnetGroupName: 'default' }],
  ])('answers InvalidParameterCombination for %s', async (_, more) => {
    const endpoint = await startWithSessions();

    const refused = create(endpoint, { ...AROUND, ...more });

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterCombinationException' });
  });
});
