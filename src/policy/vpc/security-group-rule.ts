import type { CacheNames, VpcGrant } from './grant.ts';
import type { RuleText } from './rule-text.ts';
import type { VpcSource } from './source.ts';

/** An ingress rule of a VPC security group, as EC2 says it is now. EC2 makes a rule of each source of a permission. */
export interface SecurityGroupRule extends RuleText {
  /** 12 digits: whose security group it is. */
  readonly account: string;
  readonly region: string;
  readonly securityGroupId: string;
  readonly securityGroupRuleId: string;
  /** `tcp`, `udp`, a number, or `-1` for all. */
  readonly ipProtocol: string;
  /** The first and the last port that it opens; not there, or -1, where the protocol has none. */
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly source: VpcSource;
}

/** A rule as EC2 lists it: an ingress rule, one that cannot be read and so cannot be judged, or the id of an egress rule. */
export type ListedRule =
  | { readonly rule: SecurityGroupRule; readonly unreadable?: never; readonly egressRuleId?: never }
  | { readonly unreadable: UnreadableRule; readonly rule?: never; readonly egressRuleId?: never }
  | { readonly egressRuleId: string; readonly rule?: never; readonly unreadable?: never };

export interface UnreadableRule {
  readonly securityGroupId: string;
  readonly securityGroupRuleId?: string;
  readonly problem: string;
}

/** A cluster or a serverless cache as ElastiCache lists it. Clusters of one replication group share a name. */
export interface ListedCache {
  /** Of the replication group, if it belongs to one; else its own. In lower case. */
  readonly cacheName: string;
  /** Its own name, where that is another. In lower case. */
  readonly clusterName?: string;
  readonly securityGroupIds: readonly string[];
  /** In ascending order; empty while it listens on none. */
  readonly ports: readonly number[];
  /**
   * Only of one that is being created and has no port yet: the ports that it will most likely listen on, by its engine's default.
   * Good enough for a warning, never for a revocation: any port can have been chosen.
   */
  readonly likelyPorts?: readonly number[];
  /**
   * Only of one that has no port any more, or not now, and may have clients: it is being deleted, perhaps to be made again, or ElastiCache
   * does not say why. Its engine's default, as in `likelyPorts`: good enough to let a rule stand.
   */
  readonly formerPorts?: readonly number[];
  /** Whether anyone on the internet reaches its ports, whatever guards it besides. */
  readonly isPublic?: boolean;
  /** Why it is not known which security groups guard it: then it has none here, and that does not make it a cache without grants. */
  readonly unknownGroups?: string;
  /** Why it cannot be judged: its ports are not known, though it should listen, or not all of its security groups. */
  readonly problem?: string;
}

/** A cache that a security group guards, and the ports that it listens on. */
export interface GuardedCache extends CacheNames {
  /** In ascending order; empty while it listens on none, being created. */
  readonly ports: readonly number[];
}

/**
 * The grants that a rule makes: one for each cache that its security group guards and whose ports it opens. None for a rule
 * that opens no port that a cache listens on.
 *
 * ElastiCache speaks TCP and nothing else, so only `tcp` (also as its number, 6) and `-1` reach a cache.
 */
export function grantsOf(rule: SecurityGroupRule, caches: readonly GuardedCache[]): VpcGrant[] {
  const { account, region, securityGroupId, securityGroupRuleId, source } = rule;
  return caches.flatMap(({ ports, ...names }) => {
    const opened = ports.filter((port) => opens(rule, port));
    if (opened.length === 0) return [];
    const target = { ...names, ports: opened, securityGroupId, securityGroupRuleId };
    return [{ kind: 'vpc', account, region, target, source }];
  });
}

/** Whether a rule can reach a cache at all, on whatever port that listens. */
export function speaksTcp({ ipProtocol }: SecurityGroupRule): boolean {
  return ipProtocol === '-1' || isTcp(ipProtocol);
}

/** Whether a rule opens nothing but ports that these caches listen on. */
export function opensOnlyPortsOf(rule: SecurityGroupRule, caches: readonly GuardedCache[]): boolean {
  const { first, last } = portsOf(rule);
  const listening = new Set(caches.flatMap(({ ports }) => ports));
  // A range larger than what is listened on holds more, without looking at each of its ports.
  if (first === undefined || last - first + 1 > listening.size) return false;
  for (let port = first; port <= last; port++) if (!listening.has(port)) return false;
  return true;
}

/** What is worth knowing of a rule that opens more than the ports of the caches; `undefined` for one that does not. */
export function remarkOn(rule: SecurityGroupRule, caches: readonly GuardedCache[]): string | undefined {
  if (opensOnlyPortsOf(rule, caches)) return undefined;
  const listening = [...new Set(caches.flatMap(({ ports }) => ports))].sort((a, b) => a - b).join(', ');
  const { first, last } = portsOf(rule);
  const what = first === undefined ? 'all ports of all protocols' : `ports ${first} to ${last}`;
  return `the rule opens ${what}, and the caches behind it listen on ${listening}`;
}

function opens(rule: SecurityGroupRule, port: number): boolean {
  if (rule.ipProtocol === '-1') return true;
  const { first, last } = portsOf(rule);
  return first !== undefined && first <= port && port <= last;
}

/** Whether a rule's protocol is TCP, by name or number, in whatever case. */
export function isTcp(ipProtocol: string): boolean {
  return ['tcp', '6'].includes(ipProtocol.toLowerCase());
}

/** The range of TCP ports that a rule opens; without `first` if it opens none, or all of all protocols. */
function portsOf({ ipProtocol, fromPort = -1, toPort = -1 }: SecurityGroupRule): { first?: number; last: number } {
  if (!isTcp(ipProtocol)) return { last: -1 };
  // EC2 wants ports of TCP. A rule that comes without them is taken for what it would be at worst: all.
  return fromPort === -1 || toPort === -1 ? { first: 0, last: 65_535 } : { first: fromPort, last: toPort };
}
