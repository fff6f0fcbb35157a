import type { CompiledAllowlist } from '../compile-allowlist.ts';
import { CompiledRule, NameList } from '../compiled-rule.ts';
import { NameIndex } from '../name-index.ts';
import { lowerAscii } from '../name-pattern.ts';
import type { Shared } from '../narrow.ts';
import type { VpcAllowlistRule } from './allowlist-rule.ts';
import { type Cidr, isInside, isSameFamily, readCidr, sharedBits } from './cidr.ts';
import { RangeIndex } from './range-index.ts';
import type { CacheSource } from './source.ts';

/** A source, with its ranges of addresses read: once, however many rules are asked. */
export interface ReadSource {
  readonly source: CacheSource;
  /** Of a CIDR. */
  readonly range: Cidr | undefined;
  /** Of a prefix list: the ranges of its entries; `undefined` if not all of them are known. */
  readonly entries: readonly Cidr[] | undefined;
}

/** A rule about caches, made ready for judging. */
export class CompiledVpcRule extends CompiledRule {
  readonly caches: NameList;
  readonly securityGroupIds: ReadonlySet<string>;
  readonly securityGroupNames: NameList;
  readonly prefixListIds: ReadonlySet<string>;
  readonly cidrs: readonly Cidr[];
  readonly #publicEndpoint: boolean;
  readonly #ports: ReadonlySet<number> | undefined;

  constructor(rule: VpcAllowlistRule, rank: number) {
    super(rule, rank, rule.ownerIds ?? ['self']);
    this.caches = new NameList(rule.caches.map(lowerAscii));
    this.securityGroupIds = new Set(rule.securityGroupIds);
    this.securityGroupNames = new NameList(rule.securityGroupNames ?? []);
    this.prefixListIds = new Set(rule.prefixListIds);
    this.cidrs = (rule.cidrs ?? []).map(readAllowedCidr);
    this.#publicEndpoint = rule.publicEndpoint === true;
    this.#ports = rule.ports && new Set(rule.ports);
  }

  /** Whether it names the source; of a security group, whatever its owner. */
  coversSource({ source, range, entries }: ReadSource): boolean {
    switch (source.kind) {
      case 'cidr':
        return range !== undefined && this.#holds(range);
      case 'prefixList':
        return this.prefixListIds.has(source.prefixListId) || this.#coversEntries(entries);
      case 'securityGroup':
        return (
          this.securityGroupIds.has(source.securityGroupId) ||
          (source.securityGroupName !== undefined && this.securityGroupNames.covers(source.securityGroupName))
        );
      case 'internet':
        // However wide a range is, its author meant addresses in front of a security group.
        return this.#publicEndpoint;
    }
  }

  /** Those of the ranges that lie inside none of the rule's. */
  uncovered(ranges: readonly Cidr[]): readonly Cidr[] {
    return ranges.filter((range) => !this.#holds(range));
  }

  /** An empty prefix list is not covered: it can be filled at any time. */
  #coversEntries(entries: readonly Cidr[] | undefined): boolean {
    return entries !== undefined && entries.length > 0 && entries.every((range) => this.#holds(range));
  }

  #holds(range: Cidr): boolean {
    return this.cidrs.some((entry) => isInside(range, entry));
  }

  coversPort(port: number): boolean {
    return this.#ports === undefined || this.#ports.has(port);
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

const INTERNET: ReadSource = { source: { kind: 'internet' }, range: undefined, entries: undefined };

/** The rules about caches, ready for judging. */
export class VpcRules {
  /** In order of rank. */
  readonly rules: readonly CompiledVpcRule[];
  readonly byCache: NameIndex<CompiledVpcRule>;
  /** Whether any of them asks for the organizational units of accounts. */
  readonly askForUnits: boolean;
  readonly #byId: NameIndex<CompiledVpcRule>;
  readonly #byGroupName: NameIndex<CompiledVpcRule>;
  readonly #byRange: RangeIndex<CompiledVpcRule>;
  readonly #ofPublicEndpoints: readonly CompiledVpcRule[];

  /** @param rules in order of their ids. */
  constructor(rules: readonly VpcAllowlistRule[]) {
    this.rules = rules.map((rule, rank) => new CompiledVpcRule(rule, rank));
    this.byCache = new NameIndex(this.rules, (rule) => rule.caches.all);
    this.askForUnits = this.rules.some(({ asksForUnits }) => asksForUnits);
    this.#byId = new NameIndex(this.rules, (rule) => [...rule.securityGroupIds, ...rule.prefixListIds]);
    this.#byGroupName = new NameIndex(this.rules, (rule) => rule.securityGroupNames.all);
    this.#ofPublicEndpoints = this.rules.filter((rule) => rule.coversSource(INTERNET));
    this.#byRange = new RangeIndex(this.rules, (rule) => rule.cidrs);
  }

  /** The rules that name a source. */
  bySource({ source, range, entries }: ReadSource): Shared<CompiledVpcRule> {
    switch (source.kind) {
      case 'cidr':
        return range === undefined ? [] : this.#byRange.holding(range);
      case 'prefixList':
        // Which covers all of the entries covers the first.
        return [
          ...this.#byId.find(source.prefixListId),
          ...(entries?.[0] === undefined ? [] : this.#byRange.holding(entries[0])),
        ];
      case 'securityGroup':
        return source.securityGroupName === undefined
          ? this.#byId.find(source.securityGroupId)
          : [...this.#byId.find(source.securityGroupId), ...this.#byGroupName.find(source.securityGroupName)];
      case 'internet':
        return [this.#ofPublicEndpoints];
    }
  }

  /** Some rules of which a range comes near this one. */
  nearRange({ range }: ReadSource): Shared<CompiledVpcRule> {
    return range === undefined ? [] : this.#byRange.near(range);
  }
}

const compiled = new WeakMap<readonly VpcAllowlistRule[], VpcRules>();

/** The rules of an allowlist about caches, ready for judging: made once, for the first grant. */
export function vpcRulesOf({ vpcRules }: CompiledAllowlist): VpcRules {
  const known = compiled.get(vpcRules) ?? new VpcRules(vpcRules);
  compiled.set(vpcRules, known);
  return known;
}

/** The allowlist was checked, so this cannot happen; if it does, nothing may be judged by it. */
function readAllowedCidr(written: string): Cidr {
  const cidr = readCidr(written);
  if (cidr === undefined) throw new Error(`an allowlist was compiled that was not checked: ${written} is no range`);
  return cidr;
}
