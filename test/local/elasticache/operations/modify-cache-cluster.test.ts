import {
  CreateCacheClusterCommand,
  CreateCacheSecurityGroupCommand,
  CreateReplicationGroupCommand,
  DescribeCacheClustersCommand,
  ModifyCacheClusterCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'ModifyCacheCluster';

async function startWithSessions(settings = {}): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups(settings);
  const SecurityGroupIds = [endpoint.web];
  const input = { CacheClusterId: 'sessions', Engine: 'memcached', NumCacheNodes: 2, SecurityGroupIds };
  await endpoint.sdk.send(new CreateCacheClusterCommand(input));
  endpoint.settle();
  return endpoint;
}

async function groupsOf({ sdk }: CacheEndpoint, CacheClusterId: string) {
  const { CacheClusters } = await sdk.send(new DescribeCacheClustersCommand({ CacheClusterId }));
  return CacheClusters?.[0]?.SecurityGroups?.map(({ SecurityGroupId }) => SecurityGroupId);
}

describe(ACTION, () => {
  test('puts the security groups in the place of those there were, and answers modifying', async () => {
    const endpoint = await startWithSessions();
    const { sdk, batch, defaultGroup } = endpoint;
    const input = { CacheClusterId: 'Sessions', SecurityGroupIds: [batch, defaultGroup], ApplyImmediately: true };

    const { CacheCluster } = await sdk.send(new ModifyCacheClusterCommand(input));

    expect(CacheCluster).toMatchObject({
      CacheClusterId: 'sessions',
      CacheClusterStatus: 'modifying',
      NumCacheNodes: 2,
      ConfigurationEndpoint: { Port: 11211 },
    });
    expect(await groupsOf(endpoint, 'sessions')).toEqual([batch, defaultGroup]);
    const both = `ElastiCache sessions: ${batch}, ${defaultGroup}`;
    expect(await endpoint.interfaces()).toEqual([both, both]);
  });

  test.each([
    ['nothing', {}],
    ['an empty list', { SecurityGroupIds: [] }],
  ])('leaves the security groups as they are when it is told %s of them', async (_, more) => {
    const endpoint = await startWithSessions();

    await endpoint.sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'sessions', ...more }));

    expect(await groupsOf(endpoint, 'sessions')).toEqual([endpoint.web]);
  });

  test('lists the security groups of a cache cluster that had none listed', async () => {
    const endpoint = await startWithSecurityGroups();
    const { sdk, web } = endpoint;
    await sdk.send(new CreateCacheClusterCommand({ CacheClusterId: 'jobs', Engine: 'memcached' }));
    endpoint.settle();

    await sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'jobs' }));
    const before = await groupsOf(endpoint, 'jobs');
    endpoint.settle();
    await sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'jobs', SecurityGroupIds: [web] }));

    expect([before, await groupsOf(endpoint, 'jobs')]).toEqual([undefined, [web]]);
    expect(await endpoint.interfaces()).toEqual([`ElastiCache jobs: ${web}`]);
  });

  test('answers InvalidParameterValue for a security group of another VPC, and changes nothing', async () => {
    const endpoint = await startWithSessions();
    const SecurityGroupIds = [endpoint.elsewhere];

    const refused = endpoint.sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'sessions', SecurityGroupIds }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    expect(await groupsOf(endpoint, 'sessions')).toEqual([endpoint.web]);
    expect(await endpoint.interfaces()).toEqual(Array(2).fill(`ElastiCache sessions: ${endpoint.web}`));
  });

  test('answers InvalidParameterValue for a security group that is not there, and changes nothing', async () => {
    const endpoint = await startWithSessions();
    const SecurityGroupIds = [endpoint.batch, 'sg-0badbadbadbadbad0'];

    const refused = endpoint.sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'sessions', SecurityGroupIds }));

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: expect.stringContaining('sg-0badbadbadbadbad0'),
    });
    expect(await groupsOf(endpoint, 'sessions')).toEqual([endpoint.web]);
  });

  test('puts cache security groups in the place of those there were, outside of a VPC', async () => {
    const { sdk, settle } = await startWithSecurityGroups();
    const NAME = { CacheClusterId: 'jobs' };
    const others = { CacheSecurityGroupName: 'others', Description: 'Of the shop' };
    await sdk.send(new CreateCacheSecurityGroupCommand(others));
    const classic = { ...NAME, Engine: 'redis', CacheSecurityGroupNames: ['default'] };
    await sdk.send(new CreateCacheClusterCommand(classic));
    settle();

    const { CacheCluster } = await sdk.send(
      new ModifyCacheClusterCommand({ ...NAME, CacheSecurityGroupNames: ['others'] }),
    );

    expect(CacheCluster?.CacheSecurityGroups).toEqual([{ CacheSecurityGroupName: 'others', Status: 'active' }]);
  });

  test.each([
    ['cache security groups', 'in a VPC', {}, { CacheSecurityGroupNames: ['default'] }],
    ['security groups', 'outside of a VPC', { CacheSecurityGroupNames: ['default'] }, { SecurityGroupIds: ['web'] }],
  ])('answers InvalidParameterCombination for %s of a cache cluster %s', async (_, _place, input, change) => {
    const { sdk, settle, web } = await startWithSecurityGroups();
    const NAME = { CacheClusterId: 'jobs' };
    await sdk.send(new CreateCacheClusterCommand({ ...NAME, Engine: 'redis', ...input }));
    settle();
    const groups = 'SecurityGroupIds' in change ? { SecurityGroupIds: [web] } : change;

    const refused = sdk.send(new ModifyCacheClusterCommand({ ...NAME, ...groups }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterCombinationException' });
  });

  test('answers InvalidCacheClusterState while the cache cluster is being changed, and is good after', async () => {
    const endpoint = await startWithSessions();
    const parameters = { CacheClusterId: 'sessions' };
    await endpoint.call(ACTION, parameters);

    const meanwhile = await endpoint.call(ACTION, parameters);
    endpoint.settle();
    const after = await endpoint.call(ACTION, parameters);

    expect(expectError(meanwhile, 400, 'InvalidCacheClusterState')).toContain('modifying');
    expect(after.status).toBe(200);
  });

  test('answers InvalidCacheClusterState while the cache cluster is creating', async () => {
    const { sdk } = await startWithSecurityGroups();
    await sdk.send(new CreateCacheClusterCommand({ CacheClusterId: 'sessions', Engine: 'redis' }));

    const refused = sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'sessions' }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidCacheClusterStateFault' });
  });

  test('changes one member of a replication group, and not the others', async () => {
    const endpoint = await startWithSecurityGroups();
    const { sdk, web, batch } = endpoint;
    const group = { ReplicationGroupId: 'shop', ReplicationGroupDescription: 'The shop', NumCacheClusters: 2 };
    await sdk.send(new CreateReplicationGroupCommand({ ...group, SecurityGroupIds: [web] }));
    endpoint.settle();

    await sdk.send(new ModifyCacheClusterCommand({ CacheClusterId: 'shop-002', SecurityGroupIds: [batch] }));

    expect([await groupsOf(endpoint, 'shop-001'), await groupsOf(endpoint, 'shop-002')]).toEqual([[web], [batch]]);
  });
});
