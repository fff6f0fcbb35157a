import { toRuleItem } from '../answers.ts';
import { toTaggedQuery } from '../cloudtrail.ts';
import { DESCRIBE_PARAMETERS, describePage, type FilterFields } from '../describe.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readIds } from '../ids.ts';
import { noSuchRule, type SecurityGroupRule } from '../security-group-rules.ts';

const FIELDS: FilterFields<SecurityGroupRule> = {
  'group-id': ({ groupId }) => [groupId],
  'security-group-rule-id': ({ securityGroupRuleId }) => [securityGroupRuleId],
};

/** Those for egress are among them. An unknown id is an error as a parameter, and nothing as a filter. */
export const describeSecurityGroupRules: Ec2Operation = {
  parameters: ['SecurityGroupRuleId.', ...DESCRIBE_PARAMETERS],
  readOnly: true,
  run(parameters, { accountId, securityGroupRules, tags }) {
    const rules = new Map(securityGroupRules.described().map((rule) => [rule.securityGroupRuleId, rule]));
    const named = readIds(parameters, 'SecurityGroupRuleId', 'sgr').map((id) => {
      const rule = rules.get(id);
      if (rule === undefined) throw noSuchRule(id);
      return rule;
    });
    const asked = named.length > 0 ? [...new Set(named)] : [...rules.values()];
    const page = describePage(parameters, asked, {
      idOf: (rule) => rule.securityGroupRuleId,
      fields: FIELDS,
      tagsOf: (rule) => tags.of(rule.securityGroupRuleId),
    });
    return {
      securityGroupRuleSet: page.shown.map((rule) => toRuleItem(rule, accountId, tags.of(rule.securityGroupRuleId))),
      nextToken: page.nextToken,
    };
  },
  toRequestParameters: (parameters) => ({
    DescribeSecurityGroupRulesRequest: toTaggedQuery(parameters, 'SecurityGroupRuleId'),
  }),
};
