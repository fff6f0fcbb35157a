import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

// Runs in a worker thread: one environment of Lambda.

/** What the environment is told of an event. */
export interface Started {
  readonly event: unknown;
  readonly requestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly deadline: number;
}

/** What it answers. */
export interface Finished {
  readonly result?: unknown;
  readonly error?: { readonly name: string; readonly message: string };
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

const { file, exportName } = workerData as { file: string; exportName: string };
const loading: Promise<Record<string, Handler>> = import(pathToFileURL(file).href);
// Told to whoever invokes, below; without this, the process would end of it first.
loading.catch(() => {});

parentPort?.on('message', async (started: Started) => {
  parentPort?.postMessage(await run(started));
});

async function run({ event, requestId, functionName, functionArn, deadline }: Started): Promise<Finished> {
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
