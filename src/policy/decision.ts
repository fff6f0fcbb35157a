import type { CompiledAllowlist } from './compile-allowlist.ts';
import { compiledVpcRules } from './compile-vpc-rules.ts';
import { decideClassicGrant, reasonAgainst } from './decide-classic-grant.ts';
import { decideVpcGrant, reasonAgainstVpcGrant } from './decide-vpc-grant.ts';
import { isVpcReach, type Reach } from './grant.ts';
import type { Part } from './parts.ts';

export { PARTS, type Part } from './parts.ts';

/** What the policy says of a grant. */
export type Decision =
  | { readonly effect: 'allow'; readonly rule: string }
  | { readonly effect: 'deny'; readonly reasons: readonly Reason[] };

/** Why a grant is denied: one rule that comes near it, or, without `rule`, that none does. */
export interface Reason {
  readonly rule?: string;
  /** The parts of the grant that the rule covers, and those that keep it from allowing. */
  readonly covers: readonly Part[];
  readonly misses: readonly Part[];
  /** The same as a sentence. */
  readonly text: string;
}

/**
 * Judges a grant: a pure function of grant, allowlist and instant. The time it takes does not grow with the number of
 * rules: the index narrows them to those that share the rarest of the grant's names.
 *
 * If several rules allow, the one named is the first by id, so that the order of rules in the file never matters. A
 * deny names up to three rules, nearest first: those that miss the fewest parts.
 *
 * @throws {RangeError} if the instant is an invalid date: every rule would seem to have expired.
 */
export function decide(grant: Reach, allowlist: CompiledAllowlist, instant: Date): Decision {
  return isVpcReach(grant) ? decideVpcGrant(grant, allowlist, instant) : decideClassicGrant(grant, allowlist, instant);
}

/** The reasons why the rules of the grant's kind do not allow it, those of rules that miss the fewest parts first. */
export function reasonsAgainst(grant: Reach, allowlist: CompiledAllowlist, instant: Date): readonly Reason[] {
  const reasons = isVpcReach(grant)
    ? compiledVpcRules(allowlist).rules.map((rule) => reasonAgainstVpcGrant(rule, grant, instant))
    : allowlist.rules.map((rule) => reasonAgainst(rule, grant, instant));
  return reasons.filter((reason) => reason !== undefined).sort((a, b) => a.misses.length - b.misses.length);
}
