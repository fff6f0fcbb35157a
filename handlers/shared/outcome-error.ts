import type { EventOutcome } from '../../src/enforcement/enforce-event.ts';

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

  constructor(outcome: EventOutcome) {
    super(`the event is rejected: ${outcome.problems?.join('; ')}`, outcome);
  }
}

/** A grant could not be judged, or a denied one could not be revoked: it stands, or may. */
export class EnforcementFailedError extends OutcomeError {
  override name = 'EnforcementFailedError';

  constructor(outcome: EventOutcome, cause: unknown) {
    const what = outcome.decision ? 'revoked' : 'judged';
    super(`the grant was not ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, outcome, { cause });
  }
}
