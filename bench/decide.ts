// How long one decision takes, of either kind of grant, by the number of rules: `npm run bench -- decide`.
//
// 200 different grants in turn, spread over all the rules, so that each goes its own way through memory. All sizes are measured
// side by side, batch by batch, so that a busy moment of the machine does not hit one of them alone. An allowlist may have 1 MB,
// which holds some 6,000 rules.
import { parseArgs } from 'node:util';
import { CompiledAllowlist } from '../src/policy/compile-allowlist.ts';
import { decide } from '../src/policy/decide.ts';
import type { Grant } from '../src/policy/grant.ts';
import { type Figure, median, mustBe, report } from './figures.ts';
import { JUDGED } from './judged-rules.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '101' } } });
const ROUNDS = Number(values.rounds);
const SIZES = [10, 1_000, 10_000];
/** How much longer than with 10 rules a denied decision may take with 10,000. */
const MOST_GROWTH = 5;
/** How many microseconds a decision may take, by the number of rules. */
const GOALS = new Map([
  [1_000, 20],
  [10_000, 100],
]);
const GRANTS = 200;
const WARM_UP = 20;
const CALLS = 400;
const COMPILATIONS = 7;
const NOW = new Date('2026-11-23T12:00:00Z');

const batches = SIZES.flatMap((size) =>
  JUDGED.map((judged) => {
    const compiled = new CompiledAllowlist({ version: 1, rules: judged.rules(size) });
    const grants = judged.grants(size, GRANTS);
    for (const one of grants) mustBe(JSON.stringify(one), decide(one, compiled, NOW).effect, judged.effect);
    return { size, what: judged.what, compiled, grants, times: [] as number[] };
  }),
);

for (let round = -WARM_UP; round < ROUNDS; round++) {
  for (const { compiled, grants, times } of batches) {
    const started = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) decide(grants[i % grants.length] as Grant, compiled, NOW);
    if (round >= 0) times.push(Number(process.hrtime.bigint() - started) / CALLS / 1_000);
  }
}

const us = (value: number): string => `${value.toFixed(2)} µs`;
const [most = 0] = SIZES.slice(-1);
const compilations = Array.from({ length: COMPILATIONS }, () => {
  const all = JUDGED.map(({ rules }) => rules(most));
  const started = performance.now();
  for (const rules of all) new CompiledAllowlist({ version: 1, rules });
  return (performance.now() - started) / all.length;
});
report([
  ...JUDGED.flatMap(({ what, effect }) =>
    [...GOALS].map(([size, goal]): Figure => {
      const timeOf = (rules: number) =>
        median(batches.find((batch) => batch.what === what && batch.size === rules)?.times ?? []);
      const time = timeOf(size);
      const few = timeOf(10);
      return {
        what: `decide, ${size.toLocaleString('en')} rules, ${what}`,
        value: us(time),
        beside: '10 rules',
        besideValue: us(few),
        ratio: time / few,
        ...(effect === 'deny' && size === most
          ? { goal: `at most ${MOST_GROWTH}, and under ${goal} µs`, met: time / few <= MOST_GROWTH && time < goal }
          : { goal: `under ${goal} µs`, met: time < goal }),
      };
    }),
  ),
  { what: `compiling ${most.toLocaleString('en')} rules`, value: `${median(compilations).toFixed(0)} ms` },
]);
