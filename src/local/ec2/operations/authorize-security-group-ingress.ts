import { authorizeRules } from '../change-rules.ts';
import { toRecordedIngress } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupArnOf, readGroup } from '../ids.ts';
import { INGRESS_PARAMETERS } from '../ip-permissions.ts';

export const authorizeSecurityGroupIngress: Ec2Operation = {
  parameters: [...INGRESS_PARAMETERS, 'TagSpecification.'],
  readOnly: false,
  resourceOf: groupArnOf,
  run: (parameters, region) => authorizeRules(parameters, readGroup(parameters, region), region, false),
  toRequestParameters: toRecordedIngress,
};
