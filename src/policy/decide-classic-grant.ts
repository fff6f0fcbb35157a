import type { CompiledAllowlist, CompiledRule, Search } from './compile-allowlist.ts';
import type { Decision, Reason } from './decision.ts';
import { type ClassicGrant, quote } from './grant.ts';
import { timeOf } from './instant.ts';
import { CLASSIC_PARTS, type Part } from './parts.ts';

/** How many rules a deny names. */
const MOST_REASONS = 3;
/** How many rules of one name or pattern are looked at for a denied grant, to find the nearest. */
const MOST_NEAR_RULES = 8;
/** How many are looked at for that. More patterns that begin and end alike are not written by people. */
const MOST_LOOKS = 10_000;

/**
 * `decide`, for a grant of a cache security group. The function that judges nothing else imports it from here: what ranges of
 * addresses take to be read would cost its cold start more than all the rest.
 */
export function decideClassicGrant(grant: ClassicGrant, allowlist: CompiledAllowlist, instant: Date): Decision {
  const time = timeOf(instant);
  const search = allowlist.search(grant);
  let allowing: CompiledRule | undefined;
  for (const rule of search.candidates()) {
    if (allowing !== undefined && rule.rank >= allowing.rank) continue;
    if (missedParts(rule, grant, time) === 0) allowing = rule;
  }
  if (allowing !== undefined) return { effect: 'allow', rule: allowing.id };
  const nearest = nearestRules(search, grant, time);
  if (nearest.length > 0)
    return { effect: 'deny', reasons: nearest.map(({ rule, missed }) => toReason(rule, missed, grant)) };
  const ownerIsKnown = allowlist.knowsOwner(grant.source.ec2SecurityGroupOwnerId, grant.account);
  return { effect: 'deny', reasons: [noRuleComesNear(grant, ownerIsKnown)] };
}

/** The reason why one rule about cache security groups does not allow a grant, or `undefined` if it does. */
export function reasonAgainst(rule: CompiledRule, grant: ClassicGrant, instant: Date): Reason | undefined {
  const missed = missedParts(rule, grant, instant.getTime());
  return missed === 0 ? undefined : toReason(rule, missed, grant);
}

/** The parts of the grant that keep the rule from allowing it, as bits in the order of CLASSIC_PARTS. */
function missedParts(rule: CompiledRule, grant: ClassicGrant, time: number): number {
  return (
    (rule.coversCacheSecurityGroup(grant.target.cacheSecurityGroupName) ? 0 : 1) |
    (rule.coversEc2SecurityGroup(grant.source.ec2SecurityGroupName) ? 0 : 2) |
    (rule.coversOwnerId(grant.source.ec2SecurityGroupOwnerId, grant.account) ? 0 : 4) |
    (rule.coversAccount(grant.account) ? 0 : 8) |
    (rule.coversRegion(grant.region) ? 0 : 16) |
    (rule.isInForceAt(time) ? 0 : 32)
  );
}

/** The few rules that miss the fewest parts, of those that cover one of the grant's names. */
function nearestRules(search: Search, grant: ClassicGrant, time: number): readonly Near[] {
  const nearest: Near[] = [];
  const seen = new Set<CompiledRule>();
  for (const { index, places } of search.sharingNames()) {
    for (const place of places) {
      let near = 0;
      let looks = 0;
      index.visit(place, (rule) => {
        if (!seen.has(rule)) {
          seen.add(rule);
          const missed = missedParts(rule, grant, time);
          if ((missed & BOTH_NAMES) !== BOTH_NAMES) {
            insertByNearness(nearest, { rule, missed, distance: countBits(missed) });
            near++;
          }
        }
        return near < MOST_NEAR_RULES && ++looks < MOST_LOOKS;
      });
    }
  }
  return nearest;
}

interface Near {
  readonly rule: CompiledRule;
  readonly missed: number;
  readonly distance: number;
}

/** Keeps the few nearest rules, those that miss the fewest parts first and then by rank. */
function insertByNearness(nearest: Near[], near: Near): void {
  let at = nearest.length;
  while (at > 0 && isNearer(near, nearest[at - 1] as Near)) at--;
  if (at === MOST_REASONS) return;
  nearest.splice(at, 0, near);
  if (nearest.length > MOST_REASONS) nearest.pop();
}

function isNearer(a: Near, b: Near): boolean {
  return a.distance !== b.distance ? a.distance < b.distance : a.rule.rank < b.rule.rank;
}

function toReason(rule: CompiledRule, missed: number, grant: ClassicGrant): Reason {
  const { covers, misses } = SPLITS[missed] as Split;
  return { rule: rule.id, covers, misses, text: `rule \`${rule.id}\` ${describeReason(rule, missed, grant)}` };
}

type Split = Pick<Reason, 'covers' | 'misses'>;

/** Which parts are covered and which are missed, for every set of missed parts. */
const SPLITS: readonly Split[] = Array.from({ length: 1 << CLASSIC_PARTS.length }, (_, missed) => ({
  covers: CLASSIC_PARTS.filter((_part, bit) => (missed & (1 << bit)) === 0),
  misses: CLASSIC_PARTS.filter((_part, bit) => (missed & (1 << bit)) !== 0),
}));

/** "covers the EC2 security group but not owner id `999988887777`" */
function describeReason(rule: CompiledRule, missed: number, grant: ClassicGrant): string {
  const covered = COVERED[missed & 7] as string;
  const parts = describeParts(missed, grant);
  const does =
    parts === ''
      ? `covers ${covered}`
      : covered === ''
        ? `does not cover ${parts}`
        : `covers ${covered} but not ${parts}`;
  if ((missed & EXPIRED) === 0) return does;
  return `${does}${parts === '' ? ' but' : ', and'} expired on ${rule.expires}`;
}

function noRuleComesNear(grant: ClassicGrant, ownerIsKnown: boolean): Reason {
  const misses: Part[] = ['cacheSecurityGroup', 'ec2SecurityGroup'];
  if (!ownerIsKnown) misses.push('ownerId');
  return { covers: [], misses, text: `no rule covers ${describeParts(ownerIsKnown ? 3 : 7, grant)}` };
}

const WORDS: readonly string[] = ['cache security group', 'EC2 security group', 'owner id', 'account', 'region'];
const EXPIRED = 1 << CLASSIC_PARTS.indexOf('expires');
const BOTH_NAMES = 3;

/** What is covered, by which of the first three parts are missed. That a rule without regions covers any is no news. */
const COVERED: readonly string[] = Array.from({ length: 8 }, (_, missed) => {
  const covered = WORDS.slice(0, 3).filter((_word, bit) => (missed & (1 << bit)) === 0);
  return covered.length === 3 ? 'this grant' : covered.length === 0 ? '' : `the ${covered.join(' and ')}`;
});

/** The missed parts with their values: "EC2 security group `db` or owner id `999988887777`". */
function describeParts(missed: number, { account, region, target, source }: ClassicGrant): string {
  let text = '';
  let rest = missed & ~EXPIRED;
  const add = (bit: number, value: string): void => {
    if ((rest & (1 << bit)) === 0) return;
    rest &= ~(1 << bit);
    text += `${text === '' ? '' : rest === 0 ? ' or ' : ', '}${WORDS[bit]} ${quote(value)}`;
  };
  add(0, target.cacheSecurityGroupName);
  add(1, source.ec2SecurityGroupName);
  add(2, source.ec2SecurityGroupOwnerId);
  add(3, account);
  add(4, region);
  return text;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
