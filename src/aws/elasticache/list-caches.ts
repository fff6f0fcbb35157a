import {
  type CacheCluster,
  type ElastiCacheClient,
  type Endpoint,
  paginateDescribeCacheClusters,
  paginateDescribeServerlessCaches,
  type ServerlessCache,
} from '@aws-sdk/client-elasticache';
import { quote } from '../../policy/quote.ts';
import { isCacheName, isPort, isSecurityGroupId } from '../../policy/vpc/names.ts';
import type { ListedCache } from '../../policy/vpc/security-group-rule.ts';
import { problemOf } from '../../policy/written.ts';
import { pagesToTheEnd } from '../pages.ts';
import { meaningOf } from './api-errors.ts';

/**
 * What a cache is called that has nothing to connect to: it is not there yet, not there any more, or never will be. All but
 * `create-failed` are in AWS's documentation of a cluster's status (CacheCluster in the API reference), that in the one of a
 * serverless cache.
 */
const SILENT = ['creating', 'create-failed', 'restore-failed', 'incompatible-network', 'deleting', 'deleted'];

/** The port of a cache for which none was chosen, by the engine's name (Amazon ElastiCache User Guide, "port"). */
const DEFAULT_PORTS: Readonly<Record<string, readonly number[]>> = {
  memcached: [11211],
  redis: [6379],
  valkey: [6379],
};

/** A cache as ElastiCache alone lists it. */
export interface CacheOfElastiCache extends ListedCache {
  /**
   * Of one of which no security group is listed, though some guard it. A cluster's id is in lower case: EC2 describes the network
   * interfaces of its nodes by it.
   */
  readonly unlisted?: { readonly kind: 'cluster'; readonly clusterId: string } | { readonly kind: 'serverless' };
}

/**
 * Lists every cluster of a region, members of replication groups included, and every serverless cache, with
 * DescribeCacheClusters and DescribeServerlessCaches.
 *
 * Ports are those of the endpoints that ElastiCache shows, since any can have been chosen. All security groups count, in
 * whatever state: one that is being taken away still gives access.
 *
 * @throws what the API answers, after the SDK's retries; but an endpoint that does not know serverless caches has none.
 */
export async function listCaches(client: ElastiCacheClient, abortSignal?: AbortSignal): Promise<CacheOfElastiCache[]> {
  const [clusters, serverless] = await Promise.all([
    listClusters(client, abortSignal),
    listServerlessCaches(client, abortSignal),
  ]);
  return [...clusters.map(readCluster), ...serverless.map(readServerlessCache)];
}

async function listClusters(client: ElastiCacheClient, abortSignal?: AbortSignal): Promise<CacheCluster[]> {
  const found: CacheCluster[] = [];
  const paging = { client, pageSize: 100 };
  const pages = paginateDescribeCacheClusters(paging, { ShowCacheNodeInfo: true }, { abortSignal });
  for await (const clusters of pagesToTheEnd(pages, 'CacheClusters', 'Marker')) found.push(...clusters);
  return found;
}

async function listServerlessCaches(client: ElastiCacheClient, abortSignal?: AbortSignal): Promise<ServerlessCache[]> {
  const found: ServerlessCache[] = [];
  try {
    const pages = paginateDescribeServerlessCaches({ client }, {}, { abortSignal });
    for await (const caches of pagesToTheEnd(pages, 'ServerlessCaches', 'NextToken')) found.push(...caches);
  } catch (error) {
    if (meaningOf(error) !== 'unknown-operation') throw error;
  }
  return found;
}

function readCluster(cluster: CacheCluster): CacheOfElastiCache {
  const {
    CacheClusterId,
    ReplicationGroupId,
    CacheClusterStatus,
    Engine,
    SecurityGroups = [],
    CacheNodes = [],
  } = cluster;
  const endpoints = [cluster.ConfigurationEndpoint, ...CacheNodes.map(({ Endpoint }) => Endpoint)];
  const securityGroupIds = SecurityGroups.map(({ SecurityGroupId }) => SecurityGroupId);
  // An empty element is as good as none.
  const kind = { status: CacheClusterStatus, engine: Engine };
  const read = readCache(ReplicationGroupId || CacheClusterId, kind, securityGroupIds, endpoints);
  const clusterName = CacheClusterId !== undefined && isCacheName(CacheClusterId) && CacheClusterId.toLowerCase();
  const cache = clusterName && clusterName !== read.cacheName ? { ...read, clusterName } : read;
  if (SecurityGroups.length > 0 || isOutsideOfVpc(cluster) || !canBeReached(cache)) return cache;
  return {
    ...cache,
    unknownGroups: NONE_LISTED,
    unlisted: { kind: 'cluster', clusterId: CacheClusterId?.toLowerCase() ?? '' },
  };
}

