import { DescribeManagedPrefixListsCommand, paginateDescribeManagedPrefixLists } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, STRANGER } from '../../../support/examples/grants.ts';
import { sharePrefixList } from '../../../support/local-aws/local-ec2.ts';
import { type PrefixListEndpoint, startWithPrefixLists } from '../../../support/local-aws/prefix-lists.ts';

async function listsOf({ ec2 }: PrefixListEndpoint, input: object = {}) {
  return (await ec2.send(new DescribeManagedPrefixListsCommand(input))).PrefixLists ?? [];
}

describe('DescribeManagedPrefixLists', () => {
  test('shows those of AWS, which have no size and no version', async () => {
    const endpoint = await startWithPrefixLists();
    const named = { Filters: [{ Name: 'prefix-list-name', Values: ['com.amazonaws.us-east-1.s3'] }] };

    const [s3] = await listsOf(endpoint, named);

    const id = s3?.PrefixListId as string;
    expect(s3).toEqual({
      PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{8}$/),
      AddressFamily: 'IPv4',
      State: 'create-complete',
      PrefixListArn: `arn:aws:ec2:us-east-1:aws:prefix-list/${id}`,
      PrefixListName: 'com.amazonaws.us-east-1.s3',
      Tags: [],
      OwnerId: 'AWS',
    });
    expect(await endpoint.cidrsOf(id)).not.toEqual([]);
  });

  test('shows one that another account shares, with its owner', async () => {
    const endpoint = await startWithPrefixLists();
    sharePrefixList(endpoint.region, 'pl-12345678');

    const shared = await endpoint.describe('pl-12345678');

    expect(shared).toMatchObject({
      OwnerId: STRANGER,
      State: 'create-complete',
      Version: 1,
      PrefixListArn: `arn:aws:ec2:us-east-1:${STRANGER}:prefix-list/pl-12345678`,
    });
  });

  test('finds them by owner, id and name', async () => {
    const endpoint = await startWithPrefixLists();
    const id = await endpoint.create([], { PrefixListName: 'stores' });
    const by = async (Name: string, value: string) => {
      const found = await listsOf(endpoint, { Filters: [{ Name, Values: [value] }] });
      return found.map(({ PrefixListId }) => PrefixListId);
    };

    expect(await by('owner-id', ACCOUNT)).toEqual([id]);
    expect(await by('owner-id', 'AWS')).toHaveLength(2);
    expect(await by('prefix-list-id', id)).toEqual([id]);
    expect(await by('prefix-list-name', 'sto*')).toEqual([id]);
  });

  test('shows every one once, page by page, and a hundred on a page if nothing is asked', async () => {
    const endpoint = await startWithPrefixLists();
    for (let number = 0; number < 105; number++) await endpoint.create();
    const sizes = async (paging: object) => {
      const pages: (string | undefined)[][] = [];
      for await (const page of paginateDescribeManagedPrefixLists({ client: endpoint.ec2, ...paging }, {}))
        pages.push((page.PrefixLists ?? []).map(({ PrefixListId }) => PrefixListId));
      expect(new Set(pages.flat()).size).toBe(107);
      return pages.map(({ length }) => length);
    };

    expect(await sizes({})).toEqual([100, 7]);
    expect(await sizes({ pageSize: 50 })).toEqual([50, 50, 7]);
  });

  test.each([
    ['InvalidPrefixListID.NotFound', { PrefixListIds: ['pl-12345678'] }],
    ['InvalidPrefixListId.Malformed', { PrefixListIds: ['offices'] }],
    ['InvalidParameterValue', { MaxResults: 101 }],
    ['InvalidParameterValue', { Filters: [{ Name: 'tag:a', Values: ['b'] }] }],
    ['InvalidPaginationToken', { NextToken: 'x' }],
  ])('answers %s for %j', async (name, input) => {
    const endpoint = await startWithPrefixLists();

    await expect(listsOf(endpoint, input)).rejects.toMatchObject({ name });
  });
});
