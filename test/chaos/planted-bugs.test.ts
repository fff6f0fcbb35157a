import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { FaultRates } from '../../src/local/faults.ts';
import { chaos } from './simulation/chaos.ts';
import { runChaos } from './simulation/run.ts';
import { findBreaches, shortestStory } from './simulation/verdict.ts';

/** The functions of the checkout with one module replaced, as `replace-modules.ts` says. */
const WITH_BUG = fileURLToPath(new URL('with-bug', import.meta.url));

/** A bug that the simulation finds. */
interface Planted {
  /** A folder of `bugs/`. */
  readonly bug: string;
  /** How many grants the run has; 120 if not given. A scene that every run has needs few. */
  readonly grants?: number;
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
    bug: 'same-source-too',
    grants: 12,
    breach: 'a function revoked what its event does not name',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/fault dropEvent|guard: RevokeSecurityGroupIngress -> done/],
  },
  {
    bug: 'edited-port-unseen',
    grants: 12,
    breach: 'Ingress Guard revoked an allowed grant',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/people: ModifySecurityGroupRules -> done.*guard: RevokeSecurityGroupIngress -> done/s],
  },
  {
    bug: 'owner-left-out-is-anyone',
    grants: 12,
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [],
  },
  {
    bug: 'whole-bytes-of-a-range',
    grants: 12,
    breach: 'a disallowed grant stands',
    call: 'AuthorizeSecurityGroupIngress',
    story: [],
  },
  {
    bug: 'limit-by-region',
    grants: 12,
    breach: 'an audit revoked more than its limit',
    call: 'AuthorizeSecurityGroupIngress',
    story: [/an audit begins|the audit -> revoked/],
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

/** A bug, and a test that finds it: in seconds, where a run takes minutes. */
interface FoundByTest {
  readonly bug: string;
  readonly file: string;
  readonly title: string;
}

const FOUND_BY_TESTS: readonly FoundByTest[] = [
  {
    bug: 'unknown-owner-denied',
    file: 'test/enforcement/enforce-security-group-event.test.ts',
    title: 'fails for a group whose owner is not known, if a rule could allow it: EC2 may not list it yet',
  },
  {
    bug: 'awaited-forgotten',
    file: 'test/aws/elasticache/list-caches.test.ts',
    title: 'listen on nothing while they are created, and on their ports from then on',
  },
  {
    bug: 'owner-left-out-is-no-one',
    file: 'test/policy/vpc/decide.test.ts',
    title: 'is allowed by its id if the account itself owns it and no owner is said',
  },
  {
    bug: 'neighbour-as-inside',
    file: 'test/policy/vpc/cidr.test.ts',
    title: 'exactly if the bits that the wider one fixes are those of the narrower one',
  },
  {
    bug: 'twice-as-large-as-inside',
    file: 'test/policy/vpc/decide.test.ts',
    title: 'is denied if it only overlaps, and the nearest entry is named',
  },
  {
    bug: 'limit-by-kind',
    file: 'test/enforcement/plan.test.ts',
    title: 'counts both kinds and every place together',
  },
  {
    bug: 'index-of-any-region',
    file: 'test/enforcement/cache-index.test.ts',
    title: 'keeps each region and each account for itself',
  },
];

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const CONFIG = fileURLToPath(new URL('with-bug/vitest.config.ts', import.meta.url));

/** Runs the tests of a file that have a title, on the checkout with a bug or on the checkout itself. Gives what Vitest printed, and its exit code. */
function runTest({ bug, file, title }: FoundByTest): Promise<{ readonly exitCode: unknown; readonly output: string }> {
  const named = title.replace(/[^\w ]/g, '.');
  const argv = [VITEST, 'run', '--config', CONFIG, '--no-color', file, '--testNamePattern', named];
  const env = { ...process.env, PLANTED_BUG: bug };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { env }, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

describe('a bug is caught', () => {
  test('each that is planted', () => {
    const folders = readdirSync(new URL('bugs', import.meta.url));

    expect([...PLANTED, ...FOUND_BY_TESTS].map(({ bug }) => bug).sort()).toEqual(folders.sort());
  });

  test.each(FOUND_BY_TESTS)('$bug: by “$title”', async (found) => {
    const right = await runTest({ ...found, bug: 'none' });
    const wrong = await runTest(found);

    expect(right).toMatchObject({ exitCode: 0, output: expect.stringContaining('1 passed') });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.output).toContain(`FAIL  ${found.file}`);
    expect(wrong.output).toContain(`> ${found.title}`);
    // Nothing but the promise of the test is broken: a bug that cannot be loaded would prove nothing.
    expect(wrong.output).toContain('AssertionError');
  });

  test.each(PLANTED)('$bug: $breach', async ({ bug, grants = 120, breach, also = [], story, call, rates = {} }) => {
    const environment = { PLANTED_BUG: bug };

    const run = await runChaos({ seed: 5, grants, folder: WITH_BUG, environment, rates });

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
