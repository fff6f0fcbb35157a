import { ModifySecurityGroupRulesCommand, type SecurityGroupRuleRequest } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { STRANGER } from '../../../support/examples/grants.ts';
import { authorize, createGroup, ingressOf, sharePrefixList, tcp } from '../../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../../support/local-aws/local-endpoint.ts';

const REDIS = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379 };

/** A group with rules for `10.0.0.0/8` and `192.0.2.0/24`. */
async function startWithRules() {
  const endpoint = await startEndpoint();
  sharePrefixList(endpoint.region, 'pl-12345678');
  const groupId = await createGroup(endpoint.ec2);
  const IpRanges = [{ CidrIp: '10.0.0.0/8', Description: 'office' }, { CidrIp: '192.0.2.0/24' }];
  const rules = await authorize(endpoint.ec2, groupId, tcp(6379, { IpRanges }));
  const ids = rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId as string) as [string, string];
  const modify = (changes: Readonly<Record<string, SecurityGroupRuleRequest>>, GroupId = groupId) =>
    endpoint.ec2.send(
      new ModifySecurityGroupRulesCommand({
        GroupId,
        SecurityGroupRules: Object.entries(changes).map(([SecurityGroupRuleId, SecurityGroupRule]) => ({
          SecurityGroupRuleId,
          SecurityGroupRule,
        })),
      }),
    );
  return { ...endpoint, groupId, ids, rules, modify };
}

describe('ModifySecurityGroupRules', () => {
  test('changes what a rule says and leaves it its id', async () => {
    const { ec2, modify, ids, groupId } = await startWithRules();

    const { Return } = await modify({ [ids[0]]: { IpProtocol: '-1', CidrIpv4: '1.2.3.4/0' } });

    expect(Return).toBe(true);
    const changed = (await ingressOf(ec2, groupId)).find((rule) => rule.SecurityGroupRuleId === ids[0]);
    expect(changed).toMatchObject({ IpProtocol: '-1', FromPort: -1, ToPort: -1, CidrIpv4: '0.0.0.0/0' });
    expect(changed).not.toHaveProperty('Description');
  });

  test.each<[string, SecurityGroupRuleRequest, object]>([
    ['IPv6', { CidrIpv6: '::1/0' }, { CidrIpv6: '::/0' }],
    ['a prefix list', { PrefixListId: 'pl-12345678' }, { PrefixListId: 'pl-12345678' }],
    ['a group', { ReferencedGroupId: 'self' }, { ReferencedGroupInfo: { GroupId: 'self' } }],
  ])('changes a rule to one for %s', async (_, source, shown) => {
    const { ec2, modify, ids, groupId } = await startWithRules();
    const itself = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value).replace('self', groupId));

    await modify({ [ids[0]]: { ...REDIS, ...itself(source) } });

    const changed = (await ingressOf(ec2, groupId)).find((rule) => rule.SecurityGroupRuleId === ids[0]);
    expect(changed).toMatchObject(itself(shown));
    expect(changed).not.toHaveProperty('CidrIpv4');
  });

  test('lets two rules change places', async () => {
    const { ec2, modify, ids, groupId } = await startWithRules();

    await modify({ [ids[0]]: { ...REDIS, CidrIpv4: '192.0.2.0/24' }, [ids[1]]: { ...REDIS, CidrIpv4: '10.0.0.0/8' } });

    const cidrs = new Map((await ingressOf(ec2, groupId)).map((rule) => [rule.SecurityGroupRuleId, rule.CidrIpv4]));
    expect([cidrs.get(ids[0]), cidrs.get(ids[1])]).toEqual(['192.0.2.0/24', '10.0.0.0/8']);
  });

  test.each<[string, string, Readonly<Record<string, SecurityGroupRuleRequest>>]>([
    ['InvalidPermission.Duplicate', 'a rule that is there already', { first: { ...REDIS, CidrIpv4: '192.0.2.9/24' } }],
    [
      'InvalidSecurityGroupRuleId.NotFound',
      'a rule that is not',
      { 'sgr-12345678': { ...REDIS, CidrIpv4: '1.1.1.1/32' } },
    ],
    ['InvalidSecurityGroupRuleId.Malformed', 'what is no id', { 'sg-12345678': { ...REDIS, CidrIpv4: '1.1.1.1/32' } }],
    ['InvalidParameterValue', 'no source', { first: REDIS }],
    ['InvalidParameterValue', 'two sources', { first: { ...REDIS, CidrIpv4: '1.1.1.1/32', CidrIpv6: '::/0' } }],
    ['InvalidParameterValue', 'a CIDR that is none', { first: { ...REDIS, CidrIpv4: '1.1.1.1' } }],
    ['MissingParameter', 'no protocol', { first: { CidrIpv4: '1.1.1.1/32' } }],
    ['MissingParameter', 'no rule', {}],
  ])('answers %s to %s, and changes none of the rules in the call', async (name, _, changes) => {
    const { ec2, modify, ids, rules, groupId } = await startWithRules();
    const named = Object.fromEntries(Object.entries(changes).map(([id, to]) => [id.replace('first', ids[0]), to]));
    const other =
      Object.keys(changes).length === 0 ? {} : { [ids[1]]: { ...REDIS, CidrIpv4: '192.0.2.0/24', Description: 'b' } };

    await expect(modify({ ...other, ...named })).rejects.toMatchObject({ name });

    expect(await ingressOf(ec2, groupId)).toEqual(expect.arrayContaining(rules));
  });

  test('answers for a group that is not there, and for one that the rule is not of', async () => {
    const { ec2, modify, ids } = await startWithRules();
    const otherId = await createGroup(ec2, 'other');
    const change = { [ids[0]]: { ...REDIS, CidrIpv4: '1.1.1.1/32' } };

    await expect(modify(change, 'sg-12345678')).rejects.toMatchObject({ name: 'InvalidGroup.NotFound' });
    await expect(modify(change, otherId)).rejects.toMatchObject({ name: 'InvalidSecurityGroupRuleId.NotFound' });
  });

  test('changes a rule of egress as well, which stays one', async () => {
    const { modify, groupId, region } = await startWithRules();
    const egressOf = () => region.securityGroupRules.list(groupId).filter(({ isEgress }) => isEgress);
    const id = egressOf()[0]?.securityGroupRuleId as string;

    await modify({ [id]: { ...REDIS, CidrIpv4: '10.0.0.0/8', Description: STRANGER } });

    expect(egressOf()).toMatchObject([{ securityGroupRuleId: id, source: { cidrIpv4: '10.0.0.0/8' } }]);
  });
});
