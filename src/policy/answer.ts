import type { CompiledRule } from './compiled-rule.ts';
import type { Decision, Reason } from './decision.ts';
import type { Part } from './parts.ts';
import type { Question } from './question.ts';

/** How many rules a deny names. */
const MOST_REASONS = 3;

/** The first rule by id that allows a grant; `undefined` if none does. */
export function firstAllowing<Rule extends CompiledRule>(question: Question<Rule>): Rule | undefined {
  let allowing: Rule | undefined;
  for (const rule of question.candidates()) {
    if (allowing !== undefined && rule.rank >= allowing.rank) continue;
    if (question.missedParts(rule).length === 0) allowing = rule;
  }
  return allowing;
}

/** What the rules say of a grant: `allow` with the first by id that allows it, or `deny` with the nearest. */
export function answer<Rule extends CompiledRule>(question: Question<Rule>): Decision {
  const allowing = firstAllowing(question);
  if (allowing !== undefined) return allowing.allow;
  const nearest = nearestRules(question);
  const reasons = nearest.map(({ rule, misses }) => toReason(question, rule, misses));
  return { effect: 'deny', reasons: reasons.length > 0 ? reasons : [noRuleComesNear(question)] };
}

function nearestRules<Rule extends CompiledRule>(question: Question<Rule>) {
  return Array.from(question.near(), (rule) => {
    return { rule, misses: question.missedParts(rule), nearness: question.nearness(rule) };
  })
    .sort((a, b) => a.misses.length - b.misses.length || b.nearness - a.nearness || a.rule.rank - b.rule.rank)
    .slice(0, MOST_REASONS);
}

/** The reasons why none of the rules allows a grant, those of rules that miss the fewest parts first. */
export function reasonsOf<Rule extends CompiledRule>(question: Question<Rule>): Reason[] {
  return question
    .all()
    .flatMap((rule) => {
      const misses = question.missedParts(rule);
      return misses.length === 0 ? [] : [toReason(question, rule, misses)];
    })
    .sort((a, b) => a.misses.length - b.misses.length);
}

function toReason<Rule extends CompiledRule>(question: Question<Rule>, rule: Rule, misses: readonly Part[]): Reason {
  return {
    rule: rule.id,
    covers: question.parts.filter((part) => !misses.includes(part)),
    misses,
    text: `rule \`${rule.id}\` ${describeReason(question, rule, misses)}`,
  };
}

/** "covers the cache but not CIDR `0.0.0.0/0` (nearest: 10.0.0.0/16)" */
function describeReason<Rule extends CompiledRule>(
  question: Question<Rule>,
  rule: Rule,
  misses: readonly Part[],
): string {
  const covered = question.describeCovered(misses);
  const parts = misses.filter((part) => part !== 'expires').map((part) => question.describePart(part, rule));
  const does =
    parts.length === 0
      ? `covers ${covered}`
      : covered === ''
        ? `does not cover ${joinWithOr(parts)}`
        : `covers ${covered} but not ${joinWithOr(parts)}`;
  if (!misses.includes('expires')) return does;
  return `${does}${parts.length === 0 ? ' but' : ', and'} expired on ${rule.expires}`;
}

function noRuleComesNear<Rule extends CompiledRule>(question: Question<Rule>): Reason {
  const misses = question.missedByAll();
  const parts = misses.map((part) => question.describePart(part));
  return { covers: [], misses, text: `no rule covers ${joinWithOr(parts)}` };
}

function joinWithOr(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
