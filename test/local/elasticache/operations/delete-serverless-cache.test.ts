import {
  CreateServerlessCacheCommand,
  DeleteServerlessCacheCommand,
  DescribeServerlessCachesCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'DeleteServerlessCache';
const NAME = { ServerlessCacheName: 'catalog' };

async function startWithCatalog(): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  await endpoint.sdk.send(new CreateServerlessCacheCommand({ ...NAME, Engine: 'valkey' }));
  endpoint.settle();
  return endpoint;
}

async function statuses({ sdk }: CacheEndpoint) {
  return (await sdk.send(new DescribeServerlessCachesCommand({}))).ServerlessCaches?.map(({ Status }) => Status);
}

describe(ACTION, () => {
  test('answers with the serverless cache, which is deleting; then it is gone', async () => {
    const endpoint = await startWithCatalog();

    const { ServerlessCache } = await endpoint.sdk.send(new DeleteServerlessCacheCommand(NAME));
    const meanwhile = await statuses(endpoint);
    endpoint.settle();
    const after = await statuses(endpoint);

    expect(ServerlessCache).toMatchObject({ ...NAME, Status: 'deleting' });
    expect([meanwhile, after]).toEqual([['deleting'], []]);
  });

  test('has no network interface any more', async () => {
    const endpoint = await startWithCatalog();

    await endpoint.sdk.send(new DeleteServerlessCacheCommand(NAME));

    expect(await endpoint.interfaces()).toEqual([]);
  });

  test('answers InvalidServerlessCacheStateFault while it is being deleted, and ServerlessCacheNotFoundFault after', async () => {
    const endpoint = await startWithCatalog();
    await endpoint.call(ACTION, NAME);

    const meanwhile = await endpoint.call(ACTION, NAME);
    endpoint.settle();
    const after = await endpoint.call(ACTION, NAME);

    expect(expectError(meanwhile, 400, 'InvalidServerlessCacheStateFault')).toContain('deleting');
    expectError(after, 404, 'ServerlessCacheNotFoundFault');
  });
});
