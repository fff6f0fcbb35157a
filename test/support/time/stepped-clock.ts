import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../../src/local/clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that stands still, and on which whoever sleeps sleeps on, until a test lets time pass. */
export class SteppedClock implements Clock {
  #now = Date.now();
  #sleepers: Sleeper[] = [];

  now(): number {
    return this.#now;
  }

  /** How long each of those that sleep still has to, in milliseconds. */
  get sleeping(): number[] {
    return this.#sleepers.map(({ until }) => until - this.#now);
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#now + ms,
        wake: () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          resolve();
        },
      };
      if (signal?.aborted) return resolve();
      signal?.addEventListener('abort', sleeper.wake, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Lets time pass: wakes the sleepers in their order, and lets each do what it does next. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#first(end); next !== undefined; next = this.#first(end)) {
      this.#now = Math.max(this.#now, next.until);
      next.wake();
      await settle();
    }
    this.#now = end;
  }

  #first(end: number): Sleeper | undefined {
    return this.#sleepers.filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0];
  }
}

/** Until all that needs nothing but this process has happened. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await nextTurn();
}
