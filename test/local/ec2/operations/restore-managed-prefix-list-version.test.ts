import { ModifyManagedPrefixListCommand, RestoreManagedPrefixListVersionCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { type PrefixListEndpoint, startWithPrefixLists } from '../../../support/local-aws/prefix-lists.ts';

/** A prefix list whose version 1 is `10.0.0.0/8`, and version 2 `192.0.2.0/24`. */
async function startWithVersions() {
  const endpoint = await startWithPrefixLists();
  const id = await endpoint.create([{ Cidr: '10.0.0.0/8' }]);
  endpoint.settle();
  const change = { AddEntries: [{ Cidr: '192.0.2.0/24' }], RemoveEntries: [{ Cidr: '10.0.0.0/8' }] };
  await endpoint.ec2.send(new ModifyManagedPrefixListCommand({ PrefixListId: id, ...change }));
  endpoint.settle();
  return { ...endpoint, id };
}

async function restore({ ec2 }: PrefixListEndpoint, PrefixListId: string, versions: [number, number]) {
  const [PreviousVersion, CurrentVersion] = versions;
  const command = new RestoreManagedPrefixListVersionCommand({ PrefixListId, PreviousVersion, CurrentVersion });
  return (await ec2.send(command)).PrefixList;
}

describe('RestoreManagedPrefixListVersion', () => {
  test('makes the entries of a version of before the next version, which holds when that is complete', async () => {
    const endpoint = await startWithVersions();
    const { id, cidrsOf, describe, settle } = endpoint;

    const answered = await restore(endpoint, id, [1, 2]);
    const meanwhile = await cidrsOf(id);
    settle();

    expect(answered).toMatchObject({ State: 'restore-in-progress', Version: 2 });
    expect(meanwhile).toEqual(['192.0.2.0/24']);
    expect(await describe(id)).toMatchObject({ State: 'restore-complete', Version: 3 });
    expect(await cidrsOf(id)).toEqual(['10.0.0.0/8']);
  });

  test.each<[string, string, [number, number]]>([
    ['a current version that is not', 'PrefixListVersionMismatch', [1, 1]],
    ['a version that is not there', 'InvalidParameterValue', [3, 2]],
    ['version 0', 'InvalidParameterValue', [0, 2]],
  ])('is refused with %s: %s', async (_, name, versions) => {
    const endpoint = await startWithVersions();

    await expect(restore(endpoint, endpoint.id, versions)).rejects.toMatchObject({ name });
    expect(await endpoint.describe(endpoint.id)).toMatchObject({ State: 'modify-complete', Version: 2 });
  });

  test('is refused while another change is in progress, and for a prefix list of AWS', async () => {
    const endpoint = await startWithVersions();
    await restore(endpoint, endpoint.id, [1, 2]);
    const ofAws = endpoint.region.prefixLists.list()[0]?.prefixListId as string;

    const again = restore(endpoint, endpoint.id, [1, 2]);
    await expect(again).rejects.toMatchObject({ name: 'IncorrectState' });
    const foreign = restore(endpoint, ofAws, [1, 1]);
    await expect(foreign).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });

  test.each(['PrefixListId', 'PreviousVersion', 'CurrentVersion'])(
    'answers MissingParameter without %s',
    async (name) => {
      const endpoint = await startWithVersions();
      const all = { PrefixListId: endpoint.id, PreviousVersion: '1', CurrentVersion: '2' };
      const others = Object.fromEntries(Object.entries(all).filter(([parameter]) => parameter !== name));

      const { body } = await endpoint.call('RestoreManagedPrefixListVersion', others, { service: 'ec2' });

      expect(body).toContain('<Code>MissingParameter</Code>');
      expect(body).toContain(name);
    },
  );
});
