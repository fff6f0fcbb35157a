import { type Allowlist, type ClassicRule, endOfDay, isClassicRule, isVpcRule, type Rule } from './allowlist.ts';
import { normalizeIds, quote } from './grant.ts';
import { canBeTargetName, coversPattern, lowerAscii, parseNamePattern } from './name-pattern.ts';
import type { AllowlistProblem } from './parse-allowlist.ts';
import { RuleIndex } from './rule-index.ts';
import { findHiddenVpcRules, warnOfVpcRule } from './vpc-rule-warnings.ts';
import { isLimitedWithin, isWithin } from './within.ts';

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
  const hiddenBy = new Map<Rule, Rule>([
    ...findHiddenRules(rules.filter(isClassicRule)),
    ...findHiddenVpcRules(rules.filter(isVpcRule)),
  ]);
  const warnings = rules.flatMap((rule, index): AllowlistProblem[] => {
    const within = (path: AllowlistProblem['path'], message: string): AllowlistProblem => ({
      path: ['rules', index, ...path],
      message,
    });
    const hiding = hiddenBy.get(rule);
    const doesNothing = `rule ${quote(rule.id)} does nothing: rule ${quote(hiding?.id)} allows all that it allows`;
    return [
      ...(hiding === undefined ? [] : [within(['id'], doesNothing)]),
      ...warnOfEnd(rule, instant).map((message) => within(['expires'], message)),
      ...(isVpcRule(rule) ? warnOfVpcRule(rule) : warnOfClassicRule(rule)).map((one) => within(one.path, one.message)),
    ];
  });
  if (rules.every((rule) => hasExpired(rule, instant))) {
    const why = rules.length === 0 ? 'it has no rules' : 'all its rules have expired';
    warnings.unshift({ path: ['rules'], message: `the allowlist allows nothing, so every grant is denied: ${why}` });
  }
  return warnings;
}

function warnOfClassicRule(rule: ClassicRule): AllowlistProblem[] {
  const at = (key: keyof ClassicRule, message: string): AllowlistProblem => ({ path: [key], message });
  const found: AllowlistProblem[] = [];
  if (allowsEverything(rule)) found.push(at('id', `rule ${quote(rule.id)} allows every grant there can be`));
  else {
    if (rule.ec2SecurityGroups.some(isAnyName)) {
      found.push(at('ec2SecurityGroups', `rule ${quote(rule.id)} allows every EC2 security group of its owners`));
    }
    if (rule.ownerIds.includes('*')) {
      found.push(at('ownerIds', `rule ${quote(rule.id)} allows every owner, whoever it is`));
    }
  }
  rule.cacheSecurityGroups.forEach((pattern, i) => {
    if (!canBeTargetName(pattern)) {
      const message = `${quote(pattern)} matches nothing: names of cache security groups are letters, digits and hyphens`;
      found.push({ path: ['cacheSecurityGroups', i], message });
    }
  });
  return found;
}

function warnOfEnd(rule: Rule, instant: Date): string[] {
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

function hasExpired(rule: Rule, instant: Date): boolean {
  return rule.expires !== undefined && instant.getTime() >= endOfDay(rule.expires);
}

function allowsEverything(rule: ClassicRule): boolean {
  return (
    rule.cacheSecurityGroups.some(isAnyName) &&
    rule.ec2SecurityGroups.some(isAnyName) &&
    rule.ownerIds.includes('*') &&
    rule.accounts === undefined &&
    rule.regions === undefined
  );
}

function isAnyName(pattern: string): boolean {
  return /^\*+$/.test(pattern);
}

/**
 * How much is compared at most. What people write takes a thousandth of it; only a text made to keep us busy, with hundreds of
 * stars in each of its patterns, takes more, and then not every warning is found.
 */
const MOST_STEPS = 200_000_000;
const STEPS_OF_A_LOOK = 50;

/** Each rule that another one makes superfluous, with that other. Of two that cover each other, the later by id is. */
function findHiddenRules(rules: readonly ClassicRule[]): Map<Rule, Rule> {
  const prepared = rules.map(prepare);
  const index = new RuleIndex(
    prepared,
    prepared.map((rule) => rule.cacheSecurityGroups),
  );
  const hidden = new Map<Rule, Rule>();
  let steps = 0;
  for (const rule of prepared) {
    // A rule that hides another allows every name that the other does, so any one of them leads to it.
    const [first = ''] = rule.cacheSecurityGroups;
    const candidates = index.rulesFor(typeof first === 'string' ? first : first.example());
    const hiding = candidates.find((other) => {
      steps += STEPS_OF_A_LOOK + other.signs * rule.signs;
      if (other === rule || steps > MOST_STEPS) return false;
      return hides(other, rule) && !(hides(rule, other) && rule.rule.id < other.rule.id);
    });
    if (hiding !== undefined) hidden.set(rule.rule, hiding.rule);
  }
  return hidden;
}

interface PreparedRule {
  readonly rule: ClassicRule;
  readonly cacheSecurityGroups: readonly ReturnType<typeof parseNamePattern>[];
  readonly ec2SecurityGroups: readonly ReturnType<typeof parseNamePattern>[];
  readonly ownerIds: readonly string[];
  readonly accounts: readonly string[] | undefined;
  readonly end: number;
  /** How long its patterns are together. */
  readonly signs: number;
}

function prepare(rule: ClassicRule): PreparedRule {
  const cacheSecurityGroups = rule.cacheSecurityGroups.map((pattern) => parseNamePattern(lowerAscii(pattern)));
  const ec2SecurityGroups = rule.ec2SecurityGroups.map(parseNamePattern);
  const patterns = [...cacheSecurityGroups, ...ec2SecurityGroups].filter((pattern) => typeof pattern !== 'string');
  return {
    rule,
    cacheSecurityGroups,
    ec2SecurityGroups,
    signs: patterns.reduce((sum, { text }) => sum + text.length, 0),
    ownerIds: normalizeIds(rule.ownerIds),
    accounts: rule.accounts && normalizeIds(rule.accounts),
    end: rule.expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(rule.expires),
  };
}

/** Whether `wide` allows all that `narrow` allows, for as long. */
function hides(wide: PreparedRule, narrow: PreparedRule): boolean {
  return (
    wide.end >= narrow.end &&
    (wide.ownerIds.includes('*') || isWithin(narrow.ownerIds, wide.ownerIds)) &&
    isLimitedWithin(narrow.accounts, wide.accounts) &&
    isLimitedWithin(narrow.rule.regions, wide.rule.regions) &&
    narrow.cacheSecurityGroups.every((name) =>
      wide.cacheSecurityGroups.some((pattern) => coversPattern(pattern, name)),
    ) &&
    narrow.ec2SecurityGroups.every((name) => wide.ec2SecurityGroups.some((pattern) => coversPattern(pattern, name)))
  );
}
