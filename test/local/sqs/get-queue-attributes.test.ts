import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import type { Misplaced } from '../../../src/local/misplaced.ts';
import { REGION } from '../../support/examples/grants.ts';
import { kept, MEMBER, OTHER_MEMBER, startOrganization } from '../../support/local-aws/organization.ts';

const QueueUrl = `https://sqs.${REGION}.amazonaws.com/${MEMBER}/undelivered`;

async function ask(who: string, input: object = {}, messages: string[] = []) {
  const started = await startOrganization();
  const queue = started.aws.accounts.find(MEMBER)?.region(REGION)?.queues.put('undelivered');
  for (const message of messages) queue?.send(message);
  const misplaced: Misplaced[] = [];
  started.aws.events.on('misplaced', (one) => misplaced.push(one));
  const sqs = kept(new SQSClient(started.as(who)));
  const answer = await sqs
    .send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'], ...input }))
    .catch((error: Error) => error);
  return { answer, misplaced };
}

test('a queue tells how many messages are in it', async () => {
  const { answer } = await ask(MEMBER, {}, ['one', 'two']);

  expect(answer).toMatchObject({
    Attributes: {
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '0',
      QueueArn: `arn:aws:sqs:${REGION}:${MEMBER}:undelivered`,
    },
  });
});

test('a queue tells only what was asked', async () => {
  const { answer } = await ask(MEMBER, { AttributeNames: ['ApproximateNumberOfMessages'] });

  expect((answer as { Attributes: object }).Attributes).toEqual({ ApproximateNumberOfMessages: '0' });
});

test.each([
  ['is not there', { QueueUrl: QueueUrl.replace('undelivered', 'other') }, 'QueueDoesNotExist'],
  ['has no good URL', { QueueUrl: 'undelivered' }, 'InvalidAddress'],
  ['has no such attribute', { AttributeNames: ['Weight'] }, 'InvalidAttributeName'],
])('a queue that %s is refused', async (_, input, name) => {
  expect((await ask(MEMBER, input)).answer).toMatchObject({ name });
});

test('a queue of another account is denied, and the call is reported', async () => {
  const { answer, misplaced } = await ask(OTHER_MEMBER);

  expect(answer).toMatchObject({ name: 'AccessDeniedException' });
  expect(misplaced).toMatchObject([
    { service: 'sqs', owner: { account: MEMBER }, calledAt: { account: OTHER_MEMBER } },
  ]);
});
