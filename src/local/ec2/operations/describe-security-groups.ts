import { toGroupItem } from '../answers.ts';
import { pick, toFilterSet, toNamedList } from '../cloudtrail.ts';
import { DESCRIBE_PARAMETERS, describePage, type FilterFields } from '../describe.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { groupBy } from '../group-by.ts';
import { readIds } from '../ids.ts';
import { readValues } from '../query-lists.ts';
import type { SecurityGroup } from '../security-groups.ts';

const FIELDS: FilterFields<SecurityGroup> = {
  'group-id': ({ groupId }) => [groupId],
  'group-name': ({ groupName }) => [groupName],
  'vpc-id': ({ vpcId }) => [vpcId],
};

export const describeSecurityGroups: Ec2Operation = {
  parameters: ['GroupId.', 'GroupName.', ...DESCRIBE_PARAMETERS],
  readOnly: true,
  run(parameters, { securityGroups, securityGroupRules, tags }) {
    const byId = readIds(parameters, 'GroupId', 'sg').map((id) => securityGroups.get(id));
    const byName = readValues(parameters, 'GroupName').map((name) => securityGroups.getByName(name));
    const named = new Set([...byId, ...byName]);
    const groups = named.size > 0 ? [...named] : securityGroups.list();
    const page = describePage(parameters, groups, {
      idOf: ({ groupId }) => groupId,
      fields: FIELDS,
      tagsOf: ({ groupId }) => tags.of(groupId),
    });
    const rules = groupBy(securityGroupRules.described(), ({ groupId }) => groupId);
    return {
      securityGroupInfo: page.shown.map((group) =>
        toGroupItem(group, rules.get(group.groupId) ?? [], tags.of(group.groupId)),
      ),
      nextToken: page.nextToken,
    };
  },
  // [seen]
  toRequestParameters: (parameters) => ({
    securityGroupSet: toNamedList(parameters, 'GroupName', 'groupName'),
    securityGroupIdSet: toNamedList(parameters, 'GroupId', 'groupId'),
    filterSet: toFilterSet(parameters),
    ...pick(parameters, { maxResults: 'MaxResults', nextToken: 'NextToken' }),
  }),
};
