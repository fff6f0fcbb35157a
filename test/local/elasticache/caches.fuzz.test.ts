import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CREATING, startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { type Answer, errorCodeOf, expectError, expectSuccess } from '../../support/scripted/answers.ts';
import { harmless, times } from '../../support/tools/fuzz.ts';

/** Calls that are good where there is what they are about. */
const GOOD_CALLS = [
  ['CreateCacheCluster', { CacheClusterId: 'sessions', Engine: 'redis' }],
  ['CreateCacheCluster', { CacheClusterId: 'late', ReplicationGroupId: 'shop' }],
  ['ModifyCacheCluster', { CacheClusterId: 'sessions' }],
  ['ModifyCacheCluster', { CacheClusterId: 'shop-001' }],
  ['DeleteCacheCluster', { CacheClusterId: 'sessions' }],
  ['DeleteCacheCluster', { CacheClusterId: 'late' }],
  ['DescribeCacheClusters', {}],
  ['CreateReplicationGroup', { ReplicationGroupId: 'shop', ReplicationGroupDescription: 'The shop' }],
  [
    'CreateReplicationGroup',
    { ReplicationGroupId: 'ha', ReplicationGroupDescription: 'a', PrimaryClusterId: 'sessions' },
  ],
  ['ModifyReplicationGroup', { ReplicationGroupId: 'shop' }],
  ['DeleteReplicationGroup', { ReplicationGroupId: 'shop' }],
  ['DeleteReplicationGroup', { ReplicationGroupId: 'ha', RetainPrimaryCluster: 'true' }],
  ['DescribeReplicationGroups', {}],
  ['DescribeCacheSubnetGroups', {}],
  ['CreateServerlessCache', { ServerlessCacheName: 'catalog', Engine: 'valkey' }],
  ['CreateServerlessCache', { ServerlessCacheName: 'open', Engine: 'valkey', ConnectionType: 'public' }],
  ['ModifyServerlessCache', { ServerlessCacheName: 'open', ConnectionType: 'vpc' }],
  ['ModifyServerlessCache', { ServerlessCacheName: 'open', ConnectionType: 'public' }],
  ['ModifyServerlessCache', { ServerlessCacheName: 'catalog' }],
  ['DeleteServerlessCache', { ServerlessCacheName: 'catalog' }],
  ['DescribeServerlessCaches', {}],
] as const;
const PARAMETERS = [
  'CacheClusterId',
  'ReplicationGroupId',
  'ServerlessCacheName',
  'Engine',
  'EngineVersion',
  'NumCacheNodes',
  'NumCacheClusters',
  'NumNodeGroups',
  'ReplicasPerNodeGroup',
  'CacheNodeType',
  'Description',
  'Port',
  'CacheSubnetGroupName',
  'SecurityGroupIds',
  'SecurityGroupIds.',
  'SecurityGroupIds.SecurityGroupId.1',
  'SecurityGroupIds.SecurityGroupId.2',
  'SecurityGroupIds.SecurityGroupId.__proto__',
  'SubnetIds.SubnetId.1',
  'SubnetIds.SubnetIdentifier.1',
  'CacheSubnetGroupDescription',
  'CacheSecurityGroupNames.CacheSecurityGroupName.1',
  'Tags.Tag.1.Key',
  'ShowCacheNodeInfo',
  'RetainPrimaryCluster',
  'MaxRecords',
  'MaxResults',
  'Marker',
  'NextToken',
  '__proto__',
];

const anything = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed());

test('any call about caches is answered in XML, and the network interfaces are those of the caches there are', async () => {
  const endpoint = await startEndpoint();
  const { caches, networkInterfaces, securityGroups } = endpoint.region;
  const groups = securityGroups.list().map(({ groupId }) => groupId);
  const subnet = securityGroups.defaultVpcId.replace('vpc-', 'subnet-');
  const subnetGroup = { CacheSubnetGroupName: 'app', CacheSubnetGroupDescription: 'Of the shop' };
  const goodCalls = [
    ...GOOD_CALLS,
    ['CreateCacheSubnetGroup', { ...subnetGroup, 'SubnetIds.SubnetIdentifier.1': subnet }] as const,
  ];
  const known = ['default', 'sessions', 'shop', 'redis', 'memcached', '2', '20', '', 'true', 'constructor', ...groups];
  const value = fc.oneof(fc.constantFrom(...known), anything);
  const others = fc.dictionary(fc.constantFrom(...PARAMETERS), value, { maxKeys: 2 });
  const seen = new Set<string>();

  /** What the caches say of themselves: for each node, and each serverless cache, in which security groups it is. */
  function expected(): string[] {
    const nodes = caches.clusters
      .all(false)
      .filter((one) => one.CacheClusterStatus !== 'deleting' && one.CacheSecurityGroups.length === 0)
      .flatMap(({ NumCacheNodes, SecurityGroups }) =>
        Array<string>(NumCacheNodes).fill(inGroups(SecurityGroups?.map(({ SecurityGroupId }) => SecurityGroupId))),
      );
    const serverless = caches.serverless
      .all()
      .filter((one) => one.Status !== 'deleting' && one.ConnectionType === 'vpc');
    return [...nodes, ...serverless.map(({ SecurityGroupIds }) => inGroups(SecurityGroupIds))].sort();
  }

  /** A cache for which none is listed is in the default one of the VPC. */
  function inGroups(listed: readonly string[] | undefined): string {
    return (listed ?? [securityGroups.defaultOf(securityGroups.defaultVpcId).groupId]).join();
  }

  function expectReadable(answer: Answer): void {
    expect([200, 400, 404]).toContain(answer.status);
    if (answer.status !== 200) expectError(answer, answer.status, errorCodeOf(answer) as string);
  }

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...goodCalls), others, fc.boolean(), async ([action, good], more, waits) => {
      if (waits) endpoint.clock.advance(CREATING);

      const answer = await harmless(() => endpoint.call(action, { ...good, ...more }));

      expectReadable(answer);
      seen.add(`${action}: ${answer.status}`);
      expect(
        networkInterfaces
          .list()
          .map(({ groupIds }) => groupIds.join())
          .sort(),
      ).toEqual(expected());
    }),
    times(600),
  );

  // It was no walk in the dark: each operation was done, and each refused.
  const actions = [...new Set(goodCalls.map(([action]) => action))];
  expect([...seen].filter((one) => one.endsWith(': 200')).sort()).toEqual(actions.map((one) => `${one}: 200`).sort());
  expectSuccess(await endpoint.call('DescribeCacheClusters'), 'DescribeCacheClusters');
});
