import { AuthorizeCacheSecurityGroupIngressCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, STRANGER } from '../../../support/examples/grants.ts';
import { type LocalEndpoint, startEndpoint, TRANSITION } from '../../../support/local-aws/local-endpoint.ts';
import { errorCodeOf, expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'AuthorizeCacheSecurityGroupIngress';
const GRANT = {
  CacheSecurityGroupName: 'sessions',
  EC2SecurityGroupName: 'web',
  EC2SecurityGroupOwnerId: STRANGER,
} as const;
const WEB = { EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };

async function startWithSessions(settings = {}): Promise<LocalEndpoint> {
  const endpoint = await startEndpoint(settings);
  const parameters = { CacheSecurityGroupName: 'sessions', Description: 'Sessions of the shop' };
  await endpoint.call('CreateCacheSecurityGroup', parameters);
  return endpoint;
}

/** Who may reach `sessions`, as Describe shows it. */
async function grants({ call }: LocalEndpoint): Promise<unknown> {
  const answer = await call('DescribeCacheSecurityGroups', { CacheSecurityGroupName: 'sessions' });
  const { CacheSecurityGroups } = expectSuccess(answer, 'DescribeCacheSecurityGroups');
  return (CacheSecurityGroups as { EC2SecurityGroups: unknown }[])[0]?.EC2SecurityGroups;
}

describe(ACTION, () => {
  test('answers with the cache security group, in which the new grant is authorizing', async () => {
    const { call } = await startWithSessions();

    const answer = await call(ACTION, GRANT);

    expect(expectSuccess(answer, ACTION)).toEqual({
      CacheSecurityGroup: {
        OwnerId: ACCOUNT,
        CacheSecurityGroupName: 'sessions',
        Description: 'Sessions of the shop',
        EC2SecurityGroups: [{ Status: 'authorizing', ...WEB }],
        ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:securitygroup:sessions`,
      },
    });
  });

  test('answers the JavaScript SDK', async () => {
    const { sdk, calls } = await startWithSessions();

    const { CacheSecurityGroup, $metadata } = await sdk.send(new AuthorizeCacheSecurityGroupIngressCommand(GRANT));

    expect(CacheSecurityGroup?.EC2SecurityGroups).toEqual([{ Status: 'authorizing', ...WEB }]);
    expect($metadata.requestId).toBe(calls.at(-1)?.requestId);
  });

  test('has its grant authorizing until the transition is over, and authorized from then on', async () => {
    const endpoint = await startWithSessions();
    await endpoint.call(ACTION, GRANT);

    endpoint.clock.advance(TRANSITION - 1);
    const before = await grants(endpoint);
    endpoint.clock.advance(1);
    const after = await grants(endpoint);

    expect([before, after]).toEqual([[{ Status: 'authorizing', ...WEB }], [{ Status: 'authorized', ...WEB }]]);
  });

  test('answers authorizing also where transitions take no time', async () => {
    const endpoint = await startWithSessions({ transitionMs: 0 });

    const answer = await endpoint.call(ACTION, GRANT);

    expect(expectSuccess(answer, ACTION)).toMatchObject({
      CacheSecurityGroup: { EC2SecurityGroups: [{ Status: 'authorizing' }] },
    });
    expect(await grants(endpoint)).toMatchObject([{ Status: 'authorized' }]);
  });

  test('lets the same EC2 security group into the default cache security group', async () => {
    const { call } = await startEndpoint();

    const answer = await call(ACTION, { ...GRANT, CacheSecurityGroupName: 'Default' });

    expect(expectSuccess(answer, ACTION)).toMatchObject({ CacheSecurityGroup: { CacheSecurityGroupName: 'default' } });
  });

  test('shows every grant of the cache security group, not only the new one', async () => {
    const { call, clock } = await startWithSessions();
    await call(ACTION, { ...GRANT, EC2SecurityGroupName: 'batch' });
    clock.advance(TRANSITION);

    const answer = await call(ACTION, GRANT);

    expect(expectSuccess(answer, ACTION)).toMatchObject({
      CacheSecurityGroup: {
        EC2SecurityGroups: [
          { Status: 'authorized', EC2SecurityGroupName: 'batch' },
          { Status: 'authorizing', EC2SecurityGroupName: 'web' },
        ],
      },
    });
  });

  test.each([
    'web',
    'Web servers (EU)',
    '*',
    'a*b',
    '[web]',
    '{web}',
    '!web',
    `a._-:/()#,@[]+=&;{}!$*`,
    'x'.repeat(255),
  ])('keeps the EC2 security group name as it is written: %s', async (EC2SecurityGroupName) => {
    const endpoint = await startWithSessions();

    const answer = await endpoint.call(ACTION, { ...GRANT, EC2SecurityGroupName });

    expect(expectSuccess(answer, ACTION)).toMatchObject({
      CacheSecurityGroup: { EC2SecurityGroups: [{ EC2SecurityGroupName }] },
    });
    expect(await grants(endpoint)).toMatchObject([{ EC2SecurityGroupName }]);
  });

  test.each(['x'.repeat(256), 'a\tb', 'a"b', '<web>', 'wéb', 'a%b', 'a\\b', 'a|b', 'a?b', 'a\u0000b'])(
    'answers InvalidParameterValue for the EC2 security group name %j',
    async (EC2SecurityGroupName) => {
      const { call } = await startWithSessions();

      const answer = await call(ACTION, { ...GRANT, EC2SecurityGroupName });

      expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('EC2SecurityGroupName');
    },
  );

  test.each([
    ['1234-5678-1234', '123456781234'],
    ['0000-0000-0012', '000000000012'],
    ['000000000012', '000000000012'],
  ])('stores the owner id %s as %s', async (EC2SecurityGroupOwnerId, stored) => {
    const { call } = await startWithSessions();

    const answer = await call(ACTION, { ...GRANT, EC2SecurityGroupOwnerId });

    expect(expectSuccess(answer, ACTION)).toMatchObject({
      CacheSecurityGroup: { EC2SecurityGroups: [{ EC2SecurityGroupOwnerId: stored }] },
    });
  });

  test.each([
    '12345678123',
    '1234567812345',
    '12345678123x',
    '1234 5678 1234',
    '-',
    'self',
    'AKIAIOSFODNN7EXAMPLE',
    '１２３４５６７８１２３４',
  ])('answers InvalidParameterValue for the owner id %s', async (EC2SecurityGroupOwnerId) => {
    const { call } = await startWithSessions();

    const answer = await call(ACTION, { ...GRANT, EC2SecurityGroupOwnerId });

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('EC2SecurityGroupOwnerId');
  });

  test('answers CacheSecurityGroupNotFound, with 404, for a cache security group that is not there', async () => {
    const { call, sdk } = await startEndpoint();

    const answer = await call(ACTION, GRANT);

    expect(expectError(answer, 404, 'CacheSecurityGroupNotFound')).toContain('sessions');
    await expect(sdk.send(new AuthorizeCacheSecurityGroupIngressCommand(GRANT))).rejects.toMatchObject({
      name: 'CacheSecurityGroupNotFoundFault',
    });
  });
});

describe(`${ACTION} of a grant that is there already`, () => {
  test.each([
    ['authorizing', 0],
    ['authorized', TRANSITION],
  ])('answers AuthorizationAlreadyExists while it is %s', async (_, elapsed) => {
    const { call, clock, sdk } = await startWithSessions();
    await call(ACTION, GRANT);
    clock.advance(elapsed);

    const answer = await call(ACTION, GRANT);

    expect(expectError(answer, 400, 'AuthorizationAlreadyExists')).toMatch(/web.*sessions/);
    await expect(sdk.send(new AuthorizeCacheSecurityGroupIngressCommand(GRANT))).rejects.toMatchObject({
      name: 'AuthorizationAlreadyExistsFault',
    });
  });

  test.each([
    ['the name of the cache security group in another case', { CacheSecurityGroupName: 'SESSIONS' }],
    ['hyphens in the owner id', { EC2SecurityGroupOwnerId: '4444-5555-6666' }],
  ])('knows it by %s', async (_, otherSpelling) => {
    const { call } = await startWithSessions();
    await call(ACTION, GRANT);

    const answer = await call(ACTION, { ...GRANT, ...otherSpelling });

    expectError(answer, 400, 'AuthorizationAlreadyExists');
  });

  test.each([
    ['the EC2 security group name differs in case', { EC2SecurityGroupName: 'Web' }],
    ['the owner is another', { EC2SecurityGroupOwnerId: ACCOUNT }],
    ['the EC2 security group name has a space more', { EC2SecurityGroupName: 'web ' }],
  ])('is another grant when %s', async (_, other) => {
    const endpoint = await startWithSessions();
    await endpoint.call(ACTION, GRANT);

    const answer = await endpoint.call(ACTION, { ...GRANT, ...other });

    expectSuccess(answer, ACTION);
    expect(await grants(endpoint)).toHaveLength(2);
  });

  test('answers InvalidCacheSecurityGroupState while it is revoking, and grants anew when it is gone', async () => {
    const endpoint = await startWithSessions();
    await endpoint.call(ACTION, GRANT);
    endpoint.clock.advance(TRANSITION);
    await endpoint.call('RevokeCacheSecurityGroupIngress', GRANT);

    const meanwhile = await endpoint.call(ACTION, GRANT);
    endpoint.clock.advance(TRANSITION);
    const after = await endpoint.call(ACTION, GRANT);

    expect(expectError(meanwhile, 400, 'InvalidCacheSecurityGroupState')).toContain('revoking');
    expectSuccess(after, ACTION);
    expect(await grants(endpoint)).toEqual([{ Status: 'authorizing', ...WEB }]);
  });

  test('lets exactly one of many callers at once win', async () => {
    const endpoint = await startWithSessions();

    const answers = await Promise.all(Array.from({ length: 20 }, () => endpoint.call(ACTION, GRANT)));

    const codes = answers.map(errorCodeOf);
    expect(codes.filter((code) => code === undefined)).toHaveLength(1);
    expect(codes.filter((code) => code === 'AuthorizationAlreadyExists')).toHaveLength(19);
    expect(await grants(endpoint)).toHaveLength(1);
  });
});
