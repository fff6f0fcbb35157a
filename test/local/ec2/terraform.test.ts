import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  DescribeVpcsCommand,
  type DescribeVpcsCommandInput,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BusEvent } from '../../../src/local/bus-event.ts';
import { startLocalAws } from '../../../src/local/local-aws.ts';
import { ACCOUNT, REGION } from '../../support/examples/grants.ts';
import { createGroup, ec2ClientFor, tcp } from '../../support/local-aws/local-ec2.ts';
import { credentials } from '../../support/local-aws/local-elasticache.ts';

const EVERYWHERE = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const NO_SUCH = 'sg-0123456789abcdef0';

async function start() {
  const aws = await startLocalAws({ port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0, credentials });
  onTestFinished(() => aws.close());
  const events: BusEvent[] = [];
  aws.events.on('event', (event) => events.push(event));
  return { ec2: ec2ClientFor(aws.url), recorded: () => events.map(({ detail }) => detail) };
}

type Ec2 = Awaited<ReturnType<typeof start>>['ec2'];

async function rulesOf(ec2: Ec2, group: string) {
  const { SecurityGroupRules = [] } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [group] }] }),
  );
  return SecurityGroupRules;
}

describe('rules of egress', () => {
  test('are there from the beginning: one, to everywhere, and it can be taken back by what it says', async () => {
    const { ec2 } = await start();
    const group = await createGroup(ec2);

    const before = await rulesOf(ec2, group);
    const revoked = await ec2.send(
      new RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions: [EVERYWHERE] }),
    );

    expect(before).toMatchObject([{ IsEgress: true, IpProtocol: '-1', FromPort: -1, CidrIpv4: '0.0.0.0/0' }]);
    expect(revoked).toMatchObject({ Return: true, RevokedSecurityGroupRules: [{ IsEgress: true, GroupId: group }] });
    expect(await rulesOf(ec2, group)).toEqual([]);
  });

  test('are taken back as Terraform does it, also one that is not there', async () => {
    const { ec2 } = await start();
    const group = await createGroup(ec2);
    const IpPermissions = [{ IpProtocol: '-1', FromPort: 0, ToPort: 0, Ipv6Ranges: [{ CidrIpv6: '::/0' }] }];

    const answer = await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions }));

    expect(answer).toMatchObject({ Return: true, UnknownIpPermissions: [{ IpProtocol: '-1' }] });
    expect(await rulesOf(ec2, group)).toHaveLength(1);
  });

  test('are added, listed apart from those of ingress, and revoked by their ids', async () => {
    const { ec2, recorded } = await start();
    const group = await createGroup(ec2);
    const IpPermissions = [tcp(443, { IpRanges: [{ CidrIp: '192.0.2.0/24', Description: 'updates' }] })];

    const { SecurityGroupRules: [made] = [] } = await ec2.send(
      new AuthorizeSecurityGroupEgressCommand({ GroupId: group, IpPermissions }),
    );
    await expect(
      ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: group, IpPermissions })),
    ).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' });
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions }));
    const { SecurityGroups: [described] = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [group] }),
    );
    const SecurityGroupRuleIds = [made?.SecurityGroupRuleId as string];
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: group, SecurityGroupRuleIds }));

    expect(made).toMatchObject({ IsEgress: true, FromPort: 443, Description: 'updates', GroupOwnerId: ACCOUNT });
    expect(described?.IpPermissionsEgress).toHaveLength(2);
    expect(described?.IpPermissions).toHaveLength(1);
    expect((await rulesOf(ec2, group)).map(({ IsEgress }) => IsEgress).sort()).toEqual([false, true]);
    expect(recorded()).toContainEqual(
      expect.objectContaining({
        eventName: 'AuthorizeSecurityGroupEgress',
        requestParameters: expect.objectContaining({ groupId: group }),
        responseElements: expect.objectContaining({ _return: true }),
      }),
    );
  });

  test('are not revoked by the id of a rule of ingress', async () => {
    const { ec2 } = await start();
    const group = await createGroup(ec2);
    const { SecurityGroupRules: [made] = [] } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [EVERYWHERE] }),
    );
    const SecurityGroupRuleIds = [made?.SecurityGroupRuleId as string];

    await expect(
      ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: group, SecurityGroupRuleIds })),
    ).rejects.toMatchObject({ name: 'InvalidSecurityGroupRuleId.NotFound' });
  });
});

