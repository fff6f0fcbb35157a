import { setTimeout as sleep } from 'node:timers/promises';

/** Where the local AWS takes the time from, and how it waits. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Ends early, without an error, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node's timers know no longer time; one that is asked to fires at once. It is 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The machine's own time. `speed` shortens the waits (60: a minute takes a second), never the time of day, because the
 * handlers, which run at the same time, look at the real one.
 */
export function systemClock(speed = 1): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      for (let left = ms / speed; left > 0 && !signal?.aborted; left -= LONGEST_TIMER) {
        await sleep(Math.min(left, LONGEST_TIMER), undefined, { signal }).catch(ignoreAbort);
      }
    },
  };
}

/** Does something again and again, the first time after `everyMs`, until it is to end. */
export async function repeat(
  everyMs: number,
  clock: Clock,
  ending: AbortSignal,
  once: () => Promise<void> | void,
): Promise<void> {
  while (!ending.aborted) {
    await clock.sleep(everyMs);
    if (ending.aborted) return;
    await once();
  }
}

function ignoreAbort(error: Error): void {
  if (error.name !== 'AbortError') throw error;
}
