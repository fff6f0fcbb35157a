import { CreateNetworkInterfaceCommand } from '@aws-sdk/client-ec2';
import { CreateCacheClusterCommand, CreateServerlessCacheCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ec2Client } from '../../../src/aws/ec2/client.ts';
import { guardsSomethingElse } from '../../../src/aws/ec2/guards-something-else.ts';
import { REGION } from '../../support/examples/grants.ts';
import { startWithSecurityGroups } from '../../support/local-aws/caches.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';
import { ec2Answer, ec2Error } from '../../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../../support/scripted/scripted-endpoint.ts';

const DESCRIBE = 'DescribeNetworkInterfaces';

function ask(url: string, securityGroupId = 'sg-0a', abortSignal?: AbortSignal): Promise<boolean> {
  const client = ec2Client({ endpoint: url, credentials, maxAttempts: 1, region: REGION });
  return guardsSomethingElse(client, securityGroupId, abortSignal);
}

/** A page of network interfaces, of each the elements that differ from a cache node's. */
function page(interfaces: readonly Readonly<Record<string, string | undefined>>[], nextToken = '') {
  const ofNode = {
    description: 'ElastiCache sessions-001',
    requesterId: 'amazon-elasticache',
    requesterManaged: 'true',
  };
  const items = interfaces.map((changes) => {
    const told = Object.entries({ ...ofNode, ...changes }).filter(([, value]) => value !== undefined);
    return `<item>${told.map(([name, value]) => `<${name}>${value}</${name}>`).join('')}</item>`;
  });
  const token = nextToken && `<nextToken>${nextToken}</nextToken>`;
  return ec2Answer(DESCRIBE, `<networkInterfaceSet>${items.join('')}</networkInterfaceSet>${token}`);
}

describe('a security group', () => {
  test('guards nothing else when only nodes of caches are in it', async () => {
    const { url, sdk, web, batch } = await startWithSecurityGroups({ creatingMs: 0 });
    const cluster = { CacheClusterId: 'pages', Engine: 'memcached', NumCacheNodes: 3, SecurityGroupIds: [web, batch] };
    await sdk.send(new CreateCacheClusterCommand(cluster));

    expect(await ask(url, web)).toBe(false);
  });

  test('guards nothing else when nothing is in it, or there is none of its id', async () => {
    const { url, web } = await startWithSecurityGroups();

    expect(await ask(url, web)).toBe(false);
    expect(await ask(url, 'sg-0123456789abcdef0')).toBe(false);
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

  test('counts as guarding something else when a serverless cache is behind it: its network interface tells of none', async () => {
    const { url, sdk, web } = await startWithSecurityGroups({ creatingMs: 0 });
    const serverless = { ServerlessCacheName: 'prices', Engine: 'valkey', SecurityGroupIds: [web] };
    await sdk.send(new CreateServerlessCacheCommand(serverless));

    expect(await ask(url, web)).toBe(true);
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