describe('tags', () => {
  const tagged = (ResourceType: 'security-group' | 'security-group-rule', Value: string) => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: 'Name', Value }] }],
  });

  test('are given to a group and to a rule when they are made, and shown with them', async () => {
    const { ec2, recorded } = await start();

    const { GroupId, Tags } = await ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'a', Description: 'a', ...tagged('security-group', 'shop') }),
    );
    const { SecurityGroupRules: [rule] = [] } = await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId,
        IpPermissions: [EVERYWHERE],
        ...tagged('security-group-rule', 'open'),
      }),
    );

    const byTag = { Filters: [{ Name: 'tag:Name', Values: ['shop'] }] };
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand(byTag));
    const { SecurityGroupRules } = await ec2.send(
      new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'tag-key', Values: ['Name'] }] }),
    );
    expect([Tags, rule?.Tags]).toEqual([[{ Key: 'Name', Value: 'shop' }], [{ Key: 'Name', Value: 'open' }]]);
    expect(SecurityGroups).toMatchObject([{ GroupId, Tags: [{ Key: 'Name', Value: 'shop' }] }]);
    expect(SecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: rule?.SecurityGroupRuleId, Tags: rule?.Tags }]);
    expect(recorded()).toContainEqual(
      expect.objectContaining({
        requestParameters: expect.objectContaining({
          tagSpecificationSet: { items: [{ resourceType: 'security-group', tags: [{ key: 'Name', value: 'shop' }] }] },
        }),
      }),
    );
  });

  test('are added, replaced, deleted and described', async () => {
    const { ec2 } = await start();
    const [one, other] = [await createGroup(ec2, 'one'), await createGroup(ec2, 'other')];
    const tag = async (Resources: string[], ...Tags: { Key: string; Value: string }[]) =>
      await ec2.send(new CreateTagsCommand({ Resources, Tags }));
    const described = async () =>
      (await ec2.send(new DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [one] }] }))).Tags;

    await tag([one, other], { Key: 'team', Value: 'a' }, { Key: 'stage', Value: 'prod' });
    await tag([one], { Key: 'team', Value: 'b' });
    const added = await described();
    await ec2.send(new DeleteTagsCommand({ Resources: [one], Tags: [{ Key: 'team', Value: 'a' }, { Key: 'stage' }] }));
    const left = await described();
    await ec2.send(new DeleteTagsCommand({ Resources: [one] }));

    expect(added).toEqual([
      { Key: 'stage', ResourceId: one, ResourceType: 'security-group', Value: 'prod' },
      { Key: 'team', ResourceId: one, ResourceType: 'security-group', Value: 'b' },
    ]);
    expect(left).toMatchObject([{ Key: 'team', Value: 'b' }]);
    expect(await described()).toEqual([]);
    const { Tags: all = [], NextToken } = await ec2.send(new DescribeTagsCommand({ MaxResults: 5 }));
    expect([all.length, NextToken]).toEqual([2, undefined]);
  });

  test('go with what has them', async () => {
    const { ec2 } = await start();
    const group = await createGroup(ec2);
    await ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: group,
        IpPermissions: [EVERYWHERE],
        ...tagged('security-group-rule', 'open'),
      }),
    );

    await ec2.send(new DeleteSecurityGroupCommand({ GroupId: group }));

    expect((await ec2.send(new DescribeTagsCommand({}))).Tags).toEqual([]);
  });

  test.each([
    ['InvalidGroup.NotFound', [NO_SUCH], [{ Key: 'a', Value: 'b' }]],
    ['InvalidID', ['i-0123456789abcdef0'], [{ Key: 'a', Value: 'b' }]],
    ['InvalidParameterValue', undefined, [{ Key: 'aws:a', Value: 'b' }]],
    ['InvalidParameterValue', undefined, [{ Key: 'a'.repeat(129), Value: 'b' }]],
    ['InvalidParameterValue', undefined, [{ Key: 'a', Value: 'b'.repeat(257) }]],
    ['TagLimitExceeded', undefined, Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' }))],
    ['MissingParameter', undefined, []],
  ])('are refused: %s', async (name, Resources, Tags) => {
    const { ec2 } = await start();
    const group = await createGroup(ec2);

    await expect(ec2.send(new CreateTagsCommand({ Resources: Resources ?? [group], Tags }))).rejects.toMatchObject({
      name,
    });
  });

  test('are refused for another type than what is made', async () => {
    const { ec2 } = await start();

    const made = ec2.send(
      new CreateSecurityGroupCommand({ GroupName: 'a', Description: 'a', ...tagged('security-group-rule', 'a') }),
    );

    await expect(made).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    expect(
      (await ec2.send(new DescribeSecurityGroupsCommand({ GroupNames: ['default'] }))).SecurityGroups,
    ).toHaveLength(1);
  });
});

describe('DescribeVpcs', () => {
  test('answers with both VPCs, and finds the default one as Terraform asks for it', async () => {
    const { ec2 } = await start();
    const describe = async (input: DescribeVpcsCommandInput) =>
      (await ec2.send(new DescribeVpcsCommand(input))).Vpcs ?? [];

    const all = await describe({});
    const [found, ...others] = await describe({ Filters: [{ Name: 'isDefault', Values: ['true'] }] });
    const group = await createGroup(ec2);
    const { SecurityGroups: [described] = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [group] }),
    );

    expect(all).toHaveLength(2);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ IsDefault: true, State: 'available', CidrBlock: '172.31.0.0/16', OwnerId: ACCOUNT });
    expect(described?.VpcId).toBe(found?.VpcId);
    expect(await describe({ VpcIds: [found?.VpcId as string] })).toEqual([found]);
  });

  test.each([
    ['InvalidVpcID.NotFound', 'vpc-0123456789abcdef0'],
    ['InvalidVpcID.Malformed', 'mine'],
  ])('refuses an id that is not there: %s', async (name, id) => {
    const { ec2 } = await start();

    await expect(ec2.send(new DescribeVpcsCommand({ VpcIds: [id] }))).rejects.toMatchObject({ name });
  });
});
