import { describe, expect, test } from 'vitest';
import { STRANGER } from '../../../support/examples/grants.ts';
import { OTHER_REGION, startEndpoint, TRANSITION, toRequest } from '../../../support/local-aws/local-endpoint.ts';
import { expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const name = { CacheSecurityGroupName: 'sessions' };
const web = { EC2SecurityGroupName: 'web servers', EC2SecurityGroupOwnerId: STRANGER };

/** A good call of each operation, and what has to be there before it. */
const OPERATIONS = [
  { action: 'CreateCacheSecurityGroup', parameters: { ...name, Description: 'Sessions of the shop' }, before: [] },
  { action: 'DescribeCacheSecurityGroups', parameters: name, before: ['create'] },
  { action: 'AuthorizeCacheSecurityGroupIngress', parameters: { ...name, ...web }, before: ['create'] },
  { action: 'RevokeCacheSecurityGroupIngress', parameters: { ...name, ...web }, before: ['create', 'authorize'] },
  { action: 'DeleteCacheSecurityGroup', parameters: name, before: ['create'] },
] as const;

/** An endpoint where the call of this operation is good. */
async function startFor({ before }: (typeof OPERATIONS)[number]) {
  const endpoint = await startEndpoint();
  for (const step of before as readonly string[]) {
    if (step === 'create') await endpoint.call('CreateCacheSecurityGroup', { ...name, Description: 'Sessions' });
    if (step === 'authorize') await endpoint.call('AuthorizeCacheSecurityGroupIngress', { ...name, ...web });
    endpoint.clock.advance(TRANSITION);
  }
  return endpoint;
}

describe.each(OPERATIONS)('$action', (operation) => {
  const { action, parameters } = operation;

  test.each([
    ['a form with a charset and + for spaces, as botocore sends it', { space: '+' }],
    [
      'a form without a charset and %20 for spaces, as the JavaScript SDK sends it',
      { space: '%20', contentType: 'application/x-www-form-urlencoded' },
    ],
    ['a GET with a query, and %20 for spaces', { method: 'GET' }],
    ['a GET with a query, and + for spaces', { method: 'GET', space: '+' }],
  ] as const)('takes %s', async (_, how) => {
    const endpoint = await startFor(operation);

    const answer = await endpoint.call(action, parameters, how);

    expectSuccess(answer, action);
    expect(Object.fromEntries(endpoint.calls.at(-1)?.parameters ?? [])).toEqual(parameters);
  });

  test('takes its parameters from the query and the form together', async () => {
    const endpoint = await startFor(operation);
    const { body, ...request } = toRequest(action, parameters);
    const [first, ...others] = body.split('&');

    const answer = await endpoint.sendSigned({ ...request, target: `/?${first}`, body: others.join('&') });

    expectSuccess(answer, action);
  });

  test('tolerates what it does not know, and what is left of old signatures', async () => {
    const endpoint = await startFor(operation);
    const leftovers = {
      SignatureVersion: '4',
      SignatureMethod: 'HmacSHA256',
      Timestamp: '20150202T192317Z',
      AWSAccessKeyId: 'test',
      DryRun: 'true',
    };

    const answer = await endpoint.call(action, { ...leftovers, ...parameters });

    expectSuccess(answer, action);
    expect([...(endpoint.calls.at(-1)?.parameters.keys() ?? [])]).toEqual(Object.keys(parameters));
  });

  test('has a request id of its own for each call', async () => {
    const endpoint = await startFor(operation);

    const answers = [await endpoint.call(action, parameters), await endpoint.call(action, parameters)];

    const ids = answers.map(({ headers }) => headers['x-amzn-requestid']);
    expect(new Set(ids).size).toBe(2);
    expect(endpoint.calls.slice(-2).map(({ requestId }) => requestId)).toEqual(ids);
  });

  test.each(Object.keys(parameters))(
    'answers InvalidParameterCombination when %s is there twice',
    async (parameter) => {
      const endpoint = await startFor(operation);
      const { body, ...request } = toRequest(action, parameters);

      const answer = await endpoint.sendSigned({ ...request, body: `${body}&${parameter}=another` });

      expect(expectError(answer, 400, 'InvalidParameterCombination')).toContain(parameter);
    },
  );

  test.each(Object.keys(parameters))('answers InvalidParameterValue when %s is blank', async (parameter) => {
    const endpoint = await startFor(operation);

    const answer = await endpoint.call(action, { ...parameters, [parameter]: '' });

    expect(expectError(answer, 400, 'InvalidParameterValue')).toContain(parameter);
  });

  test.each(['no_underscore', 'no space', '*', 'é', 'a/b', 'x'.repeat(256), 'a\u0000b', '<sessions>'])(
    'answers InvalidParameterValue for the name %j, and says it in words that XML can hold',
    async (written) => {
      const endpoint = await startFor(operation);

      const answer = await endpoint.call(action, { ...parameters, CacheSecurityGroupName: written });

      const message = expectError(answer, 400, 'InvalidParameterValue');
      expect(message).toContain('CacheSecurityGroupName');
      expect(message.length).toBeLessThan(300);
    },
  );

  test('knows only the cache security groups of the region that the call is signed for', async () => {
    const endpoint = await startFor(operation);

    const answer = await endpoint.call(action, parameters, { region: OTHER_REGION });

    if (action === 'CreateCacheSecurityGroup') expectSuccess(answer, action);
    else expectError(answer, 404, 'CacheSecurityGroupNotFound');
  });
});

/** Describe has no required parameter. */
const REQUIRED = OPERATIONS.filter(({ action }) => action !== 'DescribeCacheSecurityGroups').flatMap((operation) =>
  Object.keys(operation.parameters).map((parameter) => ({ operation, parameter, action: operation.action })),
);

test.each(REQUIRED)('$action answers MissingParameter without $parameter', async ({ operation, parameter, action }) => {
  const endpoint = await startFor(operation);
  const others = Object.fromEntries(Object.entries(operation.parameters).filter(([key]) => key !== parameter));

  const answer = await endpoint.call(action, others);

  expect(expectError(answer, 400, 'MissingParameter')).toContain(parameter);
});
