import { RevokeCacheSecurityGroupIngressCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, STRANGER } from '../../../support/examples/grants.ts';
import { type LocalEndpoint, startEndpoint, TRANSITION } from '../../../support/local-aws/local-endpoint.ts';
import { errorCodeOf, expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'RevokeCacheSecurityGroupIngress';
const GRANT = {
  CacheSecurityGroupName: 'sessions',
  EC2SecurityGroupName: 'web',
  EC2SecurityGroupOwnerId: STRANGER,
} as const;
const WEB = { EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };

/** An endpoint in which `web` of a stranger may reach `sessions`: authorizing, and no time has passed yet. */
async function startWithGrant(settings = {}): Promise<LocalEndpoint> {
  const endpoint = await startEndpoint(settings);
  const parameters = { CacheSecurityGroupName: 'sessions', Description: 'Sessions of the shop' };
  await endpoint.call('CreateCacheSecurityGroup', parameters);
  await endpoint.call('AuthorizeCacheSecurityGroupIngress', GRANT);
  return endpoint;
}

async function startWithAuthorizedGrant(settings = {}): Promise<LocalEndpoint> {
  const endpoint = await startWithGrant(settings);
  endpoint.clock.advance(TRANSITION);
  return endpoint;
}

async function grants({ call }: LocalEndpoint): Promise<unknown> {
  const answer = await call('DescribeCacheSecurityGroups', { CacheSecurityGroupName: 'sessions' });
  const { CacheSecurityGroups } = expectSuccess(answer, 'DescribeCacheSecurityGroups');
  return (CacheSecurityGroups as { EC2SecurityGroups: unknown }[])[0]?.EC2SecurityGroups;
}

describe(ACTION, () => {
  test('answers with the cache security group, in which the grant is still listed, as revoking', async () => {
    const { call } = await startWithAuthorizedGrant();

    const answer = await call(ACTION, GRANT);

    expect(expectSuccess(answer, ACTION)).toEqual({
      CacheSecurityGroup: {
        OwnerId: ACCOUNT,
        CacheSecurityGroupName: 'sessions',
        Description: 'Sessions of the shop',
        EC2SecurityGroups: [{ Status: 'revoking', ...WEB }],
        ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:securitygroup:sessions`,
      },
    });
  });

  test('answers the JavaScript SDK', async () => {
    const { sdk, calls } = await startWithAuthorizedGrant();

    const { CacheSecurityGroup, $metadata } = await sdk.send(new RevokeCacheSecurityGroupIngressCommand(GRANT));

    expect(CacheSecurityGroup?.EC2SecurityGroups).toEqual([{ Status: 'revoking', ...WEB }]);
    expect($metadata.requestId).toBe(calls.at(-1)?.requestId);
  });

  test('has its grant revoking until the transition is over, and gone from then on', async () => {
    const endpoint = await startWithAuthorizedGrant();
    await endpoint.call(ACTION, GRANT);

    endpoint.clock.advance(TRANSITION - 1);
    const before = await grants(endpoint);
    endpoint.clock.advance(1);
    const after = await grants(endpoint);

    expect([before, after]).toEqual([[{ Status: 'revoking', ...WEB }], []]);
  });

  test('answers revoking also where transitions take no time', async () => {
    const endpoint = await startWithGrant({ transitionMs: 0 });

    const answer = await endpoint.call(ACTION, GRANT);

    expect(expectSuccess(answer, ACTION)).toMatchObject({
      CacheSecurityGroup: { EC2SecurityGroups: [{ Status: 'revoking', ...WEB }] },
    });
    expect(await grants(endpoint)).toEqual([]);
  });

  test('leaves every other grant alone', async () => {
    const endpoint = await startWithGrant();
    const others = [
      { ...GRANT, EC2SecurityGroupName: 'Web' },
      { ...GRANT, EC2SecurityGroupOwnerId: ACCOUNT },
    ];
    for (const other of others) await endpoint.call('AuthorizeCacheSecurityGroupIngress', other);
    endpoint.clock.advance(TRANSITION);

    await endpoint.call(ACTION, GRANT);
    endpoint.clock.advance(TRANSITION);

    expect(await grants(endpoint)).toEqual([
      { Status: 'authorized', EC2SecurityGroupName: 'Web', EC2SecurityGroupOwnerId: STRANGER },
      { Status: 'authorized', EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: ACCOUNT },
    ]);
  });

  test.each([
    ['the name of the cache security group in another case', { CacheSecurityGroupName: 'Sessions' }],
    ['hyphens in the owner id', { EC2SecurityGroupOwnerId: '4444-5555-6666' }],
  ])('knows the grant by %s', async (_, otherSpelling) => {
    const { call } = await startWithAuthorizedGrant();

    const answer = await call(ACTION, { ...GRANT, ...otherSpelling });

    expectSuccess(answer, ACTION);
  });

  test.each(['*', 'w*', 'we?', '[w]eb', 'WEB'])('takes %s for a name, never for a pattern', async (name) => {
    const { call } = await startWithAuthorizedGrant();

    const answer = await call(ACTION, { ...GRANT, EC2SecurityGroupName: name });

    expect([400, 404]).toContain(answer.status);
    expect(['AuthorizationNotFound', 'InvalidParameterValue']).toContain(errorCodeOf(answer));
  });
});

describe(`${ACTION} that cannot be`, () => {
  test('answers CacheSecurityGroupNotFound, with 404, for a cache security group that is not there', async () => {
    const { call, sdk } = await startEndpoint();

    const answer = await call(ACTION, GRANT);

    expect(expectError(answer, 404, 'CacheSecurityGroupNotFound')).toContain('sessions');
    await expect(sdk.send(new RevokeCacheSecurityGroupIngressCommand(GRANT))).rejects.toMatchObject({
      name: 'CacheSecurityGroupNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test.each([
    ['another EC2 security group', { EC2SecurityGroupName: 'batch' }],
    ['the same name in another case', { EC2SecurityGroupName: 'WEB' }],
    ['the same name of another owner', { EC2SecurityGroupOwnerId: ACCOUNT }],
    ['another cache security group', { CacheSecurityGroupName: 'default' }],
  ])('answers AuthorizationNotFound, with 404, for %s', async (_, other) => {
    const { call, sdk } = await startWithAuthorizedGrant();

    const answer = await call(ACTION, { ...GRANT, ...other });

    expectError(answer, 404, 'AuthorizationNotFound');
    await expect(sdk.send(new RevokeCacheSecurityGroupIngressCommand({ ...GRANT, ...other }))).rejects.toMatchObject({
      name: 'AuthorizationNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('answers InvalidCacheSecurityGroupState while the grant is authorizing, and changes nothing', async () => {
    const endpoint = await startWithGrant();
    endpoint.clock.advance(TRANSITION - 1);

    const answer = await endpoint.call(ACTION, GRANT);

    expect(expectError(answer, 400, 'InvalidCacheSecurityGroupState')).toContain('authorizing');
    await expect(endpoint.sdk.send(new RevokeCacheSecurityGroupIngressCommand(GRANT))).rejects.toMatchObject({
      name: 'InvalidCacheSecurityGroupStateFault',
    });
    endpoint.clock.advance(1);
    expect(await grants(endpoint)).toMatchObject([{ Status: 'authorized' }]);
  });

  test('answers InvalidCacheSecurityGroupState while it is revoking, and AuthorizationNotFound when it is gone', async () => {
    const { call, clock } = await startWithAuthorizedGrant();
    await call(ACTION, GRANT);

    const meanwhile = await call(ACTION, GRANT);
    clock.advance(TRANSITION);
    const after = await call(ACTION, GRANT);

    expect(expectError(meanwhile, 400, 'InvalidCacheSecurityGroupState')).toContain('revoking');
    expectError(after, 404, 'AuthorizationNotFound');
  });

  test('lets exactly one of many callers at once win', async () => {
    const endpoint = await startWithAuthorizedGrant();

    const answers = await Promise.all(Array.from({ length: 20 }, () => endpoint.call(ACTION, GRANT)));

    const codes = answers.map(errorCodeOf);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 'InvalidCacheSecurityGroupState')).toHaveLength(19);
  });
});
