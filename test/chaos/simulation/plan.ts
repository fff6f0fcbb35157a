import { fractionFrom } from '../../../src/local/faults.ts';
import { EDGE_RANGES } from './edges.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
/** Where one cache is, and a few rules. */
export const FAR_REGION = 'eu-west-1';
export const PARTNER = '444455556666';
export const STRANGER = '999988887777';

/** Judged by this in the beginning. It is written so that what is disallowed below misses it narrowly. */
export const ALLOWLIST = `version: 1
rules:
  - id: web-to-caches
    cacheSecurityGroups: [cache-*]
    ec2SecurityGroups: [web-*, batch]
    ownerIds: [self]
  - id: partner-to-caches
    cacheSecurityGroups: [cache-*]
    ec2SecurityGroups: [partner-*]
    ownerIds: ["${PARTNER}"]
  - id: vpc-to-redis
    caches: [redis-*]
    cidrs: [10.0.0.0/8, "2001:db8::/32"]
    securityGroupIds: [sg-0123456789abcdef0]
    ownerIds: ["${PARTNER}"]
    prefixListIds: [pl-0123456789abcdef0]
  - id: vpc-to-solo
    caches: [solo-0, solo-1, solo-2]
    cidrs: [10.0.0.0/8]
  - id: vpc-to-vault
    caches: [vault-*]
    cidrs: [10.200.0.0/16]
    ports: [11211]
  - id: vpc-to-scenes
    caches: [cut-*, swap-*, thaw-*, port-*, twin-*, limit-*, far-*, born-*]
    cidrs: [10.0.0.0/8]
  - id: edges
    caches: [edge-*]
    cidrs: [${EDGE_RANGES.join(', ')}]
`;

/** What is added to the allowlist in the midst of it: from then on, a cache may be reached from there. */
export function alsoAllows(cache: string, who: string): string {
  return `  - id: also-to-${cache}\n    caches: [${cache}]\n    ${who}\n`;
}

/** What the source of an allowlist may serve in its place. None of it is a valid allowlist. */
export interface Rubbish {
  readonly what: string;
  /** `undefined` for nothing. */
  readonly contents: string | undefined;
}
export const RUBBISH: readonly Rubbish[] = [
  { what: 'nothing', contents: undefined },
  { what: 'an empty text', contents: '' },
  { what: 'an error page', contents: '<html><body>503 Service Unavailable</body></html>' },
  { what: 'a version that is not known', contents: ALLOWLIST.replace('version: 1', 'version: 2') },
  { what: 'the first half', contents: ALLOWLIST.slice(0, ALLOWLIST.indexOf('ownerIds')) },
  { what: 'broken YAML', contents: ALLOWLIST.replace('web-*, batch', 'web-*, batch]]') },
];

/** A grant as the API's parameters name it. */
export interface Grant {
  readonly CacheSecurityGroupName: string;
  readonly EC2SecurityGroupName: string;
  readonly EC2SecurityGroupOwnerId: string;
}

/** A grant, and what people do about it. All times are in milliseconds since the beginning. */
export interface PlannedGrant {
  readonly grant: Grant;
  readonly allowed: boolean;
  readonly steps: readonly { readonly atMs: number; readonly what: 'authorize' | 'revoke' }[];
}

/** From when until when something is broken. */
export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** All that people do, and what breaks beside the calls, events and functions. */
export interface Plan {
  readonly cacheSecurityGroups: readonly string[];
  readonly grants: readonly PlannedGrant[];
  /** A cache security group is deleted, and made again at the end. */
  readonly deletions: readonly (Outage & { readonly cacheSecurityGroupName: string })[];
  /** The source of the allowlist serves rubbish. */
  readonly allowlistOutages: readonly (Outage & { readonly rubbish: Rubbish })[];
  /** Nobody has the permission to revoke. */
  readonly permissionOutages: readonly Outage[];
  /** When everything of this is over. */
  readonly endMs: number;
}