const NONE_LISTED = 'ElastiCache lists no security group of it';

/** Cache security groups guard it: a cluster in a VPC has a cache subnet group. */
function isOutsideOfVpc({ CacheSubnetGroupName, CacheSecurityGroups = [] }: CacheCluster): boolean {
  return !CacheSubnetGroupName && CacheSecurityGroups.some(({ CacheSecurityGroupName }) => CacheSecurityGroupName);
}

/** Whether it listens, or will, or ElastiCache does not say. */
function canBeReached({ ports, likelyPorts, problem }: ListedCache): boolean {
  return ports.length > 0 || likelyPorts !== undefined || problem !== undefined;
}

function readServerlessCache(listed: ServerlessCache): CacheOfElastiCache {
  const { ServerlessCacheName, Status, Engine, SecurityGroupIds = [], Endpoint, ReaderEndpoint } = listed;
  const kind = { status: Status, engine: Engine };
  const cache = readCache(ServerlessCacheName, kind, SecurityGroupIds, [Endpoint, ReaderEndpoint]);
  const isPublic = [Endpoint, ReaderEndpoint].some((endpoint) => PUBLIC.test(endpoint?.Address ?? ''));
  if (isPublic) return { ...cache, isPublic };
  if (SecurityGroupIds.length > 0 || !canBeReached(cache)) return cache;
  return { ...cache, unknownGroups: NONE_LISTED, unlisted: { kind: 'serverless' } };
}

/**
 * The address of a public endpoint: `open-x2e9hv.public.serverless.use1.cache.amazonaws.com`. No member of the SDK's answer says it
 * otherwise. A name of a cache has no dot, so none can look like one.
 */
const PUBLIC = /\.public\.serverless\./i;

function readCache(
  name: string | undefined,
  { status, engine }: { readonly status: string | undefined; readonly engine: string | undefined },
  securityGroupIds: readonly (string | undefined)[],
  endpoints: readonly (Endpoint | undefined)[],
): ListedCache {
  const ports = [...new Set(endpoints.map((endpoint) => endpoint?.Port).filter(isPort))].sort((a, b) => a - b);
  const isNamed = name !== undefined && isCacheName(name);
  const isId = (id: string | undefined): id is string => id !== undefined && isSecurityGroupId(id);
  const wrong = securityGroupIds.findIndex((id) => !isId(id));
  const wrongGroup =
    wrong < 0
      ? undefined
      : problemOf('the id of one of its security groups', securityGroupIds[wrong], 'the id of a security group');
  const problems = [
    ...(isNamed ? [] : [`its name, ${quote(name)}, is no name of a cache`]),
    ...(isNamed && ports.length === 0 && !SILENT.includes(status?.toLowerCase() ?? '')
      ? [`ElastiCache shows no port of it, and its status is ${quote(status)}`]
      : []),
    ...(wrongGroup === undefined ? [] : [wrongGroup]),
  ];
  return {
    cacheName: isNamed ? name.toLowerCase() : quote(name),
    securityGroupIds: [...new Set(securityGroupIds.filter(isId))],
    ports: isNamed ? ports : [],
    ...(isNamed && ports.length === 0 && isCreating(status) && { likelyPorts: defaultPortsOf(engine) }),
    ...(isNamed && ports.length === 0 && mayHaveListened(status) && { formerPorts: defaultPortsOf(engine) }),
    ...(wrongGroup !== undefined && { unknownGroups: wrongGroup }),
    ...(problems.length > 0 && { problem: problems.join('; ') }),
  };
}

function isCreating(status: string | undefined): boolean {
  return status?.toLowerCase() === 'creating';
}

/** What never came to be, or is gone, has no clients. What is being deleted may be made again in a minute, for the same ones. */
function mayHaveListened(status = ''): boolean {
  return status.toLowerCase() === 'deleting' || !SILENT.includes(status.toLowerCase());
}

/** Of an engine that is not known: any of those that are. */
function defaultPortsOf(engine = ''): readonly number[] {
  return DEFAULT_PORTS[engine.toLowerCase()] ?? [6379, 11211];
}
