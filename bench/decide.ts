// How long one decision takes, by the number of rules, and how long 100,000 rules take to compile: `npm run bench -- decide`.
//
// One grant over and over tells how many steps a decision takes. 200 that differ, spread over all the rules, in turn, tell of
// the way through memory too: each touches other parts of it, and with 10 rules all of that is in the processor's nearest
// caches, with 100,000 it is not. All sizes are measured side by side, batch by batch, so that a busy moment of the machine does
// not hit one of them alone.
import { parseArgs } from 'node:util';
import { CompiledAllowlist } from '../src/policy/compile-allowlist.ts';
import { decide } from '../src/policy/decision.ts';
import type { Grant } from '../src/policy/grant.ts';
import { type Figure, median, mustBe, ratioFigure, report } from './figures.ts';
import { grantsOf, KINDS, type Kind, rules } from './judged-rules.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '301' } } });
const ROUNDS = Number(values.rounds);
/** How many grants of a kind are judged in turn. */
const DIFFERENT = [1, 200];
const SIZES = [10, 1_000, 100_000];
const WARM_UP = 50;
const CALLS = 2_000;
const COMPILATIONS = 7;
const NOW = new Date('2026-11-23T12:00:00Z');

const cases = SIZES.map((size) => {
  const judgedBy = rules(size);
  const compiled = new CompiledAllowlist({ version: 1, rules: judgedBy });
  const batches = KINDS.flatMap((kind) =>
    DIFFERENT.map((different) => {
      const grants = grantsOf(kind, judgedBy, different);
      for (const one of grants) {
        mustBe(JSON.stringify(one), decide(one, compiled, NOW).effect, kind.slice(0, kind.indexOf(',')));
      }
      return { kind, different, grants, times: [] as number[] };
    }),
  );
  return { size, compiled, batches };
});

for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const { compiled, batches } of cases) {
    for (const { grants, times } of batches) {
      const started = process.hrtime.bigint();
      for (let i = 0; i < CALLS; i++) decide(grants[i % grants.length] as Grant, compiled, NOW);
      if (round >= 0) times.push(Number(process.hrtime.bigint() - started) / CALLS / 1_000);
    }
  }
}

/** Microseconds that a decision takes: of one kind, or as the mean of all. */
function microseconds(ofSize: number, inTurn: number, ofKind?: Kind): number {
  const { batches = [] } = cases.find(({ size }) => size === ofSize) ?? {};
  const meant = batches.filter(({ kind, different }) => different === inTurn && kind === (ofKind ?? kind));
  return meant.reduce((sum, { times }) => sum + median(times), 0) / meant.length;
}

const us = (value: number): string => `${value.toFixed(2)} µs`;

/** How much longer a decision takes than with 10 rules. */
function flat(size: number, inTurn: number): Figure {
  const grants = inTurn === 1 ? 'one grant of each kind' : `${inTurn} of each in turn`;
  return ratioFigure(
    [`decide, ${size.toLocaleString('en')} rules, ${grants}`, microseconds(size, inTurn)],
    ['10 rules', microseconds(10, inTurn)],
    { atMost: 1.5 },
    us,
  );
}

const compilations = Array.from({ length: COMPILATIONS }, () => {
  const allowlist = { version: 1, rules: rules(SIZES.at(-1) ?? 0) } as const;
  const started = performance.now();
  new CompiledAllowlist(allowlist);
  return performance.now() - started;
});
const [most = 0, inTurn = 0] = [SIZES.at(-1), DIFFERENT.at(-1)];
const perSecond = 1_000_000 / microseconds(most, inTurn);
report([
  ...KINDS.map((kind): Figure => {
    const time = microseconds(most, inTurn, kind);
    return { what: `decide, 100,000 rules: ${kind}`, value: us(time), goal: 'under 2 µs', met: time < 2 };
  }),
  ...DIFFERENT.flatMap((different) => [flat(1_000, different), flat(most, different)]),
  {
    what: 'decisions a second, 100,000 rules',
    value: Math.round(perSecond).toLocaleString('en'),
    goal: 'at least 1,000,000',
    met: perSecond >= 1_000_000,
  },
  {
    what: 'compiling 100,000 rules',
    value: `${median(compilations).toFixed(0)} ms`,
    goal: 'under 1,000 ms',
    met: median(compilations) < 1_000,
  },
]);
