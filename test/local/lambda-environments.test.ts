import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Mishap } from '../../src/local/lambda.ts';
import { type FunctionCode, startLambdaEnvironments } from '../../src/local/lambda-environments.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { eventually } from '../support/time/eventually.ts';

const MINUTE = 60_000;
const timedOut = { error: { name: 'Sandbox.Timedout', message: 'Task timed out after 0.3 seconds' } };
const ended = { error: { name: 'Runtime.ExitError', message: 'the function ended without an answer' } };

/** Environments for `functions/behave.ts`, which does as an event says. */
function start(changes: Partial<FunctionCode> = {}) {
  const lines: string[] = [];
  const code = {
    name: 'behave',
    file: fileURLToPath(new URL('functions/behave.ts', import.meta.url)),
    exportName: 'handler',
    timeoutMs: MINUTE,
    environment: { GIVEN: 'value' },
    account: ACCOUNT,
    region: REGION,
    ...changes,
  };
  const environments = startLambdaEnvironments(code, (line) => lines.push(line));
  onTestFinished(() => environments.close());
  const invoke = (behave: string, mishap?: Mishap) => environments.invoke({ behave }, 'request-1', mishap);
  return { lines, close: environments.close, invoke };
}

describe('a function', () => {
  test('is told of its invocation as Lambda tells it', async () => {
    const { invoke } = start();

    const { result } = await invoke('answer');

    expect(result).toMatchObject({
      awsRequestId: 'request-1',
      functionName: 'behave',
      functionVersion: '$LATEST',
      invokedFunctionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:behave`,
      remaining: expect.any(Number),
    });
    expect((result as { remaining: number }).remaining).toBeLessThanOrEqual(MINUTE);
  });

  test('stays warm: the next event finds what the one before left', async () => {
    const { invoke } = start();

    const results = [await invoke('answer'), await invoke('answer'), await invoke('answer')];

    expect(results).toMatchObject([1, 2, 3].map((invocations) => ({ result: { invocations } })));
  });

  test('works on one event at a time in each environment', async () => {
    const { invoke } = start();

    const results = await Promise.all([invoke('wait'), invoke('wait'), invoke('wait')]);

    expect(results).toEqual([{ result: 1 }, { result: 1 }, { result: 1 }]);
  });

  test('gets every event of a storm, and has not more than ten environments for it', async () => {
    const { invoke } = start();

    const results = await Promise.all(Array.from({ length: 40 }, () => invoke('wait')));

    const firsts = results.filter(({ result }) => result === 1);
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(firsts.length).toBeGreaterThan(1);
    expect(firsts.length).toBeLessThanOrEqual(10);
  });

  test.each([
    ['nothing', null],
    ['notJson', { at: '1970-01-01T00:00:00.000Z', bad: null }],
  ])('answers with JSON, which is all that leaves a Lambda: %s', async (behave, result) => {
    const { invoke } = start();

    expect(await invoke(behave)).toEqual({ result });
  });

  test.each([
    ['throw', { name: 'RangeError', message: 'no luck' }],
    ['throwText', { name: 'Error', message: 'just a text' }],
    ['cyclic', { name: 'TypeError', message: expect.stringContaining('circular') }],
  ])('that fails is an error, and stays warm: %s', async (behave, error) => {
    const { invoke } = start();

    expect(await invoke(behave)).toEqual({ error });
    expect(await invoke('answer')).toMatchObject({ result: { invocations: 2 } });
  });

  test.each([
    ['is not there', { file: '/nowhere/handler.ts' }, /Cannot find module/],
    ['does not load', { file: fileURLToPath(new URL('functions/broken.ts', import.meta.url)) }, /cannot be loaded/],
    ['has no such export', { exportName: 'missing' }, /exports no missing/],
  ])('whose module %s is an error', async (_, changes, message) => {
    const { invoke } = start(changes);

    expect((await invoke('answer')).error?.message).toMatch(message);
  });
});

describe('an environment', () => {
  test.each(['sleep', 'spin'])(
    'is killed when the time is up, and the next event gets a new one: %s',
    async (behave) => {
      const { invoke } = start({ timeoutMs: 300 });

      expect(await invoke(behave)).toEqual(timedOut);

      const { result, error } = await start().invoke('answer');
      expect([error, result]).toMatchObject([undefined, { invocations: 1 }]);
    },
  );

  test.each(['exit', 'rejectLater'])(
    'that ends in the middle of an event is an error, and the next event gets a new one: %s',
    async (behave) => {
      const { invoke } = start();
      await invoke('answer');

      const first = await invoke(behave);

      // A promise that nobody listens to can also end it just after its answer.
      if (behave === 'exit') expect(first).toEqual(ended);
      await eventually(() => invoke('answer')).toMatchObject({ result: { invocations: 1 } });
    },
  );

  test.each(['exitLater', 'throwLater'])('that ends after its answer harms nobody: %s', async (behave) => {
    const { invoke } = start();

    await invoke(behave);

    await eventually(() => invoke('answer')).toMatchObject({ result: { invocations: 1 } });
  });

  test.each([
    ['while it works', 'sleep', 50],
    ['when it answers, if that is sooner', 'answer', MINUTE],
  ])('that is to crash does so %s, and the next event gets a new one', async (_, behave, crashAfterMs) => {
    const { invoke } = start();
    await invoke('answer');

    const crashed = await invoke(behave, { crashAfterMs });

    expect(crashed).toEqual(ended);
    expect(await invoke('answer')).toMatchObject({ result: { invocations: 1 } });
  });

  test('that is given less time knows it, and is killed when it is up', async () => {
    const { invoke } = start();

    const { result } = await invoke('answer', { timeoutMs: 30_000 });
    const killed = await invoke('sleep', { timeoutMs: 300 });

    expect((result as { remaining: number }).remaining).toBeLessThanOrEqual(30_000);
    expect(killed).toEqual(timedOut);
    expect(await invoke('answer')).toMatchObject({ result: { invocations: 1 } });
  });

  test('that ends of an error tells it', async () => {
    const { invoke, lines } = start();

    await invoke('throwLater');

    await eventually(() => lines).toEqual(['Error: too late']);
  });

  test('sees the variables it was given and Lambda’s own, and none of ours', async () => {
    process.env.OUR_SECRET = 'secret';
    onTestFinished(() => {
      delete process.env.OUR_SECRET;
    });
    const { invoke } = start();

    const { result } = await invoke('environment');

    expect(result).toEqual({
      GIVEN: 'value',
      AWS_LAMBDA_FUNCTION_NAME: 'behave',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: expect.any(String),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_REGION: REGION,
    });
  });

  test('cannot change the variables of ours, or of another', async () => {
    const [one, other] = [start(), start()];

    await one.invoke('setVariable');

    expect((await one.invoke('environment')).result).toHaveProperty('LEFT_BEHIND');
    expect((await other.invoke('environment')).result).not.toHaveProperty('LEFT_BEHIND');
    expect(process.env.LEFT_BEHIND).toBeUndefined();
  });

  test('has what it prints told line by line, and the rest when it ends', async () => {
    const { invoke, lines, close } = start();

    await invoke('print');
    await eventually(() => [...lines].sort()).toEqual(['one', 'three', 'two']);
    await close();

    await eventually(() => lines.at(-1)).toBe('no line break at the end');
  });
});

describe('the end of all environments', () => {
  test('ends those at work, whose events are errors then', async () => {
    const { invoke, close } = start();
    await invoke('answer');
    const underWay = [invoke('sleep'), invoke('sleep')];

    await close();

    expect(await Promise.all(underWay)).toEqual([ended, ended]);
  });

  test('lets no other begin', async () => {
    const { invoke, close } = start();

    await close();

    expect(await invoke('answer')).toEqual({
      error: { name: 'Runtime.ExitError', message: 'the local AWS has ended' },
    });
  });
});
