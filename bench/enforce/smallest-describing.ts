// The smallest handler that asks which caches there are.
import {
  DescribeCacheClustersCommand,
  DescribeServerlessCachesCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';

const client = new ElastiCacheClient({});

export const handler = () =>
  Promise.all([
    client.send(new DescribeCacheClustersCommand({ ShowCacheNodeInfo: true })),
    client.send(new DescribeServerlessCachesCommand({})),
  ]);
