import { endOfDay } from '../allowlist.ts';
import { NameIndex } from '../name-index.ts';
import { canBeTargetName, coversPattern, lowerAscii, parseNamePattern } from '../name-pattern.ts';
import type { AllowlistProblem } from '../parse-allowlist.ts';
import { quote } from '../quote.ts';
import { areAccountsWithin, isLimitedWithin, isWithin } from '../within.ts';
import { normalizeIds } from '../written.ts';
import type { VpcAllowlistRule } from './allowlist-rule.ts';
import { isInside, readCidr } from './cidr.ts';
import { areNearlyEverybody, isNearlyEverybody } from './everybody.ts';

/** What looks like a mistake in one rule about caches. Paths begin at the rule. */
export function warnOfVpcRule(rule: VpcAllowlistRule): AllowlistProblem[] {
  const found: AllowlistProblem[] = [];
  const { id, caches, cidrs = [], ownerIds, securityGroupIds, securityGroupNames, publicEndpoint } = rule;
  cidrs.forEach((cidr, i) => {
    if (!isNearlyEverybody(cidr)) return;
    const every = readCidr(cidr)?.length === 0 ? 'every' : 'nearly every';
    found.push({ path: ['cidrs', i], message: `rule ${quote(id)} allows ${every} address there is: ${quote(cidr)}` });
  });
  if (publicEndpoint) {
    const message = `rule ${quote(id)} allows anyone on the internet to reach these caches by a public endpoint`;
    found.push({ path: ['publicEndpoint'], message });
  }
  if (ownerIds?.includes('*')) {
    found.push({
      path: ['ownerIds'],
      message: `rule ${quote(id)} allows its security groups, whatever account owns them`,
    });
  }
  if (ownerIds !== undefined && securityGroupIds === undefined && securityGroupNames === undefined) {
    const message = `rule ${quote(id)} has neither securityGroupIds nor securityGroupNames, so its ownerIds do nothing: ranges and prefix lists have no owner`;
    found.push({ path: ['ownerIds'], message });
  }
  found.push(...warnOfGroupNames(rule));
  caches.forEach((pattern, i) => {
    if (canBeTargetName(pattern)) return;
    const message = `${quote(pattern)} matches nothing: names of caches are letters, digits and hyphens`;
    found.push({ path: ['caches', i], message });
  });
  return found;
}

/**
 * Ranges that allow access from nearly everybody only together: those of a rule, or of several for the same cache. Of each set of
 * rules one warning, at the first.
 */
export function findWideTogether(rules: readonly VpcAllowlistRule[]): Map<VpcAllowlistRule, AllowlistProblem> {
  const prepared = rules.slice(0, MOST_RULES).flatMap((rule) => {
    // One that does so alone has its own warning.
    const cidrs = (rule.cidrs ?? []).filter((cidr) => !isNearlyEverybody(cidr)).flatMap((cidr) => readCidr(cidr) ?? []);
    return cidrs.length === 0 ? [] : [{ ...prepare(rule), cidrs }];
  });
  const found = new Map<VpcAllowlistRule, AllowlistProblem>();
  if (!areNearlyEverybody(prepared.flatMap(({ cidrs }) => cidrs))) return found;
  const naming = prepared.flatMap((one) => one.caches.map((pattern) => ({ one, pattern })));
  const index = new NameIndex(naming, ({ pattern }) => [pattern]);
  const looked = new Set<string>();
  for (const { one, pattern } of naming.slice(0, MOST_CACHES)) {
    const cache = typeof pattern === 'string' ? pattern : pattern.example();
    const covering = index.find(cache).flat();
    const covers = new Set(covering.filter((entry) => coversPattern(entry.pattern, pattern)).map((entry) => entry.one));
    const others = prepared.filter((other) => covers.has(other) && mayBeAtOnePlace(one, other));
    const key = others.map(({ rule }) => rule.id).join(' ');
    if (looked.has(key) || found.has(one.rule)) continue;
    looked.add(key);
    if (!areNearlyEverybody(others.flatMap(({ cidrs }) => cidrs))) continue;
    const named = typeof pattern === 'string' ? pattern : pattern.text;
    found.set(one.rule, { path: ['cidrs'], message: describeWideTogether(others, named) });
  }
  return found;
}

/** How many names of caches are looked at: more are not, and then not every warning is found. */
const MOST_CACHES = 500;
/** How many rules one warning names. */
const MOST_NAMED = 5;

