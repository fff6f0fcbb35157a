import { CreateCacheSecurityGroupCommand } from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { type LocalEndpoint, OTHER_REGION, startEndpoint } from '../../../support/local-aws/local-endpoint.ts';
import { expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'CreateCacheSecurityGroup';

function create(endpoint: LocalEndpoint, CacheSecurityGroupName: string, more: Record<string, string> = {}) {
  return endpoint.call(ACTION, { CacheSecurityGroupName, Description: 'Sessions of the shop', ...more });
}

/** `Tags.Tag.1.Key` and so on. */
function tagParameters(tags: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(
    tags.flatMap(([key, value], index) => [
      [`Tags.Tag.${index + 1}.Key`, key],
      [`Tags.Tag.${index + 1}.Value`, value],
    ]),
  );
}

function tags(count: number) {
  return Array.from({ length: count }, (_, index) => [`key-${index}`, `value ${index}`] as const);
}

describe(ACTION, () => {
  test('answers with the new cache security group: empty, with its owner and its ARN', async () => {
    const endpoint = await startEndpoint();

    const answer = await create(endpoint, 'sessions');

    expect(expectSuccess(answer, ACTION)).toEqual({
      CacheSecurityGroup: {
        OwnerId: ACCOUNT,
        CacheSecurityGroupName: 'sessions',
        Description: 'Sessions of the shop',
        EC2SecurityGroups: [],
        ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:securitygroup:sessions`,
      },
    });
    expect(answer.body).toMatch(/<EC2SecurityGroups><\/EC2SecurityGroups>|<EC2SecurityGroups\/>/);
  });

  test('answers the JavaScript SDK', async () => {
    const { sdk, calls } = await startEndpoint();
    const Tags = [{ Key: 'team', Value: 'shop' }, { Key: 'no-value' }];
    const input = { CacheSecurityGroupName: 'Sessions', Description: 'a <b> & "c"', Tags };

    const { CacheSecurityGroup, $metadata } = await sdk.send(new CreateCacheSecurityGroupCommand(input));

    expect(CacheSecurityGroup).toEqual({
      OwnerId: ACCOUNT,
      CacheSecurityGroupName: 'sessions',
      Description: 'a <b> & "c"',
      EC2SecurityGroups: [],
      ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:securitygroup:sessions`,
    });
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: calls[0]?.requestId });
  });

  test('takes an empty list of tags, which clients send as `Tags=`', async () => {
    const { sdk, call } = await startEndpoint();

    await sdk.send(new CreateCacheSecurityGroupCommand({ CacheSecurityGroupName: 'a', Description: 'a', Tags: [] }));

    expectSuccess(await call(ACTION, { CacheSecurityGroupName: 'b', Description: 'b', Tags: '' }), ACTION);
  });

  test('lowers the case of the name', async () => {
    const endpoint = await startEndpoint();

    const answer = await create(endpoint, 'SeSSions-EU-1');

    expect(expectSuccess(answer, ACTION)).toMatchObject({
      CacheSecurityGroup: {
        CacheSecurityGroupName: 'sessions-eu-1',
        ARN: expect.stringMatching(/:securitygroup:sessions-eu-1$/),
      },
    });
  });

  test('puts the region of the call into the ARN', async () => {
    const { call } = await startEndpoint();
    const parameters = { CacheSecurityGroupName: 'sessions', Description: 'Sessions' };

    const answer = await call(ACTION, parameters, { region: OTHER_REGION });

    const ARN = `arn:aws:elasticache:eu-west-1:${ACCOUNT}:securitygroup:sessions`;
    expect(expectSuccess(answer, ACTION)).toMatchObject({ CacheSecurityGroup: { ARN } });
  });

  test.each(['a', 'a1', 'z-9', 'default-2', 'adefault', 'constructor', 'a-b-c-d', `a${'1'.repeat(254)}`])(
    'takes the name %s',
    async (name) => {
      const endpoint = await startEndpoint();

      const answer = await create(endpoint, name);

      expect(expectSuccess(answer, ACTION)).toMatchObject({ CacheSecurityGroup: { CacheSecurityGroupName: name } });
    },
  );

  test.each(['1a', '-a', 'a-', 'a--b', '9', '-', 'a_b', 'a.b', ' a', 'a ', 'ä', 'a\n', `a${'1'.repeat(255)}`])(
    'answers InvalidParameterValue for the name %j',
    async (name) => {
      const endpoint = await startEndpoint();

      const answer = await create(endpoint, name);

      expectError(answer, 400, 'InvalidParameterValue');
    },
  );

  test.each(['default', 'Default', 'DEFAULT'])('does not let anybody create the reserved name %s', async (name) => {
    const endpoint = await startEndpoint();

    const answer = await create(endpoint, name);

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('reserved');
  });

  test.each(['x', ' spaces  around ', `<b>&amp;"'`, 'Größe 大きさ 🔑', '+%20', 'd'.repeat(1024)])(
    'keeps the description as it is written: %j',
    async (Description) => {
      const endpoint = await startEndpoint();

      const answer = await create(endpoint, 'sessions', { Description });

      expect(expectSuccess(answer, ACTION)).toMatchObject({ CacheSecurityGroup: { Description } });
    },
  );

  test.each(['', 'd'.repeat(1025), 'two\nlines', 'a\u0000b', '\u001b[31m', '\uffff'])(
    'answers InvalidParameterValue for the description %j',
    async (Description) => {
      const endpoint = await startEndpoint();

      const answer = await create(endpoint, 'sessions', { Description });

      expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('Description');
    },
  );

  test.each(['sessions', 'SESSIONS'])('answers CacheSecurityGroupAlreadyExists for %s after sessions', async (name) => {
    const endpoint = await startEndpoint();
    await create(endpoint, 'sessions');

    const answer = await create(endpoint, name, { Description: 'another' });

    expect(expectError(answer, 400, 'CacheSecurityGroupAlreadyExists')).toContain('sessions');
    expect(endpoint.calls[0]?.result).toMatchObject({ CacheSecurityGroup: { Description: 'Sessions of the shop' } });
  });

  test('tells the JavaScript SDK CacheSecurityGroupAlreadyExistsFault', async () => {
    const { sdk } = await startEndpoint();
    const command = new CreateCacheSecurityGroupCommand({ CacheSecurityGroupName: 'sessions', Description: 'a' });
    await sdk.send(command);

    const again = sdk.send(command);

    await expect(again).rejects.toMatchObject({ name: 'CacheSecurityGroupAlreadyExistsFault', $fault: 'client' });
  });
});

