/**
 * An instant in milliseconds since the epoch.
 *
 * @throws {RangeError} if it is an invalid date: every rule would seem to have expired.
 */
export function timeOf(instant: Date): number {
  const time = instant.getTime();
  if (Number.isNaN(time)) throw new RangeError('a grant cannot be evaluated at an instant that is not a date');
  return time;
}
