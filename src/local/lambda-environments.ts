import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Attempt, Invoke, Mishap } from './lambda.ts';
import type { Finished, Started } from './lambda-worker.ts';
import { localFunctionArn } from './stack.ts';

export interface FunctionCode {
  readonly name: string;
  /** The module's file, and which of its exports to call. */
  readonly file: string;
  readonly exportName: string;
  readonly timeoutMs: number;
  /** All that the code sees of the environment; nothing of ours leaks in. */
  readonly environment: Readonly<Record<string, string>>;
  readonly account: string;
  readonly region: string;
}

export interface LambdaEnvironments {
  readonly invoke: Invoke;
  /** Ends every environment, also those at work. */
  close(): Promise<void>;
}

/** How many events a function works on at once; others wait. A new account of AWS has as many, for all functions. */
const MOST_AT_WORK = 10;

/**
 * Runs a function's code as Lambda does: in environments of their own (a worker thread each), one event at a time in
 * each, kept warm for the next, and killed when the time is up. `onOutput` is given what the code prints, line by line.
 */
export function startLambdaEnvironments(code: FunctionCode, onOutput: (line: string) => void): LambdaEnvironments {
  const idle = new Set<Worker>();
  const all = new Set<Worker>();
  /** The events that wait until another one is done. */
  const waiting: (() => void)[] = [];
  let atWork = 0;
  let closed = false;

  function start(): Worker {
    const worker = new Worker(workerFile(), {
      env: {
        AWS_LAMBDA_FUNCTION_NAME: code.name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_REGION: code.region,
        ...code.environment,
      },
      workerData: { file: code.file, exportName: code.exportName },
      stdout: true,
      stderr: true,
    });
    for (const stream of [worker.stdout, worker.stderr]) forEachLine(stream, onOutput);
    worker.setMaxListeners(0);
    worker.unref();
    all.add(worker);
    // It can also end of what the code left running after its answer, when no event is in it.
    worker.on('error', (thrown: unknown) => onOutput(String(thrown)));
    worker.once('exit', () => {
      all.delete(worker);
      idle.delete(worker);
    });
    return worker;
  }

  async function invokeNow(event: unknown, requestId: string, mishap: Mishap): Promise<Attempt> {
    if (closed) return { error: { name: 'Runtime.ExitError', message: 'the local AWS has ended' } };
    const [worker = start()] = idle;
    idle.delete(worker);
    const { timeoutMs = code.timeoutMs, crashAfterMs } = mishap;
    const started: Started = {
      event,
      requestId,
      functionName: code.name,
      functionArn: localFunctionArn(code, code.name),
      deadline: Date.now() + timeoutMs,
    };
    const running = runOnce(worker, started, timeoutMs);
    if (crashAfterMs !== undefined) {
      await Promise.race([running, sleep(crashAfterMs)]);
      await worker.terminate();
    }
    const attempt = crashAfterMs === undefined ? await running : 'dead';
    if (attempt === 'dead')
      return { error: { name: 'Runtime.ExitError', message: 'the function ended without an answer' } };
    if (attempt === 'timed out') {
      await worker.terminate();
      return { error: { name: 'Sandbox.Timedout', message: `Task timed out after ${timeoutMs / 1000} seconds` } };
    }
    // It may have ended together with its answer.
    if (all.has(worker)) idle.add(worker);
    return attempt;
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
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

/** One event through one environment. */
function runOnce(worker: Worker, started: Started, timeoutMs: number): Promise<Attempt | 'dead' | 'timed out'> {
  return new Promise((resolve) => {
    const end = (how: Attempt | 'dead' | 'timed out'): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onDeath).off('exit', onDeath);
      resolve(how);
    };
    const onMessage = ({ result, error }: Finished): void => end(error === undefined ? { result } : { error });
    const onDeath = (): void => end('dead');
    const timer = setTimeout(() => end('timed out'), timeoutMs);
    worker.on('message', onMessage).on('error', onDeath).on('exit', onDeath);
    worker.postMessage(started);
  });
}

function workerFile(): URL {
  // The sources are TypeScript, the built package JavaScript; the worker lies beside this file in both.
  return new URL(`./lambda-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}

function forEachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
