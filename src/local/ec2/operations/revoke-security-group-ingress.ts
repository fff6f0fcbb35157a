import { ApiError } from '../../api-error.ts';
import type { Parameters } from '../../parameters.ts';
import type { Region } from '../../region.ts';
import { toIpPermissions, toRevokedItem } from '../answers.ts';
import { toNamedList, toRecordedIngress } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupArnOf, readGroup, readIds } from '../ids.ts';
import { INGRESS_PARAMETERS, readIngress } from '../ip-permissions.ts';
import type { SecurityGroup } from '../security-groups.ts';

export const revokeSecurityGroupIngress: Ec2Operation = {
  parameters: [...INGRESS_PARAMETERS, 'SecurityGroupRuleId.'],
  readOnly: false,
  resourceOf: groupArnOf,
  run(parameters, region) {
    const group = readGroup(parameters, region);
    const ids = readIds(parameters, 'SecurityGroupRuleId', 'sgr');
    return ids.length > 0 ? revokeById(ids, parameters, group, region) : revokeByProperties(parameters, group, region);
  },
  toRequestParameters(parameters) {
    const ids = toNamedList(parameters, 'SecurityGroupRuleId', 'securityGroupRuleId');
    // [inferred]
    return { ...toRecordedIngress(parameters), ...('items' in ids && { securityGroupRuleIds: ids }) };
  },
};

/** One id that the security group has not fails the whole call. */
function revokeById(
  ids: readonly string[],
  parameters: Parameters,
  { groupId }: SecurityGroup,
  { securityGroupRules }: Region,
): object {
  if ([...parameters.keys()].some((name) => /^(IpPermissions\.|IpProtocol$|CidrIp$)/.test(name))) {
    const message = 'The parameter securityGroupRuleIds cannot be used with the properties of a rule';
    throw new ApiError('InvalidParameterCombination', message);
  }
  const rules = [...new Set(ids)].map((id) => securityGroupRules.get(groupId, id, false));
  securityGroupRules.remove(rules);
  return { return: true, revokedSecurityGroupRuleSet: rules.map(toRevokedItem) };
}

/**
 * Documented: in the default VPC what matches is revoked and the answer names what did not; elsewhere nothing is revoked if
 * anything did not match. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html
 */
function revokeByProperties(parameters: Parameters, group: SecurityGroup, region: Region): object {
  const { securityGroups, securityGroupRules } = region;
  const asked = securityGroupRules.find(group.groupId, readIngress(parameters, group, region), false);
  const unknown = asked.flatMap(({ properties, rule }) => (rule === undefined ? [properties] : []));
  if (unknown.length > 0 && group.vpcId !== securityGroups.defaultVpcId) {
    // Seen in public reports.
    throw new ApiError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
  }
  const rules = asked.flatMap(({ rule }) => rule ?? []);
  securityGroupRules.remove(rules);
  return {
    return: true,
    ...(unknown.length > 0 && { unknownIpPermissionSet: toIpPermissions(unknown) }),
    revokedSecurityGroupRuleSet: rules.map(toRevokedItem),
  };
}
