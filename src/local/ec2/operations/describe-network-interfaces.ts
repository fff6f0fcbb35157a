import { ApiError } from '../../api-error.ts';
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
  'subnet-id': ({ subnetId }) => [subnetId],
  'interface-type': ({ interfaceType }) => [interfaceType],
  description: ({ description }) => [description],
  'requester-id': ({ requesterId }) => (requesterId === undefined ? [] : [requesterId]),
};

export const describeNetworkInterfaces: Ec2Operation = {
  parameters: ['NetworkInterfaceId.', 'IncludeManagedResources', ...DESCRIBE_PARAMETERS],
  readOnly: true,
  run(parameters, { accountId, networkInterfaces, securityGroups, managedResources }) {
    const named = readIds(parameters, 'NetworkInterfaceId', 'eni').map((id) => networkInterfaces.get(id));
    if (named.length > 0 && parameters.has('MaxResults')) {
      // Documented; the words are inferred.
      const message = 'The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults';
      throw new ApiError('InvalidParameterCombination', message);
    }
    const asked = named.length > 0 ? [...new Set(named)] : networkInterfaces.described();
    const isHidden = managedResources.defaultVisibility === 'hidden';
    const showsManaged = !isHidden || parameters.get('IncludeManagedResources') === 'true';
    const visible = showsManaged ? asked : asked.filter(({ operator }) => operator === undefined);
    const page = describePage(parameters, visible, { idOf: (one) => one.networkInterfaceId, fields: FIELDS });
    const nameOf = (groupId: string) => securityGroups.find(groupId)?.groupName;
    return {
      networkInterfaceSet: page.shown.map((one) => toInterfaceItem(one, accountId, nameOf, isHidden)),
      nextToken: page.nextToken,
    };
  },
  // [inferred], from DescribeSecurityGroups
  toRequestParameters: (parameters) => ({
    networkInterfaceIdSet: toNamedList(parameters, 'NetworkInterfaceId', 'networkInterfaceId'),
    filterSet: toFilterSet(parameters),
    ...pick(parameters, {
      includeManagedResources: 'IncludeManagedResources',
      maxResults: 'MaxResults',
      nextToken: 'NextToken',
    }),
  }),
};
