import type { ClassicGrant } from '../policy/classic/grant.ts';
import type { Place } from '../policy/place.ts';
import type { ListedCache, ListedRule, SecurityGroupRule } from '../policy/vpc/security-group-rule.ts';
import type { PrefixListContent } from '../policy/vpc/source.ts';
import type { ReadGrant } from '../policy/written.ts';

/** Gives what AWS answers at a place. The same each time for the same place, so that connections are kept. */
export type Connect = (place: Place) => PlacePorts;

/** What AWS must answer at one place, and do there. Each may throw: what it throws is what is reported. */
export interface PlacePorts extends ClassicPorts, VpcPorts {}

export interface ClassicPorts {
  /** Every grant of the place's cache security groups, page by page. */
  listGrants(): AsyncIterable<ListedPage>;
  /** Prepares a revocation, with all that takes time. */
  toRevokeGrant(grant: ClassicGrant): Promise<PreparedRevocation>;
}

export interface VpcPorts {
  /** Every cluster and serverless cache. */
  listCaches(): Promise<readonly ListedCache[]>;
  /** Every rule of these security groups, page by page. A group that is not there has none. */
  listRules(securityGroupIds: readonly string[]): AsyncIterable<readonly ListedRule[]>;
  /** The names of these security groups, by id: of those that EC2 lists. */
  readGroupNames(securityGroupIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The ranges of a prefix list's entries, canonical. */
  readPrefixList(prefixListId: string): Promise<PrefixListContent>;
  /** Whether a security group that guards a cache guards anything that is not surely one. Throws if neither is seen. */
  guardsSomethingElse(securityGroupId: string): Promise<boolean>;
  /** Whether a security group guards a cache, of whichever. For when it is not known which groups guard some cache. */
  guardsCache(securityGroupId: string): Promise<boolean>;
  /** Prepares to take one rule away, and nothing but it, with all that takes time. */
  toRevokeRule(rule: SecurityGroupRule): Promise<PreparedRevocation>;
}

/**
 * A revocation that has all that it needs: a client, and a session if it takes one. So nothing but the call comes after the last looks.
 * It must be disposed of, made or not.
 */
export interface PreparedRevocation extends Disposable {
  /** Makes the Revoke call. Throws if it cannot say that it is gone. */
  revoke(): Promise<Revoked>;
}

/** What came of a Revoke call that did not fail. */
export interface Revoked {
  readonly result: 'revoked' | 'already-gone' | 'not-applicable';
  /** AWS's id of the call. */
  readonly requestId?: string | undefined;
}

/** A page of what a place lists. */
export interface ListedPage {
  readonly cacheSecurityGroups: number;
  readonly grants: readonly ListedGrant[];
  /** The account has no EC2-Classic, and so no cache security groups. Nothing is wrong. */
  readonly hasNoEc2Classic?: true;
}

/** A grant as a place lists it. Of one that cannot be read, `what` says which it is, as far as it is known. */
export type ListedGrant = ReadGrant<ClassicGrant> & { readonly status: string; readonly what?: string };
