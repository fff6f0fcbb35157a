import {
  CreateServerlessCacheCommand,
  type CreateServerlessCacheCommandInput,
  DescribeServerlessCachesCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'CreateServerlessCache';
const SUBNETS = ['subnet-0123456789abcdef0', 'subnet-89abcdef'];

async function create({ sdk }: CacheEndpoint, input: Partial<CreateServerlessCacheCommandInput> = {}) {
  const command = new CreateServerlessCacheCommand({ ServerlessCacheName: 'catalog', Engine: 'valkey', ...input });
  return (await sdk.send(command)).ServerlessCache;
}

describe(ACTION, () => {
  test('answers with the serverless cache, which is creating and has no endpoint yet', async () => {
    const endpoint = await startWithSecurityGroups();
    const { web, batch } = endpoint;
    const CreateTime = new Date(endpoint.clock.now());

    const cache = await create(endpoint, {
      ServerlessCacheName: 'Catalog',
      Description: 'What there is to buy',
      MajorEngineVersion: '7',
      SecurityGroupIds: [web, batch],
      SubnetIds: SUBNETS,
    });

    expect(cache).toEqual({
      ServerlessCacheName: 'catalog',
      Description: 'What there is to buy',
      CreateTime,
      Status: 'creating',
      Engine: 'valkey',
      MajorEngineVersion: '7',
      SecurityGroupIds: [web, batch],
      ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:serverlesscache:catalog`,
      SubnetIds: SUBNETS,
    });
  });

  test('lists no security group when none is named, and the default one of the VPC guards it', async () => {
    const endpoint = await startWithSecurityGroups();

    const cache = await create(endpoint);

    expect(cache).toMatchObject({ Description: '', SubnetIds: [] });
    expect(cache?.SecurityGroupIds).toBeUndefined();
    endpoint.settle();
    expect(await endpoint.interfaces()).toEqual([
      expect.stringMatching(new RegExp(`^VPC Endpoint Interface vpce-[0-9a-f]{17}: ${endpoint.defaultGroup}$`)),
    ]);
  });

  test('is in the VPC of its subnets, whose default security group guards it', async () => {
    const endpoint = await startWithSecurityGroups();
    const { otherVpcId } = endpoint.region.securityGroups;

    await create(endpoint, { SubnetIds: [otherVpcId.replace('vpc-', 'subnet-')] });

    endpoint.settle();

    expect(await endpoint.networkInterfaces()).toMatchObject([
      { VpcId: otherVpcId, Groups: [{ GroupId: endpoint.elsewhere }] },
    ]);
  });

  test('has the network interface of a VPC endpoint, in its security groups, once it is available', async () => {
    const endpoint = await startWithSecurityGroups();

    await create(endpoint, { SecurityGroupIds: [endpoint.web] });
    const creating = await endpoint.networkInterfaces();
    endpoint.settle();
    const available = await endpoint.networkInterfaces();

    expect(creating).toEqual([]);
    expect(available).toMatchObject([
      {
        Description: expect.stringMatching(/^VPC Endpoint Interface vpce-[0-9a-f]{17}$/),
        Groups: [{ GroupId: endpoint.web }],
        InterfaceType: 'vpc_endpoint',
        RequesterId: expect.stringMatching(/^[0-9]{12}$/),
        RequesterManaged: true,
      },
    ]);
  });

  test.each([
    ['an engine that there is not', { Engine: 'dragonfly' }],
    ['a name of 41 characters', { ServerlessCacheName: `a${'1'.repeat(40)}` }],
    ['a name that begins with a digit', { ServerlessCacheName: '1a' }],
    ['a description of 256 characters', { Description: 'a'.repeat(256) }],
    ['a subnet that cannot be one', { 'SubnetIds.SubnetId.1': 'subnet-1' }],
    ['a security group that is not there', { 'SecurityGroupIds.SecurityGroupId.1': 'sg-0badbadbadbadbad0' }],
  ])('answers InvalidParameterValue for %s, and makes nothing', async (_, parameters) => {
    const endpoint = await startWithSecurityGroups();

    const answer = await endpoint.call(ACTION, { ServerlessCacheName: 'catalog', Engine: 'valkey', ...parameters });

    expectError(answer, 400, 'InvalidParameterValue');
    endpoint.settle();
    expect([endpoint.region.caches.serverless.all(), await endpoint.interfaces()]).toEqual([[], []]);
  });

  test('answers ServerlessCacheAlreadyExistsFault for a name that there is', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint);

    const answer = await endpoint.call(ACTION, { ServerlessCacheName: 'CATALOG', Engine: 'redis' });

    expectError(answer, 400, 'ServerlessCacheAlreadyExistsFault');
    await expect(create(endpoint)).rejects.toMatchObject({ name: 'ServerlessCacheAlreadyExistsFault' });
  });
});

// The JavaScript SDK does not know `ConnectionType` yet.
describe(`${ACTION} with a public endpoint`, () => {
  const PUBLIC = { ServerlessCacheName: 'open', Engine: 'valkey', ConnectionType: 'public' };

  test('answers with a serverless cache that has no security groups, no subnets and no VPC endpoint', async () => {
    const endpoint = await startWithSecurityGroups();

    const created = expectSuccess(await endpoint.call(ACTION, PUBLIC), ACTION).ServerlessCache;
    endpoint.settle();

    expect(created).toMatchObject({ Status: 'creating', MajorEngineVersion: '9', ConnectionType: 'public' });
    for (const member of ['SecurityGroupIds', 'SubnetIds']) expect(created).not.toHaveProperty(member);
    expect(await endpoint.interfaces()).toEqual([]);
  });

  test('has an address that tells it, once it is available', async () => {
    const endpoint = await startWithSecurityGroups();
    await endpoint.call(ACTION, { ...PUBLIC, MajorEngineVersion: '10' });
    const describeCaches = () => endpoint.sdk.send(new DescribeServerlessCachesCommand({}));

    const { ServerlessCaches: creating } = await describeCaches();
    endpoint.settle();
    const { ServerlessCaches: available } = await describeCaches();

    const Address = 'open-local0.public.serverless.use1.cache.amazonaws.com';
    expect([creating?.[0]?.Endpoint, creating?.[0]?.SecurityGroupIds]).toEqual([undefined, undefined]);
    expect(available).toMatchObject([
      { Status: 'available', Endpoint: { Address, Port: 6379 }, ReaderEndpoint: { Address, Port: 6380 } },
    ]);
    expect(available?.[0]?.SecurityGroupIds).toBeUndefined();
  });

  test('is one in a VPC when the connection type is vpc', async () => {
    const endpoint = await startWithSecurityGroups();

    const answer = await endpoint.call(ACTION, { ...PUBLIC, ConnectionType: 'vpc' });

    expect(expectSuccess(answer, ACTION)).toMatchObject({ ServerlessCache: { ConnectionType: 'vpc' } });
    endpoint.settle();
    expect(await endpoint.interfaces()).toHaveLength(1);
  });

  test.each([
    ['another connection type', { ConnectionType: 'Public' }, 'InvalidParameterValue'],
    ['Valkey 8', { MajorEngineVersion: '8' }, 'InvalidParameterValue'],
    ['Redis', { Engine: 'redis' }, 'InvalidParameterValue'],
    ['a version that is no number', { MajorEngineVersion: 'new' }, 'InvalidParameterValue'],
    ['security groups', { 'SecurityGroupIds.SecurityGroupId.1': 'sg-12345678' }, 'InvalidParameterCombination'],
    ['subnets', { 'SubnetIds.SubnetId.1': 'subnet-12345678' }, 'InvalidParameterCombination'],
  ])('is refused with %s, and nothing is made', async (_, more, code) => {
    const { call, region } = await startWithSecurityGroups();

    const answer = await call(ACTION, { ...PUBLIC, ...more });

    expectError(answer, 400, code);
    expect(region.caches.serverless.all()).toEqual([]);
  });
});
