import { byId, endOfDay, type VpcRule } from './allowlist.ts';
import { type Cidr, isInside, isSameFamily, readCidr, sharedBits } from './cidr.ts';
import type { CompiledAllowlist } from './compile-allowlist.ts';
import { normalizeIds, type VpcReach, type VpcSource } from './grant.ts';
import { lowerAscii, type NamePattern, parseNamePattern } from './name-pattern.ts';
import { RuleIndex } from './rule-index.ts';

/** A rule about caches, made ready for judging. */
export class CompiledVpcRule {
  readonly id: string;
  /** Its place among the rules of its kind by id: the order that no file can change. */
  readonly rank: number;
  readonly expires: string | undefined;
  readonly caches: readonly (string | NamePattern)[];
  readonly securityGroupIds: ReadonlySet<string>;
  readonly prefixListIds: ReadonlySet<string>;
  private readonly cidrs: readonly Cidr[];
  private readonly ownerIds: readonly string[];
  private readonly ports: ReadonlySet<number> | undefined;
  private readonly accounts: readonly string[] | undefined;
  private readonly regions: readonly string[] | undefined;
  private readonly end: number;

  constructor(rule: VpcRule, rank: number) {
    this.id = rule.id;
    this.rank = rank;
    this.expires = rule.expires;
    this.caches = rule.caches.map((name) => parseNamePattern(lowerAscii(name)));
    this.securityGroupIds = new Set(rule.securityGroupIds);
    this.prefixListIds = new Set(rule.prefixListIds);
    this.cidrs = (rule.cidrs ?? []).map(readAllowedCidr);
    this.ownerIds = normalizeIds(rule.ownerIds ?? ['self']);
    this.ports = rule.ports && new Set(rule.ports);
    this.accounts = rule.accounts && normalizeIds(rule.accounts);
    this.regions = rule.regions;
    this.end = rule.expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(rule.expires);
  }

  coversCache(name: string): boolean {
    return this.caches.some((entry) => (typeof entry === 'string' ? entry === name : entry.matches(name)));
  }

  /** Whether it names the source; of a security group, whatever its owner. A range of addresses is given, read, beside it. */
  coversSource(source: VpcSource, range: Cidr | undefined): boolean {
    if ('prefixListId' in source) return this.prefixListIds.has(source.prefixListId);
    if ('securityGroupId' in source) return this.securityGroupIds.has(source.securityGroupId);
    return range !== undefined && this.cidrs.some((entry) => isInside(range, entry));
  }

  /** Whether it allows groups of this owner. Nobody knows whose a group without an owner is, so it does not. */
  coversOwnerId(ownerId: string | undefined, account: string): boolean {
    if (ownerId === undefined) return false;
    return this.ownerIds.some(
      (entry) => entry === ownerId || entry === '*' || (entry === 'self' && ownerId === account),
    );
  }

  coversPort(port: number): boolean {
    return this.ports === undefined || this.ports.has(port);
  }
  coversAccount(account: string): boolean {
    return this.accounts === undefined || this.accounts.includes(account);
  }
  coversRegion(region: string): boolean {
    return this.regions === undefined || this.regions.includes(region);
  }
  /** Whether it allows still, at an instant in milliseconds since the epoch. */
  isInForceAt(time: number): boolean {
    return time < this.end;
  }

  /** The range that it names and that shares the most with this one, and how many bits; `undefined` if none is of its family. */
  nearestCidr(range: Cidr): { readonly cidr: Cidr; readonly bits: number } | undefined {
    let nearest: { readonly cidr: Cidr; readonly bits: number } | undefined;
    for (const cidr of this.cidrs) {
      const bits = sharedBits(range, cidr);
      if (isSameFamily(range, cidr) && (nearest === undefined || bits > nearest.bits)) nearest = { cidr, bits };
    }
    return nearest;
  }
}

/** The rules about caches, ready for judging. */
export class CompiledVpcRules {
  /** In order of rank. */
  readonly rules: readonly CompiledVpcRule[];
  private readonly byCache: RuleIndex<CompiledVpcRule>;
  private readonly bySourceId = new Map<string, CompiledVpcRule[]>();

  constructor(rules: readonly VpcRule[]) {
    this.rules = byId(rules).map((rule, i) => new CompiledVpcRule(rule, i));
    this.byCache = new RuleIndex(
      this.rules,
      this.rules.map(({ caches }) => caches),
    );
    for (const rule of this.rules) {
      for (const id of [...rule.securityGroupIds, ...rule.prefixListIds]) {
        const known = this.bySourceId.get(id);
        if (known === undefined) this.bySourceId.set(id, [rule]);
        else known.push(rule);
      }
    }
  }

  /** Rules among which every one is that allows the grant. */
  candidates({ target, source }: VpcReach): readonly CompiledVpcRule[] {
    // A source with an id is named by few; of ranges, nobody knows without looking which hold which.
    if ('prefixListId' in source) return this.bySourceId.get(source.prefixListId) ?? [];
    if ('securityGroupId' in source) return this.bySourceId.get(source.securityGroupId) ?? [];
    return this.byCache.rulesFor(target.cacheName);
  }
}

const compiled = new WeakMap<CompiledAllowlist, CompiledVpcRules>();

/**
 * The rules of an allowlist about caches, made ready for judging once. Not with the others: what reads ranges of addresses takes
 * longer to load than all the rest of the judgement, and who judges cache security groups alone does without.
 */
export function compiledVpcRules(allowlist: CompiledAllowlist): CompiledVpcRules {
  const known = compiled.get(allowlist);
  if (known !== undefined) return known;
  const rules = new CompiledVpcRules(allowlist.vpcRules);
  compiled.set(allowlist, rules);
  return rules;
}

/** The allowlist was checked, so this cannot happen; if it does, nothing may be judged by it. */
function readAllowedCidr(written: string): Cidr {
  const cidr = readCidr(written);
  if (cidr === undefined) throw new Error(`an allowlist was compiled that was not checked: ${written} is no range`);
  return cidr;
}
