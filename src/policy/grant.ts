/**
 * Who may reach what. The one shape that the event door, the audit and the command line all turn their input into
 * before it is judged. There are two kinds: a cache security group lets an EC2 security group in (EC2-Classic), or a rule of
 * a VPC security group lets somebody reach a cache.
 */
export type Grant = ClassicGrant | VpcGrant;

interface GrantPlace {
  /** 12 digits: the account that owns the cache security group, or the security group that guards the cache. */
  readonly account: string;
  /** For example `us-east-1`. */
  readonly region: string;
}

/** An EC2 security group may reach the caches of a cache security group. */
export interface ClassicGrant extends GrantPlace {
  readonly target: { readonly cacheSecurityGroupName: string };
  readonly source: { readonly ec2SecurityGroupName: string; readonly ec2SecurityGroupOwnerId: string };
}

/** A source may reach one cache, whatever lets it: what the policy looks at, and all that a question must tell. */
export interface VpcReach extends GrantPlace {
  readonly target: ReachedCache;
  readonly source: VpcSource;
}

export interface ReachedCache {
  /** Of the replication group, if the cache belongs to one; else of the cluster or the serverless cache. In lower case. */
  readonly cacheName: string;
  /** Those ports of the cache that may be reached, in ascending order; never none. */
  readonly ports: readonly number[];
}

/** A source may reach one cache, because of one ingress rule of a security group that guards it. */
export interface VpcGrant extends VpcReach {
  readonly target: VpcTarget;
}

/** A cache, and the rule that opens it. */
export interface VpcTarget extends ReachedCache {
  readonly securityGroupId: string;
  readonly securityGroupRuleId: string;
}

/** Whom a rule of a security group lets in: one of these. */
export type VpcSource =
  /** Without an owner if EC2 does not say whose the group is. Judged by id and owner, never by name. */
  | { readonly securityGroupId: string; readonly securityGroupOwnerId?: string }
  /** IPv4 or IPv6, canonical: `10.0.0.0/16`, `2001:db8::/32`. */
  | { readonly cidr: string }
  | { readonly prefixListId: string };

/** What can be judged: a grant, or what would be one if a rule made it. */
export type Reach = ClassicGrant | VpcReach;

/** Whether it is about a cache itself, and not about a cache security group. */
export function isVpcReach(reach: Reach): reach is VpcReach {
  return 'cacheName' in reach.target;
}

/** Whether a grant is of a VPC security group's rule. */
export function isVpcGrant(grant: Grant): grant is VpcGrant {
  return 'cacheName' in grant.target;
}

/** Whether a grant is of a cache security group. */
export function isClassicGrant(grant: Grant): grant is ClassicGrant {
  return !isVpcGrant(grant);
}

/** The five values of a classic grant as somebody wrote them: in an event, in an API's answer, on a command line. */
export interface WrittenGrant {
  readonly account: unknown;
  readonly region: unknown;
  readonly cacheSecurityGroupName: unknown;
  readonly ec2SecurityGroupName: unknown;
  readonly ec2SecurityGroupOwnerId: unknown;
}

export type ReadGrant<Kind extends Reach = Grant> =
  | { readonly grant: Kind; readonly problems?: never }
  | { readonly grant?: never; readonly problems: readonly string[] };

