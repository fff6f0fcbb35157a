import { DescribeSecurityGroupRulesCommand, paginateDescribeSecurityGroupRules } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { authorize, createGroup, ingressOf, tcp } from '../../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../../support/local-aws/local-endpoint.ts';

const LAG = 120_000;

/** A group with this many rules. */
async function startWithRules(count: number, settings: Parameters<typeof startEndpoint>[0] = {}) {
  const endpoint = await startEndpoint(settings);
  const groupId = await createGroup(endpoint.ec2);
  const IpRanges = Array.from({ length: count }, (_, i) => ({ CidrIp: `10.0.0.${i}/32` }));
  const rules = count === 0 ? [] : await authorize(endpoint.ec2, groupId, tcp(6379, { IpRanges }));
  const ids = rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId as string);
  const describeRules = async (input: object) =>
    (await endpoint.ec2.send(new DescribeSecurityGroupRulesCommand(input))).SecurityGroupRules ?? [];
  return { ...endpoint, groupId, ids, describeRules };
}

describe('DescribeSecurityGroupRules', () => {
  test('shows the rules of a group, its rule of egress among them', async () => {
    const { describeRules, groupId, ids } = await startWithRules(2);

    const rules = await describeRules({ Filters: [{ Name: 'group-id', Values: [groupId] }] });

    expect(rules.filter(({ IsEgress }) => IsEgress)).toMatchObject([{ IpProtocol: '-1', CidrIpv4: '0.0.0.0/0' }]);
    expect(rules.filter(({ IsEgress }) => !IsEgress).map((rule) => rule.SecurityGroupRuleId)).toEqual([...ids].sort());
  });

  test('shows the rules with these ids, asked for as a parameter or by a filter', async () => {
    const { describeRules, ids } = await startWithRules(3);
    const two = ids.slice(0, 2);

    const byParameter = await describeRules({ SecurityGroupRuleIds: two });
    const byFilter = await describeRules({ Filters: [{ Name: 'security-group-rule-id', Values: [...two, 'sgr-no'] }] });

    expect(byParameter.map((rule) => rule.SecurityGroupRuleId)).toEqual([...two].sort());
    expect(byFilter).toEqual(byParameter);
  });

  test('answers InvalidSecurityGroupRuleId.NotFound to an id that is not there, and nothing to a filter for it', async () => {
    const { describeRules, ids } = await startWithRules(1);
    const gone = 'sgr-0123456789abcdef0';

    const byFilter = await describeRules({ Filters: [{ Name: 'security-group-rule-id', Values: [gone] }] });
    const byParameter = describeRules({ SecurityGroupRuleIds: [ids[0], gone] });

    await expect(byParameter).rejects.toMatchObject({ name: 'InvalidSecurityGroupRuleId.NotFound' });
    expect(byFilter).toEqual([]);
  });

  test.each([
    [['sgr-*'], 4],
    [['*'], 4],
    [['?gr-*', 'x'], 4],
    [['sgr-'], 0],
    [['*sgr'], 0],
    [[`sgr-${'?'.repeat(17)}`], 4],
    [[`sgr-${'?'.repeat(16)}`], 0],
    [['s*r*-*?'], 4],
  ])('takes * and ? in the values of a filter: %j', async (Values, found) => {
    const { describeRules, groupId } = await startWithRules(3);
    const ofGroup = { Name: 'group-id', Values: [groupId] };

    const rules = await describeRules({ Filters: [ofGroup, { Name: 'security-group-rule-id', Values }] });

    expect(rules).toHaveLength(found);
  });

  test('shows every rule once, page by page, while others come and go', async () => {
    const { ec2, ids, groupId, region } = await startWithRules(23);
    const seen: unknown[] = [];
    const Filters = [{ Name: 'group-id', Values: [groupId] }];

    let pages = 0;
    for await (const page of paginateDescribeSecurityGroupRules({ client: ec2, pageSize: 5 }, { Filters })) {
      seen.push(...(page.SecurityGroupRules ?? []).map((rule) => rule.SecurityGroupRuleId));
      if (pages++ === 0) region.securityGroupRules.remove([region.securityGroupRules.get(groupId, seen[0] as string)]);
    }

    expect(pages).toBe(5);
    expect(seen).toHaveLength(24);
    expect(seen).toEqual(expect.arrayContaining(ids));
  });

  test.each([
    ['InvalidParameterValue', { MaxResults: 4 }],
    ['InvalidParameterValue', { MaxResults: 1001 }],
    ['InvalidPaginationToken', { NextToken: 'sgr-12345678' }],
    ['InvalidParameterValue', { Filters: [{ Name: 'cidr', Values: ['10.0.0.0/8'] }] }],
    ['InvalidParameterValue', { Filters: [{ Name: '__proto__', Values: ['a'] }] }],
    ['InvalidParameterValue', { Filters: [{ Name: 'group-id', Values: [] }] }],
    ['InvalidSecurityGroupRuleId.Malformed', { SecurityGroupRuleIds: ['x'] }],
  ])('answers %s to %j', async (name, input) => {
    const { describeRules } = await startWithRules(1);

    await expect(describeRules(input)).rejects.toMatchObject({ name });
  });

  test('that lags shows a new rule only after a while, though it is there', async () => {
    const { ec2, clock, groupId } = await startWithRules(0, { describeLagMs: LAG });
    const permission = tcp(6379, { IpRanges: [{ CidrIp: '10.0.0.0/8' }] });
    const made = await authorize(ec2, groupId, permission);

    clock.advance(LAG - 1);
    const before = await ingressOf(ec2, groupId);
    const again = authorize(ec2, groupId, permission);
    await expect(again).rejects.toMatchObject({ name: 'InvalidPermission.Duplicate' });
    clock.advance(1);
    const after = await ingressOf(ec2, groupId);

    expect(before).toEqual([]);
    expect(after).toEqual(made);
  });

  test('that lags shows of a changed rule what it said before', async () => {
    const { ec2, clock, groupId, region } = await startWithRules(1, { describeLagMs: LAG });
    clock.advance(LAG);
    const [rule] = region.securityGroupRules.list(groupId).filter(({ isEgress }) => !isEgress);
    const { securityGroupRuleId, groupId: _, isEgress: __, ...said } = rule as NonNullable<typeof rule>;

    region.securityGroupRules.modify(groupId, new Map([[securityGroupRuleId, { ...said, toPort: 9999 }]]));
    const before = await ingressOf(ec2, groupId);
    clock.advance(LAG);
    const after = await ingressOf(ec2, groupId);

    expect([before[0]?.ToPort, after[0]?.ToPort]).toEqual([6379, 9999]);
  });

  test('that lags shows nothing of a new rule because it was changed, and no change earlier because of another', async () => {
    const { ec2, clock, groupId, region } = await startWithRules(1, { describeLagMs: LAG });
    const [rule] = region.securityGroupRules.list(groupId).filter(({ isEgress }) => !isEgress);
    const { securityGroupRuleId, groupId: _, isEgress: __, ...said } = rule as NonNullable<typeof rule>;
    const changeTo = (toPort: number) =>
      region.securityGroupRules.modify(groupId, new Map([[securityGroupRuleId, { ...said, toPort }]]));
    const shown: (number | undefined)[] = [];
    const look = async () => shown.push((await ingressOf(ec2, groupId))[0]?.ToPort);

    changeTo(7000);
    await look();
    clock.advance(LAG / 2);
    changeTo(8000);
    await look();
    clock.advance(LAG / 2);
    await look();
    clock.advance(LAG / 2);
    await look();

    expect(shown).toEqual([undefined, undefined, 7000, 8000]);
  });
});
