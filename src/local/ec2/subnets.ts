import type { SecurityGroups } from './security-groups.ts';

/** The id of the only subnet that a VPC has here. */
export function subnetOf(vpcId: string): string {
  return vpcId.replace('vpc-', 'subnet-');
}

/** The VPC that has a subnet; undefined if neither VPC has it. */
export function vpcOfSubnet(subnetId: string, { defaultVpcId, otherVpcId }: SecurityGroups): string | undefined {
  return [defaultVpcId, otherVpcId].find((vpcId) => subnetOf(vpcId) === subnetId);
}
