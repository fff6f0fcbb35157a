// The judge beside a plain scan over the rules, and beside two engines from npm, with the same rules and grants:
// `npm run bench -- rivals`. Each decision of theirs is compared with ours, so none is fast by deciding something else.

import { parseArgs } from 'node:util';
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { Engine } from 'json-rules-engine';
import { endOfDay } from '../../src/policy/allowlist.ts';
import type { ClassicAllowlistRule } from '../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../src/policy/classic/grant.ts';
import { ClassicQuestion } from '../../src/policy/classic/question.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { decide } from '../../src/policy/decide.ts';
import { parseNamePattern } from '../../src/policy/name-pattern.ts';
import { type Figure, median, mustBe, ratioFigure, report } from '../figures.ts';
import { grantsOf, KINDS, rules } from '../judged-rules.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const TODAY = Number(NOW) / 1000;
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, sizes: { type: 'string', default: '10,1000,100000' } },
});
/** How long each judges in a round, in milliseconds, if its decisions do not take longer. */
const A_WHILE = 100;
/** Who has judged for so long is not asked again: with 100,000 rules an engine needs seconds for one decision. */
const LONG_ENOUGH = 3_000;

/** Judges a grant: whether it is allowed. */
type Judge = (grant: ClassicGrant) => boolean | Promise<boolean>;

const ours = (judgedBy: readonly ClassicAllowlistRule[]): Judge => {
  const compiled = new CompiledAllowlist({ version: 1, rules: judgedBy });
  return (grant) => decide(grant, compiled, NOW).effect === 'allow';
};

/** Asks one rule after the other, until one allows; if none does, it says of up to three that share a name why not, as ours. */
const scan = (judgedBy: readonly ClassicAllowlistRule[]): Judge => {
  const allowlist = new CompiledAllowlist({ version: 1, rules: judgedBy });
  return (grant) => {
    const question = new ClassicQuestion(grant, allowlist, NOW.getTime());
    const near: string[] = [];
    for (const rule of question.all()) {
      const misses = question.missedParts(rule);
      if (misses.length === 0) return true;
      const sharesName = !misses.includes('cacheSecurityGroup') || !misses.includes('ec2SecurityGroup');
      if (sharesName && near.length < 3) near.push(misses.map((part) => question.describePart(part)).join(' or '));
    }
    return false;
  };
};

/** Cedar, with a policy for each rule, parsed once. Its `like` knows `*`, as these rules do. */
const cedar = (judgedBy: readonly ClassicAllowlistRule[]): Judge => {
  const any = (attribute: string, patterns: readonly string[]): string =>
    `(${patterns.map((pattern) => `context.${attribute} like ${JSON.stringify(pattern)}`).join(' || ')})`;
  const policy = (rule: ClassicAllowlistRule): string =>
    `permit(principal, action, resource) when { ${[
      any('cache', rule.cacheSecurityGroups),
      any('ec2', rule.ec2SecurityGroups),
      `(${rule.ownerIds
        .map((id) =>
          id === '*' ? 'true' : id === 'self' ? 'context.owner == context.account' : `context.owner == "${id}"`,
        )
        .join(' || ')})`,
      ...(rule.accounts ? [any('account', rule.accounts)] : []),
      ...(rule.expires ? [`context.now < ${endOf(rule.expires)}`] : []),
    ].join(' && ')} };`;
  const id = `rules-${judgedBy.length}`;
  const parsed = preparsePolicySet(id, { staticPolicies: judgedBy.map(policy).join('\n') });
  mustBe('the policies', parsed.type, 'success');
  const someone = { type: 'Somebody', id: 'x' };
  return ({ account, target, source }) => {
    const answer = statefulIsAuthorized({
      principal: someone,
      action: { type: 'Action', id: 'reach' },
      resource: someone,
      context: {
        cache: target.cacheSecurityGroupName,
        ec2: source.ec2SecurityGroupName,
        owner: source.ec2SecurityGroupOwnerId,
        account,
        now: TODAY,
      },
      preparsedPolicySetId: id,
      entities: [],
    });
    return answer.type === 'success' && answer.response.decision === 'allow';
  };
};