/** Three pages of cache security groups. */
const CACHE_SECURITY_GROUPS = 250;
/** One grant follows the other by so much, give or take. */
const PACE_MS = 15;
const JITTER_MS = 500;
/** People come back to a grant within so much. */
const COMES_BACK_MS = 2_000;

/**
 * Plans a run. Whatever concerns a grant follows from the seed and from its number alone, and what else happens from the
 * seed and its time: a run with fewer grants is the beginning of one with more.
 */
export function makePlan(seed: number, grants: number): Plan {
  const draw = (what: string): number => fractionFrom(`${seed} ${what}`);
  const planned = Array.from({ length: grants }, (_, number) => planGrant(number, draw));
  const endMs = Math.max(...planned.flatMap(({ steps }) => steps.map(({ atMs }) => atMs))) + 1;
  /** One outage in each stretch of so many milliseconds. */
  const outages = (what: string, everyMs: number, shortestMs: number, longestMs: number): Outage[] =>
    Array.from({ length: Math.ceil(endMs / everyMs) }, (_, number) => {
      const lastsMs = shortestMs + draw(`length of ${what} ${number}`) * (longestMs - shortestMs);
      const fromMs = number * everyMs + draw(`time of ${what} ${number}`) * (everyMs - lastsMs);
      return { fromMs, untilMs: Math.min(fromMs + lastsMs, endMs) };
    }).filter(({ fromMs }) => fromMs < endMs);
  return {
    cacheSecurityGroups: Array.from({ length: CACHE_SECURITY_GROUPS }, (_, number) => `cache-${number}`),
    grants: planned,
    deletions: outages('deletion', 2_000, 50, 300).map((outage, number) => ({
      ...outage,
      cacheSecurityGroupName: cacheSecurityGroup(draw(`what deletion ${number} deletes`)),
    })),
    allowlistOutages: outages('allowlist outage', 3_000, 300, 1_500).map((outage, number) => ({
      ...outage,
      rubbish: pick(RUBBISH, draw(`what allowlist outage ${number} serves`)),
    })),
    permissionOutages: outages('permission outage', 6_000, 1_500, 2_000),
    endMs,
  };
}

function planGrant(number: number, drawAny: (what: string) => number): PlannedGrant {
  const draw = (what: string): number => drawAny(`${what} of grant ${number}`);
  const allowed = draw('verdict') >= 1 / 3;
  const [name, EC2SecurityGroupOwnerId] = pick(allowed ? ALLOWED : DISALLOWED, draw('kind'));
  let atMs = number * PACE_MS + draw('time') * JITTER_MS;
  const steps: PlannedGrant['steps'][number][] = [{ atMs, what: 'authorize' }];
  const comeBack = (what: 'authorize' | 'revoke'): void => {
    atMs += draw(`time to ${what}`) * COMES_BACK_MS;
    steps.push({ atMs, what });
  };
  if (draw('revoked by hand') < 0.06) comeBack('revoke');
  // By whoever thinks that it went by mistake. What they see standing they leave alone.
  if ((steps.length > 1 || !allowed) && draw('authorized again') < 0.2) comeBack('authorize');
  return {
    grant: {
      CacheSecurityGroupName: cacheSecurityGroup(draw('cache security group')),
      EC2SecurityGroupName: `${name}-${number}`,
      EC2SecurityGroupOwnerId,
    },
    allowed,
    steps,
  };
}

type Kind = readonly [name: string, ownerId: string];
const ALLOWED: readonly Kind[] = [
  ['web', ACCOUNT],
  ['partner', PARTNER],
];
const DISALLOWED: readonly Kind[] = [
  ['web', STRANGER],
  // Each is in a rule, but not in the same.
  ['web', PARTNER],
  ['partner', ACCOUNT],
  ['Web', ACCOUNT],
  // Begins as a name that is allowed does.
  ['batch', ACCOUNT],
];

function cacheSecurityGroup(fraction: number): string {
  return `cache-${Math.floor(fraction * CACHE_SECURITY_GROUPS)}`;
}

export function pick<Item>(items: readonly Item[], fraction: number): Item {
  return items[Math.floor(fraction * items.length)] as Item;
}
