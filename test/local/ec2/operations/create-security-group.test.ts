import { CreateSecurityGroupCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { createGroup } from '../../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../../support/local-aws/local-endpoint.ts';

describe('CreateSecurityGroup', () => {
  test('makes a group that lets nothing in and everything out, in the default VPC', async () => {
    const { ec2, region } = await startEndpoint();
    const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags: [{ Key: 'team', Value: 'shop' }] }];
    const input = { GroupName: 'caches', Description: 'Of the shop', TagSpecifications };

    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(input));

    expect(GroupId).toMatch(/^sg-[0-9a-f]{17}$/);
    const GroupIds = [GroupId as string];
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds }));
    expect(SecurityGroups).toEqual([
      {
        Tags: [{ Key: 'team', Value: 'shop' }],
        GroupId,
        GroupName: 'caches',
        Description: 'Of the shop',
        OwnerId: ACCOUNT,
        VpcId: region.securityGroups.defaultVpcId,
        IpPermissions: [],
        IpPermissionsEgress: [
          expect.objectContaining({ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], UserIdGroupPairs: [] }),
        ],
      },
    ]);
  });

  test('makes two groups of one name in two VPCs, and answers InvalidGroup.Duplicate to two in one', async () => {
    const { ec2, region } = await startEndpoint();
    const { defaultVpcId, otherVpcId } = region.securityGroups;
    const ids = [await createGroup(ec2), await createGroup(ec2, 'caches', otherVpcId)];

    const again = createGroup(ec2);

    await expect(again).rejects.toMatchObject({
      name: 'InvalidGroup.Duplicate',
      message: `The security group 'caches' already exists for VPC '${defaultVpcId}'`,
    });
    expect(new Set(ids).size).toBe(2);
  });

  test('gives the same ids for the same calls', async () => {
    const [first, second] = [await startEndpoint(), await startEndpoint()];

    const ids = [await createGroup(first.ec2), await createGroup(second.ec2)];

    expect(ids[0]).toBe(ids[1]);
  });

  test.each([
    ['InvalidParameterValue', { GroupName: 'default' }],
    ['InvalidParameterValue', { GroupName: 'sg-caches' }],
    ['InvalidParameterValue', { GroupName: 'é' }],
    ['InvalidParameterValue', { GroupName: 'a'.repeat(256) }],
    ['InvalidParameterValue', { Description: 'two\nlines' }],
    ['MissingParameter', { GroupName: undefined }],
    ['MissingParameter', { Description: undefined }],
    ['InvalidVpcID.NotFound', { VpcId: 'vpc-12345678' }],
  ])('answers %s to %j', async (name, input) => {
    const { ec2, region } = await startEndpoint();
    const good = { GroupName: 'caches', Description: 'Of the shop' };

    const refused = ec2.send(new CreateSecurityGroupCommand({ ...good, ...input } as typeof good));

    await expect(refused).rejects.toMatchObject({ name });
    expect(region.securityGroups.list()).toHaveLength(2);
  });
});
