// How long one decision takes, by the number of rules, and how long 100,000 rules take to compile: `node bench/decide.ts`
// (`--grants 1` judges the same grant over and over).
// All sizes are measured side by side, batch by batch, so that a busy moment of the machine does not hit one of them alone.
import { parseArgs } from 'node:util';
import { markdownTable } from 'markdown-table';
import type { Allowlist, Rule } from '../src/policy/allowlist.ts';
import { CompiledAllowlist } from '../src/policy/compile-allowlist.ts';
import { decide } from '../src/policy/decision.ts';
import type { Grant } from '../src/policy/grant.ts';

const { values } = parseArgs({ options: { grants: { type: 'string', default: '200' } } });
/** How many grants are judged in turn. With 1, all that its judgement needs is in the processor's caches. */
const DIFFERENT = Number(values.grants);
const SIZES = [10, 1_000, 100_000];
const BATCHES = 301;
const WARM_UP = 50;
const CALLS = 2_000;
const COMPILATIONS = 7;

const ACCOUNT = '111122223333';
const STRANGER = '999988887777';
const NOW = new Date('2026-11-23T12:00:00Z');
const OWNERS = [['self'], ['444455556666', 'self'], ['*'], ['self', '012345678901']];

/**
 * Every second rule names exactly whom it means, the others have wildcards: at the end, at the beginning, in between. No name
 * is covered by more rules the more there are, so that every size does the same work.
 */
function rule(number: number): Rule {
  const [cache, ec2] =
    number % 2 === 0
      ? [`sessions-${number}`, `web-${number}`]
      : ([
          [`team-${number}-*`, `job-${number}-?`],
          [`*-queue-${number}`, `*-worker-${number}`],
          [`shop-${number}-*blue`, `app-${number}-*-eu`],
        ][number % 3] as [string, string]);
  return {
    id: `rule-${number}`,
    cacheSecurityGroups: [cache],
    ec2SecurityGroups: [ec2, `spare-${number}`],
    ownerIds: OWNERS[number % OWNERS.length] as string[],
    ...(number % 5 === 0 && { accounts: [ACCOUNT] }),
    ...(number % 7 === 0 && { expires: '2030-01-31' }),
  };
}

const fill = (pattern: string): string => pattern.replaceAll('*', 'some').replaceAll('?', '1');

function grant(cacheSecurityGroupName: string, ec2SecurityGroupName: string, ec2SecurityGroupOwnerId: string): Grant {
  return {
    account: ACCOUNT,
    region: 'us-east-1',
    target: { cacheSecurityGroupName },
    source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId },
  };
}

type Kind = 'allow, exact' | 'allow, wildcard' | 'deny, near' | 'deny, far';
const KINDS: readonly Kind[] = ['allow, exact', 'allow, wildcard', 'deny, near', 'deny, far'];

/** Grants of a kind, spread over all the rules. */
function grantsOf(kind: Kind, rules: readonly Rule[]): Grant[] {
  return Array.from({ length: DIFFERENT }, (_, i) => {
    const at = Math.floor((i * rules.length) / DIFFERENT);
    // Even numbers are exact; of the others, none of those that any owner is good for.
    const { cacheSecurityGroups, ec2SecurityGroups } = rules[kind === 'allow, exact' ? at & ~1 : at | 1] as Rule;
    const [into, from] = [fill(cacheSecurityGroups[0] as string), fill(ec2SecurityGroups[0] as string)];
    if (kind === 'deny, far') return grant(`nobody-${i}`, `knows-${i}`, STRANGER);
    return grant(into, from, kind === 'deny, near' ? STRANGER : ACCOUNT);
  });
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

const cases = SIZES.map((size) => {
  const allowlist: Allowlist = { version: 1, rules: Array.from({ length: size }, (_, i) => rule(i)) };
  const compiled = new CompiledAllowlist(allowlist);
  const byKind = KINDS.map((kind) => {
    const grants = grantsOf(kind, allowlist.rules);
    for (const one of grants) {
      const { effect } = decide(one, compiled, NOW);
      if (!kind.startsWith(effect)) throw new Error(`${kind}: ${JSON.stringify(one)} is ${effect}`);
    }
    return { kind, grants, batches: [] as number[] };
  });
  return { size, allowlist, compiled, byKind };
});

for (let batch = -WARM_UP; batch < BATCHES; batch++) {
  for (const { compiled, byKind } of cases) {
    for (const { grants, batches } of byKind) {
      const started = process.hrtime.bigint();
      for (let i = 0; i < CALLS; i++) decide(grants[i % grants.length] as Grant, compiled, NOW);
      if (batch >= 0) batches.push(Number(process.hrtime.bigint() - started) / CALLS / 1_000);
    }
  }
}

const rows = cases.map(({ size, byKind }) => [
  size.toLocaleString('en'),
  ...byKind.map(({ batches }) => median(batches).toFixed(3)),
]);
const [few, many] = [cases[0], cases.at(-1)].map((one) => one?.byKind.map(({ batches }) => median(batches)) ?? []);
rows.push(['most / fewest', ...KINDS.map((_, i) => `${((many?.[i] ?? 0) / (few?.[i] ?? 1)).toFixed(2)} times`)]);
console.log(
  `decide, microseconds a call: median of ${BATCHES} batches of ${CALLS} calls, ${DIFFERENT} different grants in turn\n`,
);
console.log(markdownTable([['rules', ...KINDS], ...rows], { align: 'r' }));

const largest = cases.at(-1)?.allowlist as Allowlist;
const compilations = Array.from({ length: COMPILATIONS }, () => {
  const started = performance.now();
  new CompiledAllowlist(largest);
  return performance.now() - started;
});
console.log(
  `\ncompiling ${largest.rules.length.toLocaleString('en')} rules: median ${median(compilations).toFixed(0)} ms, ` +
    `most ${Math.max(...compilations).toFixed(0)} ms of ${COMPILATIONS}`,
);
