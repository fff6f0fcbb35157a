import type { CompiledAllowlist } from '../compile-allowlist.ts';
import { few, firstByRank, rarest, type Shared } from '../narrow.ts';
import type { Part } from '../parts.ts';
import type { Question } from '../question.ts';
import { quote } from '../quote.ts';
import { type Cidr, readCidr, writeCidr } from './cidr.ts';
import { type CompiledVpcRule, type ReadSource, type VpcRules, vpcRulesOf } from './compiled-rules.ts';
import { namesOf, type VpcAccess } from './grant.ts';
import type { CacheSource, PrefixListSource, SecurityGroupSource } from './source.ts';

/** The part of a grant that each kind of source is. */
const PART_OF_SOURCE = {
  cidr: 'cidr',
  prefixList: 'prefixList',
  securityGroup: 'securityGroup',
  internet: 'publicEndpoint',
} as const satisfies Record<CacheSource['kind'], Part>;

/** A grant of a cache, asked of the rules about caches. */
export class VpcQuestion implements Question<CompiledVpcRule>, ReadSource {
  readonly parts: readonly Part[];
  readonly source: CacheSource;
  readonly range: Cidr | undefined;
  readonly entries: readonly Cidr[] | undefined;
  readonly #grant: VpcAccess;
  readonly #rules: VpcRules;
  readonly #time: number;
  readonly #sourcePart: Part;
  /** Every name of the cache. */
  readonly #names: readonly string[];
  readonly #accountPath: readonly string[] | undefined;
  #namingCache: Shared<CompiledVpcRule> | undefined;

