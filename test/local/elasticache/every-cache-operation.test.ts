import { describe, expect, test } from 'vitest';
import { startAws } from '../../support/local-aws/local-aws.ts';
import { CREATING, OTHER_REGION, startEndpoint } from '../../support/local-aws/local-endpoint.ts';
import { errorCodeOf, expectError, expectSuccess } from '../../support/scripted/answers.ts';

const cluster = { CacheClusterId: 'sessions' };
const group = { ReplicationGroupId: 'shop' };
const serverless = { ServerlessCacheName: 'catalog' };
const CREATE = [
  { action: 'CreateCacheCluster', parameters: { ...cluster, Engine: 'redis' } },
  { action: 'CreateReplicationGroup', parameters: { ...group, ReplicationGroupDescription: 'The shop' } },
  { action: 'CreateServerlessCache', parameters: { ...serverless, Engine: 'valkey' } },
] as const;

/** A good call of each operation where these three are there already, but for those that make them. */
const OPERATIONS: readonly { readonly action: string; readonly parameters: Readonly<Record<string, string>> }[] = [
  ...CREATE,
  { action: 'ModifyCacheCluster', parameters: cluster },
  { action: 'DeleteCacheCluster', parameters: cluster },
  { action: 'DescribeCacheClusters', parameters: cluster },
  { action: 'ModifyReplicationGroup', parameters: group },
  { action: 'DeleteReplicationGroup', parameters: group },
  { action: 'DescribeReplicationGroups', parameters: group },
  { action: 'ModifyServerlessCache', parameters: serverless },
  { action: 'DeleteServerlessCache', parameters: serverless },
  { action: 'DescribeServerlessCaches', parameters: serverless },
];
const NOT_FOUND = /^(CacheClusterNotFound|ReplicationGroupNotFoundFault|ServerlessCacheNotFoundFault)$/;

async function startFor(action: string, settings = {}) {
  const endpoint = await startEndpoint(settings);
  if (action.startsWith('Create')) return endpoint;
  for (const { action: create, parameters } of CREATE) await endpoint.call(create, parameters);
  endpoint.clock.advance(CREATING);
  return endpoint;
}

describe.each(OPERATIONS)('$action', ({ action, parameters }) => {
  const [nameParameter = ''] = Object.keys(parameters);

  test.each([
    ['a form with + for spaces', { space: '+' }],
    ['a form with %20 for spaces', { space: '%20', contentType: 'application/x-www-form-urlencoded' }],
    ['a GET with a query', { method: 'GET' }],
  ] as const)('takes %s', async (_, how) => {
    const endpoint = await startFor(action);

    const answer = await endpoint.call(action, parameters, how);

    expectSuccess(answer, action);
    expect(Object.fromEntries(endpoint.calls.at(-1)?.parameters ?? [])).toEqual(parameters);
  });

  test('tolerates what it does not know', async () => {
    const endpoint = await startFor(action);
    const unknown = { SnapshotWindow: '05:00-09:00', SignatureVersion: '2' };

    const answer = await endpoint.call(action, { ...parameters, ...unknown });

    expectSuccess(answer, action);
    expect(endpoint.calls.at(-1)?.parameters.has('SnapshotWindow')).toBe(false);
  });

  test('works in an account without EC2-Classic', async () => {
    const endpoint = await startFor(action, { vpcOnly: true });

    expectSuccess(await endpoint.call(action, parameters), action);
  });

  test('knows only the caches of the region that the call is signed for', async () => {
    const endpoint = await startFor(action);

    const answer = await endpoint.call(action, parameters, { region: OTHER_REGION });

    if (action.startsWith('Create')) expectSuccess(answer, action);
    else expectError(answer, 404, expect.stringMatching(NOT_FOUND) as never);
  });

  test.each(['', 'no_underscore', 'no space', '*', 'é', 'a/b', 'x'.repeat(51), 'a\u0000b', '<sessions>'])(
    'answers InvalidParameterValue for the name %j, and says it in words that XML can hold',
    async (written) => {
      const endpoint = await startFor(action);

      const answer = await endpoint.call(action, { ...parameters, [nameParameter]: written });

      const message = expectError(answer, 400, 'InvalidParameterValue');
      expect(message).toContain(nameParameter);
      expect(message.length).toBeLessThan(300);
    },
  );

  test('answers AccessDenied, with 403, to a caller without permission, and changes nothing', async () => {
    const { aws, call, events } = await startAws({ deniedActions: [action] });

    const answer = await call(action, parameters);

    expectError(answer, 403, 'AccessDenied');
    expect(events.map(({ detail }) => detail)).toMatchObject([{ errorCode: 'AccessDenied', requestParameters: null }]);
    expect(aws.region('us-east-1')?.networkInterfaces.list()).toEqual([]);
  });
});

/** A call that Describe has, with no required parameter, is good without any. */
const REQUIRED = OPERATIONS.filter(({ action }) => !action.startsWith('Describe')).flatMap(({ action, parameters }) =>
  Object.keys(parameters).map((parameter) => ({ action, parameters, parameter })),
);

test.each(REQUIRED)(
  '$action answers MissingParameter without $parameter',
  async ({ action, parameters, parameter }) => {
    const endpoint = await startFor(action);
    const others = Object.fromEntries(Object.entries(parameters).filter(([key]) => key !== parameter));

    const answer = await endpoint.call(action, others);

    expect(expectError(answer, 400, 'MissingParameter')).toContain(parameter);
  },
);

test('a call at once with twenty like it makes one cache cluster', async () => {
  const endpoint = await startEndpoint();

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => endpoint.call('CreateCacheCluster', { ...cluster, Engine: 'redis' })),
  );

  expect(answers.map(errorCodeOf).filter((code) => code === undefined)).toHaveLength(1);
  expect(endpoint.region.networkInterfaces.list()).toHaveLength(1);
});
