import { isLikelyUnitId } from './account-paths.ts';
import { type Allowlist, type AllowlistRule, endOfDay, isClassicRule, isVpcRule } from './allowlist.ts';
import { findHiddenClassicRules, warnOfClassicRule } from './classic/warnings.ts';
import type { AllowlistProblem } from './parse-allowlist.ts';
import { quote } from './quote.ts';
import { findHiddenVpcRules, findWideTogether, warnOfVpcRule } from './vpc/warnings.ts';

/** How long before its end a rule is worth a warning. */
const SOON_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * What is legal in an allowlist and still looks like a mistake: rules that do nothing, rules that allow more than anyone
 * would want, rules about to end.
 *
 * @returns the warnings with the keys they are about, in the order of the rules.
 */
export function findWarnings(allowlist: Allowlist, instant: Date): AllowlistProblem[] {
  const { rules } = allowlist;
  const hiddenBy = new Map<AllowlistRule, AllowlistRule>([
    ...findHiddenClassicRules(rules.filter(isClassicRule)),
    ...findHiddenVpcRules(rules.filter(isVpcRule)),
  ]);
  const wideTogether = findWideTogether(rules.filter(isVpcRule).filter((rule) => !hasExpired(rule, instant)));
  const warnings = rules.flatMap((rule, index): AllowlistProblem[] => {
    const within = (path: AllowlistProblem['path'], message: string): AllowlistProblem => ({
      path: ['rules', index, ...path],
      message,
    });
    const hiding = hiddenBy.get(rule);
    const wide = isVpcRule(rule) ? wideTogether.get(rule) : undefined;
    const doesNothing = `rule ${quote(rule.id)} does nothing: rule ${quote(hiding?.id)} allows all that it allows`;
    return [
      ...(hiding === undefined ? [] : [within(['id'], doesNothing)]),
      ...warnOfEnd(rule, instant).map((message) => within(['expires'], message)),
      ...warnOfUnits(rule).map((one) => within(one.path, one.message)),
      ...(wide === undefined ? [] : [within(wide.path, wide.message)]),
      ...(isVpcRule(rule) ? warnOfVpcRule(rule) : warnOfClassicRule(rule)).map((one) => within(one.path, one.message)),
    ];
  });
  if (rules.every((rule) => hasExpired(rule, instant))) {
    const why = rules.length === 0 ? 'it has no rules' : 'all its rules have expired';
    warnings.unshift({ path: ['rules'], message: `the allowlist allows nothing, so every grant is denied: ${why}` });
  }
  return warnings;
}

function warnOfUnits({ organizationalUnits = [] }: AllowlistRule): AllowlistProblem[] {
  return organizationalUnits.flatMap((id, i) => {
    if (isLikelyUnitId(id)) return [];
    const message = `${quote(id)} matches nothing: ids of organizational units are like ou-ab12-0123abcd, those of roots like r-ab12`;
    return [{ path: ['organizationalUnits', i], message }];
  });
}

function warnOfEnd(rule: AllowlistRule, instant: Date): string[] {
  if (rule.expires === undefined) return [];
  if (hasExpired(rule, instant))
    return [`rule ${quote(rule.id)} expired on ${rule.expires} and allows nothing any more`];
  const left = endOfDay(rule.expires) - instant.getTime();
  if (left > SOON_MS) return [];
  const days = Math.ceil(left / (24 * 60 * 60 * 1000));
  return [
    `rule ${quote(rule.id)} expires on ${rule.expires}, in ${days} ${days === 1 ? 'day' : 'days'}: from then on, what it allows is denied`,
  ];
}

function hasExpired(rule: AllowlistRule, instant: Date): boolean {
  return rule.expires !== undefined && instant.getTime() >= endOfDay(rule.expires);
}
