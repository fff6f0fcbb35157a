import { describe, expect, test } from 'vitest';
import { chaos } from './simulation/chaos.ts';
import type { RevokedRule } from './simulation/rules-witness.ts';
import { type Run, runChaos } from './simulation/run.ts';
import { findBreaches } from './simulation/verdict.ts';

describe('with everything around it breaking', () => {
  const runs: Run[] = [];

  test.each([5, 10])(
    'no disallowed grant stays, no allowed grant is revoked, no event is lost, and what was revoked is reported: seed %i',
    async (seed) => {
      const run = await runChaos({ seed, grants: 300 });
      runs.push(run);

      expect(findBreaches(run)).toEqual([]);
    },
  );

  test('every fault happened, and what the guard had to do', () => {
    const total = (count: (run: Run) => number): number => runs.reduce((sum, run) => sum + count(run), 0);

    const faults = Object.keys(runs[0]?.faults ?? {}) as (keyof Run['faults'])[];
    expect(faults.filter((fault) => total((run) => run.faults[fault]) === 0)).toEqual([]);
    for (const phase of ['events', 'audit'] as const) {
      const revoked = total(
        ({ witness }) => witness.changes.filter((one) => one.by === 'guard' && one.phase === phase).length,
      );
      expect([phase, revoked > 0]).toEqual([phase, true]);
    }
    expect(total(({ witness }) => witness.answeredRevocations().length)).toBeGreaterThan(0);
    expect(total(({ ruleWitness }) => ruleWitness.revokedByGuard.filter(isOfScene).length)).toBeGreaterThan(0);
    for (const what of ['requests tried again', 'events tried again', 'dead letters redriven'] as const) {
      expect([what, total(({ witness }) => witness.counts[what]) > 0]).toEqual([what, true]);
    }
  });
});

/** Whether a rule was revoked of which others like it were allowed in the midst of it. */
function isOfScene({ rule }: RevokedRule): boolean {
  return rule.groupName === 'swap-1';
}

describe('npm run chaos', () => {
  test('tells what happened, and exits with 0 when there is no breach', async () => {
    const printed: string[] = [];

    const exitCode = await chaos(['--seed', '3', '--grants', '40'], (text) => printed.push(text));

    expect(exitCode).toBe(0);
    expect(printed[0]).toBe('# npm run chaos -- --seed 3 --grants 40');
    expect(printed[1]).toMatch(/\| a disallowed grant stands +\| +0 \|/);
    expect(printed[1]).toMatch(/\| any of these +\| +\d+ \| +\d+\.\d\d s \|/);
    expect(printed[1]).toMatch(/\| requests to AWS +\| +[\d,]+ \|/);
    expect(printed.at(-1)).toBe('No breach in this run.');
  });

  test.each([
    [['--grants', '0'], '--grants is 0: write a whole number from 1'],
    [['--seed', 'x'], '--seed is x: write a whole number from 0'],
    [['--minutes', '1.5'], '--minutes is 1.5: write a whole number from 0'],
    [['--sed', '7'], "Unknown option '--sed'"],
    [['7'], 'Unexpected argument'],
  ])('refuses %j', async (argv, why) => {
    await expect(chaos(argv, () => {})).rejects.toThrow(why);
  });
});
