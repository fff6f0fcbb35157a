import { ElastiCacheClient, type ElastiCacheClientConfig } from '@aws-sdk/client-elasticache';

/** Gives the client of a region; the same one each time, so that connections and the rate that was learnt are kept. */
export type ClientForRegion = (region: string) => ElastiCacheClient;

/**
 * ElastiCache clients, made once per region. Throttling, 5xx and broken connections are retried by the SDK's adaptive
 * mode, which also slows its own rate down when AWS throttles.
 */
export function elastiCacheClients(config: ElastiCacheClientConfig = {}): ClientForRegion {
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
      clients.set(region, client);
    }
    return client;
  };
}
