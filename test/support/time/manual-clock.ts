import type { Clock } from '../../../src/local/clock.ts';

/** A clock that stands still until it is told to go on. It starts at the real time, which signatures are held to. */
export class ManualClock implements Clock {
  #now = Date.now();

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  async sleep(ms: number): Promise<void> {
    this.advance(ms);
  }
}
