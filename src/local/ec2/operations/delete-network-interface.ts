import { ApiError } from '../../api-error.ts';
import { required } from '../../parameters.ts';
import { pick } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId } from '../ids.ts';

export const deleteNetworkInterface: Ec2Operation = {
  parameters: ['NetworkInterfaceId'],
  readOnly: false,
  run(parameters, { networkInterfaces }) {
    const id = checkId('eni', required(parameters, 'NetworkInterfaceId'));
    // Code and words are seen in public reports of detaching such a one; that deleting it ends so too is inferred.
    if (networkInterfaces.get(id).requesterId !== undefined) {
      throw new ApiError('AuthFailure', 'You do not have permission to access the specified resource.');
    }
    networkInterfaces.remove(id);
    return { return: true };
  },
  // [inferred]
  toRequestParameters: (parameters) => pick(parameters, { networkInterfaceId: 'NetworkInterfaceId' }),
};
