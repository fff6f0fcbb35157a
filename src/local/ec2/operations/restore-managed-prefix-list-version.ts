import { type Parameters, readInteger, required } from '../../parameters.ts';
import { pick } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId } from '../ids.ts';

export const restoreManagedPrefixListVersion: Ec2Operation = {
  parameters: ['PrefixListId', 'PreviousVersion', 'CurrentVersion'],
  readOnly: false,
  isRecordedByName: true,
  run(parameters, { prefixLists }) {
    const id = checkId('pl', required(parameters, 'PrefixListId'));
    const [previous, current] = ['PreviousVersion', 'CurrentVersion'].map((name) => readVersion(parameters, name));
    return { prefixList: prefixLists.restore(id, previous as number, current as number) };
  },
  // [inferred], from the records of newer operations
  toRequestParameters: (parameters) => ({
    RestoreManagedPrefixListVersionRequest: pick(parameters, {
      PrefixListId: 'PrefixListId',
      PreviousVersion: 'PreviousVersion',
      CurrentVersion: 'CurrentVersion',
    }),
  }),
};

function readVersion(parameters: Parameters, name: string): number {
  required(parameters, name);
  return readInteger(parameters, name, 0, 999_999_999, 0);
}
