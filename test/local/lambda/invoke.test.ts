import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { recordingFunction, startAws } from '../../support/local-aws/local-aws.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';

async function startFunction(...made: Parameters<typeof recordingFunction>) {
  const { aws, clock } = await startAws();
  const recorder = recordingFunction(...made);
  aws.deploy([recorder]);
  const lambda = new LambdaClient({ region: REGION, endpoint: aws.url, credentials, maxAttempts: 1 });
  onTestFinished(() => lambda.destroy());
  const invoke = (input: Partial<InvokeCommandInput> = {}) =>
    lambda.send(
      new InvokeCommand({
        FunctionName: 'recorder',
        InvocationType: 'Event',
        Payload: Buffer.from('{"a":"ä"}'),
        ...input,
      }),
    );
  return { aws, clock, recorder, invoke };
}

test.each(['recorder', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:recorder`])(
  'a function is invoked with the payload, and the answer is that it was taken: %s',
  async (FunctionName) => {
    const { aws, recorder, invoke } = await startFunction();

    const { StatusCode } = await invoke({ FunctionName });
    await aws.idle();

    expect([StatusCode, recorder.invocations.map(({ event }) => event)]).toEqual([202, [{ a: 'ä' }]]);
  },
);

test('what fails to the last is a message of the dead-letter queue, which says why', async () => {
  const { aws, clock, invoke } = await startFunction({ maximumRetryAttempts: 0 }, () => ({
    error: { name: 'Error', message: 'it threw' },
  }));
  const queue = aws.region(REGION)?.queues.put('dead');
  const arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:recorder`;
  aws.region(REGION)?.functions.put({ name: 'recorder', arn, role: '', environment: {}, deadLetterQueue: 'dead' });

  await invoke();
  await aws.idle();

  expect(queue?.messages).toMatchObject([
    {
      body: '{"a":"ä"}',
      sentAt: clock.now(),
      attributes: {
        RequestID: { DataType: 'String' },
        ErrorCode: { DataType: 'Number', StringValue: '200' },
        ErrorMessage: { DataType: 'String', StringValue: 'it threw' },
      },
    },
  ]);
});

test.each([
  ['ResourceNotFoundException', { FunctionName: 'another' }],
  ['InvalidRequestContentException', { Payload: Buffer.from('no JSON') }],
  ['InvalidParameterValueException', { InvocationType: 'RequestResponse' as const }],
])('%s is answered where it is due', async (name, input) => {
  const { recorder, invoke } = await startFunction();

  await expect(invoke(input)).rejects.toMatchObject({ name });
  expect(recorder.invocations).toEqual([]);
});

test('a payload that is no event is given as it is', async () => {
  const { aws, recorder, invoke } = await startFunction();

  await invoke({ Payload: Buffer.from('null') });
  await aws.idle();

  expect(recorder.invocations.map(({ event }) => event)).toEqual([null]);
});
