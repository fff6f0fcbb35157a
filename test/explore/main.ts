// `npm run explore`: the tests with inputs that nobody has tried yet, in another order of the test files, and a chaos run;
// round after round, until one fails. CONTRIBUTING.md says how to repeat a failure.
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findFailures, type TestReport } from './failures.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** As the chaos tests have it. */
const GRANTS = '300';

/** A test that checks that its inputs are of every kind could miss one by chance with fewer. */
const FUZZ_TIMES = '3';

/**
 * `npm run explore -- --seed 7 --minutes 60 test/policy`: round after round, each with the next seed, until one fails or the
 * time is up. Without `--minutes` there is no end, without `--seed` it begins anywhere. What else is given are test files.
 *
 * @returns the exit code: 0 without a failure, 1 with one.
 * @throws if an option is not known, or no number.
 */
async function explore(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { seed: { type: 'string' }, minutes: { type: 'string' } },
    allowPositionals: true,
  });
  const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : wholeNumber('minutes', values.minutes);
  const endAt = Date.now() + minutes * 60_000;
  for (let seed = wholeNumber('seed', values.seed ?? String(randomInt(10 ** 9))); ; seed++) {
    console.log(`Seed ${seed}, since ${new Date().toISOString()}`);
    const failures = [...(await runTests(seed, positionals)), ...(positionals.length > 0 ? [] : await runChaos(seed))];
    for (const failure of failures) console.log(`\n${failure}`);
    if (failures.length > 0) return 1;
    if (Date.now() >= endAt) return 0;
  }
}

/** Runs the tests of `npm test` that need no package and no build, and the longest fuzz tests, in an order that follows from the seed. */
async function runTests(seed: number, files: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-explore-'));
  try {
    const report = join(folder, 'report.json');
    const environment = { FUZZ_SEED: String(seed), FUZZ_TIMES: process.env.FUZZ_TIMES || FUZZ_TIMES };
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const shuffle = ['--sequence.shuffle.files', `--sequence.seed=${seed}`];
    const how = ['--project=parts', '--project=fuzz', ...shuffle, '--reporter=json', `--outputFile=${report}`];
    const { exitCode, output } = await run([vitest, 'run', ...how, ...files], environment);
    if (exitCode === 0) return [];
    const again = `The whole round again, in the same order: npm run explore -- --seed ${seed} --minutes 0 ${files.join(' ')}`;
    const written = await readFile(report, 'utf8').catch(() => '{"testResults":[]}');
    const failures = findFailures(JSON.parse(written) as TestReport, environment, CHECKOUT);
    if (failures.length === 0) return [output, again.trimEnd()];
    const told = failures.map(({ title, messages, command }) =>
      [`Failed: ${title}`, ...messages, `Repeat it: ${command}`].join('\n'),
    );
    return [...told, again.trimEnd()];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A chaos run says itself how to repeat it. */
async function runChaos(seed: number): Promise<string[]> {
  const { exitCode, output } = await run(['test/chaos/simulation/main.ts', '--seed', String(seed), '--grants', GRANTS]);
  return exitCode === 0 ? [] : [output];
}

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const options = { cwd: CHECKOUT, env: { ...process.env, ...environment }, maxBuffer: Number.POSITIVE_INFINITY };
  return new Promise<{ readonly exitCode: number; readonly output: string }>((resolve) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

function wholeNumber(name: string, written: string): number {
  if (/^[0-9]{1,9}$/.test(written)) return Number(written);
  throw new Error(`--${name} is ${written}: write a whole number of up to nine digits`);
}

process.exitCode = await explore(process.argv.slice(2));
