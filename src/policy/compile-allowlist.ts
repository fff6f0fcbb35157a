import { type Allowlist, endOfDay, type Rule } from './allowlist.ts';
import { type Grant, normalizeOwnerId } from './grant.ts';
import { NameIndex } from './name-index.ts';
import { NamePattern } from './name-pattern.ts';

/** Rules that share a name, a pattern or an owner, in order of rank. */
export type Posting = readonly CompiledRule[];

/** The rules that may have to do with a grant. */
export interface Candidates {
  /** Every rule that allows the grant is among these. */
  readonly narrowest: readonly Posting[];
  /** The rules that cover the grant's cache security group, its EC2 security group, and its owner. */
  readonly byPart: readonly (readonly Posting[])[];
}

/** A rule made ready for judging. */
export class CompiledRule {
  readonly id: string;
  /** Its place among all rules by id: the order that no file can change. */
  readonly rank: number;
  readonly expires: string | undefined;
  /** The first instant at which it allows no longer, in milliseconds since the epoch. */
  readonly allowsBefore: number;
  readonly #cacheSecurityGroups: NameList;
  readonly #ec2SecurityGroups: NameList;
  readonly #ownerIds: readonly string[];
  readonly #accounts: readonly string[] | undefined;
  readonly #regions: readonly string[] | undefined;

  constructor(rule: Rule, rank: number, cacheSecurityGroups: NamePattern[], ec2SecurityGroups: NamePattern[]) {
    this.id = rule.id;
    this.rank = rank;
    this.expires = rule.expires;
    this.allowsBefore = rule.expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(rule.expires);
    this.#cacheSecurityGroups = new NameList(cacheSecurityGroups);
    this.#ec2SecurityGroups = new NameList(ec2SecurityGroups);
    this.#ownerIds = rule.ownerIds.map(normalizeEntry);
    this.#accounts = rule.accounts?.map(normalizeEntry);
    this.#regions = rule.regions;
  }

  coversCacheSecurityGroup(name: string): boolean {
    return this.#cacheSecurityGroups.has(name);
  }
  coversEc2SecurityGroup(name: string): boolean {
    return this.#ec2SecurityGroups.has(name);
  }
  coversOwnerId(ownerId: string, account: string): boolean {
    for (const entry of this.#ownerIds) {
      if (entry === ownerId || entry === '*' || (entry === 'self' && ownerId === account)) return true;
    }
    return false;
  }
  coversAccount(account: string): boolean {
    return this.#accounts === undefined || this.#accounts.includes(account);
  }
  coversRegion(region: string): boolean {
    return this.#regions === undefined || this.#regions.includes(region);
  }
}

/** An allowlist made ready for judging. */
export class CompiledAllowlist {
  /** Every rule, in order of rank. */
  readonly rules: Posting;
  readonly #cacheSecurityGroups = new NameIndex<CompiledRule>();
  readonly #ec2SecurityGroups = new NameIndex<CompiledRule>();
  readonly #owners = new Map<string, CompiledRule[]>();

  /**
   * Makes an allowlist ready for judging: once, so that judging takes the same time however many rules there are.
   * Takes time and memory in proportion to the size of the allowlist, never to the product of its lists.
   */
  constructor(allowlist: Allowlist) {
    const byId = allowlist.rules.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    this.rules = byId.map((rule, rank) => {
      const cachePatterns = rule.cacheSecurityGroups.map((text) => new NamePattern(lowerAscii(text)));
      const ec2Patterns = rule.ec2SecurityGroups.map((text) => new NamePattern(text));
      const compiled = new CompiledRule(rule, rank, cachePatterns, ec2Patterns);
      for (const pattern of cachePatterns) this.#cacheSecurityGroups.add(pattern, compiled);
      for (const pattern of ec2Patterns) this.#ec2SecurityGroups.add(pattern, compiled);
      for (const ownerId of rule.ownerIds) this.#addOwner(normalizeEntry(ownerId), compiled);
      return compiled;
    });
  }

  #addOwner(ownerId: string, rule: CompiledRule): void {
    const posting = this.#owners.get(ownerId);
    if (posting === undefined) this.#owners.set(ownerId, [rule]);
    else posting.push(rule);
  }

  candidates(grant: Grant): Candidates {
    const byCacheSecurityGroup = this.#cacheSecurityGroups.find(grant.target.cacheSecurityGroupName);
    const byEc2SecurityGroup = this.#ec2SecurityGroups.find(grant.source.ec2SecurityGroupName);
    const byOwner = this.#findOwner(grant.source.ec2SecurityGroupOwnerId, grant.account);
    const ofNames = size(byCacheSecurityGroup) <= size(byEc2SecurityGroup) ? byCacheSecurityGroup : byEc2SecurityGroup;
    return {
      narrowest: size(ofNames) <= size(byOwner) ? ofNames : byOwner,
      byPart: [byCacheSecurityGroup, byEc2SecurityGroup, byOwner],
    };
  }

  #findOwner(ownerId: string, account: string): Posting[] {
    const found: Posting[] = [];
    for (const entry of ownerId === account ? [ownerId, '*', 'self'] : [ownerId, '*']) {
      const posting = this.#owners.get(entry);
      if (posting !== undefined) found.push(posting);
    }
    return found;
  }
}

/** A rule's name patterns, as one question. Long lists of exact names are looked up, short ones compared. */
class NameList {
  readonly #compared: readonly NamePattern[];
  readonly #exact: ReadonlySet<string> | undefined;

  constructor(patterns: readonly NamePattern[]) {
    const exact = patterns.length > 8 ? patterns.flatMap((pattern) => pattern.exact ?? []) : [];
    this.#exact = exact.length > 0 ? new Set(exact) : undefined;
    this.#compared = exact.length > 0 ? patterns.filter((pattern) => pattern.exact === undefined) : patterns;
  }

  has(name: string): boolean {
    if (this.#exact?.has(name)) return true;
    for (const pattern of this.#compared) if (pattern.matches(name)) return true;
    return false;
  }
}

/** An owner or account id without hyphens; `self` and `*` as they are. */
function normalizeEntry(id: string): string {
  return normalizeOwnerId(id) ?? id;
}

/** Folds ASCII only: ElastiCache has no other letters, and `toLowerCase` would make a Kelvin sign a `k`. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function size(postings: readonly Posting[]): number {
  let sum = 0;
  for (const posting of postings) sum += posting.length;
  return sum;
}
