import type { CompiledAllowlist, CompiledRule, Posting } from './compile-allowlist.ts';
import { type Grant, quote } from './grant.ts';

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

/** The parts of a grant that a rule speaks of, and the instant, which `expires` speaks of. */
export const PARTS = ['cacheSecurityGroup', 'ec2SecurityGroup', 'ownerId', 'account', 'region', 'expires'] as const;
export type Part = (typeof PARTS)[number];

/** How many rules a deny names. */
const MOST_REASONS = 3;
/** How many rules that share a name or an owner with a denied grant are looked at to find the nearest. */
const MOST_NEAR_RULES = 16;

/**
 * Judges a grant: a pure function of grant, allowlist and instant. The time it takes does not grow with the number of
 * rules: the index narrows them to those that share the rarest of the grant's names.
 *
 * If several rules allow, the one named is the first by id, so that the order of rules in the file never matters. A
 * deny names up to three rules, nearest first: those that miss the fewest parts.
 */
export function decide(grant: Grant, allowlist: CompiledAllowlist, instant: Date): Decision {
  const time = instant.getTime();
  const candidates = allowlist.candidates(grant);
  let allowing: CompiledRule | undefined;
  for (const posting of candidates.narrowest) {
    for (const rule of posting) {
      if (allowing !== undefined && rule.rank >= allowing.rank) break;
      if (missedParts(rule, grant, time) === 0) allowing = rule;
    }
  }
  if (allowing !== undefined) return { effect: 'allow', rule: allowing.id };
  return { effect: 'deny', reasons: nearestReasons(candidates.byPart.flat(), grant, time) };
}

/** The reason why one rule does not allow a grant, or `undefined` if it does. */
export function reasonAgainst(rule: CompiledRule, grant: Grant, instant: Date): Reason | undefined {
  const missed = missedParts(rule, grant, instant.getTime());
  return missed === 0 ? undefined : toReason(rule, missed, grant);
}

/** The parts of the grant that keep the rule from allowing it, as bits in the order of PARTS. */
function missedParts(rule: CompiledRule, grant: Grant, time: number): number {
  return (
    (rule.coversCacheSecurityGroup(grant.target.cacheSecurityGroupName) ? 0 : 1) |
    (rule.coversEc2SecurityGroup(grant.source.ec2SecurityGroupName) ? 0 : 2) |
    (rule.coversOwnerId(grant.source.ec2SecurityGroupOwnerId, grant.account) ? 0 : 4) |
    (rule.coversAccount(grant.account) ? 0 : 8) |
    (rule.coversRegion(grant.region) ? 0 : 16) |
    (time < rule.allowsBefore ? 0 : 32)
  );
}

function nearestReasons(postings: readonly Posting[], grant: Grant, time: number): readonly Reason[] {
  const missedBy = new Map<CompiledRule, number>();
  for (const posting of postings) {
    for (let i = 0; i < posting.length && i < MOST_NEAR_RULES; i++) {
      const rule = posting[i] as CompiledRule;
      if (!missedBy.has(rule)) missedBy.set(rule, missedParts(rule, grant, time));
    }
  }
  const nearest = [...missedBy].sort(
    ([ruleA, missedA], [ruleB, missedB]) => countBits(missedA) - countBits(missedB) || ruleA.rank - ruleB.rank,
  );
  const reasons = nearest.slice(0, MOST_REASONS).map(([rule, missed]) => toReason(rule, missed, grant));
  return reasons.length > 0 ? reasons : [noRuleComesNear(grant)];
}

function toReason(rule: CompiledRule, missed: number, grant: Grant): Reason {
  const covers = PARTS.filter((_, bit) => (missed & (1 << bit)) === 0);
  const misses = PARTS.filter((_, bit) => (missed & (1 << bit)) !== 0);
  // Only what the rule limits is worth saying: a rule without regions covers every region.
  const named = covers.filter(
    (part) => part === 'cacheSecurityGroup' || part === 'ec2SecurityGroup' || part === 'ownerId',
  );
  const covered =
    named.length === 3
      ? ' covers this grant'
      : named.length > 0
        ? ` covers the ${list(
            named.map((part) => WORDS[part]),
            'and',
          )}`
        : '';
  const notCovered = misses
    .filter((part) => part !== 'expires')
    .map((part) => `${WORDS[part]} ${quote(partOf(part, grant))}`);
  const missing =
    notCovered.length > 0 ? `${covered === '' ? ' does not cover' : ' but not'} ${list(notCovered, 'or')}` : '';
  const expired = misses.includes('expires')
    ? `${covered === '' && missing === '' ? '' : missing === '' ? ' but' : ', and'} expired on ${rule.expires}`
    : '';
  return { rule: rule.id, covers, misses, text: `rule \`${rule.id}\`${covered}${missing}${expired}` };
}

function noRuleComesNear(grant: Grant): Reason {
  const misses: Part[] = ['cacheSecurityGroup', 'ec2SecurityGroup', 'ownerId'];
  const parts = misses.map((part) => `${WORDS[part]} ${quote(partOf(part, grant))}`);
  return { covers: [], misses, text: `no rule covers ${list(parts, 'or')}` };
}

const WORDS: Record<Part, string> = {
  cacheSecurityGroup: 'cache security group',
  ec2SecurityGroup: 'EC2 security group',
  ownerId: 'owner id',
  account: 'account',
  region: 'region',
  expires: 'day',
};

function partOf(part: Part, grant: Grant): string {
  switch (part) {
    case 'cacheSecurityGroup':
      return grant.target.cacheSecurityGroupName;
    case 'ec2SecurityGroup':
      return grant.source.ec2SecurityGroupName;
    case 'ownerId':
      return grant.source.ec2SecurityGroupOwnerId;
    default:
      return part === 'expires' ? '' : grant[part];
  }
}

function list(items: readonly string[], word: 'and' | 'or'): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)}`;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
