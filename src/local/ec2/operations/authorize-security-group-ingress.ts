import { toRuleItem } from '../answers.ts';
import { toRecordedIngress } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupArnOf, readGroup } from '../ids.ts';
import { INGRESS_PARAMETERS, readIngress } from '../ip-permissions.ts';

export const authorizeSecurityGroupIngress: Ec2Operation = {
  parameters: INGRESS_PARAMETERS,
  readOnly: false,
  resourceOf: groupArnOf,
  run(parameters, region) {
    const group = readGroup(parameters, region);
    const rules = region.securityGroupRules.add(group.groupId, readIngress(parameters, group, region));
    return { return: true, securityGroupRuleSet: rules.map((rule) => toRuleItem(rule, group.ownerId)) };
  },
  toRequestParameters: toRecordedIngress,
};
