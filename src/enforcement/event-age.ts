import type { Pointer } from './security-group-event.ts';

/**
 * How old an event must be for a rule that EC2 does not list to be gone, in milliseconds: EC2's Describe can lag behind its
 * Authorize (seen in issues of Terraform's AWS provider).
 */
const LAG_MS = 120_000;

/**
 * How long a rule is new to the event that made or edited it, in milliseconds. Someone may need one that has stood for
 * longer: a replayed or redriven event finds it standing.
 */
export const NEW_MS = 3_600_000;

/**
 * For how long an event waits for a cache that is being created, in milliseconds. The platform hands the event to the function
 * again and again until then.
 */
export const PENDING_MS = 6 * 3_600_000;

/** By how much the clocks of CloudTrail and of this machine may differ. */
const CLOCK_SKEW_MS = 300_000;

/**
 * Whether what is not listed is gone. An event that does not say when it was is taken for a new one.
 *
 * @param asked an instant before the listing was asked for: by when its answer came, it says nothing more.
 */
export function isOlderThanLag({ call }: Pointer, asked: Date): boolean {
  return call.eventTime !== undefined && asked.getTime() - call.eventTime.getTime() >= LAG_MS;
}

/** Whether an event says when it was, and that was at most so long ago. An event from the future is not believed. */
export function isYoungerThan(milliseconds: number, { call }: Pointer, now: Date): boolean {
  if (call.eventTime === undefined) return false;
  const age = now.getTime() - call.eventTime.getTime();
  return age >= -CLOCK_SKEW_MS && age <= milliseconds;
}
