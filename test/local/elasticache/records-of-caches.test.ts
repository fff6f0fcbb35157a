import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { type StartedAws, startAws } from '../../support/local-aws/local-aws.ts';
import { CREATING } from '../../support/local-aws/local-endpoint.ts';

/** The CloudTrail record of the last call. */
function lastRecord({ events }: StartedAws): Record<string, unknown> {
  return events.at(-1)?.detail as Record<string, unknown>;
}

/** A local AWS, and the default security group of its first region. */
async function startWithGroup(): Promise<StartedAws & { readonly group: string }> {
  const started = await startAws();
  const { securityGroups } = started.aws.region(REGION) ?? {};
  return { ...started, group: securityGroups?.defaultOf(securityGroups.defaultVpcId).groupId as string };
}

const CLUSTER = { CacheClusterId: 'Sessions', Engine: 'memcached', NumCacheNodes: '2', Port: '7000' };

describe('the CloudTrail record of', () => {
  test('CreateCacheCluster has numbers as numbers, lists as arrays, and the bare cache cluster', async () => {
    const started = await startWithGroup();
    const { call, group } = started;
    const lists = {
      'SecurityGroupIds.SecurityGroupId.1': group,
      'Tags.Tag.1.Key': 'team',
      'Tags.Tag.1.Value': 'shop',
    };

    await call('CreateCacheCluster', { ...CLUSTER, ...lists });

    expect(lastRecord(started)).toMatchObject({
      eventSource: 'elasticache.amazonaws.com',
      eventName: 'CreateCacheCluster',
      readOnly: false,
    });
    expect(lastRecord(started).requestParameters).toEqual({
      cacheClusterId: 'Sessions',
      engine: 'memcached',
      numCacheNodes: 2,
      port: 7000,
      securityGroupIds: [group],
      tags: [{ key: 'team', value: 'shop' }],
    });
    expect(lastRecord(started).responseElements).toStrictEqual({
      cacheClusterId: 'sessions',
      cacheNodeType: 'cache.t4g.micro',
      engine: 'memcached',
      engineVersion: '1.6.22',
      cacheClusterStatus: 'creating',
      numCacheNodes: 2,
      cacheSecurityGroups: [],
      cacheSubnetGroupName: 'default',
      securityGroups: [{ securityGroupId: group, status: 'active' }],
      aRN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:cluster:sessions`,
    });
  });

  test('CreateCacheCluster without a security group tells of none', async () => {
    const started = await startWithGroup();

    await started.call('CreateCacheCluster', { ...CLUSTER, CacheSubnetGroupName: 'default' });

    const { requestParameters, responseElements } = lastRecord(started);
    expect(requestParameters).toMatchObject({ cacheClusterId: 'Sessions', cacheSubnetGroupName: 'default' });
    expect(responseElements).toMatchObject({ cacheSubnetGroupName: 'default', cacheSecurityGroups: [] });
    expect(requestParameters).not.toHaveProperty('securityGroupIds');
    expect(responseElements).not.toHaveProperty('securityGroups');
  });

  test('ModifyCacheCluster has the security groups in the order they were numbered, and yes or no as such', async () => {
    const started = await startWithGroup();
    const { call, clock, group } = started;
    await call('CreateCacheCluster', CLUSTER);
    await clock.advance(CREATING);
    const other = started.aws.region(REGION)?.securityGroups.create('web', 'The web servers').groupId as string;

    await call('ModifyCacheCluster', {
      CacheClusterId: 'sessions',
      'SecurityGroupIds.SecurityGroupId.10': group,
      'SecurityGroupIds.SecurityGroupId.9': other,
      ApplyImmediately: 'true',
    });

    expect(lastRecord(started)).toMatchObject({
      eventName: 'ModifyCacheCluster',
      requestParameters: { cacheClusterId: 'sessions', securityGroupIds: [other, group], applyImmediately: true },
      responseElements: {
        cacheClusterStatus: 'modifying',
        securityGroups: [{ securityGroupId: other }, { securityGroupId: group }],
      },
    });
  });

  test('CreateReplicationGroup has the bare replication group', async () => {
    const started = await startWithGroup();
    const { call, group } = started;

    await call('CreateReplicationGroup', {
      ReplicationGroupId: 'shop',
      ReplicationGroupDescription: 'The shop',
      NumNodeGroups: '2',
      ReplicasPerNodeGroup: '0',
      'SecurityGroupIds.SecurityGroupId.1': group,
    });

    expect(lastRecord(started)).toMatchObject({
      requestParameters: {
        replicationGroupId: 'shop',
        numNodeGroups: 2,
        replicasPerNodeGroup: 0,
        securityGroupIds: [group],
      },
      responseElements: { replicationGroupId: 'shop', memberClusters: ['shop-0001-001', 'shop-0002-001'] },
    });
  });

  test('CreateServerlessCache has the bare serverless cache', async () => {
    const started = await startWithGroup();

    await started.call('CreateServerlessCache', {
      ServerlessCacheName: 'catalog',
      Engine: 'valkey',
      'SecurityGroupIds.SecurityGroupId.1': started.group,
      'SubnetIds.SubnetId.1': 'subnet-89abcdef',
    });

    expect(lastRecord(started)).toMatchObject({
      requestParameters: { serverlessCacheName: 'catalog', subnetIds: ['subnet-89abcdef'] },
      responseElements: { serverlessCacheName: 'catalog', status: 'creating', securityGroupIds: [started.group] },
    });
  });

  test('a public serverless cache has its connection type', async () => {
    const started = await startWithGroup();
    const name = { ServerlessCacheName: 'open' };

    await started.call('CreateServerlessCache', { ...name, Engine: 'valkey', ConnectionType: 'public' });
    const created = lastRecord(started);
    await started.clock.advance(CREATING);
    await started.call('ModifyServerlessCache', { ...name, ConnectionType: 'vpc' });
    const modified = lastRecord(started);

    expect(created).toMatchObject({
      eventName: 'CreateServerlessCache',
      requestParameters: { serverlessCacheName: 'open', connectionType: 'public' },
      responseElements: { connectionType: 'public', majorEngineVersion: '9' },
    });
    expect(created.responseElements).not.toHaveProperty('securityGroupIds');
    expect(modified).toMatchObject({
      eventName: 'ModifyServerlessCache',
      requestParameters: { serverlessCacheName: 'open', connectionType: 'vpc' },
      responseElements: { connectionType: 'vpc' },
    });
  });

  test('DescribeCacheClusters has what was asked, and no response elements', async () => {
    const started = await startAws();

    await started.call('DescribeCacheClusters', { ShowCacheNodeInfo: 'false', MaxRecords: '100' });

    expect(lastRecord(started)).toMatchObject({
      readOnly: true,
      requestParameters: { showCacheNodeInfo: false, maxRecords: 100 },
      responseElements: null,
    });
  });

  test('a call that failed has the code on the wire, and what cannot be a number or a list stays as it was typed', async () => {
    const started = await startAws();

    await started.call('CreateCacheCluster', {
      CacheClusterId: 'sessions',
      Engine: 'memcached',
      NumCacheNodes: 'many',
      'SecurityGroupIds.SecurityGroupId.1': '__proto__',
    });

    expect(lastRecord(started)).toMatchObject({
      errorCode: 'InvalidParameterValue',
      requestParameters: { numCacheNodes: 'many', securityGroupIds: ['__proto__'] },
      responseElements: null,
    });
  });

  test('a call about a cache that is not there has the code CacheClusterNotFound', async () => {
    const started = await startAws();

    await started.call('DeleteCacheCluster', { CacheClusterId: 'nowhere' });

    expect(lastRecord(started)).toMatchObject({
      errorCode: 'CacheClusterNotFound',
      requestParameters: { cacheClusterId: 'nowhere' },
    });
  });
});
