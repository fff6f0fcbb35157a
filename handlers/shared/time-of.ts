import type { Context } from 'aws-lambda';
import { type Deadline, timeUntil } from '../../src/enforcement/deadline.ts';

/** The time of an invocation: all that Lambda gives it, less a reserve, in milliseconds, to report and to return. */
export function timeOf(context: Context, reserve: number): Deadline {
  return timeUntil(new Date(Date.now() + context.getRemainingTimeInMillis() - reserve));
}
