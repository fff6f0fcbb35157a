import {
  CreateNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  GetManagedResourceVisibilityCommand,
  type ManagedResourceDefaultVisibility,
  ModifyManagedResourceVisibilityCommand,
} from '@aws-sdk/client-ec2';
import { CreateCacheClusterCommand, CreateServerlessCacheCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../support/local-aws/caches.ts';

/** The network interfaces of a node, of a serverless cache and of the account itself, all in the security group `web`. */
async function startWithInterfaces(): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  const SecurityGroupIds = [endpoint.web];
  const cluster = { CacheClusterId: 'sessions', Engine: 'redis', SecurityGroupIds };
  await endpoint.sdk.send(new CreateCacheClusterCommand(cluster));
  const serverless = { ServerlessCacheName: 'prices', Engine: 'valkey', SecurityGroupIds };
  await endpoint.sdk.send(new CreateServerlessCacheCommand(serverless));
  const own = { SubnetId: 'subnet-12345678', Groups: SecurityGroupIds, Description: 'batch' };
  await endpoint.ec2.send(new CreateNetworkInterfaceCommand(own));
  endpoint.settle();
  return endpoint;
}

function setDefault({ ec2 }: CacheEndpoint, DefaultVisibility: ManagedResourceDefaultVisibility) {
  return ec2.send(new ModifyManagedResourceVisibilityCommand({ DefaultVisibility }));
}

async function interfacesOf({ ec2 }: CacheEndpoint, input: object = {}) {
  return (await ec2.send(new DescribeNetworkInterfacesCommand(input))).NetworkInterfaces ?? [];
}

describe('an account that hides managed resources', () => {
  test('shows the network interfaces of caches only to a call that includes them', async () => {
    const endpoint = await startWithInterfaces();
    await setDefault(endpoint, 'hidden');
    const inWeb = { Filters: [{ Name: 'group-id', Values: [endpoint.web] }] };

    const shown = await interfacesOf(endpoint, inWeb);
    const refused = await interfacesOf(endpoint, { ...inWeb, IncludeManagedResources: false });
    const all = await interfacesOf(endpoint, { ...inWeb, IncludeManagedResources: true });

    expect(shown.map(({ Description }) => Description)).toEqual(['batch']);
    expect(refused).toEqual(shown);
    expect(all).toHaveLength(3);
    const managed = { Managed: true, Principal: 'elasticache.amazonaws.com', HiddenByDefault: true };
    expect(all.map(({ Operator }) => Operator)).toEqual(expect.arrayContaining([managed, { Managed: false }]));
  });

  test('leaves a hidden one out that is asked for by its id', async () => {
    const endpoint = await startWithInterfaces();
    const node = { Filters: [{ Name: 'description', Values: ['ElastiCache sessions'] }] };
    const [{ NetworkInterfaceId } = {}] = await interfacesOf(endpoint, node);
    const byId = { NetworkInterfaceIds: [NetworkInterfaceId as string] };
    await setDefault(endpoint, 'hidden');

    expect(await interfacesOf(endpoint, byId)).toEqual([]);
    expect(await interfacesOf(endpoint, { ...byId, IncludeManagedResources: true })).toHaveLength(1);
  });

  test('keeps a security group from being deleted in which only hidden ones are', async () => {
    const endpoint = await startWithSecurityGroups();
    const cluster = { CacheClusterId: 'sessions', Engine: 'redis', SecurityGroupIds: [endpoint.web] };
    await endpoint.sdk.send(new CreateCacheClusterCommand(cluster));
    endpoint.settle();
    await setDefault(endpoint, 'hidden');

    const refused = endpoint.ec2.send(new DeleteSecurityGroupCommand({ GroupId: endpoint.web }));

    await expect(refused).rejects.toMatchObject({ name: 'DependencyViolation' });
  });

  test('shows them again when it stops hiding', async () => {
    const endpoint = await startWithInterfaces();
    await setDefault(endpoint, 'hidden');

    await setDefault(endpoint, 'visible');

    expect(await interfacesOf(endpoint)).toHaveLength(3);
  });
});

describe('the visibility of managed resources', () => {
  test('is visible in a new account, and as it was set last', async () => {
    const endpoint = await startWithSecurityGroups();
    const { ec2 } = endpoint;
    const get = async () => (await ec2.send(new GetManagedResourceVisibilityCommand({}))).Visibility;

    const before = await get();
    const { Visibility } = await setDefault(endpoint, 'hidden');
    const after = await get();

    expect([before, Visibility, after]).toEqual(
      ['visible', 'hidden', 'hidden'].map((DefaultVisibility) => ({ DefaultVisibility })),
    );
  });

  test.each([
    ['MissingParameter', {}],
    ['InvalidParameterValue', { DefaultVisibility: 'Hidden' }],
  ])('is left as it is by a call that is answered %s', async (code, parameters) => {
    const { call, region } = await startWithSecurityGroups();

    const { body, status } = await call('ModifyManagedResourceVisibility', parameters as never, { service: 'ec2' });

    expect([status, body]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
    expect(region.managedResources.defaultVisibility).toBe('visible');
  });
});

describe('DescribeNetworkInterfaces', () => {
  test.each([
    ['description', 'ElastiCache sessions', ['interface']],
    ['description', 'VPC Endpoint Interface vpce-*', ['vpc_endpoint']],
    ['requester-id', 'amazon-elasticache', ['interface']],
    ['interface-type', 'vpc_endpoint', ['vpc_endpoint']],
    ['subnet-id', 'subnet-12345678', ['interface']],
    ['vpc-id', 'vpc-12345678', []],
  ])('finds network interfaces by the filter %s: %s', async (Name, value, types) => {
    const endpoint = await startWithInterfaces();

    const found = await interfacesOf(endpoint, { Filters: [{ Name, Values: [value] }] });

    expect(found.map(({ InterfaceType }) => InterfaceType)).toEqual(types);
  });

  test('answers InvalidParameterCombination for ids and a page size at once', async () => {
    const endpoint = await startWithInterfaces();
    const [{ NetworkInterfaceId } = {}] = await interfacesOf(endpoint);

    const refused = interfacesOf(endpoint, { NetworkInterfaceIds: [NetworkInterfaceId as string], MaxResults: 5 });

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });
});
