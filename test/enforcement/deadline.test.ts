import { describe, expect, test } from 'vitest';
import { explainListing, isTooLate, timeUntil, unlimitedTime } from '../../src/enforcement/deadline.ts';
import { holdTime } from '../support/time/held-time.ts';

describe('the time until an instant', () => {
  test('is over at that instant, and calls that are still made end by then', async () => {
    const time = holdTime();
    const until = timeUntil(new Date(Date.now() + 1_000));

    await time.pass(999);
    const before = [isTooLate(until), until.timeUp.aborted];
    await time.pass(1);

    expect(before).toEqual([false, false]);
    expect([isTooLate(until), until.timeUp.aborted]).toEqual([true, true]);
  });

  test.each([
    ['has come', 0],
    ['is past', -1_000],
  ])('is over from the beginning where it %s: no call begins', (_, left) => {
    holdTime();
    const until = timeUntil(new Date(Date.now() + left));

    expect(isTooLate(until)).toBe(true);
    expect(until.timeUp.aborted).toBe(true);
  });

  test('is over by the wall clock though the signal is late: AWS can freeze the process and its timers', () => {
    holdTime();
    const until = timeUntil(new Date(Date.now() + 1_000));

    const thawed = { ...until, now: () => new Date(Date.now() + 3_600_000) };

    expect(thawed.timeUp.aborted).toBe(false);
    expect(isTooLate(thawed)).toBe(true);
  });

  test('is told by the clock of this machine', () => {
    holdTime();

    expect(timeUntil(new Date(0)).now()).toEqual(new Date());
  });
});

describe('the time of a person at a terminal', () => {
  test('is never over, by however long it takes', async () => {
    const time = holdTime();
    const unlimited = unlimitedTime();

    await time.pass(10 * 365 * 24 * 3_600_000);

    expect(isTooLate(unlimited)).toBe(false);
    expect(unlimited.timeUp.aborted).toBe(false);
    expect(unlimited.now()).toEqual(new Date());
  });

  test('is over when that person ends it', () => {
    expect(isTooLate({ ...unlimitedTime(), timeUp: AbortSignal.abort() })).toBe(true);
  });
});

describe('why a listing ended', () => {
  const away = new Error('ElastiCache is away');

  test('is its error while there is time', () => {
    expect(explainListing(away, unlimitedTime())).toBe('ElastiCache is away');
  });

  test('is that there was no time left, once it is over, whatever the error says', () => {
    expect(explainListing(away, timeUntil(new Date(0)))).toBe('there was no time left to list the rest');
  });
});
