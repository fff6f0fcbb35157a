import {
  CreateServerlessCacheCommand,
  DescribeServerlessCachesCommand,
  paginateDescribeServerlessCaches,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError } from '../../../support/scripted/answers.ts';

const ACTION = 'DescribeServerlessCaches';

async function create({ sdk, web }: CacheEndpoint, ServerlessCacheName: string, Engine = 'valkey') {
  await sdk.send(new CreateServerlessCacheCommand({ ServerlessCacheName, Engine, SecurityGroupIds: [web] }));
}

async function describeCaches({ sdk }: CacheEndpoint, input = {}) {
  return (await sdk.send(new DescribeServerlessCachesCommand(input))).ServerlessCaches ?? [];
}

describe(ACTION, () => {
  test.each([
    ['redis', 6379, 6380],
    ['valkey', 6379, 6380],
    ['memcached', 11211, 11212],
  ])('shows two endpoints of %s, with ports %i and %i', async (engine, port, readerPort) => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'catalog', engine);
    endpoint.settle();

    const [cache] = await describeCaches(endpoint);

    const Address = 'catalog-local0.serverless.use1.cache.amazonaws.com';
    expect(cache).toMatchObject({ Status: 'available', SecurityGroupIds: [endpoint.web] });
    expect([cache?.Endpoint, cache?.ReaderEndpoint]).toEqual([
      { Address, Port: port },
      { Address, Port: readerPort },
    ]);
  });

  test('shows no endpoint while it is creating', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'catalog');

    const [cache] = await describeCaches(endpoint);

    expect(cache).toMatchObject({ Status: 'creating', SecurityGroupIds: [endpoint.web] });
    expect([cache?.Endpoint, cache?.ReaderEndpoint]).toEqual([undefined, undefined]);
  });

  test('shows one by its name, in any case', async () => {
    const endpoint = await startWithSecurityGroups();
    await create(endpoint, 'catalog');
    await create(endpoint, 'catalog-2');

    const caches = await describeCaches(endpoint, { ServerlessCacheName: 'CATALOG' });

    expect(caches.map(({ ServerlessCacheName }) => ServerlessCacheName)).toEqual(['catalog']);
  });

  test('shows 50 at once if not asked for another number, and every one once', async () => {
    const endpoint = await startWithSecurityGroups();
    const names = Array.from({ length: 52 }, (_, index) => `c-${index + 100}`);
    for (const name of names) await create(endpoint, name);
    const pages: (string | undefined)[][] = [];

    for await (const { ServerlessCaches = [] } of paginateDescribeServerlessCaches({ client: endpoint.sdk }, {})) {
      pages.push(ServerlessCaches.map(({ ServerlessCacheName }) => ServerlessCacheName));
    }

    expect(pages.map(({ length }) => length)).toEqual([50, 2]);
    expect(pages.flat()).toEqual(names);
  });

  test.each([
    ['MaxResults', '0'],
    ['MaxResults', '101'],
    ['NextToken', 'x'],
  ])('answers InvalidParameterValue for %s %s', async (parameter, written) => {
    const { call } = await startWithSecurityGroups();

    const answer = await call(ACTION, { [parameter]: written });

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain(parameter);
  });
});
