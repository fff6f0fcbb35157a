import { AuthorizeCacheSecurityGroupIngressCommand, type ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { ClassicGrant } from '../policy/grant.ts';
import { meaningOf } from './api-errors.ts';

/** What came of an authorization that did not fail. */
export interface Authorization {
  readonly result: 'restored' | 'already-there';
  readonly requestId: string | undefined;
}

/**
 * Makes a grant again with AuthorizeCacheSecurityGroupIngress, idempotently: one that is there is `already-there`.
 *
 * @throws whatever else the API answers, after the SDK's retries.
 */
export async function authorizeIngress(
  client: ElastiCacheClient,
  { target, source }: ClassicGrant,
): Promise<Authorization> {
  try {
    const { $metadata } = await client.send(
      new AuthorizeCacheSecurityGroupIngressCommand({
        CacheSecurityGroupName: target.cacheSecurityGroupName,
        EC2SecurityGroupName: source.ec2SecurityGroupName,
        EC2SecurityGroupOwnerId: source.ec2SecurityGroupOwnerId,
      }),
    );
    return { result: 'restored', requestId: $metadata.requestId };
  } catch (error) {
    if (meaningOf(error) !== 'grant-exists') throw error;
    return { result: 'already-there', requestId: undefined };
  }
}
