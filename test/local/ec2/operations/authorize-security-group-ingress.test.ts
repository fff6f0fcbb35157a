import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, STRANGER } from '../../../support/examples/grants.ts';
import { authorize, createGroup, ingressOf, sharePrefixList, tcp } from '../../../support/local-aws/local-ec2.ts';
import { startEndpoint } from '../../../support/local-aws/local-endpoint.ts';

const RULE_ID = /^sgr-[0-9a-f]{17}$/;
const ANYONE = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

/** An endpoint with a security group. */
async function startWithGroup(settings: Parameters<typeof startEndpoint>[0] = {}) {
  const endpoint = await startEndpoint(settings);
  sharePrefixList(endpoint.region, 'pl-12345678');
  return { ...endpoint, groupId: await createGroup(endpoint.ec2) };
}

describe('AuthorizeSecurityGroupIngress', () => {
  test('answers one rule for each permission and source, with all that it says', async () => {
    const { ec2, groupId } = await startWithGroup();
    const webId = await createGroup(ec2, 'web');
    const sources: IpPermission = {
      IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }, { CidrIp: '192.0.2.1/32' }],
      Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
      PrefixListIds: [{ PrefixListId: 'pl-12345678' }],
      UserIdGroupPairs: [{ GroupId: webId }, { GroupId: 'sg-0123456789abcdef0', UserId: STRANGER }],
    };

    const rules = await authorize(ec2, groupId, tcp(6379, sources), { IpProtocol: '-1', ...ANYONE });

    const head = {
      SecurityGroupRuleId: expect.stringMatching(RULE_ID),
      GroupId: groupId,
      GroupOwnerId: ACCOUNT,
      IsEgress: false,
    };
    const redis = { ...head, IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379 };
    expect(rules).toEqual([
      { ...redis, CidrIpv4: '10.0.0.0/8', Description: 'office' },
      { ...redis, CidrIpv4: '192.0.2.1/32' },
      { ...redis, CidrIpv6: '2001:db8::/32' },
      { ...redis, PrefixListId: 'pl-12345678' },
      { ...redis, ReferencedGroupInfo: { GroupId: webId, UserId: ACCOUNT } },
      { ...redis, ReferencedGroupInfo: { GroupId: 'sg-0123456789abcdef0', UserId: STRANGER } },
      { ...head, IpProtocol: '-1', FromPort: -1, ToPort: -1, CidrIpv4: '0.0.0.0/0' },
    ]);
    expect(new Set(rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)).size).toBe(7);
    expect(await ingressOf(ec2, groupId)).toEqual(expect.arrayContaining(rules));
  });

  test('takes the flat form', async () => {
    const { ec2, groupId } = await startWithGroup();
    const input = { GroupId: groupId, IpProtocol: 'tcp', FromPort: 6379, ToPort: 6380, CidrIp: '1.2.3.4/0' };

    const { Return, SecurityGroupRules } = await ec2.send(new AuthorizeSecurityGroupIngressCommand(input));

    expect(Return).toBe(true);
    expect(SecurityGroupRules).toMatchObject([{ FromPort: 6379, ToPort: 6380, CidrIpv4: '0.0.0.0/0' }]);
  });

  test('takes a group of the default VPC by its name, and another as the source in the flat form: for all ports', async () => {
    const { ec2, groupId } = await startWithGroup();
    const webId = await createGroup(ec2, 'web');
    const input = { GroupName: 'caches', SourceSecurityGroupName: 'web', SourceSecurityGroupOwnerId: ACCOUNT };

    const { SecurityGroupRules } = await ec2.send(new AuthorizeSecurityGroupIngressCommand(input));

    const head = { GroupId: groupId, ReferencedGroupInfo: { GroupId: webId } };
    expect(SecurityGroupRules).toMatchObject([
      { ...head, IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535 },
      { ...head, IpProtocol: 'udp', FromPort: 0, ToPort: 65_535 },
      { ...head, IpProtocol: 'icmp', FromPort: -1, ToPort: -1 },
    ]);
  });

  test.each([
    [
      { IpProtocol: '6', FromPort: 1, ToPort: 2 },
      { IpProtocol: 'tcp', FromPort: 1, ToPort: 2 },
    ],
    [
      { IpProtocol: '17', FromPort: 0, ToPort: 65_535 },
      { IpProtocol: 'udp', FromPort: 0, ToPort: 65_535 },
    ],
    [
      { IpProtocol: '1', FromPort: 8, ToPort: -1 },
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1 },
    ],
    [{ IpProtocol: '58' }, { IpProtocol: 'icmpv6', FromPort: -1, ToPort: -1 }],
    [
      { IpProtocol: 'TCP', FromPort: 1, ToPort: 1 },
      { IpProtocol: 'tcp', FromPort: 1, ToPort: 1 },
    ],
    [
      { IpProtocol: '50', FromPort: 80, ToPort: 90 },
      { IpProtocol: '50', FromPort: -1, ToPort: -1 },
    ],
    [
      { IpProtocol: '-1', FromPort: 22, ToPort: 22 },
      { IpProtocol: '-1', FromPort: -1, ToPort: -1 },
    ],
  ])('keeps %j as %j', async (traffic, kept) => {
    const { ec2, groupId } = await startWithGroup();

    const rules = await authorize(ec2, groupId, { ...traffic, ...ANYONE });

    expect(rules).toMatchObject([kept]);
  });

  test.each([
    ['tcp 22', tcp(22, ANYONE), 'peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW'],
    ['everything', { IpProtocol: '-1', ...ANYONE }, 'peer: 0.0.0.0/0, ALL, ALLOW'],
    ['ESP', { IpProtocol: '50', ...ANYONE }, 'peer: 0.0.0.0/0, protocol: 50, ALLOW'],
  ])(
    'answers InvalidPermission.Duplicate to a second rule for %s, and adds nothing else of the call',
    async (_, permission, text) => {
      const { ec2, groupId } = await startWithGroup();
      const before = await authorize(ec2, groupId, permission);

      const again = authorize(ec2, groupId, tcp(1, ANYONE), {
        ...permission,
        IpRanges: [{ CidrIp: '9.9.9.9/0', Description: 'another' }],
      });

      await expect(again).rejects.toMatchObject({
        name: 'InvalidPermission.Duplicate',
        message: `the specified rule "${text}" already exists`,
        $metadata: { httpStatusCode: 400 },
      });
      expect(await ingressOf(ec2, groupId)).toEqual(before);
    },
  );

  test('answers InvalidParameterValue when a rule is in the call twice', async () => {
    const { ec2, groupId } = await startWithGroup();

    const refused = authorize(
      ec2,
      groupId,
      tcp(22, { IpRanges: [{ CidrIp: '10.0.0.0/8' }, { CidrIp: '10.9.9.9/8' }] }),
    );

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: 'The same permission must not appear multiple times',
    });
    expect(await ingressOf(ec2, groupId)).toEqual([]);
  });

  test.each<[string, string, IpPermission]>([
    ['a CIDR that is none', 'CIDR block 10.0.0.0/33 is malformed', tcp(1, { IpRanges: [{ CidrIp: '10.0.0.0/33' }] })],
    ['an IPv6 CIDR that is none', 'CIDR block x is malformed', tcp(1, { Ipv6Ranges: [{ CidrIpv6: 'x' }] })],
    ['no source', 'A permission must name a CIDR block', tcp(1, {})],
    ['an unknown protocol', "Invalid value 'ip' for IP protocol. Unknown protocol.", { IpProtocol: 'ip', ...ANYONE }],
    ['a protocol over 255', "Invalid value '256' for IP protocol", { IpProtocol: '256', ...ANYONE }],
    ['TCP without ports', 'Must specify both from and to ports with TCP/UDP.', { IpProtocol: 'tcp', ...ANYONE }],
    ['a port of -1', 'TCP/UDP (from) port (-1) out of range', tcp(-1, ANYONE)],
    ['a port over 65535', 'TCP/UDP (from) port (65536) out of range', tcp(65_536, ANYONE)],
    [
      'ports in the wrong order',
      '2 and 1 do not go together',
      { IpProtocol: 'tcp', FromPort: 2, ToPort: 1, ...ANYONE },
    ],
    ['a type of ICMP over 255', 'ICMP type (256) out of range', { IpProtocol: 'icmp', FromPort: 256, ...ANYONE }],
    [
      'a code of no type of ICMP',
      '-1 and 3 do not go together',
      { IpProtocol: 'icmp', FromPort: -1, ToPort: 3, ...ANYONE },
    ],
    [
      'a description with a quote',
      'Invalid rule description.',
      tcp(1, { IpRanges: [{ CidrIp: '10.0.0.0/8', Description: '"' }] }),
    ],
    [
      'an owner that is none',
      "Invalid value 'me' for userId",
      tcp(1, { UserIdGroupPairs: [{ GroupId: 'sg-1', UserId: 'me' }] }),
    ],
  ])('answers InvalidParameterValue to %s', async (_, message, permission) => {
    const { ec2, groupId } = await startWithGroup();

    const refused = authorize(ec2, groupId, tcp(99, ANYONE), permission);

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(message),
    });
    expect(await ingressOf(ec2, groupId)).toEqual([]);
  });

  test.each([
    ['a group that is not there', 'sg-0123456789abcdef0', 'InvalidGroup.NotFound'],
    ['what is no group id', 'caches', 'InvalidGroupId.Malformed'],
  ])('answers for %s, as the group or as a source: %s, %s', async (_, id, name) => {
    const { ec2, groupId } = await startWithGroup();

    await expect(authorize(ec2, id, tcp(1, ANYONE))).rejects.toMatchObject({ name });
    const asSource = authorize(ec2, groupId, tcp(1, { UserIdGroupPairs: [{ GroupId: id }] }));
    await expect(asSource).rejects.toMatchObject({ name });
  });

  test('answers InvalidGroup.NotFound to a source in another VPC', async () => {
    const { ec2, region } = await startWithGroup();
    const elsewhere = await createGroup(ec2, 'caches', region.securityGroups.otherVpcId);
    const webId = await createGroup(ec2, 'web');

    const refused = authorize(ec2, elsewhere, tcp(1, { UserIdGroupPairs: [{ GroupId: webId }] }));

    await expect(refused).rejects.toMatchObject({
      name: 'InvalidGroup.NotFound',
      message: 'You have specified two resources that belong to different networks.',
    });
  });

  test.each([
    ['MissingParameter', 'neither id nor name', { IpPermissions: [tcp(1, ANYONE)] }],
    ['InvalidParameterCombination', 'id and name', { GroupId: 'sg-12345678', GroupName: 'caches' }],
    ['InvalidGroup.NotFound', 'a name that is not there', { GroupName: 'nobody', IpPermissions: [tcp(1, ANYONE)] }],
    ['MissingParameter', 'no rule', { GroupName: 'caches' }],
    ['MissingParameter', 'a flat rule without a source', { GroupName: 'caches', IpProtocol: '-1' }],
    [
      'InvalidParameterCombination',
      'two forms',
      { GroupName: 'caches', CidrIp: '::/0', IpPermissions: [tcp(1, ANYONE)] },
    ],
    [
      'InvalidParameterCombination',
      'two sources',
      { GroupName: 'caches', CidrIp: '::/0', SourceSecurityGroupName: 'web' },
    ],
    ['InvalidGroup.NotFound', 'an unknown source', { GroupName: 'caches', SourceSecurityGroupName: 'web' }],
  ])('answers %s to %s', async (name, _, input) => {
    const { ec2 } = await startWithGroup();

    const refused = ec2.send(new AuthorizeSecurityGroupIngressCommand(input));

    await expect(refused).rejects.toMatchObject({ name });
  });

  test('answers RulesPerSecurityGroupLimitExceeded to the 61st rule of a version of IP, and adds nothing of that call', async () => {
    const { ec2, groupId } = await startWithGroup();
    const IpRanges = Array.from({ length: 60 }, (_, i) => ({ CidrIp: `10.0.0.${i}/32` }));
    await authorize(ec2, groupId, tcp(1, { IpRanges, Ipv6Ranges: [{ CidrIpv6: '::1/128' }] }));

    const refused = authorize(ec2, groupId, tcp(2, { Ipv6Ranges: [{ CidrIpv6: '::/0' }], ...ANYONE }));

    await expect(refused).rejects.toMatchObject({
      name: 'RulesPerSecurityGroupLimitExceeded',
      message: 'The maximum number of rules per security group has been reached.',
    });
    expect(await ingressOf(ec2, groupId)).toHaveLength(61);
  });

  test('counts a rule for a group for both versions of IP, against the quota that was set', async () => {
    const { ec2, groupId } = await startWithGroup({ rulesPerSecurityGroup: 2 });
    await authorize(ec2, groupId, tcp(1, { UserIdGroupPairs: [{ GroupId: groupId }], ...ANYONE }));

    await authorize(ec2, groupId, tcp(1, { Ipv6Ranges: [{ CidrIpv6: '::/0' }] }));
    const refused = authorize(ec2, groupId, tcp(2, { PrefixListIds: [{ PrefixListId: 'pl-12345678' }] }));

    await expect(refused).rejects.toMatchObject({ name: 'RulesPerSecurityGroupLimitExceeded' });
  });

  test('counts a rule for a prefix list as often as that can have entries', async () => {
    const { ec2, groupId } = await startWithGroup({ rulesPerSecurityGroup: 3 });
    const createList = (PrefixListName: string, MaxEntries: number) =>
      ec2.send(new CreateManagedPrefixListCommand({ PrefixListName, MaxEntries, AddressFamily: 'IPv4' }));
    const [two, four] = [await createList('two', 2), await createList('four', 4)];
    const permission = (port: number, { PrefixList }: typeof two) =>
      tcp(port, { PrefixListIds: [{ PrefixListId: PrefixList?.PrefixListId }] });

    const tooLarge = await authorize(ec2, groupId, permission(1, four)).catch(({ name }: Error) => name);
    await authorize(ec2, groupId, permission(1, two));
    const tooMany = await authorize(ec2, groupId, permission(2, two)).catch(({ name }: Error) => name);
    const oneMore = await authorize(ec2, groupId, tcp(2, ANYONE));

    expect([tooLarge, tooMany]).toEqual(Array(2).fill('RulesPerSecurityGroupLimitExceeded'));
    expect(oneMore).toHaveLength(1);
  });

  test('answers InvalidPrefixListID.NotFound for a prefix list that is not there, and makes no rule', async () => {
    const { ec2, groupId } = await startWithGroup();
    const sources = { ...ANYONE, PrefixListIds: [{ PrefixListId: 'pl-0badbadbadbadbad0' }] };

    const refused = authorize(ec2, groupId, tcp(6379, sources));

    await expect(refused).rejects.toMatchObject({ name: 'InvalidPrefixListID.NotFound' });
    expect(await ingressOf(ec2, groupId)).toEqual([]);
  });

  test('does nothing when it is told not to', async () => {
    const { ec2, groupId } = await startWithGroup();
    const input = { GroupId: groupId, IpPermissions: [tcp(1, ANYONE)], DryRun: true };

    const refused = ec2.send(new AuthorizeSecurityGroupIngressCommand(input));

    await expect(refused).rejects.toMatchObject({ name: 'DryRunOperation', $metadata: { httpStatusCode: 412 } });
    expect(await ingressOf(ec2, groupId)).toEqual([]);
  });
});
