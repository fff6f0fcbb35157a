import type { Decision } from './decision.ts';
import type { Grant } from './grant.ts';
import type { Outcome } from './outcome.ts';

/** What an audit made of one grant: the decision, and what became of it. */
export interface Finding {
  readonly grant: Grant;
  /**
   * What ElastiCache said of it: `authorizing`, `authorized` or `revoking`; `listed` for a security group's rule, of which EC2
   * tells no state.
   */
  readonly status: string;
  readonly decision: Decision;
  readonly outcome: Outcome;
  /** With `failed`: what kept the grant standing. */
  readonly problem?: string;
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string;
  /** Of a denied grant of a security group's rule: the rule as it stood, which is what `undo` restores. */
  readonly securityGroupRule?: RuleText;
  /** What is worth knowing beside the decision, and no reason for it: that the rule opens more than the cache's ports. */
  readonly remark?: string;
  /** If it was looked at again after the revocation: whether it was gone by then. */
  readonly verifiedGone?: boolean;
}

/** A rule of a security group, but for its ids and its source. */
export interface RuleText {
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly description?: string;
}

/** How an audit fared in one region it was to look at. */
export interface RegionAudit {
  readonly region: string;
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

/** Something that an audit was to judge and could not. */
export interface NotJudged {
  readonly region: string;
  /** Which grant or page, as far as it is known. */
  readonly what: string;
  readonly why: string;
}
