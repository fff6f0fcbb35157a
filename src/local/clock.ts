/** Where the local AWS takes the time from, and how it waits. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/**
 * The machine's own time. `speed` shortens the waits (60: a minute takes a second), never the time of day, because the
 * handlers, which run beside, look at the real one.
 */
export function systemClock(speed = 1): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / speed)),
  };
}
