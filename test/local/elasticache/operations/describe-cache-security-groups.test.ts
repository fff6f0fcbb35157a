import {
  type CacheSecurityGroup,
  DescribeCacheSecurityGroupsCommand,
  paginateDescribeCacheSecurityGroups,
} from '@aws-sdk/client-elasticache';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, STRANGER } from '../../../support/examples/grants.ts';
import {
  type LocalEndpoint,
  OTHER_REGION,
  startEndpoint,
  TRANSITION,
} from '../../../support/local-aws/local-endpoint.ts';
import { expectError, expectSuccess } from '../../../support/scripted/answers.ts';

const ACTION = 'DescribeCacheSecurityGroups';
const DEFAULT_GROUP = {
  OwnerId: ACCOUNT,
  CacheSecurityGroupName: 'default',
  Description: 'default',
  EC2SecurityGroups: [],
  ARN: `arn:aws:elasticache:us-east-1:${ACCOUNT}:securitygroup:default`,
};

interface Page {
  readonly names: string[];
  readonly marker: string | undefined;
}

async function page(endpoint: LocalEndpoint, parameters: Record<string, string> = {}): Promise<Page> {
  const result = expectSuccess(await endpoint.call(ACTION, parameters), ACTION);
  return { names: namesOf(result.CacheSecurityGroups), marker: result.Marker as string | undefined };
}

function namesOf(groups: unknown): string[] {
  return (groups as CacheSecurityGroup[]).map(({ CacheSecurityGroupName }) => CacheSecurityGroupName as string);
}

async function create(endpoint: LocalEndpoint, ...names: readonly string[]): Promise<void> {
  for (const CacheSecurityGroupName of names) {
    const parameters = { CacheSecurityGroupName, Description: 'a group' };
    expectSuccess(await endpoint.call('CreateCacheSecurityGroup', parameters), 'CreateCacheSecurityGroup');
  }
}

/** An endpoint with `default` and this many more: `g-001`, `g-002` and so on. */
async function startWithGroups(count: number): Promise<LocalEndpoint> {
  const endpoint = await startEndpoint({ quota: 1000 });
  await create(endpoint, ...numbered(1, count));
  return endpoint;
}

function numbered(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `g-${String(first + index).padStart(3, '0')}`);
}

