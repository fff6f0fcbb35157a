import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';

/** What one try of an invocation came to. */
export type Attempt =
  | { readonly result: unknown; readonly error?: never; readonly crashedAt?: never }
  | {
      readonly result?: never;
      readonly error: { readonly name: string; readonly message: string };
      /** When its environment was made to crash, in milliseconds since 1970. Until it is gone can take a second on a busy machine. */
      readonly crashedAt?: number;
    };

/** What goes wrong with one try, whatever the function does. */
export interface Mishap {
  /** It ends without an answer after so many milliseconds, or when its answer comes if that is sooner. */
  readonly crashAfterMs?: number;
  /** How long it has, in place of its own time. */
  readonly timeoutMs?: number;
}

/** Runs a function's code once. Never throws: an error is a result. */
export type Invoke = (event: unknown, requestId: string, mishap?: Mishap) => Promise<Attempt>;

/** An event that Lambda gave up on, as the failure destination receives it. */
export interface DeadLetter {
  readonly functionName: string;
  readonly requestId: string;
  readonly event: unknown;
  readonly attempts: number;
  readonly error: { readonly name: string; readonly message: string };
}

/** How long Lambda waits before it tries an asynchronous invocation a second and a third time. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/**
 * An asynchronous invocation as Lambda does it: tried, tried again after one and then two minutes when the function
 * fails, and at last dead-lettered. Every try has the same request id.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 * @param ending when aborted, no other try is made.
 * @returns what the function returned, or the dead letter; neither if it ended before. Never throws.
 */
export async function invokeAsynchronously(
  event: unknown,
  target: {
    readonly name: string;
    readonly maximumRetryAttempts: number;
    readonly maximumEventAgeSeconds: number;
    readonly invoke: Invoke;
  },
  clock: Clock,
  onAttempt: (attempt: Attempt, number: number, requestId: string) => void = () => {},
  ending?: AbortSignal,
): Promise<{ readonly result?: unknown; readonly deadLetter?: DeadLetter }> {
  const requestId = randomUUID();
  // Only the waits count: a speeded-up clock shortens them, and the age with them.
  let ageMs = 0;
  for (let attempts = 1; ; attempts++) {
    const attempt = await target.invoke(event, requestId);
    onAttempt(attempt, attempts, requestId);
    if (attempt.error === undefined) return { result: attempt.result };
    const delayMs = RETRY_DELAYS_MS[attempts - 1] ?? 120_000;
    ageMs += delayMs;
    if (attempts > target.maximumRetryAttempts || ageMs > target.maximumEventAgeSeconds * 1000) {
      return { deadLetter: { functionName: target.name, requestId, event, attempts, error: attempt.error } };
    }
    await clock.sleep(delayMs, ending);
    if (ending?.aborted) return {};
  }
}
