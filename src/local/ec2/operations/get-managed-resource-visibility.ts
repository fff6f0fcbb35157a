import type { Ec2Operation } from '../ec2-operation.ts';

export const getManagedResourceVisibility: Ec2Operation = {
  parameters: [],
  readOnly: true,
  run: (_parameters, { managedResources: { defaultVisibility } }) => ({ visibility: { defaultVisibility } }),
  // [inferred], from the records of newer operations
  toRequestParameters: () => ({ GetManagedResourceVisibilityRequest: '' }),
};
