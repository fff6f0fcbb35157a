import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { FaultRates } from '../../src/local/faults.ts';
import { chaos } from './simulation/chaos.ts';
import { runChaos } from './simulation/run.ts';
import { findBreaches, shortestStory } from './simulation/verdict.ts';

/** The functions of the checkout with one module replaced, as `replace-modules.ts` says. */
const WITH_BUG = fileURLToPath(new URL('with-bug', import.meta.url));

interface Planted {
  /** A folder of `bugs/`. */
  readonly bug: string;
  readonly breach: string;
  /** What else can come of it, depending on when the machine gets to what. */
  readonly also?: readonly string[];
  /** What a story of the breach tells. Which of them is the shortest depends on when the machine gets to what. */
  readonly story: readonly RegExp[];
  /** The call of a person that this story is about, if it was made during the run. */
  readonly call?: string;
  /** The faults that bring it to light, more often than usual, so that a small run has them for sure. */
  readonly rates?: Partial<FaultRates>;
}

const PLANTED: readonly Planted[] = [
  {
    bug: 'throttle-as-done',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/fault throttle: Revoke/, /-> already-gone/],
    rates: { throttle: 0.25, dropEvent: 0.5 },
  },
  {
    bug: 'unreadable-as-empty',
    breach: 'Ingress Guard revoked an allowed grant',
    // Which kind of grants it meets depends on when the allowlist's source is out of order.
    call: 'Authorize(Cache)?SecurityGroupIngress',
    story: [/guard: Revoke(Cache)?SecurityGroupIngress -> done/],
  },
  {
    bug: 'first-page-only',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/fault dropEvent: Authorize/, /an audit begins/],
    rates: { dropEvent: 0.3 },
  },
  {
    bug: 'swallowed-error',
    breach: 'an event has neither an outcome nor a dead letter',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/its event is delivered/, /-> no outcome/],
    rates: { timeOut: 0.3 },
  },
  {
    bug: 'names-by-prefix',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeCacheSecurityGroupIngress',
    story: [/an audit begins/],
  },
  {
    bug: 'overlap-as-inside',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/its event is delivered/, /-> allowed, allow by rule vpc-to-redis/],
  },
  {
    bug: 'standing-as-new',
    breach: 'Ingress Guard revoked an allowed grant',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'one-name-of-a-cache',
    breach: 'Ingress Guard revoked an allowed grant',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'none-listed-as-none',
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/its event is delivered/, /-> ignored/],
  },
  {
    bug: 'first-entry-only',
    breach: 'a disallowed grant stands',
    // Its rule is older than the run, and nobody says a word of it.
    story: [],
  },
  {
    bug: 'no-end-of-time',
    breach: 'a function revoked what its event does not name',
    // What is frozen and never thawed.
    also: ['a revocation is in no decision line'],
    call: 'AuthorizeSecurityGroupIngress',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'lines-at-the-end',
    breach: 'a revocation is in no decision line',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'allowlist-read-once',
    breach: 'Ingress Guard revoked an allowed grant',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/reach swap-1 from now on.*guard: RevokeSecurityGroupIngress -> done/s],
  },
];

describe('a bug is caught', () => {
  test('each that is planted', () => {
    const folders = readdirSync(new URL('bugs', import.meta.url));

    expect(PLANTED.map(({ bug }) => bug).sort()).toEqual(folders.sort());
  });

  test.each(PLANTED)('$bug: $breach', async ({ bug, breach, also = [], story, call, rates = {} }) => {
    const environment = { PLANTED_BUG: bug };

    const run = await runChaos({ seed: 5, grants: 120, folder: WITH_BUG, environment, rates });

    const breaches = findBreaches(run);
    expect(breaches.map(({ what }) => what)).toContain(breach);
    expect(breaches.filter(({ what }) => what !== breach && !also.includes(what))).toEqual([]);
    const begin = call === undefined ? [] : [new RegExp(`people: ${call} -> done`)];
    const told = breaches.map((one) => shortestStory(run, [one])?.lines.join('\n') ?? '');
    expect(told.filter((text) => [...begin, ...story].every((line) => line.test(text)))).not.toEqual([]);
  });
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
