import { DescribeCacheSecurityGroupsCommand, type ElastiCacheClient } from '@aws-sdk/client-elasticache';
import type { ClassicGrant } from '../../policy/classic/grant.ts';
import { quote } from '../../policy/quote.ts';
import { meaningOf } from './api-errors.ts';

/**
 * What ElastiCache says of one grant now: `authorizing`, `authorized` or `revoking`; `undefined` if it is not there, or
 * its cache security group is not.
 *
 * @throws whatever else the API answers, after the SDK's retries.
 */
export async function readGrantStatus(
  client: ElastiCacheClient,
  { target, source }: ClassicGrant,
  abortSignal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const { CacheSecurityGroups } = await client.send(
      new DescribeCacheSecurityGroupsCommand({ CacheSecurityGroupName: target.cacheSecurityGroupName }),
      { ...(abortSignal && { abortSignal }) },
    );
    return CacheSecurityGroups?.flatMap(({ CacheSecurityGroupName, EC2SecurityGroups }) => {
      if (EC2SecurityGroups !== undefined) return EC2SecurityGroups;
      throw new Error(
        `ElastiCache does not say which EC2 security groups ${quote(CacheSecurityGroupName)} allows access from`,
      );
    }).find(
      (ec2) =>
        ec2.EC2SecurityGroupName === source.ec2SecurityGroupName &&
        ec2.EC2SecurityGroupOwnerId === source.ec2SecurityGroupOwnerId,
    )?.Status;
  } catch (error) {
    if (meaningOf(error) === 'grant-not-found') return undefined;
    throw error;
  }
}
