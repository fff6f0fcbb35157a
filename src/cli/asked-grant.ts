import { readClassicGrant } from '../policy/classic/grant.ts';
import type { Access } from '../policy/grant.ts';
import { readVpcAccess } from '../policy/vpc/read-grant.ts';
import type { ReadGrant } from '../policy/written.ts';

/** The keys by which a person says a grant, flat: as options of a command line, and in a case. */
const CLASSIC = ['cacheSecurityGroupName', 'ec2SecurityGroupName', 'ec2SecurityGroupOwnerId'] as const;
const VPC = [
  'cacheName',
  'clusterNames',
  'ports',
  'cidr',
  'prefixListId',
  'entries',
  'securityGroupId',
  'securityGroupName',
  'securityGroupOwnerId',
  'publicEndpoint',
] as const;

/** A grant of one kind as a person says it. Of a cache, `securityGroupId` is who gets access, not the group that guards it. */
export type AskedGrant = Readonly<
  Partial<Record<'account' | 'region' | (typeof CLASSIC | typeof VPC)[number], unknown>>
>;

/**
 * Reads a grant that someone asks about. What it is about is known by its keys; no rule is asked for, because none is needed
 * to judge.
 *
 * @returns it, or every problem that keeps it from being one. Never throws.
 */
export function readAskedGrant(asked: AskedGrant): ReadGrant<Access> {
  const classic = CLASSIC.find((key) => asked[key] !== undefined);
  const vpc = VPC.find((key) => asked[key] !== undefined);
  if (classic !== undefined && vpc !== undefined) {
    return {
      problems: [`${classic} is of a cache security group, and ${vpc} of a cache: a grant is about one of the two`],
    };
  }
  const { account, region } = asked;
  if (vpc === undefined) {
    const { cacheSecurityGroupName, ec2SecurityGroupName, ec2SecurityGroupOwnerId } = asked;
    return readClassicGrant({ account, region, cacheSecurityGroupName, ec2SecurityGroupName, ec2SecurityGroupOwnerId });
  }
  const { cacheName, clusterNames, ports } = asked;
  const { cidr, prefixListId, entries, securityGroupId, securityGroupName, securityGroupOwnerId, publicEndpoint } =
    asked;
  const source = {
    cidr,
    prefixListId,
    entries,
    securityGroupId,
    securityGroupName,
    securityGroupOwnerId,
    publicEndpoint,
  };
  return readVpcAccess({ account, region, cacheName, clusterNames, ports, source });
}
