import { type ElastiCacheClient, RevokeCacheSecurityGroupIngressCommand } from '@aws-sdk/client-elasticache';
import { createWaiter, WaiterState } from '@smithy/core/client';
import type { ClassicGrant } from '../../policy/classic/grant.ts';
import { NoFinalAnswerError, type Revocation, requestIdOf, revokeInTime, type TimeToRevoke } from '../revocation.ts';
import { meaningOf } from './api-errors.ts';
import { readGrantStatus } from './read-grant-status.ts';

/**
 * Revokes one grant with RevokeCacheSecurityGroupIngress, idempotently: a grant or a cache security group that is not
 * there any more is `already-gone`. While ElastiCache answers InvalidCacheSecurityGroupState (the group is being
 * changed, for instance because the grant is still `authorizing`) it waits with jittered backoff and tries again.
 *
 * @param deadline by when it must have ended: the Lambda's own end, less what it takes to say so.
 * @throws whatever else the API answers, after the SDK's retries; NoFinalAnswerError once the deadline has passed,
 *   or if one of the tries had no answer: it may be revoked all the same.
 */
export async function revokeIngress(
  client: ElastiCacheClient,
  grant: ClassicGrant,
  deadline: Date,
): Promise<Revocation> {
  return await revokeInTime(deadline, 'ElastiCache', async (time) => {
    const { ms, abortSignal } = time;
    // The waiter refuses to wait for less than its shortest delay; with little time left, one try is still worth it.
    const minDelay = Math.min(0.2, ms / 2000);
    const waiting = { client, maxWaitTime: ms / 1000, minDelay, maxDelay: 5, abortSignal };
    let last: Revocation | 'busy' | undefined;
    // Not handed over as the waiter's reason: it would be written out for a history that no one reads.
    await createWaiter(waiting, grant, async () => {
      last = await tryToRevoke(client, grant, time);
      return { state: last === 'busy' ? WaiterState.RETRY : WaiterState.SUCCESS };
    });
    if (last !== undefined && last !== 'busy') return last;
    throw new NoFinalAnswerError(
      last === 'busy'
        ? `ElastiCache still answered InvalidCacheSecurityGroupState after ${ms} ms: something keeps changing the cache security group`
        : `ElastiCache gave no final answer within ${ms} ms`,
    );
  });
}

async function tryToRevoke(
  client: ElastiCacheClient,
  grant: ClassicGrant,
  { abortSignal, limit }: TimeToRevoke,
): Promise<Revocation | 'busy'> {
  const command = new RevokeCacheSecurityGroupIngressCommand({
    CacheSecurityGroupName: grant.target.cacheSecurityGroupName,
    EC2SecurityGroupName: grant.source.ec2SecurityGroupName,
    EC2SecurityGroupOwnerId: grant.source.ec2SecurityGroupOwnerId,
  });
  try {
    const { $metadata } = await client.send(limit(command), { abortSignal });
    return { result: 'revoked', requestId: $metadata.requestId };
  } catch (error) {
    const requestId = requestIdOf(error);
    switch (meaningOf(error)) {
      case 'grant-not-found':
        return { result: 'already-gone', requestId };
      case 'no-ec2-classic':
        return { result: 'not-applicable', requestId };
      case 'busy':
        return (await stillStands(client, grant, abortSignal)) ? 'busy' : { result: 'already-gone', requestId };
      default:
        throw error;
    }
  }
}

/** Whether the grant is listed, and not being revoked already. */
async function stillStands(client: ElastiCacheClient, grant: ClassicGrant, abortSignal: AbortSignal): Promise<boolean> {
  const status = await readGrantStatus(client, grant, abortSignal);
  return status !== undefined && status !== 'revoking';
}
