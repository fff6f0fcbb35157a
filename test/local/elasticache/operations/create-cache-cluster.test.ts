import {
  CreateCacheClusterCommand,
  type CreateCacheClusterCommandInput,
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { type CacheEndpoint, createSubnetGroup, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'CreateCacheCluster';

async function create({ sdk }: CacheEndpoint, input: Partial<CreateCacheClusterCommandInput> = {}) {
  const command = new CreateCacheClusterCommand({ CacheClusterId: 'sessions', Engine: 'redis', ...input });
  return (await sdk.send(command)).CacheCluster;
}

async function clusterOf({ sdk }: CacheEndpoint, CacheClusterId = 'sessions') {
  const command = new DescribeCacheClustersCommand({ CacheClusterId, ShowCacheNodeInfo: true });
  return (await sdk.send(command)).CacheClusters?.[0];
}

async function nodesOf(endpoint: CacheEndpoint, CacheClusterId = 'sessions') {
  return (await clusterOf(endpoint, CacheClusterId))?.CacheNodes;
}

describe(ACTION, () => {
  test('answers with the cache cluster, which is creating and has no endpoint yet', async () => {
    const endpoint = await startWithSecurityGroups();

    const cluster = await create(endpoint, {
      CacheNodeType: 'cache.r7g.large',
      EngineVersion: '7.0',
      SecurityGroupIds: [endpoint.web, endpoint.batch],
    });

    expect(cluster).toEqual({
      CacheClusterId: 'sessions',
      CacheNodeType: 'cache.r7g.large',
      Engine: 'redis',
      EngineVersion: '7.0',
      CacheClusterStatus: 'creating',
      NumCacheNodes: 1,
      CacheSecurityGroups: [],
      CacheSubnetGroupName: 'default',
      SecurityGroups: [
        { SecurityGroupId: endpoint.web, Status: 'active' },
        { SecurityGroupId: endpoint.batch, Status: 'active' },
      ],
      ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:cluster:sessions`,
    });
  });

  test('answers creating also where that takes no time', async () => {
    const endpoint = await startWithSecurityGroups({ creatingMs: 0 });

    const cluster = await create(endpoint);

    expect(cluster?.CacheClusterStatus).toBe('creating');
    expect(await nodesOf(endpoint)).toHaveLength(1);
  });

  test.each([
    ['nothing', {}],
    ['an empty list', { SecurityGroupIds: [] }],
  ])('lists no security group when %s names one, and the default one of the VPC guards it', async (_, input) => {
    const endpoint = await startWithSecurityGroups();

    const answered = await create(endpoint, input);
    endpoint.settle();
    const described = await clusterOf(endpoint);

    expect([answered, described].map((cluster) => cluster?.SecurityGroups)).toEqual([undefined, undefined]);
    expect(described).toMatchObject({ CacheClusterStatus: 'available', CacheSubnetGroupName: 'default' });
    expect(await endpoint.interfaces()).toEqual([`ElastiCache sessions: ${endpoint.defaultGroup}`]);
  });

  test('has a network interface for each node, in its security groups, once it is available', async () => {
    const endpoint = await startWithSecurityGroups();
    const { web, batch } = endpoint;

    await create(endpoint, { Engine: 'memcached', NumCacheNodes: 2, SecurityGroupIds: [web, batch] });
    const creating = await endpoint.networkInterfaces();
    endpoint.settle();
    const available = await endpoint.networkInterfaces();

    const networkInterface = {
      Description: 'ElastiCache sessions',
      Groups: [{ GroupId: web }, { GroupId: batch }],
      InterfaceType: 'interface',
      RequesterId: 'amazon-elasticache',
      RequesterManaged: false,
      Operator: { Managed: true },
    };
    expect(creating).toEqual([]);
    expect(available).toMatchObject([networkInterface, networkInterface]);
  });

  test('answers InvalidParameterValue for security groups of two VPCs, and makes nothing', async () => {
    const endpoint = await startWithSecurityGroups();

    const refused = create(endpoint, { SecurityGroupIds: [endpoint.web, endpoint.elsewhere] });

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    endpoint.settle();
    expect([await endpoint.interfaces(), endpoint.region.caches.clusters.all(false)]).toEqual([[], []]);
  });

  test('is in the VPC of its cache subnet group, whose default security group guards it', async () => {
    const endpoint = await startWithSecurityGroups();
    const { otherVpcId } = endpoint.region.securityGroups;
    await createSubnetGroup(endpoint, 'app-subnets', otherVpcId);

    const cluster = await create(endpoint, { CacheSubnetGroupName: 'App-Subnets' });

    expect(cluster).toMatchObject({ CacheSubnetGroupName: 'app-subnets' });
    expect(cluster?.SecurityGroups).toBeUndefined();
    endpoint.settle();
    expect(await endpoint.networkInterfaces()).toMatchObject([
      { VpcId: otherVpcId, Groups: [{ GroupId: endpoint.elsewhere }] },
    ]);
  });

  test('answers InvalidParameterValue for a security group of another VPC than its cache subnet group', async () => {
    const endpoint = await startWithSecurityGroups();

    const refused = create(endpoint, { SecurityGroupIds: [endpoint.elsewhere] });

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('default'),
    });
    endpoint.settle();
    expect(await endpoint.interfaces()).toEqual([]);
  });

  test('answers CacheSubnetGroupNotFoundFault for a cache subnet group that is not there', async () => {
    const endpoint = await startWithSecurityGroups();

    const refused = create(endpoint, { CacheSubnetGroupName: 'app-subnets' });

    await expect(refused).rejects.toMatchObject({ name: 'CacheSubnetGroupNotFoundFault' });
  });

  test('keeps a security group once that is named twice', async () => {
    const endpoint = await startWithSecurityGroups();

    const cluster = await create(endpoint, { SecurityGroupIds: [endpoint.web, endpoint.web] });

    expect(cluster?.SecurityGroups).toEqual([{ SecurityGroupId: endpoint.web, Status: 'active' }]);
  });

  test.each([
    ['redis', undefined, 6379],
    ['valkey', undefined, 6379],
    ['memcached', undefined, 11211],
    ['redis', 7000, 7000],
    ['memcached', 1, 1],
    ['valkey', 65535, 65535],
  ])('has %s, asked for port %s, listen on %i', async (Engine, Port, port) => {
    const endpoint = await startWithSecurityGroups();

    await create(endpoint, { Engine, Port });

    endpoint.settle();
    expect((await nodesOf(endpoint))?.map(({ Endpoint }) => Endpoint?.Port)).toEqual([port]);
  });

  test('gives a Memcached cluster as many nodes as it is asked for', async () => {
    const endpoint = await startWithSecurityGroups();

    const cluster = await create(endpoint, { Engine: 'memcached', NumCacheNodes: 40 });

    endpoint.settle();
    expect(cluster?.NumCacheNodes).toBe(40);
    expect((await nodesOf(endpoint))?.map(({ CacheNodeId }) => CacheNodeId).slice(-2)).toEqual(['0039', '0040']);
  });

  test('stores the id in lower case', async () => {
    const endpoint = await startWithSecurityGroups();

    const cluster = await create(endpoint, { CacheClusterId: 'SeSSions-1' });

    expect(cluster?.CacheClusterId).toBe('sessions-1');
  });

  test.each(['1a', '-a', 'a-', 'a--b', 'a_b', 'a.b', ' a', 'ä', 'a\n', `a${'1'.repeat(50)}`])(
    'answers InvalidParameterValue for the id %j',
    async (CacheClusterId) => {
      const { call } = await startWithSecurityGroups();

      const answer = await call(ACTION, { CacheClusterId, Engine: 'redis' });

      expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('CacheClusterId');
    },
  );

  test.each([
    ['an engine that there is not', { Engine: 'Redis' }],
    ['a port that there is not', { Port: '65536' }],
    ['no port', { Port: '0' }],
    ['two nodes of Redis', { NumCacheNodes: '2' }],
    ['no nodes', { NumCacheNodes: '0' }],
    ['41 nodes of Memcached', { Engine: 'memcached', NumCacheNodes: '41' }],
    ['a security group that is not there', { 'SecurityGroupIds.SecurityGroupId.1': 'sg-0badbadbadbadbad0' }],
    ['a security group’s name', { 'SecurityGroupIds.SecurityGroupId.1': 'default' }],
    ['a list of another name', { 'SecurityGroupIds.member.1': 'sg-0badbadbadbadbad0' }],
    ['a list from zero on', { 'SecurityGroupIds.SecurityGroupId.0': 'sg-0badbadbadbadbad0' }],
    ['a node type with spaces', { CacheNodeType: 'cache t3' }],
    ['a reserved tag', { 'Tags.Tag.1.Key': 'aws:a' }],
  ])('answers InvalidParameterValue for %s, and makes nothing', async (_, parameters) => {
    const { call, sdk, interfaces, settle } = await startWithSecurityGroups();

    const answer = await call(ACTION, { CacheClusterId: 'sessions', Engine: 'redis', ...parameters });

    expectError(answer, 400, 'InvalidParameterValue');
    settle();
    expect((await sdk.send(new DescribeCacheClustersCommand({}))).CacheClusters).toEqual([]);
    expect(await interfaces()).toEqual([]);
  });

  test('answers CacheClusterAlreadyExists for an id that there is, whatever its case', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint);

    const answer = await endpoint.call(ACTION, { CacheClusterId: 'SESSIONS', Engine: 'memcached' });

    expect(expectError(answer, 400, 'CacheClusterAlreadyExists')).toContain('sessions');
    await expect(create(endpoint)).rejects.toMatchObject({ name: 'CacheClusterAlreadyExistsFault' });
  });

  test('tolerates tags', async () => {
    const endpoint = await startWithSecurityGroups();

    const cluster = await create(endpoint, { Tags: [{ Key: 'team', Value: 'shop' }] });

    expect(cluster?.CacheClusterStatus).toBe('creating');
  });
});

describe(`${ACTION} with cache security groups`, () => {
  const classic = { CacheSecurityGroupNames: ['Default'] };

  test('is outside of a VPC: without security groups, cache subnet group and network interfaces', async () => {
    const endpoint = await startWithSecurityGroups();

    const cluster = await create(endpoint, { Engine: 'memcached', NumCacheNodes: 2, ...classic });
    endpoint.settle();

    expect(cluster).toMatchObject({
      CacheSecurityGroups: [{ CacheSecurityGroupName: 'default', Status: 'active' }],
      NumCacheNodes: 2,
    });
    expect([cluster?.SecurityGroups, cluster?.CacheSubnetGroupName]).toEqual([undefined, undefined]);
    expect(await nodesOf(endpoint)).toHaveLength(2);
    expect(await endpoint.interfaces()).toEqual([]);
  });

  test.each([
    ['security groups of a VPC', { 'SecurityGroupIds.SecurityGroupId.1': 'sg' }],
    ['a cache subnet group', { CacheSubnetGroupName: 'default' }],
  ])('answers InvalidParameterCombination together with %s', async (_, more) => {
    const endpoint = await startWithSecurityGroups();
    const parameters = { 'CacheSecurityGroupNames.CacheSecurityGroupName.1': 'default', ...more };

    const answer = await endpoint.call(ACTION, { CacheClusterId: 'sessions', Engine: 'redis', ...parameters });

    expectError(answer, 400, 'InvalidParameterCombination');
  });

  test('answers CacheSecurityGroupNotFound, with 404, for one that is not there', async () => {
    const endpoint = await startWithSecurityGroups();
    const parameters = { 'CacheSecurityGroupNames.CacheSecurityGroupName.1': 'nowhere' };

    const answer = await endpoint.call(ACTION, { CacheClusterId: 'sessions', Engine: 'redis', ...parameters });

    expect(expectError(answer, 404, 'CacheSecurityGroupNotFound')).toContain('nowhere');
  });

  test('is refused in an account without EC2-Classic, where a cluster in a VPC is not', async () => {
    const endpoint = await startWithSecurityGroups({ vpcOnly: true });

    const refused = await create(endpoint, classic).catch((error) => error);
    const inVpc = await create(endpoint, { CacheClusterId: 'jobs' });

    expect(refused).toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Use of cache security groups is not permitted in this API version for your account.',
    });
    expect(inVpc?.CacheClusterId).toBe('jobs');
  });
});

describe(`${ACTION} of a replica`, () => {
  async function startWithGroup(input = {}) {
    const endpoint = await startWithSecurityGroups();
    await endpoint.sdk.send(
      new CreateReplicationGroupCommand({
        ReplicationGroupId: 'shop',
        ReplicationGroupDescription: 'The shop',
        Port: 7000,
        SecurityGroupIds: [endpoint.web],
        ...input,
      }),
    );
    endpoint.settle();
    return endpoint;
  }
  const replica = { CacheClusterId: 'another', ReplicationGroupId: 'shop' };

  test('has port and security groups of its replication group, which is modifying meanwhile', async () => {
    const endpoint = await startWithGroup();

    const cluster = await create(endpoint, replica);

    expect(cluster).toMatchObject({
      CacheClusterId: 'another',
      ReplicationGroupId: 'shop',
      SecurityGroups: [{ SecurityGroupId: endpoint.web }],
    });
    await expect(create(endpoint, { ...replica, CacheClusterId: 'third' })).rejects.toMatchObject({
      name: 'InvalidReplicationGroupStateFault',
    });
    endpoint.settle();
    expect(await nodesOf(endpoint, 'another')).toMatchObject([{ Endpoint: { Port: 7000 } }]);
  });

  test.each([
    ['a port of its own', { Port: 6379 }],
    ['a node type of its own', { CacheNodeType: 'cache.t3.micro' }],
    ['a number of nodes', { NumCacheNodes: 1 }],
    ['a cache subnet group of its own', { CacheSubnetGroupName: 'default' }],
    ['cache security groups of its own', { CacheSecurityGroupNames: ['default'] }],
  ])('answers InvalidParameterCombination for %s', async (_, more) => {
    const endpoint = await startWithGroup();

    const refused = create(endpoint, { ...replica, ...more });

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterCombinationException' });
  });

  test('answers InvalidParameterCombination for security groups of its own', async () => {
    const endpoint = await startWithGroup();

    const refused = create(endpoint, { ...replica, SecurityGroupIds: [endpoint.batch] });

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterCombinationException' });
  });

  test.each([
    ['in cluster mode', { NumNodeGroups: 2 }],
    ['with six members', { NumCacheClusters: 6 }],
  ])('answers InvalidParameterCombination for a replication group %s', async (_, input) => {
    const endpoint = await startWithGroup(input);

    await expect(create(endpoint, replica)).rejects.toMatchObject({ name: 'InvalidParameterCombinationException' });
  });

  test('answers ReplicationGroupNotFoundFault, with 404, for a replication group that is not there', async () => {
    const { call } = await startWithSecurityGroups();

    const answer = await call(ACTION, { CacheClusterId: 'another', ReplicationGroupId: 'nowhere' });

    expectError(answer, 404, 'ReplicationGroupNotFoundFault');
  });
});
