import { type IpPermission, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../../support/examples/grants.ts';
import { authorize, createGroup, ingressOf, tcp } from '../../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../../support/local-aws/local-endpoint.ts';

const ANYONE = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const OFFICE = { IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }] };

/** A group, of the default VPC or the other one, that lets in the office and anyone. */
async function startWithRules(vpc: 'default' | 'other' = 'default') {
  const endpoint = await startEndpoint();
  const { ec2, region } = endpoint;
  const groupId = await createGroup(ec2, 'caches', region.securityGroups[`${vpc}VpcId`]);
  const [office, anyone] = await authorize(ec2, groupId, tcp(6379, OFFICE), tcp(6379, ANYONE));
  const ids = [office, anyone].map((rule) => rule?.SecurityGroupRuleId as string) as [string, string];
  const revoke = (input: object) => ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: groupId, ...input }));
  const left = async () => (await ingressOf(ec2, groupId)).map(({ CidrIpv4 }) => CidrIpv4);
  return { ...endpoint, groupId, ids, revoke, left };
}

describe('RevokeSecurityGroupIngress', () => {
  test('revokes by the id of a rule, that one alone, and answers what it was', async () => {
    const { revoke, ids, groupId, left } = await startWithRules();

    const { Return, RevokedSecurityGroupRules, UnknownIpPermissions } = await revoke({
      SecurityGroupRuleIds: [ids[0]],
    });

    expect(Return).toBe(true);
    expect(RevokedSecurityGroupRules).toEqual([
      {
        SecurityGroupRuleId: ids[0],
        GroupId: groupId,
        IsEgress: false,
        IpProtocol: 'tcp',
        FromPort: 6379,
        ToPort: 6379,
        CidrIpv4: '10.0.0.0/8',
        Description: 'office',
      },
    ]);
    expect(UnknownIpPermissions).toBeUndefined();
    expect(await left()).toEqual(['0.0.0.0/0']);
  });

  test('answers the group that a rule was for', async () => {
    const { ec2, groupId, revoke } = await startWithRules();
    const [rule] = await authorize(ec2, groupId, tcp(1, { UserIdGroupPairs: [{ GroupId: groupId }] }));

    const { RevokedSecurityGroupRules } = await revoke({ SecurityGroupRuleIds: [rule?.SecurityGroupRuleId] });

    expect(RevokedSecurityGroupRules).toMatchObject([{ ReferencedGroupId: groupId }]);
  });

  test('answers InvalidSecurityGroupRuleId.NotFound to an id that is gone, and revokes none of the others', async () => {
    const { revoke, ids, left } = await startWithRules();
    await revoke({ SecurityGroupRuleIds: [ids[0]] });

    const again = revoke({ SecurityGroupRuleIds: [ids[1], ids[0]] });

    await expect(again).rejects.toMatchObject({
      name: 'InvalidSecurityGroupRuleId.NotFound',
      message: `The security group rule ID '${ids[0]}' does not exist`,
    });
    expect(await left()).toEqual(['0.0.0.0/0']);
  });

  test('answers InvalidSecurityGroupRuleId.NotFound to a rule of another group, and to one of egress', async () => {
    const { ec2, revoke, ids, region, groupId, left } = await startWithRules();
    const other = await createGroup(ec2, 'other');
    const egress = region.securityGroupRules.list(groupId).find(({ isEgress }) => isEgress)?.securityGroupRuleId;

    const asOfOther = revoke({ GroupId: other, SecurityGroupRuleIds: [ids[0]] });
    await expect(asOfOther).rejects.toMatchObject({ name: 'InvalidSecurityGroupRuleId.NotFound' });
    const asIngress = revoke({ SecurityGroupRuleIds: [egress] });
    await expect(asIngress).rejects.toMatchObject({ name: 'InvalidSecurityGroupRuleId.NotFound' });

    expect(await left()).toHaveLength(2);
  });

  test.each(['default', 'other'] as const)(
    'revokes by properties in the %s VPC, whatever the description',
    async (vpc) => {
      const { revoke, ids, left } = await startWithRules(vpc);

      const { RevokedSecurityGroupRules } = await revoke({
        IpPermissions: [tcp(6379, { IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'another' }] })],
      });

      expect(RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: ids[0] }]);
      expect(await left()).toEqual(['0.0.0.0/0']);
    },
  );

  test('revokes by the flat form', async () => {
    const { revoke, left } = await startWithRules();

    await revoke({ IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, CidrIp: '0.0.0.0/0' });

    expect(await left()).toEqual(['10.0.0.0/8']);
  });

  test.each<[string, IpPermission]>([
    ['another port', tcp(6380, ANYONE)],
    ['all ports', { IpProtocol: '-1', ...ANYONE }],
    ['a narrower range', tcp(6379, { IpRanges: [{ CidrIp: '10.1.0.0/16' }] })],
  ])('in the default VPC succeeds for %s, says it does not know it, and revokes what it knows', async (_, unknown) => {
    const { revoke, ids, left } = await startWithRules();

    const answer = await revoke({ IpPermissions: [unknown, tcp(6379, OFFICE)] });

    expect(answer.Return).toBe(true);
    expect(answer.UnknownIpPermissions).toMatchObject([unknown]);
    expect(answer.RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: ids[0] }]);
    expect(await left()).toEqual(['0.0.0.0/0']);
  });

  test('in another VPC answers InvalidPermission.NotFound, and revokes nothing', async () => {
    const { revoke, left } = await startWithRules('other');

    const refused = revoke({ IpPermissions: [tcp(6380, ANYONE), tcp(6379, OFFICE)] });

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidPermission.NotFound',
      message: 'The specified rule does not exist in this security group.',
    });
    expect(await left()).toHaveLength(2);
  });

  test('by name reaches only groups of the default VPC', async () => {
    const { ec2, ids } = await startWithRules('other');

    const refused = ec2.send(new RevokeSecurityGroupIngressCommand({ GroupName: 'caches', SecurityGroupRuleIds: ids }));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
  });

  test.each([
    ['InvalidGroup.NotFound', { GroupId: 'sg-0123456789abcdef0', SecurityGroupRuleIds: ['sgr-0123456789abcdef0'] }],
    ['InvalidSecurityGroupRuleId.Malformed', { SecurityGroupRuleIds: ['sg-12345678'] }],
    ['InvalidParameterCombination', { SecurityGroupRuleIds: ['sgr-12345678'], IpPermissions: [tcp(1, ANYONE)] }],
    ['MissingParameter', {}],
  ])('answers %s to %j', async (name, input) => {
    const { revoke, left } = await startWithRules();

    await expect(revoke(input)).rejects.toMatchObject({ name });
    expect(await left()).toHaveLength(2);
  });

  test('takes the rule away that lets the default group reach itself', async () => {
    const { ec2, region } = await startWithRules();
    const { groupId } = region.securityGroups.defaultOf(region.securityGroups.defaultVpcId);
    const [rule] = await ingressOf(ec2, groupId);

    const ids = [rule?.SecurityGroupRuleId as string];
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds: ids }));

    expect(rule).toMatchObject({ IpProtocol: '-1', ReferencedGroupInfo: { GroupId: groupId, UserId: ACCOUNT } });
    expect(await ingressOf(ec2, groupId)).toEqual([]);
  });
});
