import { describeError } from './describe-error.ts';

/** The time that one invocation has. Made once, where it begins, and handed to all that works for it. */
export interface Deadline {
  /** The wall clock. */
  readonly now: () => Date;
  /** When the work ends. What is left after it is for the report. */
  readonly deadline: Date;
  /**
   * Aborted at the deadline, or when a person ends it, for calls that change nothing. AWS freezes and thaws the process, and a timer is late by as long: before
   * anything is changed, `isTooLate` looks at the wall clock.
   */
  readonly timeUp: AbortSignal;
}

/** The time until an instant, by the clock of this machine. */
export function timeUntil(deadline: Date): Deadline {
  const left = deadline.getTime() - Date.now();
  return { now, deadline, timeUp: left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort() };
}

/** All the time there is: for a person at a terminal, who can end it. */
export function unlimitedTime(): Deadline {
  return { now, deadline: new Date(LAST_INSTANT), timeUp: new AbortController().signal };
}

const now = (): Date => new Date();
/** The last instant that a `Date` can have (ECMA-262, time values). */
const LAST_INSTANT = 8.64e15;

export function isTooLate({ deadline, now, timeUp }: Deadline): boolean {
  return timeUp.aborted || now() >= deadline;
}

export const NO_TIME_TO_LIST = 'there was no time left to list the rest';

/** Why listing ended with an error. Listing must end at the deadline, with an error of any kind. */
export function explainListing(error: unknown, deadline: Deadline): string {
  return isTooLate(deadline) ? NO_TIME_TO_LIST : describeError(error);
}