  constructor(grant: VpcAccess, allowlist: CompiledAllowlist, time: number) {
    const { source } = grant;
    this.#grant = grant;
    this.#rules = vpcRulesOf(allowlist);
    this.#accountPath = allowlist.accountPaths.get(grant.account);
    this.#time = time;
    this.source = source;
    this.#names = namesOf(grant.target);
    this.range = source.kind === 'cidr' ? readCidr(source.cidr) : undefined;
    this.entries = source.kind === 'prefixList' ? readEntries(source) : undefined;
    this.#sourcePart = PART_OF_SOURCE[source.kind];
    // Only a security group has an owner.
    const owner: readonly Part[] = source.kind === 'securityGroup' ? ['ownerId'] : [];
    this.parts = ['cache', this.#sourcePart, ...owner, 'ports', 'account', 'region', 'expires'];
  }

  candidates(): Iterable<CompiledVpcRule> {
    return rarest([this.#rules.bySource(this), this.#sameCache()]);
  }

  near(): Iterable<CompiledVpcRule> {
    const isNear = (rule: CompiledVpcRule): boolean => this.#isCacheOf(rule) || rule.coversSource(this);
    return few([this.#sameCache(), this.#rules.bySource(this), this.#rules.nearRange(this)], isNear);
  }

  all(): readonly CompiledVpcRule[] {
    return this.#rules.rules;
  }

  missedParts(rule: CompiledVpcRule): readonly Part[] {
    const { account, region, target, source } = this.#grant;
    const missed: Part[] = [];
    if (!this.#isCacheOf(rule)) missed.push('cache');
    if (!rule.coversSource(this)) missed.push(this.#sourcePart);
    if (source.kind === 'securityGroup' && !rule.coversOwnerId(source.securityGroupOwnerId, account)) {
      missed.push('ownerId');
    }
    if (!target.ports.every((port) => rule.coversPort(port))) missed.push('ports');
    if (!rule.coversAccount(account, this.#accountPath)) missed.push('account');
    if (!rule.coversRegion(region)) missed.push('region');
    if (!rule.isInForceAt(this.#time)) missed.push('expires');
    return missed;
  }

  /**
   * The first rule by id that allows the grant or not, depending on something unknown: whose its security group is, what one of the
   * account's own is called, where the account is in the organization, or which entries its prefix list has.
   */
  decidedByUnknown(): { readonly rule: CompiledVpcRule; readonly parts: readonly Part[] } | undefined {
    const rule = firstByRank(this.#dependingOnUnknown());
    return rule && { rule, parts: this.missedParts(rule) };
  }

  /** The first of them for which it depends on where the account is in the organization. */
  decidedByAccountPath(): CompiledVpcRule | undefined {
    return firstByRank(this.#dependingOnUnknown().filter((rule) => this.missedParts(rule).includes('account')));
  }

  /** A rule that may allow the grant if all entries of the prefix list, which are not known, lie inside its ranges. */
  decidedByEntries(): CompiledVpcRule | undefined {
    if (this.source.kind !== 'prefixList' || this.entries !== undefined) return undefined;
    return this.#dependingOnUnknown().find((rule) => this.missedParts(rule).includes('prefixList'));
  }

  /** The rules that miss nothing but what is not known. */
  #dependingOnUnknown(): readonly CompiledVpcRule[] {
    if (!this.#isAnyUnknown()) return [];
    return this.#sameCache()
      .flat()
      .filter((rule) => {
        const missed = this.missedParts(rule);
        return missed.length > 0 && missed.every((part) => this.#isUnknown(part, rule));
      });
  }

  /** Whether anything is unknown that some rule asks for. Mostly nothing is, and then no rule need be asked. */
  #isAnyUnknown(): boolean {
    const { source } = this;
    if (this.#accountPath === undefined && this.#rules.askForUnits) return true;
    if (source.kind === 'prefixList') return this.entries === undefined;
    return source.kind === 'securityGroup' && this.#isGroupUnknown(source);
  }

  /** A group of another account has a name that no one can look up: that is known. */
  #isGroupUnknown({ securityGroupOwnerId: owner, securityGroupName: name }: SecurityGroupSource): boolean {
    return owner === undefined || (name === undefined && owner === this.#grant.account);
  }

  /** Whether a part that a rule misses is not known. */
  #isUnknown(part: Part, rule: CompiledVpcRule): boolean {
    const { source } = this;
    if (part === 'account') return rule.asksForUnits && this.#accountPath === undefined;
    if (part === 'prefixList') return rule.cidrs.length > 0 && this.entries === undefined;
    if (source.kind !== 'securityGroup') return false;
    if (part === 'ownerId') return source.securityGroupOwnerId === undefined;
    const isNameUnknown = source.securityGroupName === undefined && this.#isGroupUnknown(source);
    return part === 'securityGroup' && isNameUnknown && rule.securityGroupNames.all.length > 0;
  }

  /** How many bits the range shares with the nearest one of the rule. */
  nearness(rule: CompiledVpcRule): number {
    return (this.range && rule.nearestCidr(this.range))?.bits ?? -1;
  }

  describeCovered(misses: readonly Part[]): string {
    if (misses.every((part) => part === 'expires')) return 'this grant';
    const covered = (['cache', this.#sourcePart] as const).filter((part) => !misses.includes(part));
    return covered.length === 0 ? '' : `the ${covered.map((part) => WORDS[part]).join(' and ')}`;
  }

  describePart(part: Part, rule?: CompiledVpcRule): string {
    const { account, region, target } = this.#grant;
    switch (part) {
      case 'cache':
        return `cache ${quote(target.cacheName)}`;
      case 'ownerId':
        return this.#describeOwner();
      case 'ports': {
        const missed = target.ports.filter((port) => !rule?.coversPort(port));
        return `${missed.length === 1 ? 'port' : 'ports'} ${missed.join(', ')}`;
      }
      case 'account':
        return `account ${quote(account)}`;
      case 'region':
        return `region ${quote(region)}`;
      default:
        return this.#describeSource(rule);
    }
  }

  missedByAll(): readonly Part[] {
    return ['cache', this.#sourcePart];
  }

  #isCacheOf({ caches }: CompiledVpcRule): boolean {
    return this.#names.some((name) => caches.covers(name));
  }

  #sameCache(): Shared<CompiledVpcRule> {
    this.#namingCache ??= this.#names.flatMap((name) => this.#rules.byCache.find(name));
    return this.#namingCache;
  }

  /** Of a range, also the entry of the rule that comes nearest to it. */
  #describeSource(rule: CompiledVpcRule | undefined): string {
    const { source, range } = this;
    switch (source.kind) {
      case 'cidr': {
        const nearest = range && rule?.nearestCidr(range);
        return `CIDR ${quote(source.cidr)}${nearest ? ` (nearest: ${writeCidr(nearest.cidr)})` : ''}`;
      }
      case 'prefixList':
        return `prefix list ${quote(source.prefixListId)}${this.#describeEntries(rule)}`;
      case 'internet':
        return 'its public endpoint';
      case 'securityGroup':
        return `security group ${quote(source.securityGroupId)}${this.#describeName(source, rule)}`;
    }
  }

  /** The name of a security group; why it is not known only where a rule asks for it. */
  #describeName(
    { securityGroupName, securityGroupOwnerId }: SecurityGroupSource,
    rule: CompiledVpcRule | undefined,
  ): string {
    if (securityGroupName !== undefined) return ` (${quote(securityGroupName)})`;
    if (rule === undefined || rule.securityGroupNames.all.length === 0) return '';
    return securityGroupOwnerId === undefined || securityGroupOwnerId === this.#grant.account
      ? ' (its name is not known)'
      : ' (its name cannot be looked up: only `securityGroupIds` can allow a group of another account)';
  }

  /** Of a prefix list whose entries were read, what of it the rule does not cover. */
  #describeEntries(rule: CompiledVpcRule | undefined): string {
    const { entries } = this;
    if (entries === undefined) return '';
    if (entries.length === 0) return ' (it has no entries, and can get any)';
    const [first, ...others] = rule?.uncovered(entries) ?? entries;
    if (first === undefined) return '';
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    return ` (not covered: ${writeCidr(first)}${more}, of ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'})`;
  }

  #describeOwner(): string {
    const { source } = this;
    const owner = source.kind === 'securityGroup' ? source.securityGroupOwnerId : undefined;
    return owner === undefined ? 'an owner that is not known' : `owner id ${quote(owner)}`;
  }
}

const WORDS: Readonly<Partial<Record<Part, string>>> = {
  cache: 'cache',
  securityGroup: 'security group',
  cidr: 'CIDR',
  prefixList: 'prefix list',
  publicEndpoint: 'public endpoint',
};

/** @returns `undefined` if not all entries are known. What reads them checks that they are ranges. */
function readEntries({ entries, entryCount }: PrefixListSource): Cidr[] | undefined {
  if (entries === undefined || entryCount !== undefined) return undefined;
  const ranges = entries.flatMap((entry) => readCidr(entry) ?? []);
  return ranges.length === entries.length ? ranges : undefined;
}
