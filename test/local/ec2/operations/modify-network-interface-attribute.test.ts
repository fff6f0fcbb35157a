import {
  CreateNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import { CreateCacheClusterCommand, CreateServerlessCacheCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';

/** An endpoint, and a network interface that the account made in the security group `web`. */
async function startWithInterface() {
  const endpoint = await startWithSecurityGroups();
  const input = { SubnetId: 'subnet-12345678', Groups: [endpoint.web] };
  const { NetworkInterface } = await endpoint.ec2.send(new CreateNetworkInterfaceCommand(input));
  return { ...endpoint, id: NetworkInterface?.NetworkInterfaceId as string };
}

function modify({ ec2 }: CacheEndpoint, NetworkInterfaceId: string | undefined, Groups: string[]) {
  return ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups }));
}

describe('ModifyNetworkInterfaceAttribute', () => {
  test('moves a network interface of the account to other security groups', async () => {
    const endpoint = await startWithInterface();
    const { ec2, id, batch, defaultGroup } = endpoint;

    await modify(endpoint, id, [batch, defaultGroup]);

    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [id] }));
    expect(NetworkInterfaces).toMatchObject([{ Groups: [{ GroupId: batch }, { GroupId: defaultGroup }] }]);
  });

  test.each([
    ['a node', new CreateCacheClusterCommand({ CacheClusterId: 'sessions', Engine: 'redis' })],
    ['a serverless cache', new CreateServerlessCacheCommand({ ServerlessCacheName: 'prices', Engine: 'valkey' })],
  ])('answers AuthFailure for that of %s, which stays where it is', async (_, create) => {
    const endpoint = await startWithSecurityGroups();
    await endpoint.sdk.send(create as CreateCacheClusterCommand);
    endpoint.settle();
    const [networkInterface] = await endpoint.networkInterfaces();

    const refused = modify(endpoint, networkInterface?.NetworkInterfaceId, [endpoint.batch]);

    await expect(refused).rejects.toMatchObject({ name: 'AuthFailure' });
    expect(await endpoint.networkInterfaces()).toMatchObject([{ Groups: [{ GroupId: endpoint.defaultGroup }] }]);
  });

  test.each([
    ['InvalidParameterCombination', []],
    ['InvalidGroup.NotFound', ['sg-12345678']],
    ['InvalidGroupId.Malformed', ['web']],
  ])('answers %s for the security groups %j', async (name, groups) => {
    const endpoint = await startWithInterface();

    await expect(modify(endpoint, endpoint.id, groups)).rejects.toMatchObject({ name });
  });

  test('answers InvalidParameterValue for a security group of another VPC', async () => {
    const endpoint = await startWithInterface();

    const refused = modify(endpoint, endpoint.id, [endpoint.elsewhere]);

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('answers InvalidNetworkInterfaceID.NotFound for a network interface that is not there', async () => {
    const endpoint = await startWithSecurityGroups();

    const refused = modify(endpoint, 'eni-12345678', [endpoint.web]);

    await expect(refused).rejects.toMatchObject({ name: 'InvalidNetworkInterfaceID.NotFound' });
  });
});
