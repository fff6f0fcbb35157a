/** The policy document: everything that no rule of it allows is revoked. `docs/allowlist.md` is its reference. */
export interface Allowlist {
  readonly version: 1;
  readonly rules: readonly Rule[];
}

/** One entry of the allowlist. It allows a grant of its kind that it covers in every part. */
export type Rule = ClassicRule | VpcRule;

interface RuleOfAnyKind {
  readonly id: string;
  /** Where the grant's target lives. Without it: in any account. */
  readonly accounts?: readonly string[] | undefined;
  /** Without it: in any region. */
  readonly regions?: readonly string[] | undefined;
  /** The last day, in UTC, on which the rule allows: `2027-01-31`. */
  readonly expires?: string | undefined;
  /** For people: a ticket, a purpose. */
  readonly reason?: string | undefined;
}

/** Which EC2 security groups may reach which cache security groups. */
export interface ClassicRule extends RuleOfAnyKind {
  /** Name patterns; compared in lower case, as ElastiCache stores these names. */
  readonly cacheSecurityGroups: readonly string[];
  /** Name patterns; case matters. */
  readonly ec2SecurityGroups: readonly string[];
  /** 12 digits (hyphens are dropped), `self` for the account of the cache security group, or `*` for any. */
  readonly ownerIds: readonly string[];
}

/** Who may reach which caches through their VPC security groups: any of the security groups, ranges and prefix lists. */
export interface VpcRule extends RuleOfAnyKind {
  /** Patterns of the names of replication groups, clusters and serverless caches; compared in lower case. */
  readonly caches: readonly string[];
  /** Ids. Whoever owns such a group must be among `ownerIds`. */
  readonly securityGroupIds?: readonly string[] | undefined;
  /** 12 digits, `self` for the account of the group that guards the cache, or `*`. Without it: `self`. */
  readonly ownerIds?: readonly string[] | undefined;
  /** Ranges of addresses. A grant's range must lie inside one of them. */
  readonly cidrs?: readonly string[] | undefined;
  readonly prefixListIds?: readonly string[] | undefined;
  /** Which ports of the caches may be reached. Without it: all that they listen on. */
  readonly ports?: readonly number[] | undefined;
}

/** Whether a rule is about caches and their VPC security groups. */
export function isVpcRule(rule: Rule): rule is VpcRule {
  return 'caches' in rule;
}

/** Whether a rule is about cache security groups. */
export function isClassicRule(rule: Rule): rule is ClassicRule {
  return !isVpcRule(rule);
}

/** Rules in order of their ids, which no file can change. */
export function byId<OneRule extends Rule>(rules: readonly OneRule[]): OneRule[] {
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** The first instant at which a rule with this `expires` allows no longer, in milliseconds since the epoch. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + 24 * 60 * 60 * 1000;
}