function describeWideTogether(rules: readonly Prepared[], cache: string): string {
  const named = rules.slice(0, MOST_NAMED).map(({ rule }) => quote(rule.id));
  const more = rules.length - named.length;
  const who = `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return rules.length === 1
    ? `the ranges of rule ${who} together allow nearly every address there is`
    : `the ranges of rules ${who} together allow nearly every address there is to cache ${quote(cache)}`;
}

/** Whether no limit on accounts and regions keeps two rules apart. */
function mayBeAtOnePlace(one: Prepared, other: Prepared): boolean {
  return mayShare(one.accounts, other.accounts) && mayShare(one.rule.regions, other.rule.regions);
}

function mayShare(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return some === undefined || others === undefined || some.some((item) => others.includes(item));
}

function warnOfGroupNames({ id, securityGroupNames = [], ownerIds, ...rule }: VpcAllowlistRule): AllowlistProblem[] {
  const found = securityGroupNames.flatMap((pattern, i): AllowlistProblem[] => {
    const path = ['securityGroupNames', i];
    if (/^\*+$/.test(pattern)) {
      return [{ path, message: `rule ${quote(id)} allows every security group of its owners: ${quote(pattern)}` }];
    }
    if (!pattern.startsWith('sg-')) return [];
    const message = `${quote(pattern)} matches nothing: no name begins with \`sg-\`. An id belongs into securityGroupIds`;
    return [{ path, message }];
  });
  const owners = ownerIds && normalizeIds(ownerIds);
  // Who is below an organizational unit is not known: any owner may be.
  const places = rule.organizationalUnits === undefined ? rule.accounts && normalizeIds(rule.accounts) : undefined;
  const canBeOwn = owners?.some(
    (owner) => owner === 'self' || owner === '*' || places === undefined || places.includes(owner),
  );
  if (securityGroupNames.length > 0 && canBeOwn === false) {
    const message = `the securityGroupNames of rule ${quote(id)} match nothing: names of groups in other accounts cannot be looked up, so only securityGroupIds can allow them`;
    found.push({ path: ['ownerIds'], message });
  }
  return found;
}

/** How many rules are compared with each other: more are not looked at, and then not every warning is found. */
const MOST_RULES = 2_000;

/** Each rule that another one makes superfluous, with that other. Of two that cover each other, the later by id is. */
export function findHiddenVpcRules(rules: readonly VpcAllowlistRule[]): Map<VpcAllowlistRule, VpcAllowlistRule> {
  const prepared = rules.slice(0, MOST_RULES).map(prepare);
  const hidden = new Map<VpcAllowlistRule, VpcAllowlistRule>();
  for (const narrow of prepared) {
    const hiding = prepared.find(
      (wide) => wide !== narrow && hides(wide, narrow) && !(hides(narrow, wide) && narrow.rule.id < wide.rule.id),
    );
    if (hiding !== undefined) hidden.set(narrow.rule, hiding.rule);
  }
  return hidden;
}

type Prepared = ReturnType<typeof prepare>;

function prepare(rule: VpcAllowlistRule) {
  return {
    rule,
    caches: rule.caches.map((name) => parseNamePattern(lowerAscii(name))),
    groupNames: (rule.securityGroupNames ?? []).map(parseNamePattern),
    cidrs: (rule.cidrs ?? []).flatMap((cidr) => readCidr(cidr) ?? []),
    ownerIds: normalizeIds(rule.ownerIds ?? ['self']),
    // Who is below an organizational unit is not known: anyone may be.
    accounts: rule.organizationalUnits === undefined ? rule.accounts && normalizeIds(rule.accounts) : undefined,
    end: rule.expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(rule.expires),
  };
}

/** Whether `wide` allows all that `narrow` allows, for as long. */
function hides(wide: Prepared, narrow: Prepared): boolean {
  const { securityGroupIds = [], prefixListIds = [], ports, regions } = narrow.rule;
  return (
    wide.end >= narrow.end &&
    narrow.cidrs.every((range) => wide.cidrs.some((entry) => isInside(range, entry))) &&
    isWithin(securityGroupIds, wide.rule.securityGroupIds ?? []) &&
    narrow.groupNames.every((name) => wide.groupNames.some((pattern) => coversPattern(pattern, name))) &&
    ((securityGroupIds.length === 0 && narrow.groupNames.length === 0) ||
      wide.ownerIds.includes('*') ||
      isWithin(narrow.ownerIds, wide.ownerIds)) &&
    (narrow.rule.publicEndpoint !== true || wide.rule.publicEndpoint === true) &&
    isWithin(prefixListIds, wide.rule.prefixListIds ?? []) &&
    isLimitedWithin(ports, wide.rule.ports) &&
    areAccountsWithin(narrow.rule, wide.rule) &&
    isLimitedWithin(regions, wide.rule.regions) &&
    // Last, because it costs the most: there can be tens of thousands of each.
    narrow.caches.every((name) => wide.caches.some((pattern) => coversPattern(pattern, name)))
  );
}
