import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { BusEvent } from '../../src/local/bus-event.ts';
import type { Attempt } from '../../src/local/lambda.ts';
import { type StackStateMachine, withSubstitutions } from '../../src/local/stack.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';

const DEFINITION = JSON.parse(
  readFileSync(new URL('../../stack/audit-organization.asl.json', import.meta.url), 'utf8'),
) as StackStateMachine['definition'];
const FUNCTIONS = {
  ListTargets: 'listTargets',
  JudgeAccount: 'judgeAccount',
  ActAccount: 'actAccount',
  CloseRun: 'closeRun',
};

const audit: StackStateMachine = {
  name: 'AuditStateMachine',
  startedBy: [],
  definition: withSubstitutions(
    DEFINITION,
    Object.fromEntries(Object.entries(FUNCTIONS).map(([name, local]) => [`${name}Function`, local])),
  ),
};

type Answers = Readonly<Record<string, (payload: Record<string, unknown>, number: number) => unknown>>;

/** Functions that answer as the test says, and what each was asked, in order. */
async function startAudit(answers: Answers) {
  const started = await startAws();
  const asked: [string, unknown][] = [];
  for (const [name, answer] of Object.entries(answers)) {
    let number = 0;
    started.aws.deploy([
      {
        ...recordingFunction({ name, eventPatterns: [] }),
        invoke: async (event): Promise<Attempt> => {
          asked.push([name, event]);
          try {
            return { result: answer(event as Record<string, unknown>, ++number) };
          } catch (error) {
            return { error: { name: (error as Error).name, message: (error as Error).message } };
          }
        },
      },
    ]);
  }
  started.aws.deployStateMachines([audit]);
  return { ...started, asked };
}

const ACCOUNTS = ['111111111111', '222222222222', '333333333333'];
const failing = (name: string) => Object.assign(new Error('it went wrong'), { name });

const USUAL: Answers = {
  listTargets: ({ run }) => ({ run, accounts: ACCOUNTS }),
  judgeAccount: ({ account }) => ({ account, status: 'judged', due: account === '222222222222' ? 1 : 0 }),
  actAccount: ({ account }) => ({ account, status: 'acted' }),
  closeRun: ({ settle, judged, acted }) => (settle ? { toAct: ['222222222222'] } : { judged, acted }),
};

