import { CreateNetworkInterfaceCommand } from '@aws-sdk/client-ec2';
import { CreateCacheClusterCommand, CreateServerlessCacheCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { guardsSomethingElse } from '../../../src/aws/ec2/guards-something-else.ts';
import { REGION } from '../../support/examples/grants.ts';
import { startWithSecurityGroups } from '../../support/local-aws/caches.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { ec2Answer, ec2Error, interfacesPage as page } from '../../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const DESCRIBE = 'DescribeNetworkInterfaces';

function ask(url: string, securityGroupId = 'sg-0a', abortSignal?: AbortSignal): Promise<boolean> {
  const client = ec2Client({ endpoint: url, credentials, maxAttempts: 1, region: REGION });
  return guardsSomethingElse(client, securityGroupId, abortSignal);
}

describe('a security group', () => {
  test('guards nothing else when only nodes of caches are in it', async () => {
    const { url, sdk, web, batch } = await startWithSecurityGroups({ creatingMs: 0 });
    const cluster = { CacheClusterId: 'pages', Engine: 'memcached', NumCacheNodes: 3, SecurityGroupIds: [web, batch] };
    await sdk.send(new CreateCacheClusterCommand(cluster));

    expect(await ask(url, web)).toBe(false);
  });

  test('of which EC2 shows no network interface is an error: it guards a cache, so one is missing', async () => {
    const { url, web } = await startWithSecurityGroups();

    await expect(ask(url, web)).rejects.toThrow(`EC2 lists no network interface in security group ${web}`);
  });

  test('guards something else when a network interface of the account is in it, whatever that is called', async () => {
    const { url, ec2, sdk, web, batch } = await startWithSecurityGroups({ creatingMs: 0 });
    await sdk.send(
      new CreateCacheClusterCommand({ CacheClusterId: 'a', Engine: 'redis', SecurityGroupIds: [web, batch] }),
    );
    const own = { SubnetId: 'subnet-0f1a2b3c4d5e60001', Groups: [web], Description: 'ElastiCache sessions' };
    await ec2.send(new CreateNetworkInterfaceCommand(own));

    expect(await ask(url, web)).toBe(true);
    expect(await ask(url, batch)).toBe(false);
  });

  test('guards nothing else when a serverless cache is behind it: the VPC endpoint of its interface is for one', async () => {
    const { url, sdk, web } = await startWithSecurityGroups({ creatingMs: 0 });
    const serverless = { ServerlessCacheName: 'prices', Engine: 'valkey', SecurityGroupIds: [web] };
    await sdk.send(new CreateServerlessCacheCommand(serverless));

    expect(await ask(url, web)).toBe(false);
  });
});

describe('a network interface', () => {
  test.each<Readonly<Record<string, string | undefined>>>([
    {},
    { description: 'ElastiCache+sessions' },
    { requesterManaged: undefined },
    { requesterId: 'AROAEXAMPLEEXAMPLE001:ElastiCache' },
  ])('is that of a cache node with %j', async (changes) => {
    await using endpoint = await startScriptedEndpoint(page([changes]));

    expect(await ask(endpoint.url)).toBe(false);
  });

  test.each<Readonly<Record<string, string | undefined>>>([
    { description: undefined },
    { description: '' },
    { description: 'RDSNetworkInterface' },
    { description: 'my ElastiCache sessions' },
    { description: 'ElastiCacheProxy sessions' },
    { requesterId: undefined, requesterManaged: 'false' },
    { requesterId: undefined, requesterManaged: undefined },
    { requesterId: '111122223333', requesterManaged: 'false' },
    { requesterId: 'amazon-elasticache-2', requesterManaged: 'false' },
  ])('is something else with %j', async (changes) => {
    await using endpoint = await startScriptedEndpoint(page([{}, changes, {}]));

    expect(await ask(endpoint.url)).toBe(true);
  });

  test('is looked for on every page, but no further than to the first that is something else', async () => {
    const other = { description: 'a bastion' };
    await using endpoint = await startScriptedEndpoint(page([{}], 'b'), page([other], 'c'), page([{}]));

    expect(await ask(endpoint.url)).toBe(true);
    expect(endpoint.actions).toEqual([DESCRIBE, DESCRIBE]);
  });
});

/** What a network interface of a VPC endpoint has that one of a cache node has not. */
const ofEndpoint = (id: string) => ({
  description: `VPC Endpoint Interface ${id}`,
  requesterId: '111122223333',
  interfaceType: 'vpc_endpoint',
});

/** A page of VPC endpoints, each with its id and the service that it is for. */
function endpoints(services: Readonly<Record<string, string>>) {
  const items = Object.entries(services).map(
    ([id, service]) => `<item><vpcEndpointId>${id}</vpcEndpointId><serviceName>${service}</serviceName></item>`,
  );
  return ec2Answer('DescribeVpcEndpoints', `<vpcEndpointSet>${items.join('')}</vpcEndpointSet>`);
}

const SERVERLESS = 'com.amazonaws.elasticache.serverless.us-east-1.vpce-svc-0f1a2b3c4d5e60001';

describe('the VPC endpoint of a serverless cache', () => {
  test('is a cache, as its service says', async () => {
    const interfaces = page([{}, ofEndpoint('vpce-0a'), ofEndpoint('vpce-0b')]);
    await using endpoint = await startScriptedEndpoint(
      interfaces,
      endpoints({ 'vpce-0a': SERVERLESS, 'vpce-0b': SERVERLESS }),
    );

    expect(await ask(endpoint.url)).toBe(false);
    expect(endpoint.actions).toEqual([DESCRIBE, 'DescribeVpcEndpoints']);
    expect([...(endpoint.requests[1] ?? [])]).toEqual(
      expect.arrayContaining([
        ['Filter.1.Name', 'vpc-endpoint-id'],
        ['Filter.1.Value.1', 'vpce-0a'],
        ['Filter.1.Value.2', 'vpce-0b'],
      ]),
    );
  });

  test.each([
    ['is for another service', { 'vpce-0a': SERVERLESS, 'vpce-0b': 'com.amazonaws.us-east-1.s3' }],
    ["is for somebody's service", { 'vpce-0a': SERVERLESS, 'vpce-0b': 'com.amazonaws.vpce.us-east-1.vpce-svc-0a' }],
    ['is for one of a name that begins alike', { 'vpce-0a': SERVERLESS, 'vpce-0b': 'com.amazonaws.elasticache.other' }],
    ['is not found', { 'vpce-0a': SERVERLESS }],
  ])('is told from one that %s', async (_, services) => {
    const interfaces = page([ofEndpoint('vpce-0a'), ofEndpoint('vpce-0b')]);
    await using endpoint = await startScriptedEndpoint(interfaces, endpoints(services));

    expect(await ask(endpoint.url)).toBe(true);
  });

  test.each<Readonly<Record<string, string | undefined>>>([
    { interfaceType: 'interface' },
    { interfaceType: undefined },
    { description: 'VPC Endpoint Interface' },
    { description: 'my VPC Endpoint Interface vpce-0a' },
  ])('is not asked for with %j, which anyone can choose', async (changes) => {
    const interfaces = page([{ ...ofEndpoint('vpce-0a'), ...changes }]);
    await using endpoint = await startScriptedEndpoint(interfaces, endpoints({ 'vpce-0a': SERVERLESS }));

    expect(await ask(endpoint.url)).toBe(true);
    expect(endpoint.actions).toEqual([DESCRIBE]);
  });

  test('is asked for in as many calls as 200 ids each make', async () => {
    const ids = Array.from({ length: 201 }, (_, index) => `vpce-${String(index)}`);
    const services = Object.fromEntries(ids.map((id) => [id, SERVERLESS]));
    await using endpoint = await startScriptedEndpoint(page(ids.map(ofEndpoint)), endpoints(services));

    expect(await ask(endpoint.url)).toBe(false);
    expect(endpoint.actions).toEqual([DESCRIBE, 'DescribeVpcEndpoints', 'DescribeVpcEndpoints']);
  });

  test('counts as something else where EC2 does not know VPC endpoints', async () => {
    await using endpoint = await startScriptedEndpoint(page([ofEndpoint('vpce-0a')]), ec2Error(400, 'InvalidAction'));

    expect(await ask(endpoint.url)).toBe(true);
  });

  test('is not guessed when EC2 refuses to say', async () => {
    const refused = ec2Error(403, 'UnauthorizedOperation');
    await using endpoint = await startScriptedEndpoint(page([ofEndpoint('vpce-0a')]), refused);

    await expect(ask(endpoint.url)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });
});

describe('a network interface that the account hides', () => {
  test('is asked for', async () => {
    await using endpoint = await startScriptedEndpoint(page([{}]));

    await ask(endpoint.url);

    expect(endpoint.requests[0]?.get('IncludeManagedResources')).toBe('true');
  });
});

describe('an answer that does not come', () => {
  test('is no answer: what EC2 says is thrown', async () => {
    await using endpoint = await startScriptedEndpoint(page([{}], 'more'), ec2Error(403, 'UnauthorizedOperation'));

    await expect(ask(endpoint.url)).rejects.toMatchObject({ name: 'UnauthorizedOperation' });
  });

  test('throws when the next page is the same for ever', async () => {
    await using endpoint = await startScriptedEndpoint(page([{}], 'more'));

    await expect(ask(endpoint.url)).rejects.toThrow('the listing does not end');
  });

  test('is not waited for any more when it is aborted', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const abort = new AbortController();

    const asking = ask(endpoint.url, 'sg-0a', abort.signal);
    asking.catch(() => {});
    await expect.poll(() => endpoint.actions).toHaveLength(1);
    abort.abort();

    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
  });
});
