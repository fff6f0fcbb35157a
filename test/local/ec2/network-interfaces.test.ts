import {
  CreateNetworkInterfaceCommand,
  DeleteNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  type EC2Client,
  paginateDescribeNetworkInterfaces,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../support/examples/grants.ts';
import { createGroup } from '../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../support/local-aws/local-endpoint.ts';

const SubnetId = 'subnet-12345678';
const OF_A_CACHE = { description: 'ElastiCache sessions-001', requesterId: 'amazon-elasticache' };

async function startWithGroup() {
  const endpoint = await startEndpoint();
  return { ...endpoint, groupId: await createGroup(endpoint.ec2) };
}

async function interfacesOf(ec2: EC2Client, input: object = {}) {
  return (await ec2.send(new DescribeNetworkInterfacesCommand(input))).NetworkInterfaces ?? [];
}

function inGroup(groupId: string) {
  return { Filters: [{ Name: 'group-id', Values: [groupId] }] };
}

describe('a network interface', () => {
  test('that the account makes is in the groups it names, and is the account’s own', async () => {
    const { ec2, groupId, region } = await startWithGroup();
    const input = { SubnetId, Groups: [groupId], Description: 'batch' };

    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand(input));

    expect(NetworkInterface).toEqual({
      NetworkInterfaceId: expect.stringMatching(/^eni-[0-9a-f]{17}$/),
      SubnetId,
      VpcId: region.securityGroups.defaultVpcId,
      Description: 'batch',
      OwnerId: ACCOUNT,
      RequesterManaged: false,
      Status: 'available',
      InterfaceType: 'interface',
      Groups: [{ GroupId: groupId, GroupName: 'caches' }],
      Operator: { Managed: false },
    });
    expect(await interfacesOf(ec2, inGroup(groupId))).toEqual([NetworkInterface]);
  });

  test('without groups is in the default group', async () => {
    const { ec2 } = await startWithGroup();

    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));

    expect(NetworkInterface?.Groups).toMatchObject([{ GroupName: 'default' }]);
  });

  test('of a service of AWS says whose it is, and the account cannot delete it', async () => {
    const { ec2, groupId, region } = await startWithGroup();
    const { networkInterfaceId } = region.networkInterfaces.add({ groupIds: [groupId], ...OF_A_CACHE });

    const [shown] = await interfacesOf(ec2, inGroup(groupId));
    const refused = ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: networkInterfaceId }));

    expect(shown).toMatchObject({
      NetworkInterfaceId: networkInterfaceId,
      Description: 'ElastiCache sessions-001',
      RequesterId: 'amazon-elasticache',
      RequesterManaged: false,
      Status: 'in-use',
    });
    await expect(refused).rejects.toMatchObject({ name: 'AuthFailure' });
    expect(region.networkInterfaces.list()).toHaveLength(1);
  });

  test('that is not shown yet is not there for a caller', async () => {
    const { ec2, groupId, region, clock } = await startWithGroup();
    const shownFrom = clock.now() + 1_000;
    const { networkInterfaceId } = region.networkInterfaces.add({ groupIds: [groupId], shownFrom });
    const byId = { NetworkInterfaceIds: [networkInterfaceId] };

    const before = [await interfacesOf(ec2), await interfacesOf(ec2, byId).catch(({ name }: Error) => name)];
    clock.advance(1_000);
    const after = [await interfacesOf(ec2), await interfacesOf(ec2, byId)];

    expect(before).toEqual([[], 'InvalidNetworkInterfaceID.NotFound']);
    const found = [{ NetworkInterfaceId: networkInterfaceId }];
    expect(after).toMatchObject([found, found]);
  });

  test('leaves one group for another, and goes', async () => {
    const { ec2, groupId, region } = await startWithGroup();
    const otherId = await createGroup(ec2, 'other');
    const { networkInterfaceId } = region.networkInterfaces.add({ groupIds: [groupId], ...OF_A_CACHE });

    region.networkInterfaces.setGroups(networkInterfaceId, [otherId]);
    const moved = [await interfacesOf(ec2, inGroup(groupId)), await interfacesOf(ec2, inGroup(otherId))];
    region.networkInterfaces.remove(networkInterfaceId);
    const left = await interfacesOf(ec2);

    expect(moved).toMatchObject([[], [{ NetworkInterfaceId: networkInterfaceId }]]);
    expect(left).toEqual([]);
  });

  test('is found by its id and by filters, page by page', async () => {
    const { ec2, groupId, region } = await startWithGroup();
    for (let i = 0; i < 7; i++) region.networkInterfaces.add({ groupIds: [groupId], ...OF_A_CACHE });
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [groupId] }));
    const id = NetworkInterface?.NetworkInterfaceId as string;
    const requesters = { Filters: [{ Name: 'requester-id', Values: ['amazon-*'] }] };
    const described = { Filters: [{ Name: 'description', Values: ['ElastiCache *'] }] };

    const sizes: unknown[] = [];
    for await (const page of paginateDescribeNetworkInterfaces({ client: ec2, pageSize: 5 }, inGroup(groupId)))
      sizes.push(page.NetworkInterfaces?.length);

    expect(sizes).toEqual([5, 3]);
    expect(await interfacesOf(ec2, { NetworkInterfaceIds: [id] })).toEqual([NetworkInterface]);
    expect(await interfacesOf(ec2, requesters)).toHaveLength(7);
    expect(await interfacesOf(ec2, described)).toHaveLength(7);
  });

  test.each([
    ['InvalidGroup.NotFound', { SubnetId, Groups: ['sg-12345678'] }],
    ['InvalidGroupId.Malformed', { SubnetId, Groups: ['caches'] }],
    ['InvalidSubnetID.NotFound', { SubnetId: 'mine' }],
    ['MissingParameter', { SubnetId: undefined }],
    ['InvalidParameterValue', { SubnetId, Description: 'a\u0000b' }],
  ])('is refused with %s: %j', async (name, input) => {
    const { ec2, region } = await startWithGroup();

    const refused = ec2.send(new CreateNetworkInterfaceCommand(input));

    await expect(refused).rejects.toMatchObject({ name });
    expect(region.networkInterfaces.list()).toEqual([]);
  });

  test('is refused in groups of two VPCs', async () => {
    const { ec2, groupId, region } = await startWithGroup();
    const elsewhere = await createGroup(ec2, 'caches', region.securityGroups.otherVpcId);

    const refused = ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [groupId, elsewhere] }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test.each([
    ['InvalidNetworkInterfaceID.NotFound', 'eni-12345678'],
    ['InvalidNetworkInterfaceId.Malformed', 'mine'],
  ])('that is not there is answered %s: %s', async (name, id) => {
    const { ec2 } = await startWithGroup();

    await expect(interfacesOf(ec2, { NetworkInterfaceIds: [id] })).rejects.toMatchObject({ name });
    const deleted = ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }));
    await expect(deleted).rejects.toMatchObject({ name });
  });
});
