import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Run, type RunSettings, runChaos } from './run.ts';
import type { StageSettings } from './stage.ts';
import { toTables } from './tables.ts';
import { findBreaches, type Story, shortestStory } from './verdict.ts';
import { keyOf } from './witness.ts';

/** Where to write, a block at a time. */
type Print = (text: string) => void;

/**
 * `npm run chaos -- --seed 7 --grants 10000 --minutes 10`: a run, or, for so many minutes, run after run, each with the next
 * seed, until one has a breach.
 *
 * @param code the functions to run in place of the checkout's.
 * @returns the exit code: 0 without a breach, 1 with one.
 * @throws if an option is not known, or no number.
 */
export async function chaos(
  argv: readonly string[],
  print: Print,
  code: Omit<StageSettings, 'seed'> = {},
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { seed: { type: 'string' }, grants: { type: 'string' }, minutes: { type: 'string' } },
  });
  const grants = wholeNumber('grants', values.grants ?? '10000', 1);
  const endAt = Date.now() + wholeNumber('minutes', values.minutes ?? '0', 0) * 60_000;
  let seed = wholeNumber('seed', values.seed ?? String(randomInt(2 ** 31)), 0);
  for (let runs = 1; ; runs++, seed++) {
    const hasBreach = await runOnce({ ...code, seed, grants }, print);
    if (hasBreach) return 1;
    if (Date.now() >= endAt) {
      print(`No breach in ${runs === 1 ? 'this run' : `${runs} runs`}.`);
      return 0;
    }
  }
}

async function runOnce(settings: RunSettings, print: Print): Promise<boolean> {
  print(`# ${command(settings)}`);
  const run = await runChaos(settings);
  const breaches = findBreaches(run);
  print(toTables(run, breaches));
  const story = shortestStory(run, breaches);
  if (story !== undefined) await tell(story, settings, run, print);
  return story !== undefined;
}

/** Tells a story, and looks whether a run that ends with its grant has a breach as well. */
async function tell({ breach, lines }: Story, settings: RunSettings, { plan }: Run, print: Print): Promise<void> {
  print(`## Breach: ${breach.what}\n\n${breach.grant}\n\n${lines.join('\n')}`);
  // A rule of a scene is in every run.
  const grants = Math.max(1, plan.grants.findIndex(({ grant }) => keyOf(grant) === breach.grant) + 1);
  const smaller = { ...settings, grants };
  if (smaller.grants === settings.grants) return;
  const hasBreach = findBreaches(await runChaos(smaller)).length > 0;
  print(`A smaller run has ${hasBreach ? 'a breach too' : 'none'}: ${command(smaller)}`);
}

function command({ seed, grants }: RunSettings): string {
  return `npm run chaos -- --seed ${seed} --grants ${grants}`;
}

function wholeNumber(name: string, written: string, least: number): number {
  if (/^[0-9]{1,10}$/.test(written) && Number(written) >= least) return Number(written);
  throw new Error(`--${name} is ${written}: write a whole number from ${least}`);
}
