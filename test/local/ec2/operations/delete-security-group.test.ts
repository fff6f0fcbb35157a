import {
  CreateNetworkInterfaceCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { authorize, createGroup, tcp } from '../../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../../support/local-aws/local-endpoint.ts';

async function startWithGroup() {
  const endpoint = await startEndpoint();
  const groupId = await createGroup(endpoint.ec2);
  const remove = (input: object = { GroupId: groupId }) => endpoint.ec2.send(new DeleteSecurityGroupCommand(input));
  return { ...endpoint, groupId, remove };
}

describe('DeleteSecurityGroup', () => {
  test.each(['id', 'name'])('deletes a group with its rules, by its %s', async (by) => {
    const { ec2, region, groupId, remove } = await startWithGroup();
    await authorize(ec2, groupId, tcp(1, { UserIdGroupPairs: [{ GroupId: groupId }] }));

    const { Return, GroupId } = await remove(by === 'id' ? { GroupId: groupId } : { GroupName: 'caches' });

    expect([Return, GroupId]).toEqual([true, groupId]);
    expect(region.securityGroupRules.list(groupId)).toEqual([]);
    const gone = ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [groupId] }));
    await expect(gone).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
      message: `The security group '${groupId}' does not exist`,
    });
  });

  test('answers DependencyViolation while a network interface is in it', async () => {
    const { ec2, groupId, remove } = await startWithGroup();
    const input = { SubnetId: 'subnet-12345678', Groups: [groupId] };
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand(input));

    await expect(remove()).rejects.toMatchObject({
      name: 'DependencyViolation',
      message: `resource ${groupId} has a dependent object`,
    });
    const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId;
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId }));
    await remove();
  });

  test('answers DependencyViolation while a rule of another group names it', async () => {
    const { ec2, groupId, remove } = await startWithGroup();
    const GroupId = await createGroup(ec2, 'web');
    const IpPermissions = [tcp(1, { UserIdGroupPairs: [{ GroupId: groupId }] })];
    await authorize(ec2, GroupId, ...IpPermissions);

    await expect(remove()).rejects.toMatchObject({ name: 'DependencyViolation' });
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    await remove();
  });

  test('answers CannotDelete for the default group', async () => {
    const { region, remove } = await startWithGroup();
    const { groupId } = region.securityGroups.defaultOf(region.securityGroups.defaultVpcId);

    const refused = remove({ GroupId: groupId });

    await expect(refused).rejects.toMatchObject({
      name: 'CannotDelete',
      message: `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
    });
  });

  test.each([
    ['InvalidGroup.NotFound', { GroupId: 'sg-12345678' }],
    ['InvalidGroupId.Malformed', { GroupId: 'caches' }],
    ['MissingParameter', {}],
  ])('answers %s to %j', async (name, input) => {
    const { remove } = await startWithGroup();

    await expect(remove(input)).rejects.toMatchObject({ name });
  });
});
