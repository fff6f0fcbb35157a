import { ApiError } from '../../api-error.ts';
import { readText, required } from '../../parameters.ts';
import { shown } from '../../shown.ts';
import { toInterfaceItem } from '../answers.ts';
import { pick, toNamedList } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readIds } from '../ids.ts';

/** Subnets are not looked up: the interface is in the VPC of its security groups. */
export const createNetworkInterface: Ec2Operation = {
  parameters: ['SubnetId', 'Description', 'SecurityGroupId.'],
  readOnly: false,
  run(parameters, { accountId, networkInterfaces, securityGroups }) {
    const subnetId = required(parameters, 'SubnetId');
    if (!/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/.test(subnetId)) {
      throw new ApiError('InvalidSubnetID.NotFound', `The subnet ID '${shown(subnetId)}' does not exist`);
    }
    const added = networkInterfaces.add({
      subnetId,
      groupIds: readIds(parameters, 'SecurityGroupId', 'sg'),
      ...(parameters.get('Description') && { description: readText(parameters, 'Description', 255) }),
    });
    return {
      networkInterface: toInterfaceItem(added, accountId, (groupId) => securityGroups.find(groupId)?.groupName, false),
    };
  },
  // [seen]
  toRequestParameters: (parameters) => ({
    ...pick(parameters, { subnetId: 'SubnetId', description: 'Description' }),
    groupSet: toNamedList(parameters, 'SecurityGroupId', 'groupId'),
    privateIpAddressesSet: {},
  }),
};
