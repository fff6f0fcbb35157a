import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/local/clock.ts';

const DAY = 86_400_000;

/** Whether it has ended, after a while in which what should not have ended would have. */
async function hasEnded(sleep: Promise<void>): Promise<boolean> {
  return Promise.race([sleep.then(() => true), later(30, false)]);
}

describe('the clock of the machine', () => {
  test('tells the real time, whatever its speed', () => {
    const times = [Date.now(), systemClock().now(), systemClock(1000).now(), Date.now()];

    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('shortens waits by its speed', async () => {
    expect(await hasEnded(systemClock(10 * DAY).sleep(DAY))).toBe(true);
    const stop = new AbortController();
    expect(await hasEnded(systemClock(1000).sleep(DAY, stop.signal))).toBe(false);
    stop.abort();
  });

  test.each([30, 1000])('sleeps also for longer than Node’s timers know: %i days', async (days) => {
    const stop = new AbortController();

    const sleep = systemClock().sleep(days * DAY, stop.signal);

    expect(await hasEnded(sleep)).toBe(false);
    stop.abort();
    await sleep;
  });

  test('does not sleep at all when the signal is aborted already', async () => {
    expect(await hasEnded(systemClock().sleep(DAY, AbortSignal.abort()))).toBe(true);
  });
});
