import { type Cidr, readCidr, writeCidr } from './cidr.ts';
import type { CompiledVpcRule, CompiledVpcRules } from './compile-vpc-rules.ts';
import type { Decision, Part, Reason } from './decision.ts';
import { quote, type VpcReach, type VpcSource } from './grant.ts';

/** How many rules a deny names. */
const MOST_REASONS = 3;
/** How many are looked at for that. */
const MOST_LOOKS = 10_000;

/** `decide`, for a grant of a VPC security group's rule. */
export function decideVpcGrant(reach: VpcReach, vpcRules: CompiledVpcRules, time: number): Decision {
  const grant = read(reach);
  let allowing: CompiledVpcRule | undefined;
  for (const rule of vpcRules.candidates(grant)) {
    if (allowing !== undefined && rule.rank >= allowing.rank) continue;
    if (missedParts(rule, grant, time).length === 0) allowing = rule;
  }
  if (allowing !== undefined) return { effect: 'allow', rule: allowing.id };
  const nearest = vpcRules.rules
    .slice(0, MOST_LOOKS)
    .filter((rule) => rule.coversCache(grant.target.cacheName) || rule.coversSource(grant.source, grant.range))
    .map((rule) => ({
      rule,
      missed: missedParts(rule, grant, time),
      bits: (grant.range && rule.nearestCidr(grant.range))?.bits ?? -1,
    }))
    .sort((a, b) => a.missed.length - b.missed.length || b.bits - a.bits || a.rule.rank - b.rule.rank)
    .slice(0, MOST_REASONS);
  const reasons = nearest.map(({ rule, missed }) => toReason(rule, missed, grant));
  return { effect: 'deny', reasons: reasons.length > 0 ? reasons : [noRuleComesNear(grant)] };
}

/** The reason why one rule does not allow a grant, or `undefined` if it does. */
export function reasonAgainstVpcGrant(rule: CompiledVpcRule, reach: VpcReach, instant: Date): Reason | undefined {
  const grant = read(reach);
  const missed = missedParts(rule, grant, instant.getTime());
  return missed.length === 0 ? undefined : toReason(rule, missed, grant);
}

/** A grant, with the range that it lets in, if it is one: read once, however many rules are asked. */
type ReadReach = VpcReach & { readonly range: Cidr | undefined };

function read(grant: VpcReach): ReadReach {
  return { ...grant, range: 'cidr' in grant.source ? readCidr(grant.source.cidr) : undefined };
}

/** The part of a grant that is its source. */
function partOf(source: VpcSource): Part {
  return 'cidr' in source ? 'cidr' : 'prefixListId' in source ? 'prefixList' : 'securityGroup';
}

/** The parts of a grant that a rule speaks of: only a security group has an owner. */
function partsOf({ source }: VpcReach): readonly Part[] {
  const owner: readonly Part[] = 'securityGroupId' in source ? ['ownerId'] : [];
  return ['cache', partOf(source), ...owner, 'ports', 'account', 'region', 'expires'];
}

/** The parts of the grant that keep the rule from allowing it. */
function missedParts(rule: CompiledVpcRule, grant: ReadReach, time: number): readonly Part[] {
  const { account, region, target, source, range } = grant;
  const missed: Part[] = [];
  if (!rule.coversCache(target.cacheName)) missed.push('cache');
  if (!rule.coversSource(source, range)) missed.push(partOf(source));
  if ('securityGroupId' in source && !rule.coversOwnerId(source.securityGroupOwnerId, account)) missed.push('ownerId');
  if (!target.ports.every((port) => rule.coversPort(port))) missed.push('ports');
  if (!rule.coversAccount(account)) missed.push('account');
  if (!rule.coversRegion(region)) missed.push('region');
  if (!rule.isInForceAt(time)) missed.push('expires');
  return missed;
}

function toReason(rule: CompiledVpcRule, misses: readonly Part[], grant: ReadReach): Reason {
  const covers = partsOf(grant).filter((part) => !misses.includes(part));
  return { rule: rule.id, covers, misses, text: `rule \`${rule.id}\` ${describe(rule, misses, grant)}` };
}

/** "covers the cache but not CIDR `0.0.0.0/0` (nearest: 10.0.0.0/16)" */
function describe(rule: CompiledVpcRule, misses: readonly Part[], grant: ReadReach): string {
  const told = partsOf(grant).filter((part) => part === 'cache' || part === partOf(grant.source));
  const covered = told.filter((part) => !misses.includes(part)).map((part) => WORDS[part]);
  const missed = misses.filter((part) => part !== 'expires').map((part) => describePart(part, grant, rule));
  const what = covered.length === told.length ? 'this grant' : `the ${covered.join(' and ')}`;
  const does =
    missed.length === 0
      ? `covers ${what}`
      : covered.length === 0
        ? `does not cover ${joinWithOr(missed)}`
        : `covers the ${covered.join(' and ')} but not ${joinWithOr(missed)}`;
  if (!misses.includes('expires')) return does;
  return `${does}${missed.length === 0 ? ' but' : ', and'} expired on ${rule.expires}`;
}

function noRuleComesNear(grant: ReadReach): Reason {
  const misses: readonly Part[] = ['cache', partOf(grant.source)];
  return { covers: [], misses, text: `no rule covers ${joinWithOr(misses.map((part) => describePart(part, grant)))}` };
}

const WORDS: Readonly<Partial<Record<Part, string>>> = {
  cache: 'cache',
  securityGroup: 'security group',
  cidr: 'CIDR',
  prefixList: 'prefix list',
};

/** A part with its value; of a range, also the entry of the rule that comes nearest to it. */
function describePart(
  part: Part,
  { account, region, target, source, range }: ReadReach,
  rule?: CompiledVpcRule,
): string {
  switch (part) {
    case 'cache':
      return `cache ${quote(target.cacheName)}`;
    case 'securityGroup':
      return `security group ${quote('securityGroupId' in source ? source.securityGroupId : undefined)}`;
    case 'prefixList':
      return `prefix list ${quote('prefixListId' in source ? source.prefixListId : undefined)}`;
    case 'cidr': {
      const nearest = range && rule?.nearestCidr(range);
      return `CIDR ${quote('cidr' in source ? source.cidr : undefined)}${nearest ? ` (nearest: ${writeCidr(nearest.cidr)})` : ''}`;
    }
    case 'ownerId': {
      const owner = 'securityGroupId' in source ? source.securityGroupOwnerId : undefined;
      return owner === undefined ? 'an owner that is not known' : `owner id ${quote(owner)}`;
    }
    case 'ports': {
      const missed = target.ports.filter((port) => !rule?.coversPort(port));
      return `${missed.length === 1 ? 'port' : 'ports'} ${missed.join(', ')}`;
    }
    case 'account':
      return `account ${quote(account)}`;
    default:
      return `region ${quote(region)}`;
  }
}

function joinWithOr(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
