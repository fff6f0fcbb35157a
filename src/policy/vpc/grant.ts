import type { Place } from '../place.ts';
import { type CacheSource, describeNamedSource, type InternetSource, type VpcSource } from './source.ts';

/** A source may reach one cache, by whatever rule: what the policy looks at, and all that a question must say. */
export interface VpcAccess extends Place {
  readonly kind: 'vpc';
  readonly target: ReachedCache;
  readonly source: CacheSource;
}

export interface ReachedCache {
  /** Of the replication group, if the cache belongs to one; else of the cluster or the serverless cache. In lower case. */
  readonly cacheName: string;
  /**
   * The own names of the clusters of a replication group, in lower case, sorted, each once, without `cacheName`. All of them
   * have the same data, so an allowlist rule that names any of them covers the cache. Not there if there are none.
   */
  readonly clusterNames?: readonly string[];
  /** Those ports of the cache that may be reached, in ascending order; never none. */
  readonly ports: readonly number[];
}

/** Every name of a cache: its replication group's and those of its clusters. */
export function namesOf({ cacheName, clusterNames = [] }: CacheNames): readonly string[] {
  return [cacheName, ...clusterNames];
}

export type CacheNames = Pick<ReachedCache, 'cacheName' | 'clusterNames'>;

/** A source may reach one cache: because of a security group rule, or of the cache's public endpoint. */
export type CacheGrant = VpcGrant | PublicEndpointGrant;

/** A source may reach one cache, because of one ingress rule of a security group that guards it. */
export interface VpcGrant extends VpcAccess {
  readonly target: VpcTarget;
  readonly source: VpcSource;
}

/** Anyone on the internet may reach one cache, because it has a public endpoint. No call of EC2's or ElastiCache's revokes that. */
export interface PublicEndpointGrant extends VpcAccess {
  readonly target: ReachedCache & { readonly securityGroupId?: never; readonly securityGroupRuleId?: never };
  readonly source: InternetSource;
}

/** Whether a grant is that of a public endpoint: then no rule makes it. */
export function isPublicEndpoint(grant: CacheGrant): grant is PublicEndpointGrant {
  return grant.source.kind === 'internet';
}

/** A cache, and the security group rule that opens it. */
export interface VpcTarget extends ReachedCache {
  readonly securityGroupId: string;
  readonly securityGroupRuleId: string;
}

/** Without its place, for a person: `sessions:6379 <- 0.0.0.0/0 by sgr-0f of sg-0a`. Without the rule if it names none. */
export function describeVpcAccess({ target, source }: VpcAccess): string {
  const { cacheName, ports, ...rule }: ReachedCache & Partial<VpcTarget> = target;
  const reached = `${cacheName}:${ports.join(',')} <- ${describeNamedSource(source)}`;
  if (source.kind === 'internet') return `${reached} by its public endpoint`;
  return rule.securityGroupRuleId === undefined
    ? reached
    : `${reached} by ${rule.securityGroupRuleId} of ${rule.securityGroupId}`;
}
