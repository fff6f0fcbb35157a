import { type ElastiCacheClient, paginateDescribeCacheSecurityGroups } from '@aws-sdk/client-elasticache';
import { type ClassicGrant, readClassicGrant, type WrittenClassicGrant } from '../../policy/classic/grant.ts';
import { quote } from '../../policy/quote.ts';
import type { ReadGrant } from '../../policy/written.ts';
import { oneAhead, pagesToTheEnd } from '../pages.ts';
import { meaningOf } from './api-errors.ts';

/** A grant as ElastiCache lists it, or why it cannot be read. */
export type ListedGrant = ReadGrant<ClassicGrant> & {
  /** `authorizing`, `authorized` or `revoking`. */
  readonly status: string;
  /** Of one that cannot be read: which it is, as far as it is known. */
  readonly what?: string;
};

/** One page of cache security groups: how many, and every grant of them. */
export interface GrantPage {
  readonly cacheSecurityGroups: number;
  readonly grants: readonly ListedGrant[];
  /** The account has no EC2-Classic, and so no cache security groups. Nothing is wrong. */
  readonly hasNoEc2Classic?: true;
}

/**
 * Lists every grant of a region with DescribeCacheSecurityGroups, page by page. Of a group that is listed twice, as may be when groups are made
 * while pages are read, a grant is listed once, unless it changed in between.
 *
 * @throws what the API answers, after the SDK's retries. That the account has no EC2-Classic is an answer.
 */
export async function* listGrants(client: ElastiCacheClient, abortSignal?: AbortSignal): AsyncGenerator<GrantPage> {
  try {
    yield* listPages(client, abortSignal);
  } catch (error) {
    if (meaningOf(error) !== 'no-ec2-classic') throw error;
    yield { cacheSecurityGroups: 0, grants: [], hasNoEc2Classic: true };
  }
}

async function* listPages(client: ElastiCacheClient, abortSignal?: AbortSignal): AsyncGenerator<GrantPage> {
  const region = await client.config.region();
  const pages = paginateDescribeCacheSecurityGroups(
    { client, pageSize: 100 },
    {},
    ...(abortSignal ? [{ abortSignal }] : []),
  );
  const listed = new Map<string | undefined, readonly ListedGrant[]>();
  const [account, status, owner] = [asBefore(), asBefore(), asBefore()];
  for await (const groups of oneAhead(pagesToTheEnd(pages, 'CacheSecurityGroups', 'Marker'))) {
    const grants = groups.flatMap(({ OwnerId, CacheSecurityGroupName, EC2SecurityGroups }) => {
      if (EC2SecurityGroups === undefined) return withoutGrants(CacheSecurityGroupName);
      const its = EC2SecurityGroups.map(({ Status, EC2SecurityGroupName, EC2SecurityGroupOwnerId }) =>
        toListedGrant(status(Status) ?? '', {
          account: account(OwnerId),
          region,
          cacheSecurityGroupName: CacheSecurityGroupName,
          ec2SecurityGroupName: EC2SecurityGroupName,
          ec2SecurityGroupOwnerId: owner(EC2SecurityGroupOwnerId),
        }),
      );
      const before = new Set(listed.get(CacheSecurityGroupName)?.map((one) => JSON.stringify(one)));
      if (before.size === 0) listed.set(CacheSecurityGroupName, its);
      return before.size === 0 ? its : its.filter((one) => !before.has(JSON.stringify(one)));
    });
    yield { cacheSecurityGroups: groups.length, grants };
  }
}

/** Of one without grants ElastiCache lists an empty element. */
function withoutGrants(cacheSecurityGroupName: string | undefined): ListedGrant {
  const what = `cache security group ${quote(cacheSecurityGroupName)}`;
  return { status: '', problems: ['ElastiCache does not say which EC2 security groups it allows access from'], what };
}

function toListedGrant(status: string, written: WrittenClassicGrant): ListedGrant {
  const read = readClassicGrant(written);
  if (read.grant !== undefined) return { status, grant: read.grant };
  const { cacheSecurityGroupName, ec2SecurityGroupName, ec2SecurityGroupOwnerId } = written;
  const from = `EC2 security group ${quote(ec2SecurityGroupName)} of ${quote(ec2SecurityGroupOwnerId)}`;
  return { status, problems: read.problems, what: `cache security group ${quote(cacheSecurityGroupName)} <- ${from}` };
}

/**
 * Gives the text before if it is the same. Most grants of a region have one status and one owner; kept as often as they are
 * listed, these would be a fifth of what an audit keeps.
 */
function asBefore(): (text: string | undefined) => string | undefined {
  let before: string | undefined;
  return (text) => {
    if (text !== before) before = text;
    return before;
  };
}
