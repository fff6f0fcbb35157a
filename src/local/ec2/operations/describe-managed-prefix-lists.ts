import { toTaggedQuery } from '../cloudtrail.ts';
import { DESCRIBE_PARAMETERS, describePage, type FilterFields } from '../describe.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { readIds } from '../ids.ts';
import type { ShownPrefixList } from '../prefix-lists.ts';

const FIELDS: FilterFields<ShownPrefixList> = {
  'owner-id': ({ ownerId }) => [ownerId],
  'prefix-list-id': ({ prefixListId }) => [prefixListId],
  'prefix-list-name': ({ prefixListName }) => [prefixListName],
};

/** AWS's own lists are among them. An unknown id is an error as a parameter, and nothing as a filter. */
export const describeManagedPrefixLists: Ec2Operation = {
  parameters: ['PrefixListId.', ...DESCRIBE_PARAMETERS],
  readOnly: true,
  run(parameters, { prefixLists }) {
    const named = readIds(parameters, 'PrefixListId', 'pl').map((id) => prefixLists.get(id));
    const asked = named.length > 0 ? [...new Set(named)] : prefixLists.list();
    const page = describePage(parameters, asked, {
      idOf: ({ prefixListId }) => prefixListId,
      fields: FIELDS,
      // Documented is what can be asked for; that a page has no more if nothing is asked is inferred.
      sizes: { least: 1, most: 100, otherwise: 100 },
    });
    return { prefixListSet: page.shown, nextToken: page.nextToken };
  },
  // [inferred], from the records of newer operations
  toRequestParameters: (parameters) => ({
    DescribeManagedPrefixListsRequest: toTaggedQuery(parameters, 'PrefixListId'),
  }),
};
