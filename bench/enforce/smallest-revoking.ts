// The smallest handler that revokes.
import {
  ElastiCacheClient,
  RevokeCacheSecurityGroupIngressCommand,
  type RevokeCacheSecurityGroupIngressMessage,
} from '@aws-sdk/client-elasticache';

const client = new ElastiCacheClient({});

export const handler = (event: RevokeCacheSecurityGroupIngressMessage) =>
  client.send(new RevokeCacheSecurityGroupIngressCommand(event));