describe('the audit of an organization', () => {
  test('judges every account, settles, acts where it may, and closes the run with all of it', async () => {
    const { aws, asked } = await startAudit(USUAL);

    const { output } = aws.startExecution('AuditStateMachine', '2026-11-29T01', {});

    expect(await output).toEqual({
      judged: [
        { account: '111111111111', status: 'judged', due: 0 },
        { account: '222222222222', status: 'judged', due: 1 },
        { account: '333333333333', status: 'judged', due: 0 },
      ],
      acted: [{ account: '222222222222', status: 'acted' }],
    });
    expect(asked.map(([name]) => name)).toEqual([
      'listTargets',
      'judgeAccount',
      'judgeAccount',
      'judgeAccount',
      'closeRun',
      'actAccount',
      'closeRun',
    ]);
    expect(asked[0]?.[1]).toEqual({ run: '2026-11-29T01', startedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(asked[1]?.[1]).toMatchObject({ run: '2026-11-29T01', account: '111111111111', act: false });
  });

  test('goes on without an account whose function fails, and tries again one that was throttled', async () => {
    const { aws, asked } = await startAudit({
      ...USUAL,
      judgeAccount({ account }, number) {
        if (account === '111111111111') throw failing('AccessDeniedError');
        if (number === 2) throw failing('ThrottledError');
        return { account, status: 'judged', due: 0 };
      },
    });

    const { output } = aws.startExecution('AuditStateMachine', 'run', {});

    const { judged } = (await output) as {
      readonly judged: readonly { account: string; status: string; error?: string }[];
    };
    expect(judged.map(({ account, status, error }) => [account, status, error])).toEqual([
      ['111111111111', 'not judged', 'AccessDeniedError'],
      ['222222222222', 'judged', undefined],
      ['333333333333', 'judged', undefined],
    ]);
    expect(asked.filter(([name]) => name === 'judgeAccount')).toHaveLength(4);
  });

  test('fails if the accounts cannot be listed, and judges none', async () => {
    const listTargets = () => {
      throw failing('AccountsNotListedError');
    };
    const { aws, asked } = await startAudit({ ...USUAL, listTargets });

    const { output } = aws.startExecution('AuditStateMachine', 'run', {});

    await expect(output).rejects.toThrow('it went wrong');
    expect(asked).toHaveLength(1);
  });

  test('tells on the bus how it goes, as Step Functions does', async () => {
    const { aws } = await startAudit(USUAL);
    const listener = recordingFunction({ eventPatterns: [{ source: ['aws.states'] }] });
    aws.deploy([listener]);

    await aws.startExecution('AuditStateMachine', 'run', {}).output;
    await aws.idle();

    expect(listener.invocations.map(({ event }) => (event as BusEvent).detail)).toMatchObject([
      { name: 'run', stateMachineArn: 'AuditStateMachine', status: 'RUNNING', input: '{}', output: null },
      { name: 'run', stateMachineArn: 'AuditStateMachine', status: 'SUCCEEDED', output: expect.stringMatching(/^\{/) },
    ]);
  });
});

describe('the name of an execution', () => {
  test('is refused a second time, when the first is over', async () => {
    const { aws } = await startAudit(USUAL);
    await aws.startExecution('AuditStateMachine', 'hour', {}).output;
    await aws.idle();

    expect(() => aws.startExecution('AuditStateMachine', 'hour', {})).toThrow('Execution Already Exists');
  });

  test('gives the execution that is running with the same input, and is refused with another', async () => {
    const { aws, asked } = await startAudit(USUAL);

    const first = aws.startExecution('AuditStateMachine', 'hour', { a: 1 });
    const second = aws.startExecution('AuditStateMachine', 'hour', { a: 1 });

    expect(second).toBe(first);
    expect(() => aws.startExecution('AuditStateMachine', 'hour', { a: 2 })).toThrow('Execution Already Exists');
    await first.output;
    expect(asked.filter(([name]) => name === 'listTargets')).toHaveLength(1);
  });

  test('can be given by another state machine, which sees that it was used', async () => {
    const { aws, asked } = await startAudit(USUAL);
    const starter: StackStateMachine = {
      name: 'AuditStarter',
      startedBy: [],
      definition: {
        StartAt: 'Start',
        States: {
          Start: {
            Type: 'Task',
            Resource: 'arn:aws:states:::states:startExecution',
            Parameters: {
              StateMachineArn: 'AuditStateMachine',
              'Name.$': "States.ArrayGetItem(States.StringSplit($.scheduledTime, ':'), 0)",
            },
            Catch: [{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], Next: 'StartedBefore' }],
            End: true,
          },
          StartedBefore: { Type: 'Succeed' },
        },
      } as StackStateMachine['definition'],
    };
    aws.deployStateMachines([starter]);
    const start = (name: string) =>
      aws.startExecution('AuditStarter', name, { scheduledTime: '2026-11-29T01:00:00Z' }).output;

    const first = await start('one');
    const closed = () => asked.filter(([name]) => name === 'closeRun').length;
    await expect.poll(closed).toBe(2);
    const second = await start('two');

    expect([first, second]).toMatchObject([
      { ExecutionArn: 'AuditStateMachine:2026-11-29T01' },
      { Error: 'StepFunctions.ExecutionAlreadyExistsException' },
    ]);
    expect(asked.filter(([name]) => name === 'listTargets')).toHaveLength(1);
  });

  test('is of no use without a state machine', async () => {
    const { aws } = await startAudit(USUAL);

    expect(() => aws.startExecution('Other', 'run', {})).toThrow("State Machine Does Not Exist: 'Other'");
  });
});
