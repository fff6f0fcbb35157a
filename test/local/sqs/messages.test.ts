import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { startAws } from '../../support/local-aws/local-aws.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';

const QueueUrl = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/dead`;

async function startQueue(...bodies: string[]) {
  const { aws, clock, events } = await startAws();
  const queue = aws.region(REGION)?.queues.put('dead');
  for (const body of bodies) queue?.send(body, { ErrorMessage: 'threw', ErrorCode: 200 });
  const sqs = new SQSClient({ region: REGION, endpoint: aws.url, credentials, useQueueUrlAsEndpoint: false });
  onTestFinished(() => sqs.destroy());
  const receive = async (input: object = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...input }))).Messages ?? [];
  const counted = async () => {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
  };
  return { sqs, clock, events, receive, counted };
}

test('a message is received whole, with the attributes that were asked for, and hidden for a while', async () => {
  const { receive, counted, clock } = await startQueue('ä\n\u{1f600}');

  const [message] = await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['SentTimestamp'] });

  expect(message).toMatchObject({
    Body: 'ä\n\u{1f600}',
    Attributes: { SentTimestamp: String(clock.now()) },
    MessageAttributes: {
      ErrorMessage: { DataType: 'String', StringValue: 'threw' },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
    },
  });
  expect([await receive(), await counted()]).toEqual([[], ['0', '1']]);
  await clock.advance(30_000);
  expect((await receive()).map(({ Body }) => Body)).toEqual(['ä\n\u{1f600}']);
});

test('at most ten messages are received at once, the oldest first', async () => {
  const bodies = Array.from({ length: 12 }, (_, at) => `message ${at}`);
  const { receive } = await startQueue(...bodies);

  const first = await receive({ MaxNumberOfMessages: 10 });
  const second = await receive({ MaxNumberOfMessages: 10 });

  expect([...first, ...second].map(({ Body }) => Body)).toEqual(bodies);
  expect(first).toHaveLength(10);
});

test('a message that is deleted is gone, and one that is let go can be received at once', async () => {
  const { sqs, receive, counted } = await startQueue('one', 'two');
  const [one, two] = await receive({ MaxNumberOfMessages: 2 });

  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: one?.ReceiptHandle }));
  await sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: two?.ReceiptHandle, VisibilityTimeout: 0 }),
  );

  expect(await counted()).toEqual(['1', '0']);
  expect((await receive()).map(({ Body }) => Body)).toEqual(['two']);
});

test('the handle of an earlier time deletes nothing', async () => {
  const { sqs, receive, counted } = await startQueue('one');
  const [first] = await receive({ VisibilityTimeout: 0 });
  await receive({ VisibilityTimeout: 0 });

  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));

  expect(await counted()).toEqual(['1', '0']);
});

test.each([
  ['ReceiptHandleIsInvalid', new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'guess' })],
  [
    'ReceiptHandleIsInvalid',
    new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: 'guess', VisibilityTimeout: 0 }),
  ],
  ['ValidationException', new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })],
])('%s is answered where it is due', async (name, command) => {
  const { sqs } = await startQueue('one');

  await expect(sqs.send(command as DeleteMessageCommand)).rejects.toMatchObject({ name });
});

test('a message that no one holds cannot be let go', async () => {
  const { sqs, receive } = await startQueue('one');
  const [one] = await receive({ VisibilityTimeout: 0 });
  const command = new ChangeMessageVisibilityCommand({
    QueueUrl,
    ReceiptHandle: one?.ReceiptHandle,
    VisibilityTimeout: 0,
  });

  await expect(sqs.send(command)).rejects.toMatchObject({ name: 'MessageNotInflight' });
});

test('what is done with messages comes into no trail', async () => {
  const { receive, events } = await startQueue('one');
  await receive();

  expect(events).toEqual([]);
});
