import {
  GetManagedPrefixListEntriesCommand,
  ModifyManagedPrefixListCommand,
  paginateGetManagedPrefixListEntries,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { startWithPrefixLists } from '../../../support/local-aws/prefix-lists.ts';

/** Ranges from `10.0.<first>.0/24` on. */
function ranges(first: number, count: number): { readonly Cidr: string }[] {
  return Array.from({ length: count }, (_, index) => ({ Cidr: `10.0.${first + index}.0/24` }));
}

/** A prefix list of 150 entries. */
async function startWithMany() {
  const endpoint = await startWithPrefixLists();
  const PrefixListId = await endpoint.create(ranges(0, 100), { MaxEntries: 1000 });
  endpoint.settle();
  await endpoint.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId, AddEntries: ranges(100, 50) }));
  endpoint.settle();
  return { ...endpoint, PrefixListId };
}

describe('GetManagedPrefixListEntries', () => {
  test.each([
    ['a hundred on a page if nothing is asked', {}, [100, 50]],
    ['as many as are asked for', { pageSize: 60 }, [60, 60, 30]],
  ])('gives every entry once, in order, %s', async (_, paging, sizes) => {
    const { ec2, PrefixListId } = await startWithMany();
    const pages: (string | undefined)[][] = [];

    for await (const page of paginateGetManagedPrefixListEntries({ client: ec2, ...paging }, { PrefixListId }))
      pages.push((page.Entries ?? []).map(({ Cidr }) => Cidr));

    expect(pages.map(({ length }) => length)).toEqual(sizes);
    expect(pages.flat()).toEqual(ranges(0, 150).map(({ Cidr }) => Cidr));
  });

  test('goes on in the version that it began with, whatever changes meanwhile', async () => {
    const { ec2, PrefixListId, settle } = await startWithMany();
    const first = await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId }));
    await ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId, RemoveEntries: ranges(0, 100) }));
    settle();

    const { NextToken } = first;
    const second = await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId, NextToken }));

    expect(second.Entries).toEqual(ranges(100, 50));
    expect(second.NextToken).toBeUndefined();
  });

  test('gives the entries of the version that is asked for', async () => {
    const { PrefixListId, cidrsOf } = await startWithMany();

    expect(await cidrsOf(PrefixListId, 1)).toEqual(ranges(0, 100).map(({ Cidr }) => Cidr));
  });

  test.each([
    ['InvalidPrefixListID.NotFound', { PrefixListId: 'pl-12345678' }],
    ['InvalidPrefixListId.Malformed', { PrefixListId: 'offices' }],
    ['InvalidParameterValue', { TargetVersion: 3 }],
    ['InvalidParameterValue', { TargetVersion: 0 }],
    ['InvalidParameterValue', { MaxResults: 101 }],
    ['InvalidPaginationToken', { NextToken: 'x' }],
  ])('answers %s for %j', async (name, input) => {
    const { ec2, PrefixListId } = await startWithMany();

    const refused = ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId, ...input }));

    await expect(refused).rejects.toMatchObject({ name });
  });

  test('does not give a version that does not hold yet', async () => {
    const { ec2, PrefixListId, cidrsOf } = await startWithMany();
    await ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId, RemoveEntries: ranges(0, 100) }));

    await expect(cidrsOf(PrefixListId, 3)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});
