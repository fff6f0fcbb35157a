import { NoFinalAnswerError } from '../../src/aws/revocation.ts';
import type { EventOutcome } from '../../src/enforcement/event-outcome.ts';
import { describeGrant } from '../../src/policy/grant.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';

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

/** Who made it, and CloudTrail's event, as far as they are known: a message to people is made of nothing but the error. */
function origin({ grantedBy, eventId }: EventOutcome): string {
  const known = [grantedBy.arn && `made by ${grantedBy.arn}`, eventId && `CloudTrail event ${eventId}`].filter(Boolean);
  return known.length > 0 ? ` (${known.join(', ')})` : '';
}

/** What happened to an event of which nothing is known but that the function failed. */
export const UNKNOWN: EventOutcome = {
  schemaVersion: OUTCOME_SCHEMA_VERSION,
  outcome: 'failed',
  eventId: undefined,
  eventTime: undefined,
  grantedBy: {},
};

/**
 * Throws for an outcome after which Lambda must try again.
 *
 * @throws {RejectedEventError} or {EnforcementFailedError}
 */
export function throwIfItFailed(outcome: EventOutcome, cause: unknown): void {
  if (outcome.outcome === 'rejected') throw new RejectedEventError(outcome);
  if (outcome.outcome === 'failed') throw new EnforcementFailedError(outcome, cause);
}

/** The event cannot be judged by: it is malformed, contradicts itself, or is not for this stack. */
export class RejectedEventError extends OutcomeError {
  override name = 'RejectedEventError';

  constructor(outcome: EventOutcome) {
    super(`the event${origin(outcome)} is rejected: ${outcome.problems?.join('; ')}`, outcome);
  }
}

/** A grant could not be judged, or a denied one could not be revoked: it stands, or may. */
export class EnforcementFailedError extends OutcomeError {
  override name = 'EnforcementFailedError';

  constructor(outcome: EventOutcome, cause: unknown) {
    const grant = outcome.grant ? ` ${describeGrant(outcome.grant)}` : '';
    const named = `the grant${grant}${origin(outcome)}`;
    const what = outcome.decision ? 'revoked' : 'evaluated';
    const why = cause instanceof Error ? cause.message : String(cause);
    const said =
      cause instanceof NoFinalAnswerError ? `it is not known whether ${named} was ${what}` : `${named} was not ${what}`;
    super(`${said}: ${why}`, outcome, { cause });
  }
}
