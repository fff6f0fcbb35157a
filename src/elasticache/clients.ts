import { ElastiCacheClient, type ElastiCacheClientConfig } from '@aws-sdk/client-elasticache';

/** Gives the client of a region; the same one each time, so that connections and the rate that was learnt are kept. */
export type ClientForRegion = (region: string) => ElastiCacheClient;

/** Runs one try of a call to the API, perhaps later. */
export type AroundEachTry = <Answer>(operation: string, tryOnce: () => Promise<Answer>) => Promise<Answer>;

/**
 * ElastiCache clients, made once per region. Throttling, 5xx and broken connections are retried by the SDK's adaptive
 * mode, which also slows its own rate down when AWS throttles.
 *
 * @param aroundEachTry makes what goes around each try of a region's calls, retries included: to count or to slow down.
 */
export function elastiCacheClients(
  config: ElastiCacheClientConfig = {},
  aroundEachTry?: (region: string) => AroundEachTry,
): ClientForRegion {
  const clients = new Map<string, ElastiCacheClient>();
  return (region) => {
    let client = clients.get(region);
    if (client === undefined) {
      client = new ElastiCacheClient({
        region,
        retryMode: 'adaptive',
        maxAttempts: 6,
        // The SDK waits for ever by default; a Lambda that does is killed without a word about why.
        requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
        ...config,
      });
      // It copies each question and answer for a log, whether there is one or not.
      client.middlewareStack.remove('loggerMiddleware');
      if (aroundEachTry !== undefined) wrapTries(client, aroundEachTry(region));
      clients.set(region, client);
    }
    return client;
  };
}

function wrapTries(client: ElastiCacheClient, around: AroundEachTry): void {
  client.middlewareStack.add(
    (next, context) => (request) => around(String(context.commandName).replace(/Command$/, ''), () => next(request)),
    // Inside the retries, which are made in the step before.
    { step: 'deserialize', priority: 'low', name: 'aroundEachTry' },
  );
}
