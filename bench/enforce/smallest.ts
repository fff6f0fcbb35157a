// The smallest handler that makes one ElastiCache client.
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';

export const client = new ElastiCacheClient({});

export const handler = async (): Promise<string> => 'done';
