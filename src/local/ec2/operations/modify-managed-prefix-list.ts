import { readInteger, required } from '../../parameters.ts';
import { pick, toTaggedItems } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId } from '../ids.ts';
import { readCidrs, readEntries, readMaxEntries, readPrefixListName } from '../prefix-list-entries.ts';

export const modifyManagedPrefixList: Ec2Operation = {
  parameters: ['PrefixListId', 'CurrentVersion', 'PrefixListName', 'MaxEntries', 'AddEntry.', 'RemoveEntry.'],
  readOnly: false,
  isRecordedByName: true,
  run(parameters, { prefixLists }) {
    const id = checkId('pl', required(parameters, 'PrefixListId'));
    const { addressFamily } = prefixLists.get(id);
    const change = {
      currentVersion: parameters.has('CurrentVersion')
        ? readInteger(parameters, 'CurrentVersion', 0, 999_999_999, 0)
        : undefined,
      prefixListName: parameters.has('PrefixListName') ? readPrefixListName(parameters) : undefined,
      maxEntries: parameters.has('MaxEntries') ? readMaxEntries(parameters) : undefined,
      add: readEntries(parameters, 'AddEntry', addressFamily),
      remove: readCidrs(parameters, 'RemoveEntry', addressFamily),
    };
    return { prefixList: prefixLists.modify(id, change) };
  },
  // [inferred], from the records of newer operations
  toRequestParameters: (parameters) => ({
    ModifyManagedPrefixListRequest: {
      ...pick(parameters, {
        PrefixListId: 'PrefixListId',
        CurrentVersion: 'CurrentVersion',
        PrefixListName: 'PrefixListName',
        MaxEntries: 'MaxEntries',
      }),
      AddEntry: toTaggedItems(parameters, 'AddEntry', ['Cidr', 'Description']),
      RemoveEntry: toTaggedItems(parameters, 'RemoveEntry', ['Cidr']),
    },
  }),
};
