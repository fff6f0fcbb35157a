import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PLANTED } from './planted.ts';
import { chaos } from './simulation/chaos.ts';
import { runChaos } from './simulation/run.ts';
import { findBreaches, shortestStory } from './simulation/verdict.ts';

/** The functions of the checkout with one module replaced, as `replace-modules.ts` says. */
const WITH_BUG = fileURLToPath(new URL('with-bug', import.meta.url));

describe('a bug is caught by the simulation', () => {
  // A run waits more than it works, so several go on at once: vitest.config.ts says how many.
  test.concurrent.each(PLANTED)(
    '$bug: $breach',
    async ({ bug, grants = 120, breach, also = [], story, call, rates = {} }) => {
      const environment = { PLANTED_BUG: bug };

      const run = await runChaos({ seed: 5, grants, folder: WITH_BUG, environment, rates });

      const breaches = findBreaches(run);
      expect(breaches.map(({ what }) => what)).toContain(breach);
      expect(breaches.filter(({ what }) => what !== breach && !also.includes(what))).toEqual([]);
      const begin = call === undefined ? [] : [new RegExp(`people: ${call} -> done`)];
      const told = breaches.map((one) => shortestStory(run, [one])?.lines.join('\n') ?? '');
      expect(told.filter((text) => [...begin, ...story].every((line) => line.test(text)))).not.toEqual([]);
    },
  );
});

describe('npm run chaos', () => {
  test('tells the story of a breach, looks for a smaller run that has one, and exits with 1', async () => {
    const printed: string[] = [];

    const exitCode = await chaos(['--seed', '3', '--grants', '60'], (text) => printed.push(text), {
      folder: WITH_BUG,
      environment: { PLANTED_BUG: 'names-by-prefix' },
    });

    expect(exitCode).toBe(1);
    expect(printed[1]).toMatch(/\| a disallowed grant stands +\| +[1-9]\d* \|/);
    const [title, grant, story] = (printed[2] as string).split('\n\n');
    expect(title).toBe('## Breach: a disallowed grant stands');
    expect(grant).toMatch(/^cache-\d+ batch-\d+ 111122223333$/);
    expect(story).toMatch(/^ +\d+\.\d{3} s {2}people: AuthorizeCacheSecurityGroupIngress -> done\n/);
    const fewer = Number(/ batch-(\d+) /.exec(grant as string)?.[1]) + 1;
    expect(printed[3]).toBe(`A smaller run has a breach too: npm run chaos -- --seed 3 --grants ${fewer}`);
  });
});