describe(`${ACTION} and the quota`, () => {
  test('is 50 cache security groups beside default, in each region', async () => {
    const endpoint = await startEndpoint();
    for (let number = 1; number <= 50; number++) expectSuccess(await create(endpoint, `group-${number}`), ACTION);

    const refused = await create(endpoint, 'group-51');

    expect(expectError(refused, 400, 'QuotaExceeded.CacheSecurityGroup')).toContain('50');
    const elsewhere = { CacheSecurityGroupName: 'group-51', Description: 'elsewhere' };
    expectSuccess(await endpoint.call(ACTION, elsewhere, { region: OTHER_REGION }), ACTION);
    expectSuccess(
      await endpoint.call('DeleteCacheSecurityGroup', { CacheSecurityGroupName: 'group-7' }),
      'DeleteCacheSecurityGroup',
    );
    expectSuccess(await create(endpoint, 'group-51'), ACTION);
  });

  test('is told as CacheSecurityGroupQuotaExceededFault to the JavaScript SDK', async () => {
    const { sdk } = await startEndpoint({ quota: 0 });
    const command = new CreateCacheSecurityGroupCommand({ CacheSecurityGroupName: 'sessions', Description: 'a' });

    const refused = sdk.send(command);

    await expect(refused).rejects.toMatchObject({ name: 'CacheSecurityGroupQuotaExceededFault' });
  });

  test('a name that exists is told before the quota', async () => {
    const endpoint = await startEndpoint({ quota: 1 });
    await create(endpoint, 'sessions');

    const answer = await create(endpoint, 'sessions');

    expectError(answer, 400, 'CacheSecurityGroupAlreadyExists');
  });
});

