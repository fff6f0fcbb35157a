import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attempt, Invoke, Mishap } from './lambda.ts';
import { type FunctionCode, type LambdaEnvironment, startLambdaEnvironment } from './lambda-environment.ts';
import { localFunctionArn } from './stack.ts';

export interface LambdaEnvironments {
  readonly invoke: Invoke;
  /** Ends every environment, also those at work. */
  close(): Promise<void>;
}

/** How many events a function works on at once; others wait. A new account of AWS has as many, for all functions. */
const MOST_AT_WORK = 10;

/**
 * Runs a function's code as Lambda does: in environments of their own, one event at a time in each, and kept for the next. An
 * environment is frozen between two events; when its time is up, it is killed or frozen, as the code says. `onOutput` is given
 * what the code prints, line by line.
 */
export function startLambdaEnvironments(code: FunctionCode, onOutput: (line: string) => void): LambdaEnvironments {
  const idle = new Set<LambdaEnvironment>();
  const all = new Set<LambdaEnvironment>();
  /** The events that wait until another one is done. */
  const waiting: (() => void)[] = [];
  let atWork = 0;
  let closed = false;

  function start(): LambdaEnvironment {
    const environment = startLambdaEnvironment(code, onOutput, () => {
      all.delete(environment);
      idle.delete(environment);
    });
    all.add(environment);
    return environment;
  }

  async function invokeNow(event: unknown, requestId: string, mishap: Mishap): Promise<Attempt> {
    if (closed) return { error: { name: 'Runtime.ExitError', message: 'the local AWS has ended' } };
    const [environment = start()] = idle;
    idle.delete(environment);
    const { timeoutMs = code.timeoutMs, crashAfterMs } = mishap;
    const started = {
      event,
      requestId,
      traceId: traceIdOf(requestId),
      functionName: code.name,
      functionArn: localFunctionArn(code, code.name),
      deadline: Date.now() + timeoutMs,
    };
    const running = environment.run(started, timeoutMs);
    let crashedAt: number | undefined;
    if (crashAfterMs !== undefined) {
      await Promise.race([running, sleep(crashAfterMs)]);
      crashedAt = Date.now();
      await environment.kill();
    }
    const ended = crashAfterMs === undefined ? await running : 'dead';
    if (ended === 'timed out') await (code.atTimeOut === 'freeze' ? environment.freeze() : environment.kill());
    // It may have ended together with its answer.
    if (environment.isAlive) idle.add(environment);
    if (ended === 'dead') {
      const error = { name: 'Runtime.ExitError', message: 'the function ended without an answer' };
      return { error, ...(crashedAt !== undefined && { crashedAt }) };
    }
    if (ended !== 'timed out') return ended;
    return { error: { name: 'Sandbox.Timedout', message: `Task timed out after ${timeoutMs / 1000} seconds` } };
  }

  return {
    async invoke(event, requestId, mishap = {}) {
      if (atWork < MOST_AT_WORK) atWork++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      const attempt = await invokeNow(event, requestId, mishap);
      const next = waiting.shift();
      if (next === undefined) atWork--;
      else next();
      return attempt;
    },
    async close() {
      closed = true;
      await Promise.all([...all].map((environment) => environment.kill()));
    },
  };
}

/**
 * What Lambda sets `_X_AMZN_TRACE_ID` to, and the SDK sends with each call. Its root ends with the first digits of the request id
 * here, so that the endpoint can see for which invocation a call was made.
 */
function traceIdOf(requestId: string): string {
  const time = Math.floor(Date.now() / 1000).toString(16);
  const digits = requestId.replaceAll('-', '').slice(0, 24).padEnd(24, '0');
  return `Root=1-${time}-${digits};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
