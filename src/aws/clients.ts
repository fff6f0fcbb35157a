import { type HandlerExecutionContext, SMITHY_CONTEXT_KEY } from '@smithy/types';
import { type AnsweredWith, operationOf, requireAnswers, type SdkClient } from './answers.ts';
import { endedBy } from './ended-by.ts';

/** Runs one try of a call to the API, perhaps later. */
export type AroundEachTry = <Answer>(operation: string, tryOnce: () => Promise<Answer>) => Promise<Answer>;

/**
 * How every client of ours calls AWS. Throttling, 5xx and broken connections are retried by the SDK's adaptive mode, which
 * also slows its own rate down when AWS throttles.
 */
export const RETRYING = {
  retryMode: 'adaptive',
  maxAttempts: 6,
  // The SDK waits forever by default; a Lambda that does is killed without a word about why. The second of the three ends when an
  // answer begins, and the third ends one that does not go on.
  requestHandler: {
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    socketTimeout: 5_000,
    throwOnRequestTimeout: true,
  },
} as const;

/**
 * Makes a client of the SDK ours.
 *
 * @param answeredWith what it calls: see `requireAnswers`.
 * @param aroundEachTry what goes around each try of its calls, retries included: to count or to slow down.
 */
export function prepareClient<Input extends object, Output extends object, Client extends SdkClient<Input, Output>>(
  client: Client & SdkClient<Input, Output>,
  answeredWith: AnsweredWith,
  aroundEachTry?: AroundEachTry,
): Client {
  // It copies each question and answer for a log, whether there is one or not.
  client.middlewareStack.remove('loggerMiddleware');
  requireAnswers(client, answeredWith);
  client.middlewareStack.add(
    (next, context) => (call) => endedBy(signalOf(context), () => next(call)),
    // Around all that waits: for credentials, which a role in another account may have to give, the SDK waits however long it takes.
    { step: 'initialize', priority: 'high', name: 'endByItsSignal' },
  );
  client.middlewareStack.add(
    (next, { clientName = '' }) =>
      (call) =>
        next(call).catch((error: unknown) => {
          throw explainSetup(error) ?? explainSilence(error, clientName) ?? error;
        }),
    // Around all that looks for a region and for credentials.
    { step: 'initialize', priority: 'high', name: 'explainSetup' },
  );
  if (aroundEachTry !== undefined) {
    client.middlewareStack.add(
      (next, context) => (request) => aroundEachTry(operationOf(context), () => next(request)),
      // Inside the retries. What a command adds there is further inside: its look at the clock comes after this wait.
      { step: 'finalizeRequest', priority: 'low', name: 'aroundEachTry' },
    );
  }
  return client;
}

/** The signal that a call was given; the SDK keeps it there for its retries. */
function signalOf(context: HandlerExecutionContext): AbortSignal | undefined {
  return (context[SMITHY_CONTEXT_KEY] as { readonly abortSignal?: AbortSignal } | undefined)?.abortSignal;
}

/** What keeps the SDK from making any call, and what to do; `undefined` of any other error. */
function explainSetup(error: unknown): Error | undefined {
  const { name, message } = error as Error;
  if (name === 'CredentialsProviderError') {
    const why = message.startsWith('Could not load credentials')
      ? 'there are none: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
      : message;
    return new Error(`AWS credentials: ${why}`, { cause: error });
  }
  if (message === 'Region is missing') return new Error('no region: set AWS_REGION', { cause: error });
  if (message === 'Invalid URL') {
    return new Error('AWS_ENDPOINT_URL is no URL: write http://127.0.0.1:4566, or unset it', { cause: error });
  }
  return explainConnection(error as FromNode);
}

/** What the SDK throws when its own time limits end a try, which it says in words of its HTTP handler. Our deadlines are DOMExceptions. */
function explainSilence(error: unknown, clientName: string): Error | undefined {
  const { name } = error as Error;
  if (name !== 'TimeoutError' || error instanceof DOMException) return undefined;
  const service = clientName.replace(/Client$/, '');
  const message = `${service} did not answer in time: check the network, proxies and AWS_ENDPOINT_URL`;
  return Object.assign(new Error(message, { cause: error }), { name });
}

/** An error of Node's sockets. One of several addresses that were tried has its place in the first of `errors`. */
interface FromNode extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly errors?: readonly FromNode[];
}

const NO_CONNECTION = ['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EPIPE'];

function explainConnection(error: FromNode): Error | undefined {
  const { code = '', hostname, address, port } = error.errors?.[0] ?? error;
  if (!NO_CONNECTION.includes(code)) return undefined;
  const place = hostname ?? (address === undefined ? 'AWS' : `${address}:${port}`);
  const toDo = 'check the network, proxies and AWS_ENDPOINT_URL';
  return Object.assign(new Error(`no connection to ${place} (${code}): ${toDo}`, { cause: error }), { code });
}
