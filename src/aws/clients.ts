import type { MiddlewareStack } from '@smithy/types';

/** Runs one try of a call to the API, perhaps later. */
export type AroundEachTry = <Answer>(operation: string, tryOnce: () => Promise<Answer>) => Promise<Answer>;

/** The part of a client of the SDK that is used here. */
interface SdkClient<Input extends object, Output extends object> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

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
 * Gives the client of a region; the same one each time, so that connections and the rate that was learnt are kept.
 *
 * @param aroundEachTry makes what goes around each try of a region's calls, retries included: to count or to slow down.
 */
export function clientsByRegion<Input extends object, Output extends object, Client extends SdkClient<Input, Output>>(
  makeClient: (region: string) => Client & SdkClient<Input, Output>,
  aroundEachTry?: (region: string) => AroundEachTry,
): (region: string) => Client {
  const clients = new Map<string, Client>();
  return (region) => {
    const known = clients.get(region);
    if (known !== undefined) return known;
    const client = makeClient(region);
    // It copies each question and answer for a log, whether there is one or not.
    client.middlewareStack.remove('loggerMiddleware');
    if (aroundEachTry !== undefined) wrapTries(client, aroundEachTry(region));
    clients.set(region, client);
    return client;
  };
}

function wrapTries<Input extends object, Output extends object>(
  client: SdkClient<Input, Output>,
  around: AroundEachTry,
): void {
  client.middlewareStack.add(
    (next, context) => (request) => around(String(context.commandName).replace(/Command$/, ''), () => next(request)),
    // Inside the retries, which are made in the step before.
    { step: 'deserialize', priority: 'low', name: 'aroundEachTry' },
  );
}
