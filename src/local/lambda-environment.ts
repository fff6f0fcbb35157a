import { StringDecoder } from 'node:string_decoder';
import { Worker } from 'node:worker_threads';
import type { Attempt } from './lambda.ts';
import type { FromEnvironment, Started, ToEnvironment, WorkerData } from './lambda-worker.ts';
import { loadedCode } from './package-root.ts';

export interface FunctionCode {
  readonly name: string;
  /** The module's file, and which of its exports to call. */
  readonly file: string;
  readonly exportName: string;
  readonly timeoutMs: number;
  /** What happens to an environment whose time is up: it is ended, or frozen like one that answered. */
  readonly atTimeOut: AtTimeOut;
  /** All that the code sees of the environment; nothing of ours leaks in. */
  readonly environment: Readonly<Record<string, string>>;
  readonly account: string;
  readonly region: string;
}

export type AtTimeOut = 'kill' | 'freeze';

/** How one event ended. An environment that died answers nothing. */
export type Ended = Attempt | 'dead' | 'timed out';

/**
 * One environment of Lambda: a worker thread. It is frozen while no event is in it: the thread does nothing at all, and what an
 * event left behind goes on during the next one.
 */
export interface LambdaEnvironment {
  /** Whether it can take another event. */
  readonly isAlive: boolean;
  /** One event. Another one may follow once this has ended and the environment is frozen. */
  run(event: Omit<Started, 'number'>, timeoutMs: number): Promise<Ended>;
  /** Freezes it in the middle of an event. Code that does not come to rest cannot be frozen, and is killed. */
  freeze(): Promise<void>;
  kill(): Promise<void>;
}

/** How long code may take to come to rest, in milliseconds. */
const COMES_TO_REST_MS = 2_000;

/** @param onExit is called when it has died, for whatever reason. */
export function startLambdaEnvironment(
  code: FunctionCode,
  onOutput: (line: string) => void,
  onExit: () => void,
): LambdaEnvironment {
  let isAlive = true;
  let number = 0;
  const running = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: WorkerData = { file: code.file, exportName: code.exportName, running };
  const worker = new Worker(workerFile(), {
    env: {
      AWS_LAMBDA_FUNCTION_NAME: code.name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_REGION: code.region,
      ...code.environment,
    },
    workerData,
    stdout: true,
    stderr: true,
  });
  const printed = { stdout: lines(onOutput), stderr: lines(onOutput) };
  worker.setMaxListeners(0);
  worker.unref();
  worker.on('message', (message: FromEnvironment) => {
    if ('stream' in message) for (const chunk of message.chunks) printed[message.stream].write(chunk);
  });
  // It can also end of what the code left running after its answer, when no event is in it.
  worker.on('error', (thrown: unknown) => onOutput(String(thrown)));
  worker.once('exit', () => {
    isAlive = false;
    for (const stream of Object.values(printed)) stream.end();
    onExit();
  });

  const send = (message: ToEnvironment): void => worker.postMessage(message);

  return {
    get isAlive() {
      return isAlive;
    },
    run(event, timeoutMs) {
      const started = { ...event, number: ++number };
      return new Promise((resolve) => {
        const end = (how: Ended): void => {
          clearTimeout(timer);
          worker.off('message', onMessage).off('error', onDeath).off('exit', onDeath);
          resolve(how);
        };
        const onMessage = (message: FromEnvironment): void => {
          if (!('finished' in message) || message.number !== started.number) return;
          const { result, error } = message.finished;
          end(error === undefined ? { result } : { error });
        };
        const onDeath = (): void => end('dead');
        const timer = setTimeout(() => end('timed out'), timeoutMs);
        worker.on('message', onMessage).on('error', onDeath).on('exit', onDeath);
        send(started);
        Atomics.store(running, 0, started.number);
        Atomics.notify(running, 0);
      });
    },
    freeze() {
      const frozen = number;
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          worker.off('message', onMessage).off('exit', end);
          resolve();
        };
        const onMessage = (message: FromEnvironment): void => {
          if ('frozen' in message && message.frozen === frozen) end();
        };
        const timer = setTimeout(() => void worker.terminate(), COMES_TO_REST_MS);
        worker.on('message', onMessage).on('exit', end);
        send({ freeze: frozen });
      });
    },
    async kill() {
      await worker.terminate();
    },
  };
}

function workerFile(): URL {
  const { folder, extension } = loadedCode();
  return new URL(`src/local/lambda-worker${extension}`, folder);
}

/** Gives what is written line by line, and what is left of it at the end. */
function lines(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return {
    write(chunk: string | Uint8Array): void {
      const all = (rest + (typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)))).split('\n');
      rest = all.pop() ?? '';
      for (const line of all) onLine(line);
    },
    end(): void {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
