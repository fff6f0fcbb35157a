import { type Allowlist, endOfDay, type Rule } from './allowlist.ts';
import { type Grant, normalizeOwnerId } from './grant.ts';
import { NameIndex } from './name-index.ts';
import { type NamePattern, parseNamePattern } from './name-pattern.ts';

/** Rules that share a name, a pattern or an owner, in order of rank. */
export type Posting = readonly CompiledRule[];

/** A rule made ready for judging. */
export class CompiledRule {
  readonly id: string;
  /** Its place among all rules by id: the order that no file can change. */
  readonly rank: number;
  readonly expires: string | undefined;
  /** The first instant at which it allows no longer, in milliseconds since the epoch. */
  readonly allowsBefore: number;
  private readonly cacheSecurityGroups: Names;
  private readonly ec2SecurityGroups: Names;
  private readonly ownerIds: readonly string[];
  private readonly accounts: readonly string[] | undefined;
  private readonly regions: readonly string[] | undefined;

  constructor(rule: Rule, rank: number, cacheSecurityGroups: Names, ec2SecurityGroups: Names, share: ShareLists) {
    this.id = rule.id;
    this.rank = rank;
    this.expires = rule.expires;
    this.allowsBefore = rule.expires === undefined ? Number.POSITIVE_INFINITY : endOfDay(rule.expires);
    this.cacheSecurityGroups = cacheSecurityGroups;
    this.ec2SecurityGroups = ec2SecurityGroups;
    this.ownerIds = share(normalizeIds(rule.ownerIds));
    this.accounts = rule.accounts && share(normalizeIds(rule.accounts));
    this.regions = rule.regions && share(rule.regions);
  }

  coversCacheSecurityGroup(name: string): boolean {
    return hasName(this.cacheSecurityGroups, name);
  }
  coversEc2SecurityGroup(name: string): boolean {
    return hasName(this.ec2SecurityGroups, name);
  }
  coversOwnerId(ownerId: string, account: string): boolean {
    for (const entry of this.ownerIds) {
      if (entry === ownerId || entry === '*' || (entry === 'self' && ownerId === account)) return true;
    }
    return false;
  }
  coversAccount(account: string): boolean {
    return this.accounts === undefined || this.accounts.includes(account);
  }
  coversRegion(region: string): boolean {
    return this.regions === undefined || this.regions.includes(region);
  }
}

/** An allowlist made ready for judging. */
export class CompiledAllowlist {
  /** Every rule, in order of rank. */
  readonly rules: Posting;
  private readonly byCacheSecurityGroup = new NameIndex<CompiledRule>();
  private readonly byEc2SecurityGroup = new NameIndex<CompiledRule>();
  private readonly byOwner = new Map<string, CompiledRule[]>();

  /**
   * Makes an allowlist ready for judging: once, so that judging takes the same time however many rules there are.
   * Takes time and memory in proportion to the size of the allowlist, never to the product of its lists.
   */
  constructor(allowlist: Allowlist) {
    const byId = allowlist.rules.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    const share = shareLists();
    this.rules = byId.map((rule, rank) => {
      const cachePatterns = rule.cacheSecurityGroups.map((text) => parseNamePattern(lowerAscii(text)));
      const ec2Patterns = rule.ec2SecurityGroups.map(parseNamePattern);
      const compiled = new CompiledRule(rule, rank, toNames(cachePatterns), toNames(ec2Patterns), share);
      for (const pattern of cachePatterns) this.byCacheSecurityGroup.add(pattern, compiled);
      for (const pattern of ec2Patterns) this.byEc2SecurityGroup.add(pattern, compiled);
      for (const ownerId of normalizeIds(rule.ownerIds)) this.addOwner(ownerId, compiled);
      return compiled;
    });
  }

  private addOwner(ownerId: string, rule: CompiledRule): void {
    const posting = this.byOwner.get(ownerId);
    if (posting === undefined) this.byOwner.set(ownerId, [rule]);
    else posting.push(rule);
  }

