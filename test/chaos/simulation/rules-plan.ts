import type { IpPermission } from '@aws-sdk/client-ec2';
import { fractionFrom } from '../../../src/local/faults.ts';
import { EDGE_RANGES, isWithin } from './edges.ts';
import { numbered } from './numbered.ts';
import { ACCOUNT, PARTNER, pick, STRANGER } from './plan.ts';

// What people do about the rules of VPC security groups, and what of it is allowed.

/** A security group, and what it guards. */
export interface PlannedGroup {
  readonly name: string;
  /** Names of replication groups (`redis-…`) and of clusters (`vault-…`). */
  readonly caches: readonly string[];
  /** Something else than caches is behind it as well. */
  readonly isShared: boolean;
  /** Somebody lives by its rule when a cache that the allowlist does not know is put into it. */
  readonly isInUse?: true;
  /** It is in the other region. */
  readonly isFar?: true;
}

export const GROUPS: readonly PlannedGroup[] = [
  ...numbered(6, (n) => ({ name: `redis-${n}`, caches: [`redis-${n}`], isShared: false })),
  ...numbered(4, (n) => ({ name: `both-${n}`, caches: [`redis-1${n}`, `vault-${n}`], isShared: false })),
  ...numbered(3, (n) => ({ name: `shared-${n}`, caches: [`redis-2${n}`], isShared: true })),
  ...numbered(3, (n) => ({ name: `web-${n}`, caches: [], isShared: true })),
  // These get caches in the midst of it, and have been open for long by then.
  ...numbered(3, (n) => ({ name: `open-${n}`, caches: [], isShared: false })),
  // In these a cache is created in the midst of it: in the one there is none before, in the other one that is in use.
  ...numbered(4, (n) => ({ name: `new-${n}`, caches: [], isShared: false })),
  ...numbered(3, (n) => ({ name: `used-${n}`, caches: [`redis-3${n}`], isShared: false, isInUse: true as const })),
  // Its cluster is the only one of the allowlist's name until it joins a replication group that the allowlist does not know.
  ...numbered(3, (n) => ({ name: `solo-${n}`, caches: [`solo-${n}`], isShared: false })),
  // Its cache names no security group, so that ElastiCache does not list this one.
  { name: 'default', caches: ['redis-50'], isShared: false },
  // A rule of each names a prefix list that is edited in the midst of it.
  ...numbered(4, (n) => ({ name: `list-${n}`, caches: [`redis-6${n}`], isShared: false })),
  // Of the scenes that every run has.
  ...['cut-0', 'cut-1', 'swap-0', 'swap-1', 'thaw-0', 'port-0', 'twin-0', 'edge-0', 'own-0', 'limit-0'].map((name) => ({
    name,
    caches: [name],
    isShared: false,
  })),
  { name: 'far-0', caches: ['far-0'], isShared: false, isFar: true },
  { name: 'born-0', caches: [], isShared: false },
  // Rules of `own-0` name it.
  { name: 'client-0', caches: [], isShared: false },
];
/** The groups whose rules people make and edit all the time. */
const BUSY = GROUPS.filter(({ name }) => /^(redis|both|shared|web)-|^default$/.test(name));

/** The prefix lists that rules name: one that ALLOWLIST has, and one that it has not. */
export const PREFIX_LISTS = { allowed: 'pl-0123456789abcdef0', other: 'pl-00000000000000000' } as const;

/** The group that the allowlist lets reach `own-0`, by its id and without `ownerIds`; and another one, whose id is there as well. */
export const OWN_CLIENT = 'client-0';
export const FOREIGN_CLIENT = 'sg-0fedcba9876543210';

/** What ElastiCache listens on. */
export const PORT_OF = (cache: string): number => (cache.startsWith('vault') ? 11211 : 6379);

/** A rule as people want it. */
export interface WantedRule {
  readonly ipProtocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly source: WantedSource;
}
export type WantedSource =
  | { readonly CidrIp: string }
  | { readonly CidrIpv6: string }
  | { readonly PrefixListId: string }
  | { readonly GroupId: string; readonly UserId: string };

export type RuleStep =
  | { readonly atMs: number; readonly what: 'authorize' | 'edit'; readonly rule: WantedRule }
  | { readonly atMs: number; readonly what: 'revoke' };

/** A rule, and what people do about it. */
export interface PlannedRule {
  readonly groupName: string;
  readonly steps: readonly RuleStep[];
}

/** A cache gets a security group that is open already. */
export interface PlannedAttachment {
  readonly atMs: number;
  readonly cache: string;
  readonly groupName: string;
  readonly rule: WantedRule;
}

