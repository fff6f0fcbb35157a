import { DeleteManagedPrefixListCommand, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { authorize, createGroup, tcp } from '../../../support/local-aws/local-ec2.ts';
import { type PrefixListEndpoint, startWithPrefixLists } from '../../../support/local-aws/prefix-lists.ts';

async function remove({ ec2 }: PrefixListEndpoint, PrefixListId: string) {
  return (await ec2.send(new DeleteManagedPrefixListCommand({ PrefixListId }))).PrefixList;
}

describe('DeleteManagedPrefixList', () => {
  test('deletes a prefix list, which is gone a while later', async () => {
    const endpoint = await startWithPrefixLists();
    const id = await endpoint.create();
    endpoint.settle();

    const answered = await remove(endpoint, id);
    const meanwhile = await endpoint.describe(id);
    endpoint.settle();

    expect(answered).toMatchObject({ PrefixListId: id, State: 'delete-in-progress' });
    expect(meanwhile).toEqual(answered);
    await expect(endpoint.describe(id)).rejects.toMatchObject({ name: 'InvalidPrefixListID.NotFound' });
  });

  test('fails while a rule of a security group refers to it, and is good when none does any more', async () => {
    const endpoint = await startWithPrefixLists();
    const { ec2, create, describe, settle } = endpoint;
    const id = await create([{ Cidr: '10.0.0.0/8' }]);
    settle();
    const GroupId = await createGroup(ec2);
    const [rule] = await authorize(ec2, GroupId, tcp(6379, { PrefixListIds: [{ PrefixListId: id }] }));

    const answered = await remove(endpoint, id);
    settle();
    const failed = await describe(id);
    await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: [rule?.SecurityGroupRuleId as string] }),
    );
    await remove(endpoint, id);
    settle();

    expect(answered).toMatchObject({ State: 'delete-in-progress' });
    expect(failed).toMatchObject({ State: 'delete-failed', StateMessage: expect.stringContaining(GroupId) });
    await expect(describe(id)).rejects.toMatchObject({ name: 'InvalidPrefixListID.NotFound' });
  });

  test.each([
    ['InvalidPrefixListID.NotFound', 'pl-12345678'],
    ['InvalidPrefixListId.Malformed', 'offices'],
  ])('answers %s for %s', async (name, id) => {
    const endpoint = await startWithPrefixLists();

    await expect(remove(endpoint, id)).rejects.toMatchObject({ name });
  });

  test('is refused while a change is in progress, and for a prefix list of AWS', async () => {
    const endpoint = await startWithPrefixLists();
    const ofAws = endpoint.region.prefixLists.list()[0]?.prefixListId as string;
    const id = await endpoint.create();

    await expect(remove(endpoint, id)).rejects.toMatchObject({ name: 'IncorrectState' });
    await expect(remove(endpoint, ofAws)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });
});
