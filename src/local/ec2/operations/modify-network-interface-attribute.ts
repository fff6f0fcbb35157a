import { ApiError } from '../../api-error.ts';
import { required } from '../../parameters.ts';
import { pick, toNamedList } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId, readIds } from '../ids.ts';

/** Of what can be modified, the security groups are. */
export const modifyNetworkInterfaceAttribute: Ec2Operation = {
  parameters: ['NetworkInterfaceId', 'SecurityGroupId.'],
  readOnly: false,
  run(parameters, { networkInterfaces }) {
    const id = checkId('eni', required(parameters, 'NetworkInterfaceId'));
    networkInterfaces.mustBeTheAccounts(id);
    const groupIds = readIds(parameters, 'SecurityGroupId', 'sg');
    // Seen in public reports.
    if (groupIds.length === 0) throw new ApiError('InvalidParameterCombination', 'No attributes specified.');
    networkInterfaces.setGroups(id, groupIds);
    return { return: true };
  },
  // [inferred], from CreateNetworkInterface
  toRequestParameters: (parameters) => ({
    ...pick(parameters, { networkInterfaceId: 'NetworkInterfaceId' }),
    groupSet: toNamedList(parameters, 'SecurityGroupId', 'groupId'),
  }),
};
