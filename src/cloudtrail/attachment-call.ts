import { isCacheName, isPort, isSecurityGroupId } from '../policy/vpc/names.ts';
import { problemOf } from '../policy/written.ts';
import { agreed, type CloudTrailRecord } from './delivered-record.ts';
import { isLeftOut, itemsOf, listAt, valuesAt, withWrapped } from './json-members.ts';

/** What a call to ElastiCache says of a cache and the security groups that guard it from now on. */
export interface AttachmentCall {
  /** In lower case; else as it is written there. */
  readonly cacheName: unknown;
  /** Empty if the call does not say which. */
  readonly securityGroupIds: readonly string[];
  /** The port that the call chose, if it chose one. */
  readonly port?: number;
  /** Whether the call gives the cache a public endpoint. */
  readonly isPublic?: true;
}

/** Where a call has the name of a cache of each kind, and in what its answer may be wrapped. */
const KINDS = {
  CacheCluster: { name: 'cacheClusterId', wrapped: 'cacheCluster' },
  ReplicationGroup: { name: 'replicationGroupId', wrapped: 'replicationGroup' },
  ServerlessCache: { name: 'serverlessCacheName', wrapped: 'serverlessCache' },
} as const;

type CacheKind = keyof typeof KINDS;
export const CACHE_KINDS = Object.keys(KINDS) as readonly CacheKind[];

/** What a call does: create a cache of a kind, or change one. */
export interface Attaching {
  readonly kind: CacheKind;
  readonly creates: boolean;
}

/**
 * Reads CreateCacheCluster, ModifyCacheCluster and their like. Their records are inferred from the API and from those of
 * sibling calls.
 *
 * @param problems is added to.
 * @returns `ignored` with the reason if it changed a cache, and neither its security groups nor how it is connected.
 */
export function readAttachmentCall(
  { requestParameters, responseElements }: CloudTrailRecord,
  { creates, kind }: Attaching,
  problems: string[],
): AttachmentCall | { readonly ignored: string } {
  const { name, wrapped } = KINDS[kind];
  const answered = withWrapped(responseElements, wrapped);
  const said = [requestParameters, ...answered];
  const asked = listAt([requestParameters], 'securityGroupIds');
  // The answer to a change lists the groups that were there before, too: only the request says that it changed them, and to
  // which. Who waits for one that the change took away waits in vain.
  const isAllAsked = !creates && !isLeftOut(requestParameters);
  // In whatever case: no record was seen. Another connection type may change the security groups.
  const connectionTypes = said
    .flatMap((one) => valuesAt(one, 'connectionType'))
    .map((type) => String(type).toLowerCase());
  const isPublic = connectionTypes.includes('public');
  if (isAllAsked && asked.length === 0 && connectionTypes.length === 0) return { ignored: 'names no security group' };
  const cacheName = agreed(problems, name, namesAt(said, name));
  // A cluster of a replication group is no separate cache.
  const replicationGroupId =
    kind === 'CacheCluster' && agreed(problems, 'replicationGroupId', namesAt(said, 'replicationGroupId'));
  const port = valuesAt(requestParameters, 'port').find(isPort);
  return {
    ...(port !== undefined && { port }),
    ...(isPublic && { isPublic }),
    cacheName: replicationGroupId || cacheName,
    securityGroupIds: readSecurityGroupIds(
      isAllAsked ? asked : [...asked, ...listAt(answered, 'securityGroups', 'securityGroupIds')],
      problems,
    ),
  };
}

/** ElastiCache stores names in lower case, and the request has them as the caller typed them. What is no name stays. */
function namesAt(said: readonly unknown[], name: string): unknown[] {
  return said
    .flatMap((one) => valuesAt(one, name))
    .map((value) => (typeof value === 'string' && isCacheName(value) ? value.toLowerCase() : value));
}

/** Each once. A group is written as its id, or as an object that holds it. */
function readSecurityGroupIds(written: readonly unknown[], problems: string[]): string[] {
  const ids = written.flatMap((one) => {
    const inside = valuesAt(one, 'securityGroupId').flatMap(itemsOf);
    return inside.length > 0 ? inside : [one];
  });
  const bad = ids.findIndex((id) => !(typeof id === 'string' && isSecurityGroupId(id)));
  if (bad >= 0) problems.push(problemOf('securityGroupIds', ids[bad], 'the id of a security group'));
  return [...new Set(ids as string[])];
}