/** What happens to a cache: it is created in a group, or its cluster becomes the first of a replication group. */
export interface PlannedCache {
  readonly atMs: number;
  readonly what: 'create' | 'join';
  readonly cache: string;
  readonly groupName: string;
  /** A rule of its group that is older than everything. */
  readonly rule: WantedRule;
  /** One that is made right after. */
  readonly ruleMeanwhile?: WantedRule;
}

/** A prefix list of which every entry is allowed for redis, until it is edited. */
export interface PlannedList {
  readonly atMs: number;
  /** The group with a rule that names it. */
  readonly groupName: string;
  readonly entry: string;
  /** Disallowed, for every other list. */
  readonly entryAdded: string;
}

const PACE_MS = 45;
const JITTER_MS = 500;
const COMES_BACK_MS = 2_000;

/** Whatever concerns a rule follows from the seed and from its number alone. */
export function planRules(seed: number, rules: number): readonly PlannedRule[] {
  return numbered(rules, (number) => planRule(number, (what) => fractionFrom(`${seed} ${what} of rule ${number}`)));
}

export function planAttachments(seed: number, endMs: number): readonly PlannedAttachment[] {
  return numbered(3, (number) => ({
    atMs: fractionFrom(`${seed} time of attachment ${number}`) * endMs,
    cache: `redis-${number}`,
    groupName: `open-${number}`,
    rule: tcp(6379, { CidrIp: `198.51.100.${number}/32` }),
  }));
}

/** Caches that are created while rules are made, put into groups that are in use, and that get another name. */
export function planCaches(seed: number, endMs: number): readonly PlannedCache[] {
  const at = (what: string): number => fractionFrom(`${seed} time of ${what}`) * endMs;
  return [
    ...numbered(
      4,
      (n): PlannedCache => ({
        atMs: at(`new ${n}`),
        what: 'create',
        cache: `redis-4${n}`,
        groupName: `new-${n}`,
        rule: tcp(6379, { CidrIp: `198.51.101.${n}/32` }),
        ruleMeanwhile: tcp(6379, { CidrIp: `198.51.102.${n}/32` }),
      }),
    ),
    ...numbered(
      3,
      (n): PlannedCache => ({
        atMs: at(`used ${n}`),
        what: 'create',
        cache: `tmp-${n}`,
        groupName: `used-${n}`,
        rule: tcp(6379, { CidrIp: `10.${n}.0.0/16` }),
      }),
    ),
    ...numbered(
      3,
      (n): PlannedCache => ({
        atMs: at(`solo ${n}`),
        what: 'join',
        cache: `solo-${n}`,
        groupName: `solo-${n}`,
        rule: tcp(6379, { CidrIp: `10.${n}.0.0/16` }),
      }),
    ),
  ];
}

export function planLists(seed: number, endMs: number): readonly PlannedList[] {
  return numbered(4, (number) => ({
    atMs: fractionFrom(`${seed} time of list ${number}`) * endMs,
    groupName: `list-${number}`,
    entry: `10.${number}.0.0/16`,
    entryAdded: number % 2 === 0 ? `198.51.103.${number}/32` : `10.10${number}.0.0/16`,
  }));
}

function planRule(number: number, draw: (what: string) => number): PlannedRule {
  const { name: groupName } = pick(BUSY, draw('group'));
  let atMs = number * PACE_MS + draw('time') * JITTER_MS;
  const wanted = (again: string): WantedRule => pick(KINDS, draw(`kind ${again}`))(number);
  const steps: RuleStep[] = [{ atMs, what: 'authorize', rule: wanted('') }];
  const comeBack = (what: string): number => {
    atMs += draw(`time to ${what}`) * COMES_BACK_MS;
    return atMs;
  };
  if (draw('edited') < 0.15) steps.push({ atMs: comeBack('edit'), what: 'edit', rule: wanted('edited') });
  if (draw('revoked by hand') < 0.06) steps.push({ atMs: comeBack('revoke'), what: 'revoke' });
  if (draw('authorized again') < 0.1)
    steps.push({ atMs: comeBack('authorize'), what: 'authorize', rule: wanted('again') });
  return { groupName, steps };
}

const tcp = (port: number, source: WantedSource, toPort = port): WantedRule => {
  return { ipProtocol: 'tcp', fromPort: port, toPort, source };
};
const everything = (source: WantedSource): WantedRule => ({ ipProtocol: '-1', fromPort: -1, toPort: -1, source });
const bytes = (number: number): string => `${(number >> 8) & 255}.${number & 255}`;

