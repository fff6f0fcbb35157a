import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

// Runs in a worker thread: one environment of Lambda.

/** What an environment is started with. */
export interface WorkerData {
  readonly file: string;
  readonly exportName: string;
  /** The number of the invocation that may run, shared with the invoker. */
  readonly running: Int32Array;
}

/** What the environment is given about an event. */
export interface Started {
  /** Counts the invocations of this environment. */
  readonly number: number;
  readonly event: unknown;
  readonly requestId: string;
  readonly traceId: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly deadline: number;
}

/** An event, or that the time of an invocation is up. */
export type ToEnvironment = Started | { readonly freeze: number };

/** What it answers. */
export interface Finished {
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}

/** The answer to an event, what the code printed, or that the environment does nothing from now on. */
export type FromEnvironment =
  | { readonly finished: Finished; readonly number: number }
  | { readonly stream: 'stdout' | 'stderr'; readonly chunks: readonly (string | Uint8Array)[] }
  | { readonly frozen: number };

type Handler = (event: unknown, context: object) => Promise<unknown>;

const port = parentPort as MessagePort;
const { file, exportName, running } = workerData as WorkerData;

// Each write leaves at once. By itself, a worker's stream waits until the one before was taken, and loses the rest when it is ended.
for (const stream of ['stdout', 'stderr'] as const) {
  const _writev = (written: readonly { readonly chunk: string | Uint8Array }[], done: () => void): void => {
    post({ stream, chunks: written.map(({ chunk }) => chunk) });
    done();
  };
  Object.assign(process[stream], { _writev });
}

const loading: Promise<Record<string, Handler>> = import(pathToFileURL(file).href);
// Reported to the invoker, below; without this, the process would end of it first.
loading.catch(() => {});

port.on('message', async (message: ToEnvironment) => {
  if ('freeze' in message) return freeze(message.freeze);
  // What was left behind goes on first, as far as its time has come.
  await nextTurn();
  await nextTurn();
  post({ finished: await run(message), number: message.number });
  freeze(message.number);
});

/** Stops the whole thread, its timers and sockets with it, until another invocation than this one may run. */
function freeze(number: number): void {
  if (Atomics.load(running, 0) !== number) return;
  post({ frozen: number });
  Atomics.wait(running, 0, number);
}

function post(message: FromEnvironment): void {
  port.postMessage(message);
}

async function run({ event, requestId, traceId, functionName, functionArn, deadline }: Started): Promise<Finished> {
  process.env._X_AMZN_TRACE_ID = traceId;
  try {
    const handler = (await loading)[exportName];
    if (handler === undefined) throw new Error(`${file} exports no ${exportName}`);
    const result = await handler(event, {
      awsRequestId: requestId,
      functionName,
      functionVersion: '$LATEST',
      invokedFunctionArn: functionArn,
      memoryLimitInMB: '256',
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    // As JSON, because that is all that leaves a Lambda.
    return { result: result === undefined ? null : JSON.parse(JSON.stringify(result)) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { error: { name, message } };
  }
}
