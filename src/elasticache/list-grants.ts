import { type ElastiCacheClient, paginateDescribeCacheSecurityGroups } from '@aws-sdk/client-elasticache';
import { quote, type ReadGrant, readGrant, type WrittenGrant } from '../policy/grant.ts';

/** A grant as ElastiCache lists it, or why it cannot be read. */
export type ListedGrant = ReadGrant & {
  /** `authorizing`, `authorized` or `revoking`. */
  readonly status: string;
  /** Of one that cannot be read: which it is, as far as it is known. */
  readonly what?: string;
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
      EC2SecurityGroups.map(({ Status = '', EC2SecurityGroupName, EC2SecurityGroupOwnerId }) =>
        toListedGrant(Status, {
          account: OwnerId,
          region,
          cacheSecurityGroupName: CacheSecurityGroupName,
          ec2SecurityGroupName: EC2SecurityGroupName,
          ec2SecurityGroupOwnerId: EC2SecurityGroupOwnerId,
        }),
      ),
    );
    yield { cacheSecurityGroups: CacheSecurityGroups.length, grants };
  }
}

function toListedGrant(status: string, written: WrittenGrant): ListedGrant {
  const read = readGrant(written);
  if (read.grant !== undefined) return { status, grant: read.grant };
  const { cacheSecurityGroupName, ec2SecurityGroupName, ec2SecurityGroupOwnerId } = written;
  const from = `EC2 security group ${quote(ec2SecurityGroupName)} of ${quote(ec2SecurityGroupOwnerId)}`;
  return { status, problems: read.problems, what: `cache security group ${quote(cacheSecurityGroupName)} <- ${from}` };
}