/** Eight of fifteen are allowed, for one cache at least, or reach none; the others miss narrowly. */
const KINDS: readonly ((number: number) => WantedRule)[] = [
  (n) => tcp(6379, { CidrIp: `10.${bytes(n)}.0/24` }),
  (n) => tcp(6379, { CidrIp: `10.200.${bytes(n)}/32` }),
  (n) => tcp(11211, { CidrIp: `10.200.${bytes(n)}/32` }),
  (n) => tcp(6000, { CidrIpv6: `2001:db8:${n.toString(16)}::/48` }, 7000),
  (n) => tcp(6379, { GroupId: 'sg-0123456789abcdef0', UserId: PARTNER }, 6379 + (n % 50)),
  (n) => tcp(6379 - (n % 50), { PrefixListId: PREFIX_LISTS.allowed }, 6379),
  // Reaches no cache, whomever it lets in.
  (n) => tcp(22, { CidrIp: `203.0.${bytes(n)}/32` }),
  (n) => ({ ...tcp(6379, { CidrIp: `203.0.${bytes(n)}/32` }), ipProtocol: 'udp' }),
  // Disallowed from here on.
  (n) => tcp(6379, { CidrIp: `192.0.${bytes(n)}/32` }),
  (n) => tcp(6379, { CidrIpv6: `2001:db9:${n.toString(16)}::/48` }),
  (n) => tcp(0, { CidrIp: `11.${bytes(n)}.0/24` }, 65_535),
  (n) => everything({ CidrIp: `192.1.${bytes(n)}/32` }),
  // Larger than what is allowed, around it.
  () => tcp(6379, { CidrIp: '10.0.0.0/7' }),
  // Each is in a rule, but not with this owner.
  (n) => tcp(6379, { GroupId: 'sg-0123456789abcdef0', UserId: STRANGER }, 6379 + (n % 50)),
  (n) => tcp(6379, { PrefixListId: PREFIX_LISTS.other }, 6379 + (n % 50)),
];

/** A rule as the endpoint tells it. */
export interface ToldRule {
  readonly ipProtocol: string;
  readonly fromPort: number;
  readonly toPort: number;
  /** `10.0.0.0/8`, `pl-…`, `sg-… of 111122223333`. */
  readonly source: string;
}

/** Whether a rule lets somebody reach a cache who may not: as ALLOWLIST has it, but not by the code that judges. */
export function isDisallowed(rule: ToldRule, caches: readonly string[]): boolean {
  return caches.some((cache) => reaches(rule, cache) && !mayReach(rule.source, cache));
}

function reaches({ ipProtocol, fromPort, toPort }: ToldRule, cache: string): boolean {
  const port = PORT_OF(cache);
  return ipProtocol === '-1' || (ipProtocol === 'tcp' && fromPort <= port && port <= toPort);
}

function mayReach(source: string, cache: string): boolean {
  const length = Number(source.split('/')[1]);
  if (cache.startsWith('tmp')) return false;
  if (cache.startsWith('edge')) return EDGE_RANGES.some((range) => isWithin(source, range));
  if (cache.startsWith('own')) return source === `${OWN_CLIENT} of ${ACCOUNT}`;
  if (/^(solo|cut|swap|thaw|port|twin|limit|far)/.test(cache)) return source.startsWith('10.') && length >= 8;
  if (cache.startsWith('vault')) return source.startsWith('10.200.') && length >= 16;
  return (
    (source.startsWith('10.') && length >= 8) ||
    source.startsWith('2001:db8:') ||
    source === `sg-0123456789abcdef0 of ${PARTNER}` ||
    source === PREFIX_LISTS.allowed
  );
}

/** Whether a rule lets somebody reach one cache who may, and another who may not. */
export function isMixed(rule: ToldRule, caches: readonly string[]): boolean {
  return isDisallowed(rule, caches) && caches.some((cache) => reaches(rule, cache) && mayReach(rule.source, cache));
}

/** Whether a rule opens more than the caches' ports. */
export function opensMore({ ipProtocol, fromPort, toPort }: ToldRule, caches: readonly string[]): boolean {
  const ports = caches.map(PORT_OF);
  return ipProtocol === '-1' || fromPort !== toPort || !ports.includes(fromPort);
}

/** A rule as the API's parameters name it. */
export function toPermission({ ipProtocol, fromPort, toPort, source }: WantedRule): IpPermission {
  return {
    IpProtocol: ipProtocol,
    FromPort: fromPort,
    ToPort: toPort,
    ...('CidrIp' in source && { IpRanges: [source] }),
    ...('CidrIpv6' in source && { Ipv6Ranges: [source] }),
    ...('PrefixListId' in source && { PrefixListIds: [source] }),
    ...('GroupId' in source && { UserIdGroupPairs: [source] }),
  };
}
