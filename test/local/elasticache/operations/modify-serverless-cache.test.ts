import {
  CreateServerlessCacheCommand,
  DescribeServerlessCachesCommand,
  ModifyServerlessCacheCommand,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { type CacheEndpoint, startWithSecurityGroups } from '../../../support/local-aws/caches.ts';
import { expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'ModifyServerlessCache';
const NAME = { ServerlessCacheName: 'catalog' };

async function startWithCatalog(
  version: { Engine: string; MajorEngineVersion?: string } = { Engine: 'valkey' },
): Promise<CacheEndpoint> {
  const endpoint = await startWithSecurityGroups();
  const input = { ...NAME, ...version, SecurityGroupIds: [endpoint.web], Description: 'What there is' };
  await endpoint.sdk.send(new CreateServerlessCacheCommand(input));
  endpoint.settle();
  return endpoint;
}

async function catalog({ sdk }: CacheEndpoint) {
  return (await sdk.send(new DescribeServerlessCachesCommand(NAME))).ServerlessCaches?.[0];
}

describe(ACTION, () => {
  test('puts the security groups in the place of those there were, and answers modifying', async () => {
    const endpoint = await startWithCatalog();
    const { sdk, batch, defaultGroup } = endpoint;
    const SecurityGroupIds = [batch, defaultGroup];

    const { ServerlessCache } = await sdk.send(new ModifyServerlessCacheCommand({ ...NAME, SecurityGroupIds }));

    expect(ServerlessCache).toMatchObject({ Status: 'modifying', SecurityGroupIds, Description: 'What there is' });
    expect(ServerlessCache?.Endpoint?.Port).toBe(6379);
    expect(await catalog(endpoint)).toMatchObject({ SecurityGroupIds });
    expect(await endpoint.interfaces()).toEqual([expect.stringContaining(`: ${batch}, ${defaultGroup}`)]);
  });

  test('changes the description alone when it is told no security groups', async () => {
    const endpoint = await startWithCatalog();

    await endpoint.sdk.send(new ModifyServerlessCacheCommand({ ...NAME, Description: 'All there is' }));

    expect(await catalog(endpoint)).toMatchObject({ Description: 'All there is', SecurityGroupIds: [endpoint.web] });
  });

  test.each([
    ['one that is not there', () => 'sg-0badbadbadbadbad0'],
    ['one of another VPC', ({ elsewhere }: CacheEndpoint) => elsewhere],
  ])('answers InvalidParameterValue for security groups with %s, and changes nothing', async (_, groupOf) => {
    const endpoint = await startWithCatalog();
    const SecurityGroupIds = [groupOf(endpoint)];

    const refused = endpoint.sdk.send(new ModifyServerlessCacheCommand({ ...NAME, SecurityGroupIds }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
    expect(await catalog(endpoint)).toMatchObject({ Status: 'available', SecurityGroupIds: [endpoint.web] });
  });

  test('answers InvalidServerlessCacheStateFault while it is being changed, and is good after', async () => {
    const endpoint = await startWithCatalog();
    await endpoint.call(ACTION, NAME);

    const meanwhile = await endpoint.call(ACTION, NAME);
    endpoint.settle();
    const after = await endpoint.call(ACTION, NAME);

    expect(expectError(meanwhile, 400, 'InvalidServerlessCacheStateFault')).toContain('modifying');
    expect(after.status).toBe(200);
  });

  test('makes it public with a connection type, and puts it back in a VPC', async () => {
    const endpoint = await startWithCatalog({ Engine: 'valkey', MajorEngineVersion: '9' });

    const opened = expectSuccess(await endpoint.call(ACTION, { ...NAME, ConnectionType: 'public' }), ACTION);
    const whileOpen = [await catalog(endpoint), await endpoint.interfaces()];
    endpoint.settle();
    const closed = await endpoint.call(ACTION, {
      ...NAME,
      ConnectionType: 'vpc',
      'SecurityGroupIds.SecurityGroupId.1': endpoint.batch,
    });
    endpoint.settle();

    expect(opened).toMatchObject({ ServerlessCache: { Status: 'modifying', ConnectionType: 'public' } });
    expect(whileOpen).toMatchObject([{ Endpoint: { Address: expect.stringContaining('.public.serverless.') } }, []]);
    expectSuccess(closed, ACTION);
    expect(await catalog(endpoint)).toMatchObject({ SecurityGroupIds: [endpoint.batch] });
    expect(await endpoint.interfaces()).toEqual([expect.stringContaining(`: ${endpoint.batch}`)]);
  });

  test('stays public when it is told nothing of that, and takes no security groups', async () => {
    const endpoint = await startWithCatalog({ Engine: 'valkey', MajorEngineVersion: '9' });
    await endpoint.call(ACTION, { ...NAME, ConnectionType: 'public' });
    endpoint.settle();

    const described = await endpoint.call(ACTION, { ...NAME, Description: 'All there is' });
    const guarded = await endpoint.call(ACTION, { ...NAME, 'SecurityGroupIds.SecurityGroupId.1': endpoint.web });

    expect(expectSuccess(described, ACTION)).toMatchObject({ ServerlessCache: { ConnectionType: 'public' } });
    expectError(guarded, 400, 'InvalidParameterCombination');
  });

  test('answers InvalidParameterValue to make one public that is not of Valkey 9 or later', async () => {
    const endpoint = await startWithCatalog({ Engine: 'valkey', MajorEngineVersion: '8' });

    const answer = await endpoint.call(ACTION, { ...NAME, ConnectionType: 'public' });

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('ConnectionType');
    expect(await endpoint.interfaces()).toHaveLength(1);
  });
});
