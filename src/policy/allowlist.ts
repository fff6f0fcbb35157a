import type { ClassicAllowlistRule } from './classic/allowlist-rule.ts';
import type { VpcAllowlistRule } from './vpc/allowlist-rule.ts';

/** The policy document: everything that no rule of it allows is revoked. `docs/reference/allowlist.md` is its reference. */
export interface Allowlist {
  readonly version: 1;
  readonly rules: readonly AllowlistRule[];
}

/** One entry of the allowlist. It allows a grant of its kind that it covers in every part. */
export type AllowlistRule = ClassicAllowlistRule | VpcAllowlistRule;

/** Whether a rule is about caches and their VPC security groups. The document has no word for its kind, except its keys. */
export function isVpcRule(rule: AllowlistRule): rule is VpcAllowlistRule {
  return 'caches' in rule;
}

/** Whether a rule is about cache security groups. */
export function isClassicRule(rule: AllowlistRule): rule is ClassicAllowlistRule {
  return !isVpcRule(rule);
}

/** Rules in order of their ids, which no file can change. */
export function byId<OneRule extends AllowlistRule>(rules: readonly OneRule[]): OneRule[] {
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** The first instant at which a rule with this `expires` allows no longer, in milliseconds since the epoch. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + 24 * 60 * 60 * 1000;
}
