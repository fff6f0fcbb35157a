import type { CallRecord } from '../../src/cloudtrail/parse-event.ts';
import type { Mode } from '../../src/enforcement/enforce-grant.ts';
import type { Decision } from '../../src/policy/decision.ts';
import type { Grant } from '../../src/policy/grant.ts';
import type { Outcome } from '../../src/policy/outcome.ts';

/** What became of one event: what the function returns, and what its `decision` log line says. */
export interface EventOutcome extends CallRecord {
  readonly outcome: Outcome;
  readonly grant?: Grant;
  readonly decision?: Decision;
  readonly mode?: Mode;
  /** Why the event was ignored. */
  readonly reason?: string;
  /** Why the event was rejected. */
  readonly problems?: readonly string[];
  /** AWS's id of the Revoke call. */
  readonly revocationRequestId?: string | undefined;
  /** How long the grant had stood when its outcome was known, in milliseconds. */
  readonly exposureMs?: number | undefined;
  /** Which allowlist it was judged by. */
  readonly allowlistSha256?: string;
}

/** An outcome that makes the function fail, so that Lambda tries again and at last dead-letters the event. */
abstract class OutcomeError extends Error {
  abstract readonly outcome: EventOutcome;
}

export { OutcomeError };

/** The event cannot be judged by: it is malformed, contradicts itself, or is not for this stack. */
export class RejectedEventError extends OutcomeError {
  override name = 'RejectedEventError';
  readonly outcome: EventOutcome;

  constructor(problems: readonly string[], call: CallRecord) {
    super(`the event is rejected: ${problems.join('; ')}`);
    this.outcome = { outcome: 'rejected', problems, ...call };
  }
}

/** A grant could not be judged, or a denied one could not be revoked: it stands, or may. */
export class EnforcementFailedError extends OutcomeError {
  override name = 'EnforcementFailedError';
  readonly outcome: EventOutcome;

  constructor(outcome: Omit<EventOutcome, 'outcome'>, cause: unknown) {
    super(
      `the grant was not ${outcome.decision ? 'revoked' : 'judged'}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.outcome = { ...outcome, outcome: 'failed' };
  }
}
