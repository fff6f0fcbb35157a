import { ElastiCacheClient, type ElastiCacheClientConfig } from '@aws-sdk/client-elasticache';
import { type AroundEachTry, clientsByRegion, RETRYING } from '../aws/clients.ts';

export type ClientForRegion = (region: string) => ElastiCacheClient;

/** ElastiCache clients, made once per region. See `clientsByRegion`. */
export function elastiCacheClients(
  config: ElastiCacheClientConfig = {},
  aroundEachTry?: (region: string) => AroundEachTry,
): ClientForRegion {
  return clientsByRegion((region) => new ElastiCacheClient({ region, ...RETRYING, ...config }), aroundEachTry);
}
