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
export abstract class OutcomeError extends Error {
  // Private, because loggers (and Lambda itself) write out whatever properties an error has, and it is in the line already.
  readonly #outcome: EventOutcome;

  constructor(message: string, outcome: EventOutcome, options?: ErrorOptions) {
    super(message, options);
    this.#outcome = outcome;
  }

  get outcome(): EventOutcome {
    return this.#outcome;
  }
}

/** The event cannot be judged by: it is malformed, contradicts itself, or is not for this stack. */
export class RejectedEventError extends OutcomeError {
  override name = 'RejectedEventError';

  constructor(problems: readonly string[], call: CallRecord) {
    super(`the event is rejected: ${problems.join('; ')}`, { outcome: 'rejected', problems, ...call });
  }
}

/** A grant could not be judged, or a denied one could not be revoked: it stands, or may. */
export class EnforcementFailedError extends OutcomeError {
  override name = 'EnforcementFailedError';

  constructor(known: Omit<EventOutcome, 'outcome'>, cause: unknown) {
    const what = known.decision ? 'revoked' : 'judged';
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`the grant was not ${what}: ${why}`, { ...known, outcome: 'failed' }, { cause });
  }
}
