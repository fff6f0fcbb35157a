import { printable, quote } from '../policy/quote.ts';
import type { ListedCache } from '../policy/vpc/security-group-rule.ts';
import type { CacheOfElastiCache } from './elasticache/list-caches.ts';

/**
 * Every cache of a place with its security groups. A cluster for which no one named any is guarded by its VPC's default group, and
 * DescribeCacheClusters lists none (seen in public reports): then the network interfaces of its nodes say which. They are asked for
 * once, for all such clusters.
 *
 * If they say nothing, `unknownGroups` says why, and what to do. So it does for a serverless cache of which ElastiCache lists no
 * group: nothing that EC2 says of a VPC endpoint names its cache.
 *
 * @param readNodeGroups the groups of each cluster by its id, as its network interfaces have them.
 * @throws what `list` throws, and nothing else.
 */
export async function listGuardedCaches(
  list: () => Promise<readonly CacheOfElastiCache[]>,
  readNodeGroups: () => Promise<ReadonlyMap<string, readonly string[]>>,
): Promise<ListedCache[]> {
  const listed = await list();
  const found = listed.some(({ unlisted }) => unlisted?.kind === 'cluster') ? await askFor(readNodeGroups) : NONE_FOUND;
  return listed.map(({ unlisted, ...cache }) => {
    if (unlisted === undefined) return cache;
    if (unlisted.kind === 'serverless')
      return { ...cache, unknownGroups: unknown('it', NO_ENDPOINT, 'serverless-cache') };
    const { clusterId } = unlisted;
    const securityGroupIds = found.groups.get(clusterId);
    if (securityGroupIds === undefined) return { ...cache, unknownGroups: explain(cache.cacheName, clusterId, found) };
    const { unknownGroups, ...known } = cache;
    return { ...known, securityGroupIds };
  });
}

interface Found {
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly error?: unknown;
}

const NONE_FOUND: Found = { groups: new Map() };

/** One cluster whose groups are not known must not keep all the others from being judged. */
async function askFor(readNodeGroups: () => Promise<Found['groups']>): Promise<Found> {
  try {
    return { groups: await readNodeGroups() };
  } catch (error) {
    return { groups: new Map(), error };
  }
}

const NO_ENDPOINT = 'EC2 does not say which VPC endpoint is its own';

function explain(cacheName: string, clusterId: string, { error }: Found): string {
  // A replication group's name is not that of the cluster that is meant.
  const whom = cacheName === clusterId ? 'it' : `its cluster ${quote(clusterId)}`;
  if (error === undefined) {
    const none = `EC2 shows no network interface of ElastiCache's that is described as ${quote(`ElastiCache ${clusterId}`)}`;
    return unknown(whom, none, 'cache-cluster');
  }
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `${guardIsNotKnown(whom)}, and its network interfaces could not be read (${printable(why, 200)}). Allow ec2:DescribeNetworkInterfaces`;
}

function unknown(whom: string, why: string, kind: string): string {
  return `${guardIsNotKnown(whom)}, and ${why}. Name its security groups: aws elasticache modify-${kind} --security-group-ids`;
}

function guardIsNotKnown(whom: string): string {
  return `which security groups guard ${whom} is not known: ElastiCache lists none`;
}
