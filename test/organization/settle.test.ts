import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settle } from '../../src/organization/settle.ts';
import { accountNumber } from '../support/examples/organization.ts';
import { times } from '../support/tools/fuzz.ts';

const withDue = (...counts: readonly number[]) =>
  counts.map((count, n) => ({
    account: accountNumber(n),
    due: Array.from({ length: count }, (_, i) => `${n}-${i}`),
  }));
const namesOf = ({ toAct }: ReturnType<typeof settle>) => toAct.map(({ account }) => account);

describe('the limits on revocations', () => {
  test('let an account have exactly as many as an account may have, and no more', () => {
    const { due, ...settled } = settle(withDue(2, 3, 0, 1), { maxRevocations: 2, maxRevocationsPerRun: 50 });

    expect(namesOf({ due, ...settled })).toEqual([accountNumber(0), accountNumber(3)]);
    expect(due).toBe(3);
  });

  test('let a run have exactly as many as a run may have', () => {
    const settled = settle(withDue(2, 2, 1), { maxRevocations: 2, maxRevocationsPerRun: 5 });

    expect(settled).toMatchObject({ due: 5, isOverLimit: false });
    expect(namesOf(settled)).toHaveLength(3);
  });

  test('let no account of a run have any if the run has one more than it may have', () => {
    const settled = settle(withDue(2, 2, 2), { maxRevocations: 2, maxRevocationsPerRun: 5 });

    expect(settled).toEqual({ toAct: [], due: 6, isOverLimit: true });
  });

  test('hold for any accounts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6)), fc.nat(6), fc.nat(30), (counts, maxRevocations, maxRevocationsPerRun) => {
        const judged = withDue(...counts);

        const { toAct, due, isOverLimit } = settle(judged, { maxRevocations, maxRevocationsPerRun });

        const made = toAct.reduce((sum, one) => sum + one.due.length, 0);
        expect(made).toBeLessThanOrEqual(maxRevocationsPerRun);
        expect(toAct.every((one) => one.due.length > 0 && one.due.length <= maxRevocations)).toBe(true);
        expect(made).toBe(isOverLimit ? 0 : due);
        const within = judged.filter((one) => one.due.length > 0 && one.due.length <= maxRevocations);
        expect(toAct).toEqual(isOverLimit ? [] : within);
      }),
      times(300),
    );
  });
});
