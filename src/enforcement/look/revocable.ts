import type { ClassicGrant } from '../../policy/classic/grant.ts';
import type { SeenGrant } from '../../policy/finding.ts';
import type { Place } from '../../policy/place.ts';
import type { SecurityGroupRule } from '../../policy/vpc/security-group-rule.ts';

/** What one Revoke call can take away, as AWS showed it, with the grants that go with it. Never changes. */
export type Revocable = RevocableGrant | RevocableRule;

interface AnyRevocable {
  /** Names it: `plan` says by it what is to be revoked, `act` answers by it. */
  readonly id: string;
  readonly place: Place;
  /** Whether any of its grants is denied: then it is, because a grant cannot be taken away without the others. */
  readonly isDenied: boolean;
  /** What the policy says of each grant that it makes. None if it opens no port that a cache listens on. */
  readonly grants: readonly SeenGrant[];
}

/** A grant of a cache security group. */
export interface RevocableGrant extends AnyRevocable {
  readonly kind: 'classic';
  readonly grant: ClassicGrant;
  readonly grants: readonly [SeenGrant];
}

/** A rule of a VPC security group. */
export interface RevocableRule extends AnyRevocable {
  readonly kind: 'vpc';
  readonly rule: SecurityGroupRule;
  /** Whether it opens nothing but ports that the caches behind its security group listen on. */
  readonly opensCachePortsOnly: boolean;
}
