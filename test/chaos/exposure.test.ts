import { describe, expect, test } from 'vitest';
import { measureExposures, percentile } from './simulation/exposure.ts';
import type { PlannedGrant } from './simulation/plan.ts';
import { type Change, keyOf } from './simulation/witness.ts';

const planned = (EC2SecurityGroupName: string, allowed: boolean): PlannedGrant => ({
  grant: { CacheSecurityGroupName: 'cache-1', EC2SecurityGroupName, EC2SecurityGroupOwnerId: '111122223333' },
  allowed,
  steps: [],
});
const [allowed, denied] = [planned('web', true), planned('batch', false)];
const [AUTHORIZE, REVOKE] = ['AuthorizeCacheSecurityGroupIngress', 'RevokeCacheSecurityGroupIngress'];

/** Changes, a second after each other, of the denied grant if nothing else is said. */
function changes(...written: readonly Partial<Change>[]): Change[] {
  return written.map((change, second) => ({
    atMs: second * 1_000,
    phase: 'events',
    action: AUTHORIZE,
    by: 'people',
    about: keyOf(denied.grant),
    ...change,
  }));
}

describe('the exposure of a disallowed grant', () => {
  test.each([
    [{ by: 'guard', phase: 'events' }, 'events'],
    [{ by: 'guard', phase: 'redrive' }, 'redrive'],
    [{ by: 'guard', phase: 'audit' }, 'audit'],
    [{ by: 'people', phase: 'events' }, 'people'],
  ] as const)('lasts from its call to its revocation, and is put down to who revoked it: %j', (who, ending) => {
    const exposures = measureExposures(changes({}, { action: REVOKE, ...who }), [denied]);

    expect([...exposures].filter(([, measured]) => measured.length > 0)).toEqual([[ending, [1_000]]]);
  });

  test('ends when its cache security group is deleted, and another one’s does not end it', () => {
    const deleted = (about: string) => ({ action: 'DeleteCacheSecurityGroup', about });

    const exposures = measureExposures(changes({}, deleted('cache'), deleted('cache-11'), deleted('cache-1')), [
      denied,
    ]);

    expect(exposures.get('people')).toEqual([3_000]);
  });

  test('is measured anew when it is made again', () => {
    const revoke = { action: REVOKE, by: 'guard' } as const;

    expect(measureExposures(changes({}, revoke, {}, {}, revoke), [denied]).get('events')).toEqual([1_000, 1_000]);
  });

  test('is not that of an allowed one', () => {
    const about = keyOf(allowed.grant);

    const exposures = measureExposures(changes({ about }, { about, action: REVOKE }), [allowed, denied]);

    expect([...exposures.values()].flat()).toEqual([]);
  });
});

describe('a percentile', () => {
  test.each([
    [50, 50],
    [95, 95],
    [99, 99],
    [100, 100],
  ])('of 1 to 100: %i percent are not over %i', (percent, expected) => {
    const numbers = Array.from({ length: 100 }, (_, number) => 100 - number);

    expect(percentile(percent, numbers)).toBe(expected);
  });

  test('of few is one of them, and of none is none', () => {
    expect(percentile(50, [3, 1])).toBe(1);
    expect(percentile(99, [3, 1])).toBe(3);
    expect(percentile(99, [])).toBeUndefined();
  });
});
