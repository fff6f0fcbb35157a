import { CloudWatchLogsClient, FilterLogEventsCommand, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { recordingFunction, startAws } from '../../support/local-aws/local-aws.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';

const GROUP = 'the-log';

async function startLog(...lines: string[]) {
  const started = await startAws();
  const { aws, clock } = started;
  const logGroups = aws.region(REGION)?.logGroups;
  logGroups?.put(GROUP);
  for (const line of lines) logGroups?.write(GROUP, line);
  const logs = new CloudWatchLogsClient({ region: REGION, endpoint: aws.url, credentials, maxAttempts: 1 });
  onTestFinished(() => logs.destroy());
  const filter = async (input: object = {}) =>
    (await logs.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...input }))).events?.map(
      ({ message }) => message,
    );
  return { aws, clock, logs, filter };
}

const line = (outcome: string, cache = 'sessions') =>
  JSON.stringify({ message: 'decision', outcome, grant: { target: { cacheName: cache } } });
const [HELD, FAILED, REVOKED] = [line('held'), line('failed'), line('revoked', 'prices')];

test.each<[string, string, readonly string[]]>([
  ['every line without one', '', [HELD, FAILED, REVOKED, 'no JSON']],
  ['those with a phrase', '"prices"', [REVOKED]],
  ['those with a member', '{ $.outcome = "held" }', [HELD]],
  ['those with a member in a member', '{ $.grant.target.cacheName = "prices" }', [REVOKED]],
  [
    'those with one of several texts, and another one',
    '{ $.message = "decision" && ($.outcome = "held" || $.outcome = "failed") }',
    [HELD, FAILED],
  ],
])('a filter pattern finds %s', async (_, filterPattern, found) => {
  const { filter } = await startLog(HELD as string, FAILED as string, REVOKED as string, 'no JSON');

  expect(await filter(filterPattern === '' ? {} : { filterPattern })).toEqual(found);
});

test('lines are found by their time', async () => {
  const { aws, clock, filter } = await startLog('before');
  await clock.advance(1000);
  aws.region(REGION)?.logGroups.write(GROUP, 'after');

  expect(await filter({ startTime: clock.now() })).toEqual(['after']);
  expect(await filter({ endTime: clock.now() - 1 })).toEqual(['before']);
});

test('lines that do not fit on a page are on the next', async () => {
  const all = Array.from({ length: 5 }, (_, at) => `line ${at}`);
  const { logs } = await startLog(...all);
  const found: (string | undefined)[] = [];

  for await (const { events = [] } of paginateFilterLogEvents({ client: logs, pageSize: 2 }, { logGroupName: GROUP })) {
    found.push(...events.map(({ message }) => message));
  }

  expect(found).toEqual(all);
});

test.each([
  ['ResourceNotFoundException', { logGroupName: 'another' }],
  ['InvalidParameterException', { filterPattern: '{ $.exposureMs > 1000 }' }],
  ['InvalidParameterException', { nextToken: 'guess' }],
])('%s is answered where it is due', async (name, input) => {
  const { filter } = await startLog('line');

  await expect(filter(input)).rejects.toMatchObject({ name });
});

test('the log of a function has its lines, and before them that it was started', async () => {
  const { aws, filter } = await startLog();
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:recorder`;
  aws.region(REGION)?.functions.put({ name: 'recorder', arn, role: '', environment: {}, logGroup: GROUP });
  const recorder = recordingFunction({ eventPatterns: [{ source: ['test'] }] }, () => {
    aws.events.emit('output', { functionName: 'recorder', line: HELD as string });
    return { result: null };
  });
  aws.deploy([recorder]);

  await aws.deliver({ source: 'test' } as never);

  const [{ requestId } = { requestId: '' }] = recorder.invocations;
  expect(await filter()).toEqual([`START RequestId: ${requestId} Version: $LATEST`, HELD]);
});
