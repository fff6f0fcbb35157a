import type { ClassicGrant } from '../../policy/classic/grant.ts';
import type { SeenGrant } from '../../policy/finding.ts';
import type { Place } from '../../policy/place.ts';
import type { SecurityGroupRule } from '../../policy/vpc/security-group-rule.ts';
import type { DoubtfulCache } from '../cache-index.ts';

/** What makes grants, as AWS showed it. Never changes. */
export type Seen = Revocable | PublicEndpoint;

/** What one Revoke call can take away, with the grants that go with it. */
export type Revocable = RevocableGrant | RevocableRule;

/**
 * Names what can be revoked: `plan` says by it what is to be revoked, `act` answers by it. Made when it is asked for, because
 * most of what an audit sees is allowed, and never asked for.
 */
export function revocationIdOf(one: Seen): string {
  const { account, region } = one.place;
  if (one.kind === 'public') return JSON.stringify([account, region, 'public', one.cacheName]);
  if (one.kind === 'vpc') return JSON.stringify([account, region, one.rule.securityGroupRuleId]);
  const { target, source } = one.grant;
  return JSON.stringify([account, region, target, source]);
}

interface AnySeen {
  readonly place: Place;
  /** Whether any of its grants is denied: then it is, because a grant cannot be taken away without the others. */
  readonly isDenied: boolean;
  /** What its decision depends on and is not known. Then nothing is done because of the decision. */
  readonly unknown?: Unknown;
  /** What the policy says of each grant that it makes. None if it opens no port that a cache listens on. */
  readonly grants: Iterable<SeenGrant>;
}

/** A grant of a cache security group. */
export interface RevocableGrant extends AnySeen {
  readonly kind: 'classic';
  readonly grant: ClassicGrant;
  readonly grants: readonly [SeenGrant];
}

/** Access to a cache that an allowlist rule allows. */
export interface AllowedAccess {
  readonly cacheName: string;
  /** Only these ports of a cache that is denied otherwise; not there for a cache of which it is not known whether the rule opens it. */
  readonly ports?: readonly number[];
  /** Why that is not known. */
  readonly why?: DoubtfulCache['why'];
  readonly allowlistRule: string;
}

/** A rule of a VPC security group. */
export interface RevocableRule extends AnySeen {
  readonly kind: 'vpc';
  readonly rule: SecurityGroupRule;
  /**
   * Evaluated again each time they are asked for: one rule can make hundreds, an event can be about hundreds of rules, and a denied grant
   * takes 12 KB.
   */
  readonly grants: Iterable<SeenGrant>;
  readonly grantCount: number;
  /** Whether the event that is handled made or edited it. To every other event, and to an audit, it stands. */
  readonly isNew: boolean;
  /** Whether it is denied and also gives access that the allowlist allows: a grant, or `alsoAllowed`. */
  readonly isMixed: boolean;
  /**
   * Of a denied rule that stands: access that the allowlist allows and that is no grant by itself. Some ports of a denied grant, or a
   * cache of which it is not known whether the rule opens it, and that may have an allowed port. Found again each time, as grants are.
   */
  readonly alsoAllowed: Iterable<AllowedAccess>;
  /** Whether it opens nothing but ports that the caches behind its security group listen on. */
  readonly opensCachePortsOnly: boolean;
}

/** Something that a decision depends on and that is not known: an owner, a name, the entries of a prefix list, organizational units. */
export interface Unknown {
  readonly problem: string;
  /** Whether it will be known within minutes, because it is being changed. */
  readonly isChanging: boolean;
}

/** The public endpoint of a cache. No call takes it away. */
export interface PublicEndpoint extends AnySeen {
  readonly kind: 'public';
  readonly cacheName: string;
  readonly grants: readonly [SeenGrant];
}