  /** Lists of rules among which every rule is that allows the grant: a few, if anything in the grant is rare. */
  candidatesFor(grant: Grant): readonly Posting[] {
    const byCacheSecurityGroup = this.byCacheSecurityGroup.find(grant.target.cacheSecurityGroupName);
    if (isFew(byCacheSecurityGroup)) return byCacheSecurityGroup;
    const byEc2SecurityGroup = this.byEc2SecurityGroup.find(grant.source.ec2SecurityGroupName);
    if (isFew(byEc2SecurityGroup)) return byEc2SecurityGroup;
    const byOwner = this.findOwner(grant.source.ec2SecurityGroupOwnerId, grant.account);
    return [byCacheSecurityGroup, byEc2SecurityGroup, byOwner].reduce((a, b) => (size(a) <= size(b) ? a : b));
  }

  /** Lists of the rules that cover the grant's cache security group, and of those that cover its EC2 security group. */
  sharingNames(grant: Grant): readonly Posting[] {
    return [
      ...this.byCacheSecurityGroup.find(grant.target.cacheSecurityGroupName),
      ...this.byEc2SecurityGroup.find(grant.source.ec2SecurityGroupName),
    ];
  }

  /** Whether any rule covers this owner. */
  knowsOwner(ownerId: string, account: string): boolean {
    return this.findOwner(ownerId, account).length > 0;
  }

  private findOwner(ownerId: string, account: string): Posting[] {
    const found: Posting[] = [];
    for (const entry of ownerId === account ? [ownerId, '*', 'self'] : [ownerId, '*']) {
      const posting = this.byOwner.get(entry);
      if (posting !== undefined) found.push(posting);
    }
    return found;
  }
}

/**
 * A rule's names and patterns. Most rules have one of each kind, and it lies in the rule itself: with 100,000 rules, what
 * judging costs is mostly the way through memory.
 */
type Names = string | NamePattern | NameList;

function toNames(list: readonly (string | NamePattern)[]): Names {
  return list.length === 1 ? (list[0] as string | NamePattern) : new NameList(list);
}

function hasName(names: Names, name: string): boolean {
  return typeof names === 'string' ? names === name : names.matches(name);
}

/** Many names and patterns, as one question. Long lists of names are looked up, short ones compared. */
class NameList {
  private readonly names: readonly string[] | ReadonlySet<string>;
  private readonly patterns: readonly NamePattern[];

  constructor(list: readonly (string | NamePattern)[]) {
    const names = list.filter((entry) => typeof entry === 'string');
    this.names = names.length > 8 ? new Set(names) : names;
    // Most rules have none, and one empty list serves them all.
    this.patterns = names.length === list.length ? NO_PATTERNS : list.filter((entry) => typeof entry !== 'string');
  }

  matches(name: string): boolean {
    const { names, patterns } = this;
    if (names instanceof Set ? names.has(name) : (names as readonly string[]).includes(name)) return true;
    for (const pattern of patterns) if (pattern.matches(name)) return true;
    return false;
  }
}

/** Gives, for a list, the first one like it, so that rules with the same owners share one list of them. */
type ShareLists = (list: readonly string[]) => readonly string[];

function shareLists(): ShareLists {
  const known = new Map<string, readonly string[]>();
  return (list) => {
    const key = list.join();
    const first = known.get(key) ?? list;
    known.set(key, first);
    return first;
  };
}

const NO_PATTERNS: readonly NamePattern[] = [];

/** Owner or account ids without hyphens; `self` and `*` as they are. */
function normalizeIds(ids: readonly string[]): readonly string[] {
  return ids.some((id) => id.includes('-')) ? ids.map((id) => normalizeOwnerId(id) ?? id) : ids;
}

/** Folds ASCII only: ElastiCache has no other letters, and `toLowerCase` would make a Kelvin sign a `k`. */
function lowerAscii(text: string): string {
  return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text;
}

/** So few that looking for fewer would cost more than trying them. */
function isFew(postings: readonly Posting[]): boolean {
  return postings.length === 0 || size(postings) <= 8;
}

function size(postings: readonly Posting[]): number {
  let sum = 0;
  for (const posting of postings) sum += posting.length;
  return sum;
}