export const ACCOUNT = /^[0-9]{12}$/;
// Also the names of partitions yet to come: eusc-de-east-1, us-iso-east-1. It becomes part of a host name, so nothing
// but this may pass.
const REGION = /^[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$/;
const CACHE_SECURITY_GROUP_NAME = /^[a-zA-Z0-9-]{1,255}$/;
// AWS's CreateSecurityGroup page: "Constraints for EC2-Classic: ASCII characters", up to 255 of them. Wider than what
// it says for VPCs, because a grant to a name that we refuse to read would stand.
const EC2_SECURITY_GROUP_NAME = /^[ -~]{1,255}$/;
/** What CloudTrail writes where it hides a value. It would pass for an EC2 security group's name. */
export const REDACTED = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/**
 * Reads a classic grant from the values somebody wrote, in the form in which the policy compares them: cache security group
 * names in lower case (as ElastiCache stores them), owner ids without hyphens (AWS's own sample request sends
 * `1234-5678-1234` and is answered `123456781234`), everything else exactly as it is: nothing trimmed, nothing folded.
 *
 * @returns the grant, or every problem that keeps the values from being one. Never throws.
 */
export function readGrant(written: WrittenGrant): ReadGrant<ClassicGrant> {
  const problems: string[] = [];
  const text = (part: string, value: unknown, pattern: RegExp, expected: string): string => {
    if (typeof value === 'string' && value !== REDACTED && pattern.test(value)) return value;
    problems.push(problemOf(part, value, expected));
    return '';
  };
  const account = text('account', written.account, ACCOUNT, '12 digits');
  const region = text('region', written.region, REGION, 'the name of an AWS region');
  const cacheSecurityGroupName = text(
    'cacheSecurityGroupName',
    written.cacheSecurityGroupName,
    CACHE_SECURITY_GROUP_NAME,
    'up to 255 letters, digits and hyphens',
  ).toLowerCase();
  const ec2SecurityGroupName = text(
    'ec2SecurityGroupName',
    written.ec2SecurityGroupName,
    EC2_SECURITY_GROUP_NAME,
    'up to 255 ASCII characters',
  );
  const ec2SecurityGroupOwnerId = normalizeOwnerId(written.ec2SecurityGroupOwnerId);
  if (ec2SecurityGroupOwnerId === undefined) {
    problems.push(problemOf('ec2SecurityGroupOwnerId', written.ec2SecurityGroupOwnerId, '12 digits'));
    return { problems };
  }
  if (problems.length > 0) return { problems };
  return {
    grant: {
      account,
      region,
      target: { cacheSecurityGroupName },
      source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId },
    },
  };
}

/** Whether a text could be the name of an AWS region. */
export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/** What is wrong with a value of a grant, for a person. */
export function problemOf(part: string, value: unknown, expected: string): string {
  if (value === undefined || value === null) return `${part} is missing`;
  return value === REDACTED ? `${part} is hidden by CloudTrail` : `${part} ${quote(value)} is not ${expected}`;
}

/** An owner id as 12 digits without hyphens, leading zeros kept; `undefined` if it is not one (a number never is). */
export function normalizeOwnerId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 32) return undefined;
  const digits = value.replaceAll('-', '');
  return ACCOUNT.test(digits) ? digits : undefined;
}

/** Owner or account ids of a rule without hyphens; `self` and `*` as they are. */
export function normalizeIds(ids: readonly string[]): readonly string[] {
  return ids.some((id) => id.includes('-')) ? ids.map((id) => normalizeOwnerId(id) ?? id) : ids;
}

/**
 * A value from outside, for a person to read in a message: on one line, without control or invisible characters, cut
 * after 64 characters. Values of events are hostile; none is ever echoed whole.
 */
export function quote(value: unknown): string {
  if (value === undefined || value === null) return `(${value})`;
  if (typeof value !== 'string') return `(${typeof value === 'object' ? 'an' : 'a'} ${typeof value})`;
  const shown = printable(value, 64);
  return `\`${shown.includes('`') ? shown.replaceAll('`', '?') : shown}\``;
}

/** `text` cut after `limit` characters, with everything outside printable ASCII shown as `?`. */
export function printable(text: string, limit: number): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}...` : text;
  return /[^ -~]/.test(cut) ? cut.replace(/[^ -~]/g, '?') : cut;
}

/**
 * A grant on one line, for a person: `sessions <- web of 999988887777 (123456789012, us-east-1)`, or
 * `sessions:6379 <- 0.0.0.0/0 by sgr-0f of sg-0a (123456789012, us-east-1)`. Without the rule where it is not known.
 */
export function describeGrant(grant: Reach): string {
  return printable(`${describeReach(grant)} (${grant.account}, ${grant.region})`, 400);
}

function describeReach(reach: Reach): string {
  if (!isVpcReach(reach)) {
    const { target, source } = reach;
    return `${target.cacheSecurityGroupName} <- ${source.ec2SecurityGroupName} of ${source.ec2SecurityGroupOwnerId}`;
  }
  const { cacheName, ports, ...rule }: ReachedCache & Partial<VpcTarget> = reach.target;
  const by = rule.securityGroupRuleId && ` by ${rule.securityGroupRuleId} of ${rule.securityGroupId}`;
  return `${cacheName}:${ports.join(',')} <- ${describeSource(reach.source)}${by ?? ''}`;
}

/** Whom a rule lets in, in a few words: `0.0.0.0/0`, `pl-0f`, `sg-0a of 999988887777`. */
export function describeSource(source: VpcSource): string {
  if ('cidr' in source) return source.cidr;
  if ('prefixListId' in source) return source.prefixListId;
  return `${source.securityGroupId} of ${source.securityGroupOwnerId ?? 'an unknown owner'}`;
}
