import { revokeRules, toRecordedRevoke } from '../change-rules.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupArnOf } from '../ids.ts';
import { EGRESS_PARAMETERS, readEgress } from '../ip-permissions.ts';

export const revokeSecurityGroupEgress: Ec2Operation = {
  parameters: [...EGRESS_PARAMETERS, 'SecurityGroupRuleId.'],
  readOnly: false,
  resourceOf: groupArnOf,
  run(parameters, region) {
    const { group, known } = readEgress(parameters, region);
    return revokeRules(known, group, region, true);
  },
  toRequestParameters: toRecordedRevoke,
};
