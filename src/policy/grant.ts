/**
 * Who may reach what. The one shape that the event door, the audit and the command line all turn their input into
 * before it is judged.
 */
export interface Grant {
  /** 12 digits: the account that owns the cache security group. */
  readonly account: string;
  /** For example `us-east-1`. */
  readonly region: string;
  readonly target: { readonly cacheSecurityGroupName: string };
  readonly source: { readonly ec2SecurityGroupName: string; readonly ec2SecurityGroupOwnerId: string };
}

/** The five values of a grant as somebody wrote them: in an event, in an API's answer, on a command line. */
export interface WrittenGrant {
  readonly account: unknown;
  readonly region: unknown;
  readonly cacheSecurityGroupName: unknown;
  readonly ec2SecurityGroupName: unknown;
  readonly ec2SecurityGroupOwnerId: unknown;
}

export type ReadGrant =
  | { readonly grant: Grant; readonly problems?: never }
  | { readonly grant?: never; readonly problems: readonly string[] };

const ACCOUNT = /^[0-9]{12}$/;
// Also the names of partitions yet to come: eusc-de-east-1, us-iso-east-1. It becomes part of a host name, so nothing
// but this may pass.
const REGION = /^[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}$/;
const CACHE_SECURITY_GROUP_NAME = /^[a-zA-Z0-9-]{1,255}$/;
// AWS's CreateSecurityGroup page: "Constraints for EC2-Classic: ASCII characters", up to 255 of them. Wider than what
// it says for VPCs, because a grant to a name that we refuse to read would stand.
const EC2_SECURITY_GROUP_NAME = /^[ -~]{1,255}$/;
/** What CloudTrail writes where it hides a value. It would pass for an EC2 security group's name. */
const REDACTED = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/**
 * Reads a grant from the values somebody wrote, in the form in which the policy compares them: cache security group
 * names in lower case (as ElastiCache stores them), owner ids without hyphens (AWS's own sample request sends
 * `1234-5678-1234` and is answered `123456781234`), everything else exactly as it is: nothing trimmed, nothing folded.
 *
 * @returns the grant, or every problem that keeps the values from being one. Never throws.
 */
export function readGrant(written: WrittenGrant): ReadGrant {
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

function problemOf(part: string, value: unknown, expected: string): string {
  if (value === undefined || value === null) return `${part} is missing`;
  return value === REDACTED ? `${part} is hidden by CloudTrail` : `${part} ${quote(value)} is not ${expected}`;
}

/** An owner id as 12 digits without hyphens, leading zeros kept; `undefined` if it is not one (a number never is). */
export function normalizeOwnerId(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 32) return undefined;
  const digits = value.replaceAll('-', '');
  return ACCOUNT.test(digits) ? digits : undefined;
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

/** A grant on one line, for a person: `sessions <- web of 999988887777 (123456789012, us-east-1)`. */
export function describeGrant({ account, region, target, source }: Grant): string {
  const from = `${source.ec2SecurityGroupName} of ${source.ec2SecurityGroupOwnerId}`;
  return printable(`${target.cacheSecurityGroupName} <- ${from} (${account}, ${region})`, 400);
}
