import type { Allowlist, AllowlistRule } from './allowlist.ts';
import { learnClassicRules } from './classic/learn.ts';
import type { Grant } from './grant.ts';
import { groupBy } from './group-by.ts';
import { learnVpcRules, whyNoVpcRuleAllows } from './vpc/learn.ts';

/**
 * The smallest readable allowlist that allows exactly these grants, where they are: one rule for each cache security
 * group and for each cache, and more only where one would allow what is not there (`web` of one owner and `db` of another are two
 * rules, because one would also allow `db` of the first).
 *
 * @param wildcards put one pattern (`web-*`) in the place of three or more EC2 security groups whose names begin alike up
 * to a hyphen. The allowlist then allows more than the grants.
 */
export function learnAllowlist(grants: readonly Grant[], how: { readonly wildcards: boolean }): Allowlist {
  const classic = learnClassicRules(
    grants.filter((grant) => grant.kind === 'classic'),
    how,
  );
  const vpc = learnVpcRules(grants.filter((grant) => grant.kind === 'vpc'));
  return {
    version: 1,
    rules: withUniqueIds([
      ...named(classic, ({ cacheSecurityGroups }) => cacheSecurityGroups.join()),
      ...named(vpc, ({ caches }) => caches.join()),
    ]),
  };
}

/** What keeps every rule from allowing a grant, as a clause; `undefined` if a rule can. */
export function whyNoneAllows(grant: Grant): string | undefined {
  return grant.kind === 'vpc' ? whyNoVpcRuleAllows(grant) : undefined;
}

/** Rules with the name of what they are about as their id, and a number if there are several about it. */
function named<Learnt extends object>(rules: readonly Learnt[], nameOf: (rule: Learnt) => string) {
  return [...groupBy(rules, nameOf)].flatMap(([name, alike]) =>
    alike.map((rule, i) => ({ id: alike.length === 1 ? toId(name) : `${toId(name)}-${i + 1}`, ...rule })),
  );
}

/** An id begins with a letter or digit and has up to 128 characters; a name need not, and room for numbers is left. */
function toId(name: string): string {
  return `${name.startsWith('-') ? 'x' : ''}${name.slice(0, 100)}`;
}

/** `sessions-1` can be both a group's own name and the first of two rules for `sessions`. No name has a dot in it. */
function withUniqueIds(rules: readonly AllowlistRule[]): AllowlistRule[] {
  const taken = new Map<string, number>();
  return rules.map((rule) => {
    const times = (taken.get(rule.id) ?? 0) + 1;
    taken.set(rule.id, times);
    return { ...rule, id: times === 1 ? rule.id : `${rule.id}.${times}` };
  });
}
