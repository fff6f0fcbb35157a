import { toInterfaceItem } from '../answers.ts';
import { pick, toFilterSet, toNamedList } from '../cloudtrail.ts';
import { DESCRIBE_PARAMETERS, describePage, type FilterFields } from '../describe.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readIds } from '../ids.ts';
import type { NetworkInterface } from '../network-interfaces.ts';

const FIELDS: FilterFields<NetworkInterface> = {
  'group-id': ({ groupIds }) => groupIds,
  'network-interface-id': ({ networkInterfaceId }) => [networkInterfaceId],
  'vpc-id': ({ vpcId }) => [vpcId],
  description: ({ description }) => [description],
  'requester-id': ({ requesterId }) => (requesterId === undefined ? [] : [requesterId]),
};

export const describeNetworkInterfaces: Ec2Operation = {
  parameters: ['NetworkInterfaceId.', ...DESCRIBE_PARAMETERS],
  readOnly: true,
  run(parameters, { accountId, networkInterfaces, securityGroups }) {
    const named = readIds(parameters, 'NetworkInterfaceId', 'eni').map((id) => networkInterfaces.get(id));
    const asked = named.length > 0 ? [...new Set(named)] : networkInterfaces.described();
    const page = describePage(parameters, asked, { idOf: (one) => one.networkInterfaceId, fields: FIELDS });
    const nameOf = (groupId: string) => securityGroups.find(groupId)?.groupName;
    return {
      networkInterfaceSet: page.shown.map((one) => toInterfaceItem(one, accountId, nameOf)),
      nextToken: page.nextToken,
    };
  },
  // [inferred], from DescribeSecurityGroups
  toRequestParameters: (parameters) => ({
    networkInterfaceIdSet: toNamedList(parameters, 'NetworkInterfaceId', 'networkInterfaceId'),
    filterSet: toFilterSet(parameters),
    ...pick(parameters, { maxResults: 'MaxResults', nextToken: 'NextToken' }),
  }),
};
