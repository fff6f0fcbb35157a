// How long one decision takes, by the number of rules, and how long 100,000 rules take to compile: `npm run bench -- decide`
// (`node bench/decide.ts --grants 1` judges the same grant over and over).
//
// Grants that differ, spread over all the rules, in turn: each touches other parts of memory. With 10 rules all of that is in
// the processor's nearest caches, with 100,000 it is not, so what this tells beyond the number of steps is the way through
// memory. All sizes are measured side by side, batch by batch, so that a busy moment of the machine does not hit one of them alone.
import { parseArgs } from 'node:util';
import { CompiledAllowlist } from '../src/policy/compile-allowlist.ts';
import { decide } from '../src/policy/decision.ts';
import type { Grant } from '../src/policy/grant.ts';
import { type Figure, median, mustBe, ratioFigure, report } from './figures.ts';
import { grantsOf, KINDS, rules } from './judged-rules.ts';

const { values } = parseArgs({
  options: { grants: { type: 'string', default: '200' }, rounds: { type: 'string', default: '301' } },
});
/** How many grants of a kind are judged in turn. With 1, all that its judgement needs is in the processor's caches. */
const DIFFERENT = Number(values.grants);
const ROUNDS = Number(values.rounds);
const SIZES = [10, 1_000, 100_000];
const WARM_UP = 50;
const CALLS = 2_000;
const COMPILATIONS = 7;
const NOW = new Date('2026-11-23T12:00:00Z');

const cases = SIZES.map((size) => {
  const judgedBy = rules(size);
  const compiled = new CompiledAllowlist({ version: 1, rules: judgedBy });
  const byKind = KINDS.map((kind) => {
    const grants = grantsOf(kind, judgedBy, DIFFERENT);
    for (const one of grants)
      mustBe(JSON.stringify(one), decide(one, compiled, NOW).effect, kind.slice(0, kind.indexOf(',')));
    return { kind, grants, batches: [] as number[] };
  });
  return { size, compiled, byKind };
});

for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const { compiled, byKind } of cases) {
    for (const { grants, batches } of byKind) {
      const started = process.hrtime.bigint();
      for (let i = 0; i < CALLS; i++) decide(grants[i % grants.length] as Grant, compiled, NOW);
      if (round >= 0) batches.push(Number(process.hrtime.bigint() - started) / CALLS / 1_000);
    }
  }
}

/** Microseconds a decision takes, for each kind, at each size. */
const [few = [], some = [], many = []] = cases.map(({ byKind }) => byKind.map(({ batches }) => median(batches)));
const mixed = (times: readonly number[]): number => times.reduce((sum, time) => sum + time, 0) / times.length;
const us = (value: number): string => `${value.toFixed(2)} µs`;

function flat(what: string, large: number, size: string, small: number): Figure {
  const figure = ratioFigure([what, large], ['10 rules', small], { atMost: 1.5 }, us);
  return {
    ...figure,
    what: `${what}, ${size}`,
    goal: `${figure.goal}, and under 2 µs`,
    met: figure.met === true && large < 2,
  };
}

const compilations = Array.from({ length: COMPILATIONS }, () => {
  const allowlist = { version: 1, rules: rules(SIZES.at(-1) ?? 0) } as const;
  const started = performance.now();
  new CompiledAllowlist(allowlist);
  return performance.now() - started;
});
const perSecond = 1_000_000 / mixed(many);
report([
  ...KINDS.map((kind, i) => flat(`decide: ${kind}`, many[i] ?? Number.NaN, '100,000 rules', few[i] ?? Number.NaN)),
  flat('decide: mixed', mixed(some), '1,000 rules', mixed(few)),
  flat('decide: mixed', mixed(many), '100,000 rules', mixed(few)),
  {
    what: 'decisions a second, mixed, 100,000 rules',
    value: Math.round(perSecond).toLocaleString('en'),
    goal: 'at least 1,000,000',
    met: perSecond >= 1_000_000,
  },
  {
    what: 'compile 100,000 rules, slowest of 7',
    value: `${Math.max(...compilations).toFixed(0)} ms`,
    goal: 'under 1,000 ms',
    met: Math.max(...compilations) < 1_000,
  },
]);
