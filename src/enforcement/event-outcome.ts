import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import type { Decision } from '../policy/decision.ts';
import type { SeenGrant } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import type { HeldBecause, OUTCOME_SCHEMA_VERSION, Outcome } from '../policy/outcome.ts';
import type { RuleText } from '../policy/vpc/rule-text.ts';
import type { Mixed, Mode, Shared } from './mode.ts';
import type { Settled } from './plan.ts';

/** What is known of the call that an event reports. */
export interface RecordedCall {
  readonly eventId: string | undefined;
  readonly eventTime: Date | undefined;
  readonly grantedBy: Readonly<Partial<Record<string, string>>>;
}

/** What happened to one grant. */
export interface GrantOutcome extends Omit<SeenGrant, 'status'> {
  readonly outcome: Settled['outcome'];
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string;
  /** With `held` and `failed`: why it stands. */
  readonly problem?: string;
  readonly heldBecause?: HeldBecause;
}

/** What happened to one event: what the function returns, and what its `decision` log line says. */
export interface EventOutcome extends RecordedCall {
  readonly schemaVersion: typeof OUTCOME_SCHEMA_VERSION;
  readonly outcome: Outcome;
  readonly grant?: Grant;
  readonly decision?: Decision;
  readonly mode?: Mode;
  /** Which allowlist it was judged by. */
  readonly allowlistSha256?: string;
  /** Why the event was ignored. */
  readonly reason?: string;
  /** Why the event was rejected. */
  readonly problems?: readonly string[];
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string | undefined;
  /** With `held` and `failed`: why the grant stands. */
  readonly problem?: string;
  /** With `held`. */
  readonly heldBecause?: HeldBecause;
  /** Of a denied grant of a security group's rule: the rule as it stood, which is what `undo` restores. */
  readonly securityGroupRule?: RuleText;
  readonly remark?: string;
  /** What a part of it waits for: a cache that is being created. The platform hands the event to the function again. */
  readonly awaits?: string;
  /** Of an event about several grants, or about what could not be judged as well: each of them. The rest is of the gravest. */
  readonly grants?: readonly GrantOutcome[];
  /** How many more of them there are, where they were too many to keep or to hand on: those that are allowed go first. */
  readonly grantsLeftOut?: number;
  /** How long the grant had stood when its outcome was known, in milliseconds. CloudTrail's times are whole seconds. */
  readonly exposureMs?: number;
}

/** What to judge by, and whether to act. */
export interface Policy {
  readonly allowlist: CompiledAllowlist;
  readonly allowlistSha256: string;
  readonly mode: Mode;
  readonly shared: Shared;
  readonly mixed: Mixed;
  /** If more rules than this are to be revoked when a whole security group is looked at, none is. */
  readonly maxRevocations: number;
}

/** How long what a call made has stood; nothing if it is not known when the call was made. */
export function exposureOf({ eventTime }: RecordedCall, now: Date): Pick<EventOutcome, 'exposureMs'> {
  return eventTime === undefined ? {} : { exposureMs: Math.max(0, now.getTime() - eventTime.getTime()) };
}

/** Where the outcomes of an event's grants are reported, each as soon as it is known: the function can be killed at any time. */
export interface Reporter {
  /**
   * Reports one grant.
   *
   * @param outcome as of an event about this grant alone.
   * @param error with `failed`: what kept the grant standing.
   * @returns resolves when there is room for another.
   */
  reportGrant(outcome: EventOutcome, error?: unknown): Promise<void>;
  /** Reports that so many more grants have this outcome: they are too many to report each. */
  countGrants(outcome: Outcome, count: number): void;
}

/** For who writes nothing but the outcome of the whole event. */
export const NO_REPORTER: Reporter = { async reportGrant() {}, countGrants() {} };

/** An event's outcome without what is of its call, and what failed, if anything did. */
export type Ended = Omit<EventOutcome, keyof RecordedCall | 'schemaVersion'> & { readonly error?: unknown };
