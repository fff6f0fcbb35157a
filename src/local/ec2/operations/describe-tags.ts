import { pick, toFilterSet } from '../cloudtrail.ts';
import { DESCRIBE_PARAMETERS, describePage, type FilterFields } from '../describe.ts';
import type { Ec2Operation } from '../ec2-operation.ts';
import { typeOf } from '../taggable.ts';

interface Tagged {
  readonly resourceId: string;
  readonly resourceType: string;
  readonly key: string;
  readonly value: string;
}

const FIELDS: FilterFields<Tagged> = {
  key: ({ key }) => [key],
  'resource-id': ({ resourceId }) => [resourceId],
  'resource-type': ({ resourceType }) => [resourceType],
  value: ({ value }) => [value],
};

export const describeTags: Ec2Operation = {
  parameters: DESCRIBE_PARAMETERS,
  readOnly: true,
  run(parameters, { tags }) {
    const all = [...tags.all()].flatMap(([resourceId, own]): Tagged[] =>
      [...own].map(([key, value]) => ({ resourceId, resourceType: typeOf(resourceId), key, value })),
    );
    const page = describePage(parameters, all, {
      idOf: ({ resourceId, key }) => `${resourceId} ${key}`,
      fields: FIELDS,
    });
    return { tagSet: page.shown, nextToken: page.nextToken };
  },
  toRequestParameters: (parameters) => ({
    filterSet: toFilterSet(parameters),
    ...pick(parameters, { maxResults: 'MaxResults', nextToken: 'NextToken' }),
  }),
};