describe(`${ACTION} and tags`, () => {
  test.each([
    ['50 of them', tags(50)],
    ['a key of 128 and a value of 256 characters', [['k'.repeat(128), 'v'.repeat(256)]]],
    ['no value', [['team', '']]],
    ['letters of any script, digits, spaces and _.:/=+-@', [['Größe 1_.:/=+-@', '大きさ 2_.:/=+-@']]],
    [
      'keys that differ in case only',
      [
        ['team', 'a'],
        ['Team', 'b'],
      ],
    ],
    ['a key that has aws: further on', [['my-aws:key', 'a']]],
  ] as const)('takes %s', async (_, pairs) => {
    const endpoint = await startEndpoint();

    const answer = await create(endpoint, 'sessions', tagParameters(pairs));

    expectSuccess(answer, ACTION);
  });

  test('takes them under any numbers, and a key without its value', async () => {
    const endpoint = await startEndpoint();

    const answer = await create(endpoint, 'sessions', { 'Tags.Tag.7.Key': 'a', 'Tags.Tag.3.Key': 'b' });

    expectSuccess(answer, ACTION);
  });

  test('answers TagQuotaPerResourceExceeded for 51, and creates nothing', async () => {
    const endpoint = await startEndpoint();

    const answer = await create(endpoint, 'sessions', tagParameters(tags(51)));

    expectError(answer, 400, 'TagQuotaPerResourceExceeded');
    const describeAll = await endpoint.call('DescribeCacheSecurityGroups', { CacheSecurityGroupName: 'sessions' });
    expectError(describeAll, 404, 'CacheSecurityGroupNotFound');
  });

  test('tells the JavaScript SDK TagQuotaPerResourceExceeded', async () => {
    const { sdk } = await startEndpoint();
    const Tags = tags(51).map(([Key, Value]) => ({ Key, Value }));
    const input = { CacheSecurityGroupName: 'sessions', Description: 'a', Tags };

    const refused = sdk.send(new CreateCacheSecurityGroupCommand(input));

    await expect(refused).rejects.toMatchObject({ name: 'TagQuotaPerResourceExceeded' });
  });

  test.each([
    [
      'a key that is there twice',
      tagParameters([
        ['team', 'a'],
        ['team', 'b'],
      ]),
    ],
    ['a key that begins with aws:', tagParameters([['aws:team', 'a']])],
    ['a key that begins with AWS:', tagParameters([['AWS:team', 'a']])],
    ['a blank key', tagParameters([['', 'a']])],
    ['a key of 129 characters', tagParameters([['k'.repeat(129), 'a']])],
    ['a value of 257 characters', tagParameters([['team', 'v'.repeat(257)]])],
    ['a key with <', tagParameters([['<team>', 'a']])],
    ['a value with a line break', tagParameters([['team', 'a\nb']])],
    ['a value without a key', { 'Tags.Tag.1.Value': 'a' }],
    ['the number 0', { 'Tags.Tag.0.Key': 'a' }],
    ['no number', { 'Tags.Tag.Key': 'a' }],
    ['a number that is none', { 'Tags.Tag.x.Key': 'a' }],
    ['another list', { 'Tags.member.1.Key': 'a' }],
    ['another member', { 'Tags.Tag.1.Name': 'a' }],
    ['members of members', { 'Tags.Tag.1.Key.1': 'a' }],
  ] as const)('answers InvalidParameterValue for %s, and creates nothing', async (_, parameters) => {
    const endpoint = await startEndpoint();

    const answer = await create(endpoint, 'sessions', parameters);

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('Tags');
    expectSuccess(await create(endpoint, 'sessions'), ACTION);
  });
});
