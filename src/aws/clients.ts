import { type AnsweredWith, operationOf, requireAnswers, type SdkClient } from './answers.ts';

/** Runs one try of a call to the API, perhaps later. */
export type AroundEachTry = <Answer>(operation: string, tryOnce: () => Promise<Answer>) => Promise<Answer>;

/**
 * How every client of ours calls AWS. Throttling, 5xx and broken connections are retried by the SDK's adaptive mode, which
 * also slows its own rate down when AWS throttles.
 */
export const RETRYING = {
  retryMode: 'adaptive',
  maxAttempts: 6,
  // The SDK waits for ever by default; a Lambda that does is killed without a word about why.
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
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
  if (aroundEachTry !== undefined) {
    client.middlewareStack.add(
      (next, context) => (request) => aroundEachTry(operationOf(context), () => next(request)),
      // Inside the retries, which are made in the step before.
      { step: 'deserialize', priority: 'low', name: 'aroundEachTry' },
    );
  }
  return client;
}
