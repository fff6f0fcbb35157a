import { CreateManagedPrefixListCommand, GetManagedPrefixListEntriesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { startWithPrefixLists } from '../../../support/local-aws/prefix-lists.ts';

const OFFICES = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 2 };

/** So many ranges, no two of them the same. */
function ranges(count: number): { readonly Cidr: string }[] {
  return Array.from({ length: count }, (_, index) => ({ Cidr: `10.0.${index}.0/24` }));
}

describe('CreateManagedPrefixList', () => {
  test('answers with the prefix list, which is in progress, and complete a while later', async () => {
    const { ec2, settle, describe } = await startWithPrefixLists();
    const Entries = [{ Cidr: '10.0.0.0/8', Description: 'office' }];

    const { PrefixList } = await ec2.send(new CreateManagedPrefixListCommand({ ...OFFICES, Entries }));
    const id = PrefixList?.PrefixListId as string;
    const before = await describe(id);
    settle();
    const after = await describe(id);

    const list = {
      PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{17}$/),
      ...OFFICES,
      PrefixListArn: `arn:aws:ec2:us-east-1:${ACCOUNT}:prefix-list/${id}`,
      Version: 1,
      Tags: [],
      OwnerId: ACCOUNT,
    };
    expect(PrefixList).toEqual({ ...list, State: 'create-in-progress' });
    expect(before).toEqual(PrefixList);
    expect(after).toEqual({ ...list, State: 'create-complete' });
  });

  test('keeps the entries without host bits, in the order they came, with their descriptions', async () => {
    const { ec2, create } = await startWithPrefixLists();
    const Entries = [{ Cidr: '192.0.2.7/24' }, { Cidr: '10.1.2.3/8', Description: 'office' }];

    const PrefixListId = await create(Entries);

    const listed = await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId }));
    expect(listed.Entries).toEqual([{ Cidr: '192.0.2.0/24' }, { Cidr: '10.0.0.0/8', Description: 'office' }]);
  });

  test('takes ranges of IPv6, and keeps them in lower case', async () => {
    const { create, cidrsOf } = await startWithPrefixLists();

    const id = await create([{ Cidr: 'fd00:FEED:BEEF::/48' }], { AddressFamily: 'IPv6' });

    expect(await cidrsOf(id)).toEqual(['fd00:feed:beef::/48']);
  });

  test('makes one prefix list for calls with one token, as a client tries them again', async () => {
    const { create, settle, region } = await startWithPrefixLists();
    const before = region.prefixLists.list().length;

    const first = await create([], { ClientToken: 'a' });
    const again = await create([], { ClientToken: 'a' });
    settle();
    const late = await create([], { ClientToken: 'a' });
    const other = await create([], { ClientToken: 'b' });

    expect([again, late]).toEqual([first, first]);
    expect(other).not.toBe(first);
    expect(region.prefixLists.list()).toHaveLength(before + 2);
  });

  test.each([
    ['a name of AWS’s', 'InvalidParameterValue', { PrefixListName: 'com.amazonaws.us-east-1.s3' }],
    ['a name of 256 characters', 'InvalidParameterValue', { PrefixListName: 'a'.repeat(256) }],
    ['no name', 'MissingParameter', { PrefixListName: undefined }],
    ['another address family', 'InvalidParameterValue', { AddressFamily: 'ipv4' }],
    ['no address family', 'MissingParameter', { AddressFamily: undefined }],
    ['no size', 'MissingParameter', { MaxEntries: undefined }],
    ['a size of none', 'InvalidParameterValue', { MaxEntries: 0 }],
    ['a size of 1001', 'InvalidParameterValue', { MaxEntries: 1001 }],
    ['more entries than its size', 'PrefixListMaxEntriesExceeded', { Entries: ranges(3) }],
    ['more entries than a call can have', 'InvalidParameterValue', { MaxEntries: 1000, Entries: ranges(101) }],
    ['an entry twice', 'InvalidParameterValue', { Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '10.1.0.0/8' }] }],
    ['a range of IPv6', 'InvalidParameterValue', { Entries: [{ Cidr: '::/0' }] }],
    ['what is no range', 'InvalidParameterValue', { Entries: [{ Cidr: '10.0.0.0' }] }],
    ['an entry without a range', 'MissingParameter', { Entries: [{ Cidr: undefined, Description: 'a' }] }],
  ])('is refused with %s: %s', async (_, name, input) => {
    const { ec2, region } = await startWithPrefixLists();
    const before = region.prefixLists.list();

    const refused = ec2.send(new CreateManagedPrefixListCommand({ ...OFFICES, ...input } as typeof OFFICES));

    await expect(refused).rejects.toMatchObject({ name });
    expect(region.prefixLists.list()).toEqual(before);
  });

  test('takes a name that only begins like those of AWS, and a hundred entries', async () => {
    const { create, cidrsOf } = await startWithPrefixLists();

    const id = await create(ranges(100), { PrefixListName: 'com.amazonaws-probe', MaxEntries: 1000 });

    expect(await cidrsOf(id)).toHaveLength(100);
  });
});
