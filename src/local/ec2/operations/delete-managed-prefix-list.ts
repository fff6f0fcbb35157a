import { required } from '../../parameters.ts';
import { pick } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId } from '../ids.ts';

export const deleteManagedPrefixList: Ec2Operation = {
  parameters: ['PrefixListId'],
  readOnly: false,
  isRecordedByName: true,
  run(parameters, { prefixLists, securityGroupRules }) {
    const id = checkId('pl', required(parameters, 'PrefixListId'));
    const references = securityGroupRules
      .list()
      .filter(({ source }) => 'prefixListId' in source && source.prefixListId === id)
      .map(({ groupId }) => groupId);
    return { prefixList: prefixLists.delete(id, [...new Set(references)]) };
  },
  // [inferred], from the records of newer operations
  toRequestParameters: (parameters) => ({
    DeleteManagedPrefixListRequest: pick(parameters, { PrefixListId: 'PrefixListId' }),
  }),
};
