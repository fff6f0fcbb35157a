import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { Region } from '../region.ts';
import { toIpPermissions, toRevokedItem, toRuleItem } from './answers.ts';
import { toNamedList, toRecordedIngress } from './cloudtrail.ts';
import { readIds } from './ids.ts';
import { readIngress } from './ip-permissions.ts';
import type { SecurityGroupRule } from './security-group-rules.ts';
import type { SecurityGroup } from './security-groups.ts';
import { readTagSpecifications } from './tags.ts';

/** Adds the rules that a call names, in one direction, and answers as Authorize does. */
export function authorizeRules(
  parameters: Parameters,
  group: SecurityGroup,
  region: Region,
  isEgress: boolean,
): object {
  const tags = readTagSpecifications(parameters, 'security-group-rule');
  const asked = readIngress(parameters, group, region);
  const rules = region.securityGroupRules.add(group.groupId, asked, isEgress);
  for (const { securityGroupRuleId } of rules) region.tags.add(securityGroupRuleId, tags);
  return { return: true, securityGroupRuleSet: rules.map((rule) => toRuleItem(rule, group.ownerId, tags)) };
}

/** Removes the rules that a call names, by their ids or by what they say, in one direction, and answers as Revoke does. */
export function revokeRules(parameters: Parameters, group: SecurityGroup, region: Region, isEgress: boolean): object {
  const ids = readIds(parameters, 'SecurityGroupRuleId', 'sgr');
  return ids.length > 0
    ? revokeById(ids, parameters, group, region, isEgress)
    : revokeByProperties(parameters, group, region, isEgress);
}

/** What CloudTrail writes of the parameters of Revoke. */
export function toRecordedRevoke(parameters: Parameters): object {
  const ids = toNamedList(parameters, 'SecurityGroupRuleId', 'securityGroupRuleId');
  // [inferred]
  return { ...toRecordedIngress(parameters), ...('items' in ids && { securityGroupRuleIds: ids }) };
}

/** One id that the security group has not fails the whole call. */
function revokeById(
  ids: readonly string[],
  parameters: Parameters,
  { groupId }: SecurityGroup,
  region: Region,
  isEgress: boolean,
): object {
  if ([...parameters.keys()].some((name) => /^(IpPermissions\.|IpProtocol$|CidrIp$)/.test(name))) {
    const message = 'The parameter securityGroupRuleIds cannot be used with the properties of a rule';
    throw new ApiError('InvalidParameterCombination', message);
  }
  const rules = [...new Set(ids)].map((id) => region.securityGroupRules.get(groupId, id, isEgress));
  remove(rules, region);
  return { return: true, revokedSecurityGroupRuleSet: rules.map(toRevokedItem) };
}

/**
 * Documented: in the default VPC what matches is revoked and the answer names what did not; elsewhere nothing is revoked if
 * anything did not match. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
 */
function revokeByProperties(parameters: Parameters, group: SecurityGroup, region: Region, isEgress: boolean): object {
  const { securityGroups, securityGroupRules } = region;
  const asked = securityGroupRules.find(group.groupId, readIngress(parameters, group, region), isEgress);
  const unknown = asked.flatMap(({ properties, rule }) => (rule === undefined ? [properties] : []));
  if (unknown.length > 0 && group.vpcId !== securityGroups.defaultVpcId) {
    // Seen in public reports.
    throw new ApiError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  const rules = asked.flatMap(({ rule }) => rule ?? []);
  remove(rules, region);
  return {
    return: true,
    ...(unknown.length > 0 && { unknownIpPermissionSet: toIpPermissions(unknown) }),
    revokedSecurityGroupRuleSet: rules.map(toRevokedItem),
  };
}

function remove(rules: readonly SecurityGroupRule[], { securityGroupRules, tags }: Region): void {
  securityGroupRules.remove(rules);
  for (const { securityGroupRuleId } of rules) tags.removeAll(securityGroupRuleId);
}
