import { AuthorizeCacheSecurityGroupIngressCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { startAws } from '../support/local-aws/local-aws.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { expectError, expectSuccess } from '../support/scripted/answers.ts';

const NO_EC2_CLASSIC = 'Use of cache security groups is not permitted in this API version for your account.';
const NAME = { CacheSecurityGroupName: 'default' };
const GRANT = { ...NAME, EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };
const CALLS: readonly (readonly [string, Record<string, string>])[] = [
  ['CreateCacheSecurityGroup', { CacheSecurityGroupName: 'sessions', Description: 'a' }],
  ['DescribeCacheSecurityGroups', {}],
  ['AuthorizeCacheSecurityGroupIngress', GRANT],
  ['RevokeCacheSecurityGroupIngress', GRANT],
  ['DeleteCacheSecurityGroup', NAME],
];

describe.each(CALLS)('%s', (action, parameters) => {
  test('answers InvalidParameterValue and why in an account without EC2-Classic', async () => {
    const { call, events } = await startAws({ vpcOnly: true });

    const answers = [await call(action, parameters), await call(action)];

    for (const answer of answers) expect(expectError(answer, 400, 'InvalidParameterValue')).toBe(NO_EC2_CLASSIC);
    expect(events[0]?.detail).toMatchObject({
      eventName: action,
      errorCode: 'InvalidParameterValue',
      errorMessage: NO_EC2_CLASSIC,
      responseElements: null,
    });
  });

  test('answers AccessDenied, with 403, to a caller without permission, whose parameters CloudTrail does not tell', async () => {
    const { call, events, aws } = await startAws({ deniedActions: [action] });
    const before = aws.list(REGION);

    const answer = await call(action, parameters);

    const message = expectError(answer, 403, 'AccessDenied');
    expect(message).toMatch(new RegExp(`^User: arn:aws:iam::${ACCOUNT}:user/.* perform: elasticache:${action}$`));
    expect(events.map(({ detail }) => detail)).toMatchObject([
      { eventName: action, errorCode: 'AccessDenied', requestParameters: null, responseElements: null },
    ]);
    expect(aws.list(REGION)).toEqual(before);
  });
});

test('a caller without permission for one operation still has it for the others', async () => {
  const { call } = await startAws({ deniedActions: ['RevokeCacheSecurityGroupIngress'] });

  const answers = [await call('DescribeCacheSecurityGroups'), await call('AuthorizeCacheSecurityGroupIngress', GRANT)];

  expectSuccess(answers[0] as never, 'DescribeCacheSecurityGroups');
  expectSuccess(answers[1] as never, 'AuthorizeCacheSecurityGroupIngress');
});

test('an account without EC2-Classic tells the JavaScript SDK InvalidParameterValueException and why', async () => {
  const { aws } = await startAws({ vpcOnly: true });
  const sdk = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials });
  onTestFinished(() => sdk.destroy());

  const refused = sdk.send(new AuthorizeCacheSecurityGroupIngressCommand(GRANT));

  await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterValueException', message: NO_EC2_CLASSIC });
});
