import { describeUnknownUnits } from './account-paths.ts';
import { answer, firstAllowing, reasonsOf } from './answer.ts';
import { decideClassicGrant } from './classic/decide.ts';
import { ClassicQuestion } from './classic/question.ts';
import type { CompiledAllowlist } from './compile-allowlist.ts';
import type { CompiledRule } from './compiled-rule.ts';
import type { Decision, Reason } from './decision.ts';
import type { Access } from './grant.ts';
import { timeOf } from './instant.ts';
import type { Question } from './question.ts';
import { VpcQuestion } from './vpc/question.ts';

/**
 * Judges a grant: a pure function of grant, allowlist and instant. The time it takes hardly grows with the number of
 * rules: an index narrows them to those that share the rarest of the grant's names.
 *
 * If several rules allow, the one named is the first by id, so that the order of rules in the file never matters. A
 * deny names up to three rules, nearest first: those that miss the fewest parts.
 *
 * @throws {RangeError} if the instant is an invalid date: every rule would seem to have expired.
 */
export function decide(grant: Access, allowlist: CompiledAllowlist, instant: Date): Decision {
  switch (grant.kind) {
    case 'classic':
      return decideClassicGrant(grant, allowlist, instant);
    case 'vpc':
      return answer(new VpcQuestion(grant, allowlist, timeOf(instant)));
  }
}

/**
 * The reasons why the rules of the grant's kind do not allow it, those of rules that miss the fewest parts first. Unlike
 * `decide`, it looks at every rule.
 *
 * @throws {RangeError} if the instant is an invalid date.
 */
export function reasonsAgainst(grant: Access, allowlist: CompiledAllowlist, instant: Date): readonly Reason[] {
  const time = timeOf(instant);
  switch (grant.kind) {
    case 'classic':
      return reasonsOf(new ClassicQuestion(grant, allowlist, time));
    case 'vpc':
      return reasonsOf(new VpcQuestion(grant, allowlist, time));
  }
}

/**
 * Whether the decision on a grant depends on entries of its prefix list that are not known. Then `decide` denies it without
 * them, and nothing may be done because of that.
 *
 * @throws {RangeError} if the instant is an invalid date.
 */
export function dependsOnEntries(grant: Access, allowlist: CompiledAllowlist, instant: Date): boolean {
  if (grant.kind !== 'vpc' || grant.source.kind !== 'prefixList') return false;
  const question = new VpcQuestion(grant, allowlist, timeOf(instant));
  return answer(question).effect === 'deny' && question.decidedByEntries() !== undefined;
}

/**
 * Why the decision on a grant depends on the organizational units of its account, which are not known. Then `decide` denies it for
 * want of them, and nothing may be done because of that.
 *
 * @returns a clause; `undefined` if the decision does not depend on them.
 * @throws {RangeError} if the instant is an invalid date.
 */
export function whyUnitsUnknown(grant: Access, allowlist: CompiledAllowlist, instant: Date): string | undefined {
  const time = timeOf(instant);
  const rule =
    grant.kind === 'classic'
      ? findAsking(new ClassicQuestion(grant, allowlist, time))
      : findAsking(new VpcQuestion(grant, allowlist, time));
  return rule && describeUnknownUnits(grant.account, rule.id);
}

function findAsking<Rule extends CompiledRule>(
  question: Question<Rule> & { decidedByAccountPath(): Rule | undefined },
): Rule | undefined {
  return firstAllowing(question) === undefined ? question.decidedByAccountPath() : undefined;
}
