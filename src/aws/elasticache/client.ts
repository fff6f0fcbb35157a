import { ElastiCacheClient, type ElastiCacheClientConfig } from '@aws-sdk/client-elasticache';
import { type AroundEachTry, prepareClient, RETRYING } from '../clients.ts';

/** A client of ElastiCache that calls as `RETRYING` says. */
export function elastiCacheClient(config: ElastiCacheClientConfig, aroundEachTry?: AroundEachTry): ElastiCacheClient {
  return prepareClient(new ElastiCacheClient({ ...RETRYING, ...config }), ANSWERED_WITH, aroundEachTry);
}

const ANSWERED_WITH = {
  AuthorizeCacheSecurityGroupIngress: 'CacheSecurityGroup',
  DescribeCacheClusters: 'CacheClusters',
  DescribeCacheSecurityGroups: 'CacheSecurityGroups',
  DescribeServerlessCaches: 'ServerlessCaches',
  RevokeCacheSecurityGroupIngress: 'CacheSecurityGroup',
};
