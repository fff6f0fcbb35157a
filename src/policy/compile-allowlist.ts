import {
  type Allowlist,
  byId,
  type ClassicRule,
  endOfDay,
  isClassicRule,
  isVpcRule,
  type VpcRule,
} from './allowlist.ts';
import { type ClassicGrant, normalizeIds } from './grant.ts';
import { lowerAscii, matchesPacked, type NamePattern, packNames, parseNamePattern } from './name-pattern.ts';
import { type Place, RuleIndex } from './rule-index.ts';

/** A rule about cache security groups, made ready for judging. */
export class CompiledRule {
  readonly id: string;
  /** Its place among the rules of its kind by id: the order that no file can change. */
  readonly rank: number;
  readonly expires: string | undefined;
  /** Its cache security groups and then its EC2 security groups, as one text: what is judged together lies together. */
  private readonly names: string;
  private readonly ec2SecurityGroupsFrom: number;
  /** In place of those in the text, if there are many. */
  private readonly manyCacheSecurityGroups: ManyNames | undefined;
  private readonly manyEc2SecurityGroups: ManyNames | undefined;
  private readonly ownerIds: readonly string[];
  private readonly accounts: readonly string[] | undefined;
  private readonly regions: readonly string[] | undefined;
  /** In days since the epoch, because V8 stores a small whole number in the rule itself. */
  private readonly firstDayWithout: number;

  constructor(
    rule: ClassicRule,
    rank: number,
    cacheSecurityGroups: NameList,
    ec2SecurityGroups: NameList,
    share: ShareLists,
  ) {
    this.id = rule.id;
    this.rank = rank;
    this.expires = rule.expires;
    const packed = [cacheSecurityGroups, ec2SecurityGroups].map((list) => packNames(list.length > FEW ? [] : list));
    // Joined, because V8 keeps the sum of two texts as a pair until it must not.
    this.names = packed.join('');
    this.ec2SecurityGroupsFrom = packed[0]?.length ?? 0;
    this.manyCacheSecurityGroups = cacheSecurityGroups.length > FEW ? new ManyNames(cacheSecurityGroups) : undefined;
    this.manyEc2SecurityGroups = ec2SecurityGroups.length > FEW ? new ManyNames(ec2SecurityGroups) : undefined;
    this.ownerIds = share(normalizeIds(rule.ownerIds));
    this.accounts = rule.accounts && share(normalizeIds(rule.accounts));
    this.regions = rule.regions && share(rule.regions);
    this.firstDayWithout = rule.expires === undefined ? NEVER : endOfDay(rule.expires) / DAY_MS;
  }

  coversCacheSecurityGroup(name: string): boolean {
    return this.manyCacheSecurityGroups === undefined
      ? matchesPacked(this.names, 0, this.ec2SecurityGroupsFrom, name)
      : this.manyCacheSecurityGroups.matches(name);
  }
  coversEc2SecurityGroup(name: string): boolean {
    return this.manyEc2SecurityGroups === undefined
      ? matchesPacked(this.names, this.ec2SecurityGroupsFrom, this.names.length, name)
      : this.manyEc2SecurityGroups.matches(name);
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
  /** Whether it allows still, at an instant in milliseconds since the epoch. */
  isInForceAt(time: number): boolean {
    return time < this.firstDayWithout * DAY_MS;
  }
}

/** An allowlist made ready for judging. */
export class CompiledAllowlist {
  /** Every rule about cache security groups, in order of rank. */
  readonly rules: readonly CompiledRule[];
  /** And those about caches, as they are written: `compiledVpcRules` makes them ready when the first of their grants is judged. */
  readonly vpcRules: readonly VpcRule[];
  private readonly byCacheSecurityGroup: Rules;
  private readonly byEc2SecurityGroup: Rules;
  private readonly byOwner: Rules;
  private readonly owners: ReadonlySet<string>;

  /**
   * Makes an allowlist ready for judging: once, so that judging takes the same time however many rules there are.
   * Takes time and memory in proportion to the size of the allowlist, never to the product of its lists.
   */
  constructor(allowlist: Allowlist) {
    this.vpcRules = allowlist.rules.filter(isVpcRule);
    const classic = byId(allowlist.rules.filter(isClassicRule));
    const cacheSecurityGroups = classic.map((rule) => readNames(rule.cacheSecurityGroups.map(lowerAscii)));
    const ec2SecurityGroups = classic.map((rule) => readNames(rule.ec2SecurityGroups));
    const share = shareLists();
    this.rules = classic.map(
      (rule, i) => new CompiledRule(rule, i, cacheSecurityGroups[i] ?? [], ec2SecurityGroups[i] ?? [], share),
    );
    this.byCacheSecurityGroup = new RuleIndex(this.rules, cacheSecurityGroups);
    this.byEc2SecurityGroup = new RuleIndex(this.rules, ec2SecurityGroups);
    const owners = classic.map((rule) => normalizeIds(rule.ownerIds));
    this.byOwner = new RuleIndex(this.rules, owners);
    this.owners = new Set(owners.flat());
  }