/** json-rules-engine, with a rule for each rule and operators that match as ours do. */
const jsonRulesEngine = (judgedBy: readonly ClassicAllowlistRule[]): Judge => {
  const engine = new Engine([], { allowUndefinedFacts: true });
  const patterns = new Map<string, ReturnType<typeof parseNamePattern>>();
  engine.addOperator<string, string[]>('namedBy', (name, texts) =>
    texts.some((text) => {
      const pattern = patterns.get(text) ?? parseNamePattern(text);
      patterns.set(text, pattern);
      return typeof pattern === 'string' ? pattern === name : pattern.matches(name);
    }),
  );
  engine.addOperator<{ owner: string; account: string }, string[]>('ownedBy', ({ owner, account }, ids) =>
    ids.some((id) => id === '*' || id === owner || (id === 'self' && owner === account)),
  );
  for (const rule of judgedBy) {
    engine.addRule({
      conditions: {
        all: [
          { fact: 'cache', operator: 'namedBy', value: rule.cacheSecurityGroups },
          { fact: 'ec2', operator: 'namedBy', value: rule.ec2SecurityGroups },
          { fact: 'owned', operator: 'ownedBy', value: rule.ownerIds },
          ...(rule.accounts ? [{ fact: 'account', operator: 'in', value: rule.accounts }] : []),
          ...(rule.expires ? [{ fact: 'now', operator: 'lessThan', value: endOf(rule.expires) }] : []),
        ],
      },
      event: { type: rule.id },
    });
  }
  return async ({ account, target, source }) => {
    const { events } = await engine.run({
      cache: target.cacheSecurityGroupName,
      ec2: source.ec2SecurityGroupName,
      owned: { owner: source.ec2SecurityGroupOwnerId, account },
      account,
      now: TODAY,
    });
    return events.length > 0;
  };
};

const RIVALS = { 'a plain scan': scan, 'Cedar (cedar-wasm)': cedar, 'json-rules-engine': jsonRulesEngine };

/** When a rule with this `expires` ends, in seconds since the epoch. */
function endOf(expires: string): number {
  return endOfDay(expires) / 1000;
}

/** Decisions a second: as many as there is time for, but one of each kind at least. */
async function rate(judge: Judge, grants: readonly ClassicGrant[], expected: readonly boolean[]): Promise<number> {
  const started = performance.now();
  let count = 0;
  do {
    for (const [i, grant] of grants.entries()) {
      const allowed = judge(grant);
      mustBe('the decision', typeof allowed === 'boolean' ? allowed : await allowed, expected[i]);
    }
    count += grants.length;
  } while (performance.now() - started < A_WHILE);
  return (count / (performance.now() - started)) * 1000;
}

const figures: Figure[] = [];
for (const size of values.sizes.split(',').map(Number)) {
  const judgedBy = rules(size);
  // Where every rule is asked, a few grants take seconds.
  const ofEach = size > 1_000 ? 1 : 50;
  const grants = KINDS.flatMap((kind) => grantsOf(kind, judgedBy, ofEach));
  const expected = KINDS.flatMap((kind) => Array<boolean>(ofEach).fill(kind.startsWith('allow')));
  const judges = { ours, ...RIVALS };
  const rates = Object.entries(judges).map(([name, make]) => ({
    name,
    judge: make(judgedBy),
    rates: [] as number[],
    took: 0,
  }));
  for (let round = -1; round < Number(values.rounds); round++) {
    for (const one of rates) {
      if (one.took > LONG_ENOUGH) continue;
      const started = performance.now();
      const measured = await rate(one.judge, grants, expected);
      // The first round warms up, for who is quick enough to have a second.
      if (round === 0) one.rates.length = 0;
      one.rates.push(measured);
      one.took += performance.now() - started;
    }
  }
  const [own, ...others] = rates.map(({ name, rates: all }) => ({ name, rate: median(all) }));
  for (const { name, rate: theirs } of others) {
    figures.push(
      ratioFigure(
        [`decisions a second, ${size.toLocaleString('en')} rules`, own?.rate ?? Number.NaN],
        [name, theirs],
        { atLeast: 1 },
        (value) => Number(value.toPrecision(3)).toLocaleString('en'),
      ),
    );
  }
}
report(figures);
