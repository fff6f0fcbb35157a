import { AuthorizeCacheSecurityGroupIngressCommand, type ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { ClassicGrant } from '../../policy/classic/grant.ts';
import type { Authorization } from '../authorization.ts';
import { meaningOf } from './api-errors.ts';

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
