import type { Place } from '../place.ts';
import { describeNamedSource, type VpcSource } from './source.ts';

/** A source may reach one cache, whatever lets it: what the policy looks at, and all that a question must tell. */
export interface VpcAccess extends Place {
  readonly kind: 'vpc';
  readonly target: ReachedCache;
  readonly source: VpcSource;
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

/** A source may reach one cache, because of one ingress rule of a security group that guards it. */
export interface VpcGrant extends VpcAccess {
  readonly target: VpcTarget;
}

/** A cache, and the security group rule that opens it. */
export interface VpcTarget extends ReachedCache {
  readonly securityGroupId: string;
  readonly securityGroupRuleId: string;
}

/** Without its place, for a person: `sessions:6379 <- 0.0.0.0/0 by sgr-0f of sg-0a`. Without the rule if it names none. */
export function describeVpcAccess({ target, source }: VpcAccess): string {
  const { cacheName, ports, ...rule }: ReachedCache & Partial<VpcTarget> = target;
  const by = rule.securityGroupRuleId && ` by ${rule.securityGroupRuleId} of ${rule.securityGroupId}`;
  return `${cacheName}:${ports.join(',')} <- ${describeNamedSource(source)}${by ?? ''}`;
}
