import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Mishap } from '../../src/local/lambda.ts';
import type { FunctionCode } from '../../src/local/lambda-environment.ts';
import { startLambdaEnvironments } from '../../src/local/lambda-environments.ts';
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
    atTimeOut: 'kill' as const,
    environment: { GIVEN: 'value' },
    account: ACCOUNT,
    region: REGION,
    ...changes,
  };
  const environments = startLambdaEnvironments(code, (line) => lines.push(line));
  onTestFinished(() => environments.close());
  const invoke = (behave: string, mishap?: Mishap) =>
    environments.invoke({ behave }, '0123abcd-4567-89ef-0123-456789abcdef', mishap);
  return { lines, close: environments.close, invoke };
}

describe('a function', () => {
  test('is told of its invocation as Lambda tells it', async () => {
    const { invoke } = start();

    const { result } = await invoke('answer');

    expect(result).toMatchObject({
      awsRequestId: '0123abcd-4567-89ef-0123-456789abcdef',
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

  test('does nothing between two events, and then goes on with what it left behind', async () => {
    const { invoke, lines } = start();
    await invoke('leaveTicking');
    await sleep(100);
    const before = lines.length;

    await invoke('wait');

    expect(before).toBe(0);
    expect(lines.length).toBeGreaterThan(0);
    expect(new Set(lines)).toEqual(new Set(['tick']));
  });

  test('is frozen when the time is up, if it is to be, and goes on in the next event with what it was at', async () => {
    const { invoke, lines } = start({ atTimeOut: 'freeze' });
    await invoke('answer');
    const first = await invoke('tick', { timeoutMs: 300 });
    const atTimeOut = lines.length;
    await sleep(100);
    const frozen = lines.length;

    const second = await invoke('wait');

    expect(first).toEqual(timedOut);
    expect(atTimeOut).toBeGreaterThan(0);
    expect(frozen).toBe(atTimeOut);
    // In the same environment.
    expect(second).toEqual({ result: 3 });
    expect(lines.length).toBeGreaterThan(frozen);
  });

  test('whose time is up answers the next event alone, also if the answer to the one before comes then', async () => {
    const { invoke } = start({ atTimeOut: 'freeze' });
    await invoke('answer');
    const first = await invoke('wait', { timeoutMs: 20 });
    await sleep(60);

    const second = await invoke('answer');

    expect(first.error?.name).toBe('Sandbox.Timedout');
    expect(second).toMatchObject({ result: { invocations: 3, functionName: 'behave' } });
  });

  test('that is frozen can crash in the next event', async () => {
    const { invoke } = start({ atTimeOut: 'freeze' });
    await invoke('answer');
    await invoke('sleep', { timeoutMs: 300 });

    const crashed = await invoke('sleep', { crashAfterMs: 50 });

    expect(crashed).toEqual({ ...ended, crashedAt: expect.any(Number) });
    expect(await invoke('answer')).toMatchObject({ result: { invocations: 1 } });
  });

  test('that does not come to rest when its time is up is killed, because a thread that computes cannot be frozen', async () => {
    const { invoke } = start({ atTimeOut: 'freeze' });
    await invoke('answer');

    expect(await invoke('spin', { timeoutMs: 300 })).toEqual(timedOut);

    expect(await invoke('answer')).toMatchObject({ result: { invocations: 1 } });
  });

  test('has all that it printed told before its answer', async () => {
    const { invoke, lines } = start();

    await invoke('printMuch');

    expect(lines).toHaveLength(1_000);
  });

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

    expect(crashed).toEqual({ ...ended, crashedAt: expect.any(Number) });
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

    await eventually(() => invoke('answer')).toMatchObject({ result: { invocations: 1 } });
    expect(lines).toEqual(['Error: too late']);
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
      _X_AMZN_TRACE_ID: expect.stringMatching(
        /^Root=1-[0-9a-f]{8}-0123abcd456789ef01234567;Parent=[0-9a-f]{16};Sampled=0$/,
      ),
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

  test('ends those that are frozen', async () => {
    const { invoke, close, lines } = start({ atTimeOut: 'freeze' });
    await invoke('answer');
    await invoke('printAndSleep', { timeoutMs: 300 });

    await close();

    expect(lines).toEqual(['no line break at the end']);
  });

  test('lets no other begin', async () => {
    const { invoke, close } = start();

    await close();

    expect(await invoke('answer')).toEqual({
      error: { name: 'Runtime.ExitError', message: 'the local AWS has ended' },
    });
  });
});
