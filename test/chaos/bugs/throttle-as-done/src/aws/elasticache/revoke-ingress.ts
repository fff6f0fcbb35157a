import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import * as right from '../../../../../../../src/aws/elasticache/revoke-ingress.ts';

export * from '../../../../../../../src/aws/elasticache/revoke-ingress.ts';

/** Tries once, and takes Throttling for an answer. */
export const revokeIngress: typeof right.revokeIngress = async (_client, grant, deadline) => {
  const client = new ElastiCacheClient({ region: grant.region, maxAttempts: 1 });
  try {
    return await right.revokeIngress(client, grant, deadline);
  } catch (error) {
    if ((error as Error).name !== 'Throttling') throw error;
    return { result: 'already-gone', requestId: undefined };
  } finally {
    client.destroy();
  }
};
