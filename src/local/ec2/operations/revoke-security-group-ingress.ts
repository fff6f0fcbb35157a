import { revokeRules, toRecordedRevoke } from '../change-rules.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupArnOf, readGroup } from '../ids.ts';
import { INGRESS_PARAMETERS } from '../ip-permissions.ts';

export const revokeSecurityGroupIngress: Ec2Operation = {
  parameters: [...INGRESS_PARAMETERS, 'SecurityGroupRuleId.'],
  readOnly: false,
  resourceOf: groupArnOf,
  run: (parameters, region) => revokeRules(parameters, readGroup(parameters, region), region, false),
  toRequestParameters: toRecordedRevoke,
};
