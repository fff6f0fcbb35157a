import type { Candidates, CompiledAllowlist, CompiledRule } from './compile-allowlist.ts';
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
/** How many rules of one name or pattern are looked at for a denied grant, to find the nearest. */
const MOST_NEAR_RULES = 8;

/**
 * Judges a grant: a pure function of grant, allowlist and instant. The time it takes does not grow with the number of
 * rules: the index narrows them to those that share the rarest of the grant's names.
 *
 * If several rules allow, the one named is the first by id, so that the order of rules in the file never matters. A
 * deny names up to three rules, nearest first: those that miss the fewest parts.
 *
 * @throws {RangeError} if the instant is an invalid date: every rule would seem to have expired.
 */
export function decide(grant: Grant, allowlist: CompiledAllowlist, instant: Date): Decision {
  const time = instant.getTime();
  if (Number.isNaN(time)) throw new RangeError('a grant cannot be judged at an instant that is no date');
  const candidates = allowlist.candidates(grant);
  let allowing: CompiledRule | undefined;
  for (const posting of candidates.narrowest) {
    for (const rule of posting) {
      if (allowing !== undefined && rule.rank >= allowing.rank) break;
      if (missedParts(rule, grant, time) === 0) allowing = rule;
    }
  }
  if (allowing !== undefined) return { effect: 'allow', rule: allowing.id };
  return { effect: 'deny', reasons: nearestReasons(candidates, grant, time) };
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

function nearestReasons(candidates: Candidates, grant: Grant, time: number): readonly Reason[] {
  const nearest: Near[] = [];
  for (const postings of candidates.byName) {
    for (const posting of postings) {
      for (let i = 0; i < posting.length && i < MOST_NEAR_RULES; i++) {
        const rule = posting[i] as CompiledRule;
        const missed = missedParts(rule, grant, time);
        insertByNearness(nearest, { rule, missed, distance: countBits(missed) });
      }
    }
  }
  if (nearest.length === 0) return [noRuleComesNear(grant, candidates.ownerIsKnown)];
  return nearest.map(({ rule, missed }) => toReason(rule, missed, grant));
}

interface Near {
  readonly rule: CompiledRule;
  readonly missed: number;
  readonly distance: number;
}

/** Keeps the few nearest rules, each once, those that miss the fewest parts first and then by rank. */
function insertByNearness(nearest: Near[], near: Near): void {
  let at = nearest.length;
  while (at > 0 && isNearer(near, nearest[at - 1] as Near)) at--;
  if (at === MOST_REASONS || nearest[at - 1]?.rule === near.rule) return;
  nearest.splice(at, 0, near);
  if (nearest.length > MOST_REASONS) nearest.pop();
}

function isNearer(a: Near, b: Near): boolean {
  return a.distance !== b.distance ? a.distance < b.distance : a.rule.rank < b.rule.rank;
}

function toReason(rule: CompiledRule, missed: number, grant: Grant): Reason {
  const covers: Part[] = [];
  const misses: Part[] = [];
  for (let bit = 0; bit < PARTS.length; bit++) {
    ((missed & (1 << bit)) === 0 ? covers : misses).push(PARTS[bit] as Part);
  }
  return { rule: rule.id, covers, misses, text: `rule \`${rule.id}\` ${describeReason(rule, covers, misses, grant)}` };
}

/** "covers the EC2 security group but not owner id `999988887777`" */
function describeReason(rule: CompiledRule, covers: readonly Part[], misses: readonly Part[], grant: Grant): string {
  // That a rule without regions covers the region is not worth saying.
  const named = covers.filter((part) => NAMED_PARTS.has(part)).map((part) => WORDS[part]);
  const covered =
    named.length === NAMED_PARTS.size ? 'this grant' : named.length > 0 ? `the ${list(named, 'and')}` : '';
  const missed = list(describeParts(misses, grant), 'or');
  const does =
    missed === ''
      ? `covers ${covered}`
      : covered === ''
        ? `does not cover ${missed}`
        : `covers ${covered} but not ${missed}`;
  if (!misses.includes('expires')) return does;
  return `${does}${missed === '' ? ' but' : ', and'} expired on ${rule.expires}`;
}

function noRuleComesNear(grant: Grant, ownerIsKnown: boolean): Reason {
  const misses: Part[] = ['cacheSecurityGroup', 'ec2SecurityGroup'];
  if (!ownerIsKnown) misses.push('ownerId');
  return { covers: [], misses, text: `no rule covers ${list(describeParts(misses, grant), 'or')}` };
}

const NAMED_PARTS: ReadonlySet<Part> = new Set(['cacheSecurityGroup', 'ec2SecurityGroup', 'ownerId']);

function describeParts(parts: readonly Part[], grant: Grant): string[] {
  return parts.filter((part) => part !== 'expires').map((part) => `${WORDS[part]} ${quote(partOf(part, grant))}`);
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
