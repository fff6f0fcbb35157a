import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/local/clock.ts';
import { startLocalAws } from '../../src/local/local-aws.ts';
import { peek } from '../../src/local/peek.ts';
import type { ApiCall } from '../../src/local/service.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';

const PLACE = { account: ACCOUNT, region: REGION };

async function start(vpcOnly = false) {
  const aws = await startLocalAws(
    {
      port: 0,
      accountId: ACCOUNT,
      regions: [REGION],
      transitionMs: 0,
      vpcOnly,
      deniedActions: ['DescribeSecurityGroups'],
    },
    systemClock(),
  );
  onTestFinished(() => aws.close());
  const calls: ApiCall[] = [];
  aws.events.on('call', (call) => calls.push(call));
  return { aws, calls };
}

const request = (Action: string, Version: string, more: Record<string, string> = {}) => ({
  method: 'POST',
  path: '/',
  query: '',
  headers: {},
  body: new URLSearchParams({ Action, Version, ...more }).toString(),
});

test('answers as the API does, and leaves no trace: no call, no record in CloudTrail, no permission that is asked for', async () => {
  const { aws, calls } = await start();

  const answer = peek(aws.accounts, PLACE, request('DescribeSecurityGroups', '2016-11-15'));

  expect(answer.status).toBe(200);
  expect(answer.body).toContain('<groupName>default</groupName>');
  expect(calls).toEqual([]);
});

test('refuses what changes something, and what is not there, in the words of the service', async () => {
  const { aws, calls } = await start(true);
  const create = { CacheSecurityGroupName: 'sessions', Description: 'd' };

  for (const [asked, place, code] of [
    [request('CreateCacheSecurityGroup', '2015-02-02', create), PLACE, 'InvalidAction'],
    [request('DescribeCacheSecurityGroups', '2015-02-02'), PLACE, 'InvalidParameterValue'],
    [
      request('DescribeSecurityGroups', '2016-11-15', { 'GroupId.1': 'sg-0123456789abcdef0' }),
      PLACE,
      'InvalidGroup.NotFound',
    ],
    [request('DescribeSecurityGroups', '2016-11-15'), { ...PLACE, account: STRANGER }, 'AuthFailure'],
  ] as const) {
    const answer = peek(aws.accounts, place, asked);

    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).toContain(`<Code>${code}</Code>`);
  }
  expect(calls).toEqual([]);
});
