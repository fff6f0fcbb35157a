import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Breach, findBreaches } from './breaches.ts';
import { BUGS } from './checkout-with-bug.ts';
import { type Run, runOrganization } from './run.ts';

describe('an organization of 20 members, with everything around it breaking', () => {
  const runs: Run[] = [];

  test.each([1])(
    'no disallowed grant stands, no allowed one is revoked, no event is lost, nothing is untold, and no call goes astray: seed %i',
    async (seed) => {
      const run = await runOrganization({ seed, grantsAtAPlace: 3 });
      runs.push(run);

      expect(findBreaches(run)).toEqual([]);
    },
  );

  test('every fault happened, and what the guard had to do', () => {
    for (const { faults, witness, plan } of runs) {
      const never = Object.entries(faults).flatMap(([fault, times]) => (times === 0 ? fault : []));
      // Functions that crash are those of test/chaos/chaos.test.ts.
      expect(never).toEqual(['crash', 'timeOut']);
      expect(witness.cutSessions).toBeGreaterThan(0);
      const by = new Set(witness.revoked.map((one) => one.by));
      expect([...by].sort()).toEqual(['actAccount', 'enforceIngress', 'enforceSecurityGroup']);
      const fates = [...witness.fates.values()];
      expect(fates.filter(({ arrived }) => arrived > 1).length).toBeGreaterThan(0);
      expect(fates.filter(({ deadLetters }) => deadLetters > 0).length).toBeGreaterThan(0);
      expect(plan.grants.filter(({ isAllowed }) => isAllowed).length).toBeGreaterThan(30);
    }
  });
});

describe('a fault is caught', () => {
  const PLANTED: readonly (readonly [bug: string, breach: Breach['what']])[] = [
    ['first-page-of-accounts', 'a report has another word for a place'],
    ['revocations-untold', 'a revocation has no decision line'],
    ['session-of-another', 'a call went to a place with the credentials of another'],
  ];

  test('each that is planted', () => {
    expect(PLANTED.map(([bug]) => bug)).toEqual(readdirSync(BUGS).sort());
  });

  test.each(PLANTED)('in the code: %s', async (bug, breach) => {
    const run = await runOrganization({ seed: 1, grantsAtAPlace: 2, bug });

    expect(new Set(findBreaches(run).map(({ what }) => what))).toContain(breach);
  });

  test('in the settings: a hub that revokes nothing', async () => {
    const run = await runOrganization({ seed: 1, grantsAtAPlace: 1, settings: { mode: 'report-only' } });

    expect(new Set(findBreaches(run).map(({ what }) => what))).toEqual(new Set(['a disallowed grant stands']));
  });
});
