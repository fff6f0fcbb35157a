import { describeError } from './describe-error.ts';

/** When to stop, by which clock. */
export interface Deadline {
  readonly now: () => Date;
  /** Calls under way must end by then of themselves. */
  readonly deadline?: Date;
}

export function isTooLate({ deadline, now }: Deadline): boolean {
  return deadline !== undefined && now() >= deadline;
}

export const NO_TIME_TO_LIST = 'there was no time left to list the rest';

/** Why listing ended with an error. Whoever lists is to end at the deadline, with an error of whatever kind. */
export function explainListing(error: unknown, deadline: Deadline): string {
  return isTooLate(deadline) ? NO_TIME_TO_LIST : describeError(error);
}
