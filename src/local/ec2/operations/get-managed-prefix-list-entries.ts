import { ApiError } from '../../api-error.ts';
import { readInteger, required } from '../../parameters.ts';
import { pick } from '../cloudtrail.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { checkId } from '../ids.ts';

export const getManagedPrefixListEntries: Ec2Operation = {
  parameters: ['PrefixListId', 'TargetVersion', 'MaxResults', 'NextToken'],
  readOnly: true,
  run(parameters, { prefixLists }) {
    const id = checkId('pl', required(parameters, 'PrefixListId'));
    // Documented is what can be asked for; that a page has no more if nothing is asked is inferred.
    const most = readInteger(parameters, 'MaxResults', 1, 100, 100);
    const token = parameters.get('NextToken');
    const { version, from } = token === undefined ? { version: undefined, from: 0 } : decodeToken(token);
    const asked = readInteger(parameters, 'TargetVersion', 1, 999_999_999, 0);
    const found = prefixLists.entriesOf(id, version ?? (asked === 0 ? undefined : asked));
    const end = from + most;
    return {
      entrySet: found.entries.slice(from, end),
      nextToken: found.entries.length > end ? encodeToken(found.version, end) : undefined,
    };
  },
  // [inferred], from the records of newer operations
  toRequestParameters: (parameters) => ({
    GetManagedPrefixListEntriesRequest: pick(parameters, {
      PrefixListId: 'PrefixListId',
      TargetVersion: 'TargetVersion',
      MaxResults: 'MaxResults',
      NextToken: 'NextToken',
    }),
  }),
};

// To a caller a token is opaque. To us it is the version and the place in it, so that pages fit together while a list changes.
function encodeToken(version: number, from: number): string {
  return Buffer.from(`entries:${version}:${from}`).toString('base64url');
}

function decodeToken(token: string): { readonly version: number; readonly from: number } {
  const decoded = Buffer.from(token, 'base64url').toString('utf8');
  const [, version, from] = /^entries:([1-9][0-9]{0,8}):([1-9][0-9]{0,8})$/.exec(decoded) ?? [];
  if (version === undefined || encodeToken(Number(version), Number(from)) !== token) {
    throw new ApiError('InvalidPaginationToken', 'The specified pagination token is invalid or has expired.');
  }
  return { version: Number(version), from: Number(from) };
}
