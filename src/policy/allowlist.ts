/** The policy document: everything that no rule of it allows is revoked. `docs/allowlist.md` is its reference. */
export interface Allowlist {
  readonly version: 1;
  readonly rules: readonly Rule[];
}

/** One entry of the allowlist. It allows a grant that it covers in every part. */
export interface Rule {
  readonly id: string;
  /** Name patterns; compared in lower case, as ElastiCache stores these names. */
  readonly cacheSecurityGroups: readonly string[];
  /** Name patterns; case matters. */
  readonly ec2SecurityGroups: readonly string[];
  /** 12 digits (hyphens are dropped), `self` for the account of the cache security group, or `*` for any. */
  readonly ownerIds: readonly string[];
  /** Where the cache security group lives. Without it: in any account. */
  readonly accounts?: readonly string[] | undefined;
  /** Without it: in any region. */
  readonly regions?: readonly string[] | undefined;
  /** The last day, in UTC, on which the rule allows: `2027-01-31`. */
  readonly expires?: string | undefined;
  /** For people: a ticket, a purpose. */
  readonly reason?: string | undefined;
}

/** The first instant at which a rule with this `expires` allows no longer, in milliseconds since the epoch. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00.000Z`) + 24 * 60 * 60 * 1000;
}
