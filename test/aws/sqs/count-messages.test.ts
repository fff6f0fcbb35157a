import { expect, test } from 'vitest';
import { countMessages } from '../../../src/aws/sqs/count-messages.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { stubEnvironment } from '../../support/functions/aws-environment.ts';
import { type JsonAnswer, jsonError, startJsonEndpoint } from '../../support/scripted/scripted-json-endpoint.ts';

const here = { account: ACCOUNT, region: REGION };

async function startSqs(answer: JsonAnswer) {
  const endpoint = await startJsonEndpoint(() => answer);
  stubEnvironment({ AWS_ENDPOINT_URL_SQS: endpoint.url });
  return endpoint;
}

const attributes = (waiting: string, held: string, delayed: string): JsonAnswer => ({
  body: {
    Attributes: {
      ApproximateNumberOfMessages: waiting,
      ApproximateNumberOfMessagesNotVisible: held,
      ApproximateNumberOfMessagesDelayed: delayed,
    },
  },
});

test('the messages of a queue are counted, also those that someone holds or that are delayed', async () => {
  const { calls } = await startSqs(attributes('3', '2', '1'));

  const count = await countMessages({ region: REGION }, here, 'undelivered');

  expect(count).toBe(6);
  expect(calls.map(({ body }) => body)).toEqual([
    {
      QueueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/undelivered`,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    },
  ]);
});

test('a queue of China has a name of that partition', async () => {
  const { calls } = await startSqs(attributes('0', '0', '0'));

  await countMessages({ region: 'cn-north-1' }, { ...here, region: 'cn-north-1' }, 'undelivered');

  expect(calls[0]?.body.QueueUrl).toBe(`https://sqs.cn-north-1.amazonaws.com.cn/${ACCOUNT}/undelivered`);
});

test('a queue that is not there has no count', async () => {
  await startSqs(jsonError(400, 'com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.'));

  expect(await countMessages({ region: REGION }, here, 'undelivered')).toBeUndefined();
});

test.each<[string, JsonAnswer]>([
  ['says nothing', { body: {} }],
  ['says half', { body: { Attributes: { ApproximateNumberOfMessages: '0' } } }],
  ['is refused', jsonError(403, 'AccessDenied', 'no')],
])('a count that %s is an error', async (_, answer) => {
  await startSqs(answer);

  await expect(countMessages({ region: REGION }, here, 'undelivered')).rejects.toThrow();
});
