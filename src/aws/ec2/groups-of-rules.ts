import { type EC2Client, paginateDescribeSecurityGroupRules } from '@aws-sdk/client-ec2';
import { pagesToTheEnd } from '../pages.ts';
import { byValues } from './filters.ts';

/**
 * The security group of each of these rules, by the rule's id, with DescribeSecurityGroupRules. A rule that is not there is left out:
 * unlike `SecurityGroupRuleIds`, a filter is no error then (EC2 API Reference).
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function groupsOfRules(
  client: EC2Client,
  securityGroupRuleIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const groups = new Map<string, string>();
  for (const filter of byValues('security-group-rule-id', securityGroupRuleIds)) {
    const pages = paginateDescribeSecurityGroupRules({ client, pageSize: 1000 }, { Filters: [filter] });
    for await (const rules of pagesToTheEnd(pages, 'SecurityGroupRules', 'NextToken')) {
      for (const { SecurityGroupRuleId: id, GroupId } of rules) if (id && GroupId) groups.set(id, GroupId);
    }
  }
  return groups;
}
