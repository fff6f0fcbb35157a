import { DeleteCacheSecurityGroupCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { STRANGER } from '../../../support/examples/grants.ts';
import { CREATING, type LocalEndpoint, startEndpoint } from '../../../support/local-aws/local-endpoint.ts';
import { errorCodeOf, expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'DeleteCacheSecurityGroup';
const SESSIONS = { CacheSecurityGroupName: 'sessions' };

async function startWithSessions(): Promise<LocalEndpoint> {
  const endpoint = await startEndpoint();
  await create(endpoint);
  return endpoint;
}

async function create({ call }: LocalEndpoint): Promise<void> {
  const answer = await call('CreateCacheSecurityGroup', { ...SESSIONS, Description: 'Sessions of the shop' });
  expectSuccess(answer, 'CreateCacheSecurityGroup');
}

async function expectGone({ call }: LocalEndpoint): Promise<void> {
  expectError(await call('DescribeCacheSecurityGroups', SESSIONS), 404, 'CacheSecurityGroupNotFound');
}

describe(ACTION, () => {
  test('answers with nothing but the request id, and the cache security group is gone', async () => {
    const endpoint = await startWithSessions();

    const answer = await endpoint.call(ACTION, SESSIONS);

    expectSuccess(answer, ACTION);
    expect(answer.body).not.toContain('Result');
    await expectGone(endpoint);
  });

  test('answers the JavaScript SDK', async () => {
    const { sdk, calls } = await startWithSessions();

    const { $metadata, ...output } = await sdk.send(new DeleteCacheSecurityGroupCommand(SESSIONS));

    expect(output).toEqual({});
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: calls.at(-1)?.requestId });
  });

  test('knows the name in any case', async () => {
    const endpoint = await startWithSessions();

    const answer = await endpoint.call(ACTION, { CacheSecurityGroupName: 'SESSIONS' });

    expectSuccess(answer, ACTION);
    await expectGone(endpoint);
  });

  test('takes the grants along: a new cache security group of the name has none', async () => {
    const endpoint = await startWithSessions();
    const grant = { ...SESSIONS, EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };
    await endpoint.call('AuthorizeCacheSecurityGroupIngress', grant);

    const answer = await endpoint.call(ACTION, SESSIONS);

    expectSuccess(answer, ACTION);
    await create(endpoint);
    expectError(await endpoint.call('RevokeCacheSecurityGroupIngress', grant), 404, 'AuthorizationNotFound');
  });

  test('answers CacheSecurityGroupNotFound, with 404, for a name that is not there', async () => {
    const { call, sdk } = await startEndpoint();

    const answer = await call(ACTION, SESSIONS);

    expect(expectError(answer, 404, 'CacheSecurityGroupNotFound')).toContain('sessions');
    await expect(sdk.send(new DeleteCacheSecurityGroupCommand(SESSIONS))).rejects.toMatchObject({
      name: 'CacheSecurityGroupNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test.each(['default', 'Default'])('answers InvalidCacheSecurityGroupState for %s, which stays', async (name) => {
    const { call, sdk } = await startEndpoint();

    const answer = await call(ACTION, { CacheSecurityGroupName: name });

    expect(expectError(answer, 400, 'InvalidCacheSecurityGroupState')).toContain('default');
    await expect(sdk.send(new DeleteCacheSecurityGroupCommand({ CacheSecurityGroupName: name }))).rejects.toMatchObject(
      { name: 'InvalidCacheSecurityGroupStateFault' },
    );
    const stays = await call('DescribeCacheSecurityGroups', { CacheSecurityGroupName: 'default' });
    expectSuccess(stays, 'DescribeCacheSecurityGroups');
  });

  test('answers InvalidCacheSecurityGroupState while it guards a cache cluster, and is good once that is gone', async () => {
    const endpoint = await startWithSessions();
    const cluster = { CacheClusterId: 'pages' };
    const guarded = { 'CacheSecurityGroupNames.CacheSecurityGroupName.1': 'sessions' };
    await endpoint.call('CreateCacheCluster', { ...cluster, Engine: 'redis', ...guarded });
    endpoint.clock.advance(CREATING);

    const inUse = await endpoint.call(ACTION, SESSIONS);
    await endpoint.call('DeleteCacheCluster', cluster);
    const deleting = await endpoint.call(ACTION, SESSIONS);
    endpoint.clock.advance(CREATING);
    const after = await endpoint.call(ACTION, SESSIONS);

    for (const refused of [inUse, deleting]) {
      expect(expectError(refused, 400, 'InvalidCacheSecurityGroupState')).toBe(
        'Cannot delete the security group because at least one cache cluster is still a member: pages.',
      );
    }
    expectSuccess(after, ACTION);
  });

  test('lets exactly one of many callers at once win', async () => {
    const { call } = await startWithSessions();

    const answers = await Promise.all(Array.from({ length: 20 }, () => call(ACTION, SESSIONS)));

    const codes = answers.map(errorCodeOf);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 'CacheSecurityGroupNotFound')).toHaveLength(19);
  });
});
