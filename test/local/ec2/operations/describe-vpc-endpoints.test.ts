import { DescribeVpcEndpointsCommand, paginateDescribeVpcEndpoints } from '@aws-sdk/client-ec2';
import {
  CreateServerlessCacheCommand,
  DeleteServerlessCacheCommand,
  ModifyServerlessCacheCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';

const NAME = { ServerlessCacheName: 'prices' };

/** A serverless cache that is available, in the security group `web`. */
async function startWithPrices(): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  await create(endpoint, NAME.ServerlessCacheName);
  endpoint.settle();
  return endpoint;
}

async function create({ sdk, web }: CacheEndpoint, ServerlessCacheName: string): Promise<void> {
  const input = { ServerlessCacheName, Engine: 'valkey', SecurityGroupIds: [web] };
  await sdk.send(new CreateServerlessCacheCommand(input));
}

async function endpointsOf({ ec2 }: CacheEndpoint, input: object = {}) {
  return (await ec2.send(new DescribeVpcEndpointsCommand(input))).VpcEndpoints ?? [];
}

describe('DescribeVpcEndpoints', () => {
  test('shows that of a serverless cache, by the id that the description of its network interface has', async () => {
    const endpoint = await startWithPrices();
    const [networkInterface] = await endpoint.networkInterfaces();
    const id = networkInterface?.Description?.replace('VPC Endpoint Interface ', '') as string;

    const endpoints = await endpointsOf(endpoint, { VpcEndpointIds: [id] });

    expect(endpoints).toEqual([
      {
        VpcEndpointId: id,
        VpcEndpointType: 'Interface',
        VpcId: endpoint.region.securityGroups.defaultVpcId,
        ServiceName: expect.stringMatching(
          /^com\.amazonaws\.elasticache\.serverless\.us-east-1\.vpce-svc-[0-9a-f]{17}$/,
        ),
        State: 'available',
        SubnetIds: [networkInterface?.SubnetId],
        Groups: [{ GroupId: endpoint.web, GroupName: 'web' }],
        PrivateDnsEnabled: false,
        RequesterManaged: true,
        NetworkInterfaceIds: [networkInterface?.NetworkInterfaceId],
        CreationTimestamp: expect.any(Date),
        OwnerId: ACCOUNT,
      },
    ]);
  });

  test('shows none while the cache is creating, nor when it is deleted', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, NAME.ServerlessCacheName);

    const creating = await endpointsOf(endpoint);
    endpoint.settle();
    const available = await endpointsOf(endpoint);
    await endpoint.sdk.send(new DeleteServerlessCacheCommand(NAME));
    const deleting = await endpointsOf(endpoint);

    expect([creating, available, deleting].map(({ length }) => length)).toEqual([0, 1, 0]);
  });

  test('shows the security groups that a Modify of the cache named', async () => {
    const endpoint = await startWithPrices();
    const SecurityGroupIds = [endpoint.batch];

    await endpoint.sdk.send(new ModifyServerlessCacheCommand({ ...NAME, SecurityGroupIds }));

    expect(await endpointsOf(endpoint)).toMatchObject([{ Groups: [{ GroupId: endpoint.batch }] }]);
  });

  test.each([
    ['service-name', 'com.amazonaws.elasticache.serverless.*', 1],
    ['service-name', 'com.amazonaws.us-east-1.s3', 0],
    ['vpc-endpoint-id', 'vpce-*', 1],
    ['vpc-id', 'vpc-12345678', 0],
  ])('finds them by the filter %s: %s', async (Name, value, count) => {
    const endpoint = await startWithPrices();

    const found = await endpointsOf(endpoint, { Filters: [{ Name, Values: [value] }] });

    expect(found).toHaveLength(count);
  });

  test('shows every one once, page by page', async () => {
    const endpoint = await startWithSecurityGroups();
    for (let number = 0; number < 7; number++) await create(endpoint, `c-${number}`);
    endpoint.settle();
    const pages: (string | undefined)[][] = [];

    for await (const page of paginateDescribeVpcEndpoints({ client: endpoint.ec2, pageSize: 5 }, {}))
      pages.push((page.VpcEndpoints ?? []).map(({ VpcEndpointId }) => VpcEndpointId));

    expect(pages.map(({ length }) => length)).toEqual([5, 2]);
    expect(new Set(pages.flat()).size).toBe(7);
  });

  test.each([
    ['InvalidVpcEndpointId.NotFound', 'vpce-12345678'],
    ['InvalidVpcEndpointId.Malformed', 'mine'],
  ])('answers %s for an id that is not there: %s', async (name, id) => {
    const endpoint = await startWithPrices();

    await expect(endpointsOf(endpoint, { VpcEndpointIds: [id] })).rejects.toMatchObject({ name });
  });
});
