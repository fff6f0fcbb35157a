import { required } from '../../parameters.ts';
import { pick } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId } from '../ids.ts';

export const deleteNetworkInterface: Ec2Operation = {
  parameters: ['NetworkInterfaceId'],
  readOnly: false,
  run(parameters, { networkInterfaces }) {
    const id = checkId('eni', required(parameters, 'NetworkInterfaceId'));
    networkInterfaces.mustBeTheAccounts(id);
    networkInterfaces.remove(id);
    return { return: true };
  },
  // [inferred]
  toRequestParameters: (parameters) => pick(parameters, { networkInterfaceId: 'NetworkInterfaceId' }),
};
