import { DescribeSecurityGroupsCommand, type EC2Client, paginateDescribeSecurityGroups } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, STRANGER } from '../../../support/examples/grants.ts';
import { authorize, createGroup, ec2ClientFor, sharePrefixList, tcp } from '../../../support/local-aws/local-ec2.ts';
import { OTHER_REGION, startEndpoint } from '../../../support/local-aws/local-endpoint.ts';

async function groupsOf(ec2: EC2Client, input: object = {}) {
  return (await ec2.send(new DescribeSecurityGroupsCommand(input))).SecurityGroups ?? [];
}

describe('DescribeSecurityGroups', () => {
  test('shows the default group of each VPC of a new account, which lets itself in', async () => {
    const { ec2, region } = await startEndpoint();

    const groups = await groupsOf(ec2);

    expect(groups.map(({ GroupName }) => GroupName)).toEqual(['default', 'default']);
    const { defaultVpcId, otherVpcId } = region.securityGroups;
    expect(groups.map(({ VpcId }) => VpcId).sort()).toEqual([defaultVpcId, otherVpcId].sort());
    for (const { GroupId, IpPermissions } of groups) {
      expect(IpPermissions).toMatchObject([{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId, UserId: ACCOUNT }] }]);
    }
  });

  test('shows the rules for the same protocol and ports as one permission', async () => {
    const { ec2, region } = await startEndpoint();
    sharePrefixList(region, 'pl-12345678');
    const groupId = await createGroup(ec2);
    const pair = { GroupId: 'sg-12345678', UserId: STRANGER };
    await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }] }));
    await authorize(ec2, groupId, tcp(6379, { Ipv6Ranges: [{ CidrIpv6: '::/0' }], UserIdGroupPairs: [pair] }));
    await authorize(ec2, groupId, tcp(6380, { PrefixListIds: [{ PrefixListId: 'pl-12345678' }] }));

    const [group] = await groupsOf(ec2, { GroupIds: [groupId] });

    expect(group?.IpPermissions).toEqual([
      {
        IpProtocol: 'tcp',
        FromPort: 6379,
        ToPort: 6379,
        IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }],
        Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        PrefixListIds: [],
        UserIdGroupPairs: [pair],
      },
      {
        IpProtocol: 'tcp',
        FromPort: 6380,
        ToPort: 6380,
        IpRanges: [],
        Ipv6Ranges: [],
        PrefixListIds: [{ PrefixListId: 'pl-12345678' }],
        UserIdGroupPairs: [],
      },
    ]);
  });

  test('finds groups by id, by name in the default VPC, and by filters that all have to hold', async () => {
    const { ec2, region } = await startEndpoint();
    const { otherVpcId } = region.securityGroups;
    const caches = await createGroup(ec2);
    const web = await createGroup(ec2, 'web');
    const elsewhere = await createGroup(ec2, 'web', otherVpcId);
    const idsOf = async (input: object) => (await groupsOf(ec2, input)).map(({ GroupId }) => GroupId);

    expect(await idsOf({ GroupIds: [caches] })).toEqual([caches]);
    expect(await idsOf({ GroupNames: ['web'] })).toEqual([web]);
    expect(await idsOf({ Filters: [{ Name: 'group-name', Values: ['web'] }] })).toEqual([web, elsewhere].sort());
    expect(await idsOf({ Filters: [{ Name: 'group-id', Values: [web, caches] }] })).toEqual([web, caches].sort());
    const both = [
      { Name: 'group-name', Values: ['web', 'x'] },
      { Name: 'vpc-id', Values: [otherVpcId] },
    ];
    expect(await idsOf({ Filters: both })).toEqual([elsewhere]);
  });

  test('shows every group once, page by page', async () => {
    const { ec2 } = await startEndpoint();
    for (let i = 0; i < 10; i++) await createGroup(ec2, `caches-${i}`);
    const sizes: number[] = [];
    const seen = new Set<unknown>();

    for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: ec2, pageSize: 5 }, {})) {
      sizes.push(SecurityGroups.length);
      for (const { GroupId } of SecurityGroups) seen.add(GroupId);
    }

    expect(sizes).toEqual([5, 5, 2]);
    expect(seen.size).toBe(12);
  });

  test('knows only the groups of the region that the call is signed for', async () => {
    const { ec2, url } = await startEndpoint();
    const groupId = await createGroup(ec2);
    const elsewhere = ec2ClientFor(url, OTHER_REGION);

    await expect(groupsOf(elsewhere, { GroupIds: [groupId] })).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
    const ids = (await groupsOf(elsewhere)).map(({ GroupId }) => GroupId);
    expect(ids).toHaveLength(2);
    expect(ids).not.toContain((await groupsOf(ec2, { GroupNames: ['default'] }))[0]?.GroupId);
  });

  test.each([
    ['InvalidGroupId.Malformed', { GroupIds: ['caches'] }],
    ['InvalidGroup.NotFound', { GroupNames: ['caches'] }],
    ['InvalidParameterValue', { MaxResults: 1 }],
    ['InvalidParameterValue', { Filters: [{ Name: 'description', Values: ['a'] }] }],
  ])('answers %s to %j', async (name, input) => {
    const { ec2 } = await startEndpoint();

    await expect(groupsOf(ec2, input)).rejects.toMatchObject({ name });
  });
});
