import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { Region } from '../region.ts';
import { shown } from '../shown.ts';
import { readValues } from './query-lists.ts';
import type { SecurityGroup } from './security-groups.ts';

/** The kinds of ids that calls name, and the code for what is no such id. That of groups is seen, the others are from consumers. */
const MALFORMED = {
  sg: 'InvalidGroupId.Malformed',
  sgr: 'InvalidSecurityGroupRuleId.Malformed',
  eni: 'InvalidNetworkInterfaceId.Malformed',
  pl: 'InvalidPrefixListId.Malformed',
  vpc: 'InvalidVpcID.Malformed',
  vpce: 'InvalidVpcEndpointId.Malformed',
} as const;

/** @throws {ApiError} …Malformed if it is no id of this kind: 8 or 17 hexadecimal digits come after the prefix. */
export function checkId(prefix: keyof typeof MALFORMED, id: string): string {
  if (!new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(id)) {
    throw new ApiError(MALFORMED[prefix], `Invalid id: "${shown(id)}" (expecting "${prefix}-...")`);
  }
  return id;
}

/** @throws {ApiError} as `checkId` */
export function readIds(parameters: Parameters, list: string, prefix: keyof typeof MALFORMED): string[] {
  return readValues(parameters, list).map((id) => checkId(prefix, id));
}

/** The ARN of the security group that a call names by its id; by its name, that of any. Service Authorization Reference of EC2. */
export function groupArnOf(parameters: Parameters, { name, accountId }: Region): string {
  return `arn:aws:ec2:${name}:${accountId}:security-group/${parameters.get('GroupId') ?? '*'}`;
}

/**
 * The security group that a call is about, by its id, or by its name in the default VPC.
 *
 * @throws {ApiError} MissingParameter, InvalidParameterCombination, InvalidGroupId.Malformed or InvalidGroup.NotFound.
 */
export function readGroup(parameters: Parameters, { securityGroups }: Region): SecurityGroup {
  const [groupId, groupName] = [parameters.get('GroupId'), parameters.get('GroupName')];
  if (groupId !== undefined && groupName !== undefined) {
    const message = 'The parameter groupName cannot be used with the parameter groupId';
    throw new ApiError('InvalidParameterCombination', message);
  }
  if (groupId !== undefined) return securityGroups.get(checkId('sg', groupId));
  if (groupName !== undefined) return securityGroups.getByName(groupName);
  throw new ApiError('MissingParameter', 'The request must contain the parameter groupName or groupId');
}
