import {
  CreateReplicationGroupCommand,
  DescribeReplicationGroupsCommand,
  paginateDescribeReplicationGroups,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';

const ACTION = 'DescribeReplicationGroups';

async function create({ sdk }: CacheEndpoint, ReplicationGroupId: string, input = {}) {
  const group = { ReplicationGroupId, ReplicationGroupDescription: 'The shop', ...input };
  await sdk.send(new CreateReplicationGroupCommand(group));
}

async function describeGroups({ sdk }: CacheEndpoint, input = {}) {
  return (await sdk.send(new DescribeReplicationGroupsCommand(input))).ReplicationGroups ?? [];
}

describe(ACTION, () => {
  test('shows the endpoints of node group and members, and no security groups', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'shop', { NumCacheClusters: 2, Port: 7000, SecurityGroupIds: [endpoint.web] });
    endpoint.settle();

    const [group] = await describeGroups(endpoint);

    const addressOf = (start: string) => ({ Address: `${start}.use1.cache.amazonaws.com`, Port: 7000 });
    expect(group).toMatchObject({ Status: 'available', ClusterEnabled: false });
    expect(group?.NodeGroups).toEqual([
      {
        NodeGroupId: '0001',
        Status: 'available',
        PrimaryEndpoint: addressOf('shop.local0.ng.0001'),
        ReaderEndpoint: addressOf('shop-ro.local0.ng.0001'),
        NodeGroupMembers: [
          {
            CacheClusterId: 'shop-001',
            CacheNodeId: '0001',
            ReadEndpoint: addressOf('shop-001.local0.0001'),
            CurrentRole: 'primary',
          },
          {
            CacheClusterId: 'shop-002',
            CacheNodeId: '0001',
            ReadEndpoint: addressOf('shop-002.local0.0001'),
            CurrentRole: 'replica',
          },
        ],
      },
    ]);
    expect(group?.ConfigurationEndpoint).toBeUndefined();
    expect(JSON.stringify(group)).not.toContain('sg-');
  });

  test('shows the configuration endpoint in cluster mode, and how the slots are shared out', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'shop', { NumNodeGroups: 3 });
    endpoint.settle();

    const [group] = await describeGroups(endpoint);

    const Address = 'shop.local0.clustercfg.use1.cache.amazonaws.com';
    expect(group).toMatchObject({ ClusterEnabled: true, ConfigurationEndpoint: { Address, Port: 6379 } });
    expect(group?.NodeGroups?.map(({ NodeGroupId, Slots }) => [NodeGroupId, Slots])).toEqual([
      ['0001', '0-5460'],
      ['0002', '5461-10921'],
      ['0003', '10922-16383'],
    ]);
    expect(group?.NodeGroups?.[0]?.PrimaryEndpoint).toBeUndefined();
  });

  test('shows no endpoint while it is creating', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'shop');
    await create(endpoint, 'clustered', { NumNodeGroups: 2 });

    const groups = await describeGroups(endpoint);

    expect(groups.map(({ Status }) => Status)).toEqual(['creating', 'creating']);
    expect(JSON.stringify(groups)).not.toContain('Port');
  });

  test('shows one by its id, in any case', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'shop');
    await create(endpoint, 'shop-2');

    expect(await describeGroups(endpoint, { ReplicationGroupId: 'SHOP' })).toMatchObject([
      { ReplicationGroupId: 'shop' },
    ]);
  });

  test('shows every replication group once, page by page', async () => {
    const endpoint = await startWithSecurityGroups();
    const names = Array.from({ length: 41 }, (_, index) => `g-${index + 100}`);
    for (const name of names) await create(endpoint, name);
    const pages: (string | undefined)[][] = [];

    const paginated = paginateDescribeReplicationGroups({ client: endpoint.sdk, pageSize: 20 }, {});
    for await (const { ReplicationGroups = [] } of paginated) {
      pages.push(ReplicationGroups.map(({ ReplicationGroupId }) => ReplicationGroupId));
    }

    expect(pages.map(({ length }) => length)).toEqual([20, 20, 1]);
    expect(pages.flat()).toEqual(names);
  });
});
