import { type ClassicGrant, describeClassicGrant } from './classic/grant.ts';
import { printable } from './quote.ts';
import { type CacheGrant, describeVpcAccess, type VpcAccess } from './vpc/grant.ts';

/**
 * Who may reach what. The one shape that the event door, the audit and the command line all turn their input into
 * before it is judged. There are two kinds: a cache security group allows access from an EC2 security group (EC2-Classic), or a cache
 * can be reached, through a rule of a VPC security group or by its public endpoint.
 */
export type Grant = ClassicGrant | CacheGrant;

/** What can be judged: a grant, or what would be one if a security group rule made it. */
export type Access = ClassicGrant | VpcAccess;

/**
 * A grant on one line, for a person: `sessions <- web of 999988887777 (123456789012, us-east-1)`, or
 * `sessions:6379 <- 0.0.0.0/0 by sgr-0f of sg-0a (123456789012, us-east-1)`. Without the rule where it is not known.
 */
export function describeGrant(grant: Access): string {
  const what = grant.kind === 'classic' ? describeClassicGrant(grant) : describeVpcAccess(grant);
  return printable(`${what} (${grant.account}, ${grant.region})`, 400);
}
