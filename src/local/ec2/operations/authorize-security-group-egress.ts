import { authorizeRules } from '../change-rules.ts';
import { toRecordedIngress } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupArnOf } from '../ids.ts';
import { EGRESS_PARAMETERS, readEgress } from '../ip-permissions.ts';

/** A group in a VPC is named by its id, and its rules by `IpPermissions` (EC2 API Reference, AuthorizeSecurityGroupEgress). */
export const authorizeSecurityGroupEgress: Ec2Operation = {
  parameters: [...EGRESS_PARAMETERS, 'TagSpecification.'],
  readOnly: false,
  resourceOf: groupArnOf,
  run(parameters, region) {
    const { group, known } = readEgress(parameters, region);
    return authorizeRules(known, group, region, true);
  },
  toRequestParameters: toRecordedIngress,
};
