import { invalid, required } from '../../parameters.ts';
import { pick } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';

export const modifyManagedResourceVisibility: Ec2Operation = {
  parameters: ['DefaultVisibility'],
  readOnly: false,
  isRecordedByName: true,
  run(parameters, { managedResources }) {
    const defaultVisibility = required(parameters, 'DefaultVisibility');
    if (defaultVisibility !== 'visible' && defaultVisibility !== 'hidden') {
      throw invalid('DefaultVisibility', defaultVisibility, 'it must be visible or hidden');
    }
    managedResources.defaultVisibility = defaultVisibility;
    return { visibility: { defaultVisibility } };
  },
  // [inferred], from the records of newer operations
  toRequestParameters: (parameters) => ({
    ModifyManagedResourceVisibilityRequest: pick(parameters, { DefaultVisibility: 'DefaultVisibility' }),
  }),
};