  /** What may concern a grant. */
  search(grant: ClassicGrant): Search {
    return new Search(grant, this.byCacheSecurityGroup, this.byEc2SecurityGroup, this.byOwner);
  }

  /** Whether any rule covers this owner. */
  knowsOwner(ownerId: string, account: string): boolean {
    return ownerEntries(ownerId, account).some((entry) => this.owners.has(entry));
  }
}

/** The rules of an allowlist that may concern a grant. */
export class Search {
  private readonly grant: ClassicGrant;
  private readonly byEc2SecurityGroup: Rules;
  private readonly byOwner: Rules;
  private readonly sameCacheSecurityGroup: Found;
  private sameEc2SecurityGroup: Found | undefined;

  constructor(grant: ClassicGrant, byCacheSecurityGroup: Rules, byEc2SecurityGroup: Rules, byOwner: Rules) {
    this.grant = grant;
    this.byEc2SecurityGroup = byEc2SecurityGroup;
    this.byOwner = byOwner;
    this.sameCacheSecurityGroup = find(byCacheSecurityGroup, [grant.target.cacheSecurityGroupName]);
  }

  /** Rules among which every one is that allows the grant: a few, if anything in the grant is rare. */
  candidates(): readonly CompiledRule[] {
    if (this.sameCacheSecurityGroup.size <= FEW) return take(this.sameCacheSecurityGroup);
    const sameEc2SecurityGroup = this.findSameEc2SecurityGroup();
    if (sameEc2SecurityGroup.size <= FEW) return take(sameEc2SecurityGroup);
    const { source, account } = this.grant;
    const sameOwner = find(this.byOwner, ownerEntries(source.ec2SecurityGroupOwnerId, account));
    return take(
      [this.sameCacheSecurityGroup, sameEc2SecurityGroup, sameOwner].reduce((a, b) => (a.size <= b.size ? a : b)),
    );
  }

  /** Where the rules are that may cover the cache security group or the EC2 security group. */
  sharingNames(): readonly Found[] {
    return [this.sameCacheSecurityGroup, this.findSameEc2SecurityGroup()];
  }

  private findSameEc2SecurityGroup(): Found {
    this.sameEc2SecurityGroup ??= find(this.byEc2SecurityGroup, [this.grant.source.ec2SecurityGroupName]);
    return this.sameEc2SecurityGroup;
  }
}

/** What a rule can say that covers this owner. */
function ownerEntries(ownerId: string, account: string): readonly string[] {
  return ownerId === account ? [ownerId, '*', 'self'] : [ownerId, '*'];
}

type Rules = RuleIndex<CompiledRule>;

/** Places of an index, and how many rules are there. */
export interface Found {
  readonly index: Rules;
  readonly places: readonly Place[];
  readonly size: number;
}

function find(index: Rules, names: readonly string[]): Found {
  const places: Place[] = [];
  for (const name of names) index.find(name, places);
  let size = 0;
  for (const place of places) size += index.sizeAt(place);
  return { index, places, size };
}

/** The rules at these places, each once: several patterns of one may lead to it. */
function take({ index, places }: Found): readonly CompiledRule[] {
  const rules: CompiledRule[] = [];
  for (const place of places) index.collect(place, rules);
  return places.length > 1 ? [...new Set(rules)] : rules;
}

/** So few rules that looking for fewer would cost more than trying them. */
const FEW = 8;

const DAY_MS = 24 * 60 * 60 * 1000;
/** A day that no clock reaches. */
const NEVER = 2 ** 30 - 1;

type NameList = readonly (string | NamePattern)[];
/** Many names and patterns, as one question: names are looked up. */
class ManyNames {
  private readonly names: ReadonlySet<string>;
  private readonly patterns: readonly NamePattern[];

  constructor(list: NameList) {
    this.names = new Set(list.filter((entry) => typeof entry === 'string'));
    this.patterns = list.filter((entry) => typeof entry !== 'string');
  }

  matches(name: string): boolean {
    return this.names.has(name) || this.patterns.some((pattern) => pattern.matches(name));
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

function readNames(texts: readonly string[]): NameList {
  return texts.map(parseNamePattern);
}
