import type { Place } from '../place.ts';
import { isAccountId, isRegion, normalizeOwnerId, problemOf, type ReadGrant, TextReader } from '../written.ts';

/** An EC2 security group may reach the caches of a cache security group. The place is where the latter lives. */
export interface ClassicGrant extends Place {
  readonly kind: 'classic';
  readonly target: { readonly cacheSecurityGroupName: string };
  readonly source: { readonly ec2SecurityGroupName: string; readonly ec2SecurityGroupOwnerId: string };
}

/** The five values of a classic grant as someone wrote them: in an event, in an API's answer, on a command line. */
export interface WrittenClassicGrant {
  readonly account: unknown;
  readonly region: unknown;
  readonly cacheSecurityGroupName: unknown;
  readonly ec2SecurityGroupName: unknown;
  readonly ec2SecurityGroupOwnerId: unknown;
}

const CACHE_SECURITY_GROUP_NAME = /^[a-zA-Z0-9-]{1,255}$/;
// AWS's CreateSecurityGroup page: "Constraints for EC2-Classic: ASCII characters", up to 255 of them. Wider than what
// it says for VPCs, because a grant to a name that we refuse to read would stand.
const EC2_SECURITY_GROUP_NAME = /^[ -~]{1,255}$/;

/**
 * Reads a classic grant from the values someone wrote, in the form in which the policy compares them: cache security group
 * names in lower case (as ElastiCache stores them), owner ids without hyphens (AWS's own sample request sends
 * `1234-5678-1234` and is answered `123456781234`), everything else exactly as it is: nothing trimmed, nothing folded.
 *
 * @returns the grant, or every problem that keeps the values from being one. Never throws.
 */
export function readClassicGrant(written: WrittenClassicGrant): ReadGrant<ClassicGrant> {
  const texts = new TextReader();
  const account = texts.read('account', written.account, isAccountId, '12 digits');
  const region = texts.read('region', written.region, isRegion, 'the name of an AWS region');
  const cacheSecurityGroupName = texts
    .read(
      'cacheSecurityGroupName',
      written.cacheSecurityGroupName,
      (text) => CACHE_SECURITY_GROUP_NAME.test(text),
      'up to 255 letters, digits and hyphens',
    )
    .toLowerCase();
  const ec2SecurityGroupName = texts.read(
    'ec2SecurityGroupName',
    written.ec2SecurityGroupName,
    (text) => EC2_SECURITY_GROUP_NAME.test(text),
    'up to 255 ASCII characters',
  );
  const ec2SecurityGroupOwnerId = normalizeOwnerId(written.ec2SecurityGroupOwnerId);
  const { problems } = texts;
  if (ec2SecurityGroupOwnerId === undefined) {
    problems.push(problemOf('ec2SecurityGroupOwnerId', written.ec2SecurityGroupOwnerId, '12 digits'));
    return { problems };
  }
  if (problems.length > 0) return { problems };
  return {
    grant: {
      kind: 'classic',
      account,
      region,
      target: { cacheSecurityGroupName },
      source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId },
    },
  };
}

/** A grant without its place, for a person: `sessions <- web of 999988887777`. */
export function describeClassicGrant({ target, source }: ClassicGrant): string {
  return `${target.cacheSecurityGroupName} <- ${source.ec2SecurityGroupName} of ${source.ec2SecurityGroupOwnerId}`;
}
