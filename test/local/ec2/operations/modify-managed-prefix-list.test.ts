import { ModifyManagedPrefixListCommand, type ModifyManagedPrefixListCommandInput } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { sharePrefixList } from '../../../support/local-aws/local-ec2.ts';
import { type PrefixListEndpoint, startWithPrefixLists } from '../../../support/local-aws/prefix-lists.ts';

const OFFICE = { Cidr: '10.0.0.0/8', Description: 'office' };

/** A prefix list that is complete, of one entry. */
async function startWithOffice() {
  const endpoint = await startWithPrefixLists();
  const id = await endpoint.create([OFFICE]);
  endpoint.settle();
  return { ...endpoint, id };
}

async function modify(
  { ec2 }: PrefixListEndpoint,
  PrefixListId: string,
  input: Omit<ModifyManagedPrefixListCommandInput, 'PrefixListId'>,
) {
  return (await ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId, ...input }))).PrefixList;
}

describe('ModifyManagedPrefixList', () => {
  test('adds and removes entries in a new version, which holds when the change is complete', async () => {
    const endpoint = await startWithOffice();
    const { id, settle, cidrsOf, describe } = endpoint;

    const answered = await modify(endpoint, id, {
      CurrentVersion: 1,
      AddEntries: [{ Cidr: '192.0.2.0/24' }],
      RemoveEntries: [{ Cidr: '10.0.0.0/8' }],
    });
    const meanwhile = [await describe(id), await cidrsOf(id)];
    settle();
    const after = [await describe(id), await cidrsOf(id), await cidrsOf(id, 1)];

    expect(answered).toMatchObject({ PrefixListId: id, State: 'modify-in-progress', Version: 1 });
    expect(meanwhile).toEqual([answered, ['10.0.0.0/8']]);
    expect(after).toEqual([{ ...answered, State: 'modify-complete', Version: 2 }, ['192.0.2.0/24'], ['10.0.0.0/8']]);
  });

  test('changes name and size, and makes no version', async () => {
    const endpoint = await startWithOffice();

    const answered = await modify(endpoint, endpoint.id, { PrefixListName: 'all-offices', MaxEntries: 1 });
    endpoint.settle();

    expect(answered).toMatchObject({ PrefixListName: 'all-offices', MaxEntries: 1, State: 'modify-in-progress' });
    expect(await endpoint.describe(endpoint.id)).toMatchObject({ State: 'modify-complete', Version: 1 });
  });

  test('gives an entry that is there another description', async () => {
    const endpoint = await startWithOffice();

    await modify(endpoint, endpoint.id, { AddEntries: [{ ...OFFICE, Description: 'old office' }] });
    endpoint.settle();

    expect(endpoint.region.prefixLists.entriesOf(endpoint.id)).toEqual({
      version: 2,
      entries: [{ cidr: '10.0.0.0/8', description: 'old office' }],
    });
  });

  test('is refused while another change is in progress, also that which makes the prefix list', async () => {
    const endpoint = await startWithPrefixLists();
    const id = await endpoint.create([OFFICE]);
    const change = () => modify(endpoint, id, { PrefixListName: 'a' });
    const says = (state: string) => ({
      name: 'IncorrectState',
      message: `The request cannot be completed while the prefix list (${id}) is in the current state (${state})`,
    });

    await expect(change()).rejects.toMatchObject(says('create-in-progress'));
    endpoint.settle();
    await change();
    await expect(change()).rejects.toMatchObject(says('modify-in-progress'));
    endpoint.settle();
    await expect(change()).resolves.toMatchObject({ State: 'modify-in-progress' });
  });

  test.each<[string, Partial<ModifyManagedPrefixListCommandInput>, string, string]>([
    [
      'a version that is not the current one',
      { CurrentVersion: 2, PrefixListName: 'a' },
      'PrefixListVersionMismatch',
      'The prefix list has the incorrect version number.',
    ],
    [
      'version 0',
      { CurrentVersion: 0, AddEntries: [{ Cidr: '192.0.2.0/24' }] },
      'InvalidParameterValue',
      'The specified value for version is not valid. The value must be greater than (1).',
    ],
    [
      'an entry that is there',
      { AddEntries: [{ ...OFFICE, Cidr: '10.9.9.9/8' }] },
      'InvalidPrefixListModification',
      'An entry with the CIDR (10.0.0.0/8) and description (office) already exists.',
    ],
    [
      'removing an entry that is not there',
      { RemoveEntries: [{ Cidr: '192.0.2.0/24' }] },
      'InvalidPrefixListModification',
      'The entry with the CIDR (192.0.2.0/24) does not exist.',
    ],
    [
      'entries and a size at once',
      { MaxEntries: 5, AddEntries: [{ Cidr: '192.0.2.0/24' }] },
      'InvalidParameterCombination',
      'You cannot modify the entries and the maximum entries for the prefix list in the same request.',
    ],
    ['a size of 1001', { MaxEntries: 1001 }, 'InvalidParameterValue', 'Must specify a max size between 1 and 1000'],
    [
      'more entries than a call can add',
      { AddEntries: Array.from({ length: 101 }, (_, index) => ({ Cidr: `192.0.${index}.0/24` })) },
      'InvalidParameterValue',
      'The request cannot contain more than 100 entry additions or removals.',
    ],
    ['a range of IPv6', { AddEntries: [{ Cidr: '::/0' }] }, 'InvalidParameterValue', 'CIDR block ::/0 is malformed'],
    [
      'a name of AWS’s',
      { PrefixListName: 'com.amazonaws.a' },
      'InvalidParameterValue',
      'The prefix list name cannot begin with (com.amazonaws., com.amazon., com.aws.).',
    ],
  ])('is refused with %s, and changes nothing', async (_, change, name, message) => {
    const endpoint = await startWithOffice();
    const before = await endpoint.describe(endpoint.id);

    const refused = modify(endpoint, endpoint.id, change);

    await expect(refused).rejects.toMatchObject({ name, message });
    expect(await endpoint.describe(endpoint.id)).toEqual(before);
    expect(await endpoint.cidrsOf(endpoint.id)).toEqual(['10.0.0.0/8']);
  });

  test('is refused with more entries than the prefix list can have, as it is and as it would be', async () => {
    const endpoint = await startWithPrefixLists();
    const id = await endpoint.create([OFFICE, { Cidr: '192.0.2.0/24' }], { MaxEntries: 2 });
    endpoint.settle();
    const name = 'PrefixListMaxEntriesExceeded';

    const third = modify(endpoint, id, { AddEntries: [{ Cidr: '198.51.100.0/24' }] });
    await expect(third).rejects.toMatchObject({ name });
    const smaller = modify(endpoint, id, { MaxEntries: 1 });
    await expect(smaller).rejects.toMatchObject({ name });
    const replaced = modify(endpoint, id, {
      AddEntries: [{ Cidr: '198.51.100.0/24' }],
      RemoveEntries: [{ Cidr: '192.0.2.0/24' }],
    });
    await expect(replaced).resolves.toMatchObject({ State: 'modify-in-progress' });
  });

  test('is refused for a prefix list of AWS or of another account', async () => {
    const endpoint = await startWithPrefixLists();
    sharePrefixList(endpoint.region, 'pl-12345678');

    const ids = endpoint.region.prefixLists.list().map(({ prefixListId }) => prefixListId);

    expect(ids).toHaveLength(3);
    for (const id of ids) {
      const refused = modify(endpoint, id, { AddEntries: [{ Cidr: '0.0.0.0/0' }] });
      await expect(refused).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    }
  });

  test.each([
    ['InvalidPrefixListID.NotFound', 'pl-12345678'],
    ['InvalidPrefixListId.Malformed', 'offices'],
  ])('answers %s for %s', async (name, id) => {
    const endpoint = await startWithPrefixLists();

    await expect(modify(endpoint, id, { MaxEntries: 2 })).rejects.toMatchObject({ name });
  });
});
