import { describe, expect, test } from 'vitest';
import { readStateMachines, type StackStateMachine } from '../../src/local/stack.ts';
import { execute, type Tasks } from '../../src/local/step-functions.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { eventually } from '../support/time/eventually.ts';
import { SteppedClock } from '../support/time/stepped-clock.ts';

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:enforceSecurityGroup`;

async function pendingMachine(): Promise<StackStateMachine> {
  const [machine] = await readStateMachines('serverless.yml', { account: ACCOUNT, region: REGION });
  if (machine === undefined) throw new Error('the stack has no state machine');
  return machine;
}

/** Executes the state machine of the stack for the event `{ detail: 'e' }`. */
async function start(invoke: () => unknown) {
  const clock = new SteppedClock();
  const ending = new AbortController();
  const made: [string, unknown][] = [];
  const tasks: Tasks = {
    'lambda:invoke': (parameters: unknown) => {
      made.push(['lambda:invoke', parameters]);
      return invoke();
    },
    'sqs:sendMessage': (parameters: unknown) => {
      made.push(['sqs:sendMessage', parameters]);
      return {};
    },
  };
  const ended = execute(await pendingMachine(), { detail: 'e' }, { clock, tasks, ending: ending.signal });
  return { clock, ending, made, ended };
}

describe('the state machine of serverless.yml', () => {
  test('is started by what the function that waits for a cache returned, with the event that it had', async () => {
    const { name, startedBy } = await pendingMachine();

    expect(name).toBe('PendingStateMachine');
    expect(startedBy).toEqual([
      {
        pattern: {
          source: ['lambda'],
          'detail-type': ['Lambda Function Invocation Result - Success'],
          detail: {
            requestContext: { functionArn: [{ prefix: FUNCTION }] },
            responsePayload: { awaits: [{ exists: true }] },
          },
        },
        inputPath: ['detail', 'requestPayload'],
      },
    ]);
  });

  test('hands the event to the function after two minutes, and not before', async () => {
    const { clock, made, ended } = await start(() => ({ StatusCode: 202 }));

    await eventually(() => clock.sleeping).toHaveLength(1);
    await clock.advance(119_999);
    expect(made).toEqual([]);
    await clock.advance(1);
    await ended;

    const parameters = { FunctionName: FUNCTION, InvocationType: 'Event', Payload: { detail: 'e' } };
    expect(made).toEqual([['lambda:invoke', parameters]]);
  });

  test('tries seven times, and then keeps the event with the error in the dead-letter queue', async () => {
    const { clock, made, ended } = await start(() => {
      throw new Error('throttled');
    });

    await eventually(() => clock.sleeping).toHaveLength(1);
    await clock.advance(120_000);
    await ended;

    expect(made.map(([action]) => action)).toEqual([...Array(7).fill('lambda:invoke'), 'sqs:sendMessage']);
    expect(made.at(-1)?.[1]).toEqual({
      QueueUrl: 'DeadLetterQueue',
      MessageBody: { detail: 'e', ingressGuardError: expect.objectContaining({ Cause: 'throttled' }) },
    });
  });

  test('ends where it is when the local AWS ends', async () => {
    const { clock, ending, made, ended } = await start(() => ({}));
    await eventually(() => clock.sleeping).toHaveLength(1);

    ending.abort();
    await ended;

    expect(made).toEqual([]);
  });
});

test('a task that is not known here is an error, and not passed over', async () => {
  const definition = {
    StartAt: 'Ask',
    States: { Ask: { Type: 'Task', Resource: 'arn:aws:states:::oracle:ask', End: true } },
  };

  const executing = execute(
    { name: 'Machine', definition, startedBy: [] },
    {},
    {
      clock: new SteppedClock(),
      tasks: {},
      ending: new AbortController().signal,
    },
  );

  await expect(executing).rejects.toThrow('does not know the task arn:aws:states:::oracle:ask of Machine.Ask');
});