describe(ACTION, () => {
  test('shows the default cache security group of an account that has no other', async () => {
    const { call } = await startEndpoint();

    const result = expectSuccess(await call(ACTION), ACTION);

    expect(result).toEqual({ CacheSecurityGroups: [DEFAULT_GROUP] });
  });

  test('shows every cache security group of the region, in order of the names, with its grants', async () => {
    const endpoint = await startEndpoint();
    await create(endpoint, 'sessions', 'catalog');
    const EC2SecurityGroup = { EC2SecurityGroupName: 'web', EC2SecurityGroupOwnerId: STRANGER };
    const grant = { CacheSecurityGroupName: 'sessions', ...EC2SecurityGroup };
    await endpoint.call('AuthorizeCacheSecurityGroupIngress', grant);
    endpoint.clock.advance(TRANSITION);

    const result = expectSuccess(await endpoint.call(ACTION), ACTION);

    expect(namesOf(result.CacheSecurityGroups)).toEqual(['catalog', 'default', 'sessions']);
    expect(result.CacheSecurityGroups).toMatchObject([
      { EC2SecurityGroups: [] },
      DEFAULT_GROUP,
      { EC2SecurityGroups: [{ Status: 'authorized', ...EC2SecurityGroup }] },
    ]);
    const elsewhere = expectSuccess(await endpoint.call(ACTION, {}, { region: OTHER_REGION }), ACTION);
    expect(namesOf(elsewhere.CacheSecurityGroups)).toEqual(['default']);
  });

  test.each(['sessions', 'SESSIONS'])('shows one by its name, in any case: %s', async (CacheSecurityGroupName) => {
    const endpoint = await startEndpoint();
    await create(endpoint, 'sessions', 'sessions-2');

    const { names, marker } = await page(endpoint, { CacheSecurityGroupName });

    expect([names, marker]).toEqual([['sessions'], undefined]);
  });

  test('answers the JavaScript SDK', async () => {
    const { sdk, calls } = await startEndpoint();

    const { CacheSecurityGroups, Marker, $metadata } = await sdk.send(new DescribeCacheSecurityGroupsCommand({}));

    expect([CacheSecurityGroups, Marker]).toEqual([[DEFAULT_GROUP], undefined]);
    expect($metadata.requestId).toBe(calls[0]?.requestId);
  });

  test('answers CacheSecurityGroupNotFound, with 404, for a name that is not there', async () => {
    const { call, sdk } = await startEndpoint();

    const answer = await call(ACTION, { CacheSecurityGroupName: 'nowhere' });

    expect(expectError(answer, 404, 'CacheSecurityGroupNotFound')).toContain('nowhere');
    const throughSdk = sdk.send(new DescribeCacheSecurityGroupsCommand({ CacheSecurityGroupName: 'nowhere' }));
    await expect(throughSdk).rejects.toMatchObject({
      name: 'CacheSecurityGroupNotFoundFault',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test.each(['prototype', 'constructor', '__proto__', 'toString'])('knows no %s', async (CacheSecurityGroupName) => {
    const { call } = await startEndpoint();

    const answer = await call(ACTION, { CacheSecurityGroupName });

    expect([400, 404]).toContain(answer.status);
  });
});

describe(`${ACTION} page by page`, () => {
  test('shows 100 at once if not asked for another number, and then the rest', async () => {
    const endpoint = await startWithGroups(130);

    const first = await page(endpoint);
    const second = await page(endpoint, { Marker: first.marker as string });

    expect([first.names.length, second.names.length, second.marker]).toEqual([100, 31, undefined]);
    expect([...first.names, ...second.names]).toEqual(['default', ...numbered(1, 130)]);
  });

  test.each([
    [98, 99, 'without a marker'],
    [99, 100, 'without a marker'],
    [100, 100, 'with a marker'],
  ])('%i groups beside default: %i on the first page, %s', async (count, shown, marker) => {
    const endpoint = await startWithGroups(count);

    const first = await page(endpoint, { MaxRecords: '100' });

    expect(first.names).toHaveLength(shown);
    expect(first.marker === undefined).toBe(marker === 'without a marker');
  });

  test('shows as many as MaxRecords says, and every group once', async () => {
    const endpoint = await startWithGroups(64);
    const sizes: number[] = [];
    const names: string[] = [];

    const pages = paginateDescribeCacheSecurityGroups({ client: endpoint.sdk, pageSize: 20 }, {});
    for await (const { CacheSecurityGroups } of pages) {
      sizes.push(CacheSecurityGroups?.length ?? 0);
      names.push(...namesOf(CacheSecurityGroups));
    }

    expect(sizes).toEqual([20, 20, 20, 5]);
    expect(names).toEqual(['default', ...numbered(1, 64)]);
  });

  test('shows no group twice and leaves none out when others come and go in between', async () => {
    const endpoint = await startWithGroups(50);
    const first = await page(endpoint, { MaxRecords: '20' });
    const last = first.names.at(-1) as string;
    await endpoint.call('DeleteCacheSecurityGroup', { CacheSecurityGroupName: last });
    await endpoint.call('DeleteCacheSecurityGroup', { CacheSecurityGroupName: 'g-001' });
    await endpoint.call('DeleteCacheSecurityGroup', { CacheSecurityGroupName: 'g-030' });
    await create(endpoint, 'a-before', 'g-020-after');

    const second = await page(endpoint, { MaxRecords: '100', Marker: first.marker as string });

    const expected = ['g-020-after', ...numbered(20, 50)].filter((name) => name !== 'g-030').sort();
    expect(second.names).toEqual(expected);
    expect(second.marker).toBeUndefined();
  });

  test('shows an empty page when all that was to come has gone in between', async () => {
    const endpoint = await startWithGroups(21);
    const { marker } = await page(endpoint, { MaxRecords: '20' });
    for (const name of ['g-020', 'g-021']) {
      await endpoint.call('DeleteCacheSecurityGroup', { CacheSecurityGroupName: name });
    }

    const second = await page(endpoint, { Marker: marker as string });

    expect(second).toEqual({ names: [], marker: undefined });
  });

  test('has markers that tell nothing, need no encoding, and are good more than once', async () => {
    const endpoint = await startWithGroups(30);
    const { marker = '' } = await page(endpoint, { MaxRecords: '20' });

    const again = [await page(endpoint, { Marker: marker }), await page(endpoint, { Marker: marker })];

    expect(marker).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(marker).not.toMatch(/g-0/);
    expect(again[0]).toEqual(again[1]);
  });

  test.each(['', 'x', '0', 'g-020', 'YWZ0ZXI6', Buffer.from('after:<b>').toString('base64url'), 'x'.repeat(5000)])(
    'answers InvalidParameterValue for a marker that no answer gave: %s',
    async (Marker) => {
      const { call } = await startEndpoint();

      const answer = await call(ACTION, { Marker });

      expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('Marker');
    },
  );

  test.each(['20', '21', '99', '100'])('takes MaxRecords %s', async (MaxRecords) => {
    const { call } = await startEndpoint();

    const answer = await call(ACTION, { MaxRecords });

    expectSuccess(answer, ACTION);
  });

  test.each(['19', '101', '0', '-20', '', 'many', '20.5', '2e1', ' 20', '0x20', '99999999999999999999', '１００'])(
    'answers InvalidParameterValue for MaxRecords %j, also beside a name',
    async (MaxRecords) => {
      const { call } = await startEndpoint();

      const answers = [
        await call(ACTION, { MaxRecords }),
        await call(ACTION, { MaxRecords, CacheSecurityGroupName: 'default' }),
      ];

      for (const answer of answers) expect(expectError(answer, 400, 'InvalidParameterValue')).toContain('MaxRecords');
    },
  );

  test('tells the JavaScript SDK InvalidParameterValueException', async () => {
    const { sdk } = await startEndpoint();

    const refused = sdk.send(new DescribeCacheSecurityGroupsCommand({ MaxRecords: 19 }));

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      $metadata: { httpStatusCode: 400 },
    });
  });
});
