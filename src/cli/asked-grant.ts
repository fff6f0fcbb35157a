import { type Reach, type ReadGrant, readGrant } from '../policy/grant.ts';
import { readVpcReach } from '../policy/vpc-grant.ts';

/** The keys by which a person says a grant, flat: as options of a command line, and in a case. */
const CLASSIC = ['cacheSecurityGroupName', 'ec2SecurityGroupName', 'ec2SecurityGroupOwnerId'] as const;
const VPC = ['cacheName', 'ports', 'cidr', 'prefixListId', 'securityGroupId', 'securityGroupOwnerId'] as const;

/** A grant of one kind as a person says it. Of a cache, `securityGroupId` is who is let in, not the group that guards it. */
export type AskedGrant = Readonly<
  Partial<Record<'account' | 'region' | (typeof CLASSIC | typeof VPC)[number], unknown>>
>;

/**
 * Reads a grant that somebody asks about. What it is about is known by its keys; no rule is asked for, because none is needed
 * to judge.
 *
 * @returns it, or every problem that keeps it from being one. Never throws.
 */
export function readAskedGrant(asked: AskedGrant): ReadGrant<Reach> {
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
    return readGrant({ account, region, cacheSecurityGroupName, ec2SecurityGroupName, ec2SecurityGroupOwnerId });
  }
  const { cacheName, ports, cidr, prefixListId, securityGroupId, securityGroupOwnerId } = asked;
  const source = { cidr, prefixListId, securityGroupId, securityGroupOwnerId };
  return readVpcReach({ account, region, cacheName, ports, source });
}
