import type { Decision } from './decision.ts';
import type { Grant } from './grant.ts';
import type { Outcome } from './outcome.ts';

/** What an audit made of one grant: the decision, and what became of it. */
export interface Finding {
  readonly grant: Grant;
  /** What ElastiCache said of it: `authorizing`, `authorized` or `revoking`. */
  readonly status: string;
  readonly decision: Decision;
  readonly outcome: Outcome;
  /** With `failed`: what kept the grant standing. */
  readonly problem?: string;
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string;
  /** If it was looked at again after the revocation: whether it was gone by then. */
  readonly verifiedGone?: boolean;
}

/** How an audit fared in one region it was to look at. */
export interface RegionAudit {
  readonly region: string;
  /**
   * - `judged`: every grant of it
   * - `not-applicable`: the account has no EC2-Classic there, so there is nothing to judge
   * - `failed`: not all of it could be listed
   */
  readonly status: 'judged' | 'not-applicable' | 'failed';
  readonly cacheSecurityGroups: number;
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
