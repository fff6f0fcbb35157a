import { ApiError } from '../../api-error.ts';
import { required } from '../../parameters.ts';
import { pick, toTagged } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId, groupArnOf } from '../ids.ts';
import { readDescription, readSource, readTraffic } from '../ip-permissions.ts';
import { readItems } from '../query-lists.ts';
import type { RuleProperties } from '../rule-properties.ts';

const RULE = 'SecurityGroupRule';

/** Changes all of the rules or none. A rule is what the call says of it and nothing of what it was, except its id. */
export const modifySecurityGroupRules: Ec2Operation = {
  parameters: ['GroupId', `${RULE}.`],
  readOnly: false,
  resourceOf: groupArnOf,
  run(parameters, region) {
    const group = region.securityGroups.get(checkId('sg', required(parameters, 'GroupId')));
    const changes = new Map<string, RuleProperties>();
    for (const update of readItems(parameters, RULE)) {
      const id = checkId('sgr', required(update, 'SecurityGroupRuleId'));
      if (changes.has(id)) throw new ApiError('InvalidParameterValue', `The rule ${id} must not appear multiple times`);
      const rule = membersOf(update);
      changes.set(id, { ...readTraffic(rule), source: readSource(rule, group, region), ...readDescription(rule) });
    }
    if (changes.size === 0) {
      throw new ApiError('MissingParameter', 'The request must contain the parameter securityGroupRules');
    }
    region.securityGroupRules.modify(group.groupId, changes);
    return { return: true };
  },
  // [consumer]; that an array stands for several is too.
  toRequestParameters: (parameters) => ({
    ModifySecurityGroupRulesRequest: {
      ...pick(parameters, { GroupId: 'GroupId' }),
      [RULE]: toTagged(
        readItems(parameters, RULE).map((update) => ({
          ...pick(update, { SecurityGroupRuleId: 'SecurityGroupRuleId' }),
          [RULE]: pick(membersOf(update), PASCAL_MEMBERS),
        })),
      ),
    },
  }),
};

const PASCAL_MEMBERS = Object.fromEntries(
  ['IpProtocol', 'FromPort', 'ToPort', 'CidrIpv4', 'CidrIpv6', 'PrefixListId', 'ReferencedGroupId', 'Description'].map(
    (name) => [name, name],
  ),
);

/** The members of `SecurityGroupRule` in one of the updates. */
function membersOf(update: ReadonlyMap<string, string>): Map<string, string> {
  const prefix = `${RULE}.`;
  const members = [...update].filter(([name]) => name.startsWith(prefix));
  return new Map(members.map(([name, value]) => [name.slice(prefix.length), value]));
}
