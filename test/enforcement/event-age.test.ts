import { describe, expect, test } from 'vitest';
import { isOlderThanLag, isYoungerThan, NEW_MS, PENDING_MS } from '../../src/enforcement/event-age.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = new Date('2026-11-23T12:00:00Z');

/** An event whose call was made so long ago. */
const madeAgo = (ms: number) => pointer(new Date(now.getTime() - ms));
const pointer = (eventTime: Date | undefined) => ({
  account: ACCOUNT,
  region: REGION,
  call: { eventId: 'e', eventTime, grantedBy: {} },
});

describe('the rule of an event', () => {
  test.each([
    ['an hour ago', HOUR, true],
    ['more than an hour ago', HOUR + 1, false],
    ['in five minutes, by a clock that is fast', -5 * MINUTE, true],
    ['later than that', -5 * MINUTE - 1, false],
  ])('that was made %s is new: %s', (_, ago, expected) => {
    expect(isYoungerThan(NEW_MS, madeAgo(ago), now)).toBe(expected);
  });

  test('that is of no known time is not new', () => {
    expect(isYoungerThan(NEW_MS, pointer(undefined), now)).toBe(false);
  });
});

test.each([
  ['six hours', 6 * HOUR, true],
  ['more than six hours', 6 * HOUR + 1, false],
])('an event that has waited for a cache for %s waits on: %s', (_, ago, expected) => {
  expect(isYoungerThan(PENDING_MS, madeAgo(ago), now)).toBe(expected);
});

describe('what EC2 does not list', () => {
  test.each([
    ['two minutes', 2 * MINUTE, true],
    ['less than two minutes', 2 * MINUTE - 1, false],
  ])('%s after the call is gone: %s', (_, ago, expected) => {
    expect(isOlderThanLag(madeAgo(ago), now)).toBe(expected);
  });

  test('is not taken for gone where nobody knows when the call was made', () => {
    expect(isOlderThanLag(pointer(undefined), now)).toBe(false);
  });
});
