import { endOfDay } from '../allowlist.ts';
import { NameIndex } from '../name-index.ts';
import { canBeTargetName, coversPattern, lowerAscii, parseNamePattern } from '../name-pattern.ts';
import type { AllowlistProblem } from '../parse-allowlist.ts';
import { quote } from '../quote.ts';
import { areAccountsWithin, isLimitedWithin, isWithin } from '../within.ts';
import { normalizeIds } from '../written.ts';
import type { ClassicAllowlistRule } from './allowlist-rule.ts';

/** What looks like a mistake in one rule about cache security groups. Paths begin at the rule. */
export function warnOfClassicRule(rule: ClassicAllowlistRule): AllowlistProblem[] {
  const at = (key: keyof ClassicAllowlistRule, message: string): AllowlistProblem => ({ path: [key], message });
  const found: AllowlistProblem[] = [];
  if (allowsEverything(rule)) found.push(at('id', `rule ${quote(rule.id)} allows every grant there can be`));
  else {
    if (rule.ec2SecurityGroups.some(isAnyName)) {
      found.push(at('ec2SecurityGroups', `rule ${quote(rule.id)} allows every EC2 security group of its owners`));
    }
    if (rule.ownerIds.includes('*')) {
      found.push(at('ownerIds', `rule ${quote(rule.id)} allows security groups of any owner`));
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

function allowsEverything(rule: ClassicAllowlistRule): boolean {
  return (
    rule.cacheSecurityGroups.some(isAnyName) &&
    rule.ec2SecurityGroups.some(isAnyName) &&
    rule.ownerIds.includes('*') &&
    rule.accounts === undefined &&
    rule.organizationalUnits === undefined &&
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
export function findHiddenClassicRules(
  rules: readonly ClassicAllowlistRule[],
): Map<ClassicAllowlistRule, ClassicAllowlistRule> {
  const prepared = rules.map(prepare);
  const index = new NameIndex(prepared, (rule) => rule.cacheSecurityGroups);
  const hidden = new Map<ClassicAllowlistRule, ClassicAllowlistRule>();
  let steps = 0;
  for (const rule of prepared) {
    // A rule that hides another allows every name that the other does, so any one of them leads to it.
    const [first = ''] = rule.cacheSecurityGroups;
    const candidates = index.find(typeof first === 'string' ? first : first.example()).flat();
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
  readonly rule: ClassicAllowlistRule;
  readonly cacheSecurityGroups: readonly ReturnType<typeof parseNamePattern>[];
  readonly ec2SecurityGroups: readonly ReturnType<typeof parseNamePattern>[];
  readonly ownerIds: readonly string[];
  readonly end: number;
  /** How long its patterns are together. */
  readonly signs: number;
}

function prepare(rule: ClassicAllowlistRule): PreparedRule {
  const cacheSecurityGroups = rule.cacheSecurityGroups.map((pattern) => parseNamePattern(lowerAscii(pattern)));
  const ec2SecurityGroups = rule.ec2SecurityGroups.map(parseNamePattern);
  const patterns = [...cacheSecurityGroups, ...ec2SecurityGroups].filter((pattern) => typeof pattern !== 'string');
  return {
    rule,
    cacheSecurityGroups,
    ec2SecurityGroups,
    signs: patterns.reduce((sum, { text }) => sum + text.length, 0),
    ownerIds: normalizeIds(rule.ownerIds),
    end: rule.expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(rule.expires),
  };
}

/** Whether `wide` allows all that `narrow` allows, for as long. */
function hides(wide: PreparedRule, narrow: PreparedRule): boolean {
  return (
    wide.end >= narrow.end &&
    (wide.ownerIds.includes('*') || isWithin(narrow.ownerIds, wide.ownerIds)) &&
    areAccountsWithin(narrow.rule, wide.rule) &&
    isLimitedWithin(narrow.rule.regions, wide.rule.regions) &&
    narrow.cacheSecurityGroups.every((name) =>
      wide.cacheSecurityGroups.some((pattern) => coversPattern(pattern, name)),
    ) &&
    narrow.ec2SecurityGroups.every((name) => wide.ec2SecurityGroups.some((pattern) => coversPattern(pattern, name)))
  );
}
