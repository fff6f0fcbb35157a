import { ApiError } from '../../api-error.ts';
import { invalid, required } from '../../parameters.ts';
import { pick, toTaggedItems } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readEntries, readMaxEntries, readPrefixListName } from '../prefix-list-entries.ts';

export const createManagedPrefixList: Ec2Operation = {
  parameters: ['PrefixListName', 'AddressFamily', 'MaxEntries', 'Entry.', 'ClientToken'],
  readOnly: false,
  isRecordedByName: true,
  run(parameters, { prefixLists }) {
    const prefixListName = readPrefixListName(parameters);
    const addressFamily = required(parameters, 'AddressFamily');
    if (addressFamily !== 'IPv4' && addressFamily !== 'IPv6') {
      throw invalid('AddressFamily', addressFamily, 'it must be IPv4 or IPv6');
    }
    const maxEntries = readMaxEntries(parameters);
    const entries = readEntries(parameters, 'Entry', addressFamily);
    if (new Set(entries.map(({ cidr }) => cidr)).size < entries.length) {
      throw new ApiError('InvalidParameterValue', 'The same CIDR must not appear multiple times');
    }
    if (entries.length > maxEntries) {
      const message = `The prefix list cannot have more than ${maxEntries} entries.`;
      throw new ApiError('PrefixListMaxEntriesExceeded', message);
    }
    const wanted = { prefixListName, addressFamily, maxEntries, entries } as const;
    return { prefixList: prefixLists.create(wanted, parameters.get('ClientToken')) };
  },
  // [inferred], from the records of newer operations; that the answer has this name is read by a deployed program.
  toRequestParameters: (parameters) => ({
    CreateManagedPrefixListRequest: {
      ...pick(parameters, {
        PrefixListName: 'PrefixListName',
        AddressFamily: 'AddressFamily',
        MaxEntries: 'MaxEntries',
        ClientToken: 'ClientToken',
      }),
      Entry: toTaggedItems(parameters, 'Entry', ['Cidr', 'Description']),
    },
  }),
};
