import type { Decision } from './decision.ts';
import type { Grant } from './grant.ts';
import type { MadeBy } from './made-by.ts';
import type { HeldBecause, Outcome } from './outcome.ts';
import type { Place } from './place.ts';
import type { RuleText } from './vpc/rule-text.ts';

/** A grant and the decision on it, as AWS showed it. */
export interface SeenGrant {
  readonly grant: Grant;
  /**
   * What ElastiCache said of it: `authorizing`, `authorized` or `revoking`; `listed` for a security group rule, of which EC2
   * shows no state.
   */
  readonly status: string;
  readonly decision: Decision;
  /** Of a denied grant of a security group rule: the rule as it stood, which is what `undo` restores. */
  readonly securityGroupRule?: RuleText;
  /** What is worth knowing next to the decision, and no reason for it: that the rule opens more than the cache's ports. */
  readonly remark?: string;
}

/** A grant that was seen, its decision and its outcome. Never changes: it is made when its outcome is known. */
export interface Finding extends SeenGrant {
  readonly outcome: Outcome;
  /** With `failed` and `held`: why it stands. */
  readonly problem?: string;
  /** With `held`. Not in reports before schema version 1.3. */
  readonly heldBecause?: HeldBecause;
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string;
  /** If it was looked at again after the revocation: whether it was gone by then. */
  readonly verifiedGone?: boolean;
  /** Of a denied grant of a security group rule, if it was asked for and CloudTrail knows it. Not before schema version 1.5. */
  readonly madeBy?: MadeBy;
}

/** How an audit fared at one place that it was to look at. */
export interface PlaceAudit extends Place {
  /**
   * - `judged`: every grant of it
   * - `not-applicable`: the account has no EC2-Classic there, and nothing else was looked at (by versions that knew no other
   *   grants)
   * - `failed`: not all of it could be listed
   */
  readonly status: 'judged' | 'not-applicable' | 'failed';
  /** `false` if the account has no EC2-Classic there, and so no cache security groups. */
  readonly ec2Classic?: boolean;
  readonly cacheSecurityGroups: number;
  /** Replication groups, serverless caches, and clusters that belong to neither. */
  readonly caches?: number;
  /** Those that guard these caches. */
  readonly securityGroups?: number;
  /** Of either kind. */
  readonly grants: number;
  /** With `failed`: why. */
  readonly problem?: string;
}

/** Something at a place that an audit was to judge and could not. */
export interface NotJudged extends Place {
  /** Which grant or page, as far as it is known. */
  readonly what: string;
  readonly why: string;
}
