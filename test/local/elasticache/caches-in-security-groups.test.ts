import {
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
} from '@aws-sdk/client-ec2';
import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../support/local-aws/caches.ts';

const NAME = { ReplicationGroupId: 'shop' };

/** A replication group of two in the security group `web`. */
async function startWithGroup(): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  const input = { ...NAME, ReplicationGroupDescription: 'The shop', NumCacheClusters: 2 };
  await endpoint.sdk.send(new CreateReplicationGroupCommand({ ...input, SecurityGroupIds: [endpoint.web] }));
  endpoint.settle();
  return endpoint;
}

test('EC2 tells what is in the security group of a cache, and finds caches by their requester', async () => {
  const { ec2, web, batch } = await startWithGroup();
  const inGroup = (groupId: string) =>
    new DescribeNetworkInterfacesCommand({
      Filters: [
        { Name: 'group-id', Values: [groupId] },
        { Name: 'requester-id', Values: ['amazon-elasticache'] },
      ],
    });

  const { NetworkInterfaces: inWeb = [] } = await ec2.send(inGroup(web));
  const { NetworkInterfaces: inBatch } = await ec2.send(inGroup(batch));

  expect(inWeb.map(({ Description }) => Description).sort()).toEqual(['ElastiCache shop-001', 'ElastiCache shop-002']);
  expect(inBatch).toEqual([]);
});

test('a security group cannot be deleted while a cache is in it, and can once the cache is deleted', async () => {
  const { ec2, sdk, web } = await startWithGroup();
  const remove = () => ec2.send(new DeleteSecurityGroupCommand({ GroupId: web }));

  await expect(remove()).rejects.toMatchObject({ name: 'DependencyViolation' });
  await sdk.send(new DeleteReplicationGroupCommand(NAME));
  await expect(remove()).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
});

test('a security group cannot be deleted while a cache in it is creating, though no network interface shows that', async () => {
  const { ec2, sdk, web, interfaces } = await startWithSecurityGroups();
  const input = { CacheClusterId: 'sessions', Engine: 'redis', SecurityGroupIds: [web] };
  await sdk.send(new CreateCacheClusterCommand(input));

  const refused = ec2.send(new DeleteSecurityGroupCommand({ GroupId: web }));

  await expect(refused).rejects.toMatchObject({ name: 'DependencyViolation' });
  expect(await interfaces()).toEqual([]);
});

test('the account cannot delete the network interface of a cache', async () => {
  const { ec2, networkInterfaces, interfaces } = await startWithGroup();
  const NetworkInterfaceId = (await networkInterfaces())[0]?.NetworkInterfaceId as string;

  const refused = ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));

  await expect(refused).rejects.toMatchObject({ name: 'AuthFailure' });
  expect(await interfaces()).toHaveLength(2);
});
