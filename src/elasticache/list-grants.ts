import { type ElastiCacheClient, paginateDescribeCacheSecurityGroups } from '@aws-sdk/client-elasticache';
import { type ReadGrant, readGrant } from '../policy/grant.ts';

/** A grant as ElastiCache lists it, or why it cannot be read. */
export type ListedGrant = ReadGrant & {
  /** `authorizing`, `authorized` or `revoking`. */
  readonly status: string;
};

/** One page of cache security groups: how many, and every grant of them. */
export interface GrantPage {
  readonly cacheSecurityGroups: number;
  readonly grants: readonly ListedGrant[];
}

/**
 * Lists every grant of a region with DescribeCacheSecurityGroups, page by page.
 *
 * @throws what the API answers, after the SDK's retries; `meaningOf` tells an account without EC2-Classic.
 */
export async function* listGrants(client: ElastiCacheClient, abortSignal?: AbortSignal): AsyncGenerator<GrantPage> {
  const region = await client.config.region();
  const pages = paginateDescribeCacheSecurityGroups(
    { client, pageSize: 100 },
    {},
    ...(abortSignal ? [{ abortSignal }] : []),
  );
  for await (const { CacheSecurityGroups = [] } of pages) {
    const grants = CacheSecurityGroups.flatMap(({ OwnerId, CacheSecurityGroupName, EC2SecurityGroups = [] }) =>
      EC2SecurityGroups.map(({ Status = '', EC2SecurityGroupName, EC2SecurityGroupOwnerId }) => ({
        status: Status,
        ...readGrant({
          account: OwnerId,
          region,
          cacheSecurityGroupName: CacheSecurityGroupName,
          ec2SecurityGroupName: EC2SecurityGroupName,
          ec2SecurityGroupOwnerId: EC2SecurityGroupOwnerId,
        }),
      })),
    );
    yield { cacheSecurityGroups: CacheSecurityGroups.length, grants };
  }
}
