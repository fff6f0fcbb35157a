import { ApiError } from '../../api-error.ts';
import { pick } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupArnOf, readGroup } from '../ids.ts';

export const deleteSecurityGroup: Ec2Operation = {
  parameters: ['GroupId', 'GroupName'],
  readOnly: false,
  resourceOf: groupArnOf,
  run(parameters, region) {
    const { groupId, groupName } = readGroup(parameters, region);
    // The words of both errors are seen in public reports.
    if (groupName === 'default') {
      const which = `the specified group: "${groupId}" name: "default"`;
      throw new ApiError('CannotDelete', `${which} cannot be deleted by a user`);
    }
    const isReferenced = region.securityGroupRules
      .list()
      .some(
        (rule) =>
          'referencedGroupId' in rule.source && rule.source.referencedGroupId === groupId && rule.groupId !== groupId,
      );
    if (isReferenced || region.networkInterfaces.inGroup(groupId).length > 0) {
      throw new ApiError('DependencyViolation', `resource ${groupId} has a dependent object`);
    }
    const gone = region.securityGroupRules.list(groupId).map(({ securityGroupRuleId }) => securityGroupRuleId);
    for (const id of [groupId, ...gone]) region.tags.removeAll(id);
    region.securityGroups.delete(groupId);
    return { return: true, groupId };
  },
  // [seen]
  toRequestParameters: (parameters) => pick(parameters, { groupId: 'GroupId', groupName: 'GroupName' }),
};
