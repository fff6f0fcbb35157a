import type { Context } from 'aws-lambda';

/** When the function's work must have ended, if it needs a reserve, in milliseconds, to report and to return. */
export function deadlineOf(context: Context, reserve: number): Date {
  return new Date(Date.now() + context.getRemainingTimeInMillis() - reserve);
}
