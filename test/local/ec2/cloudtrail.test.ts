import {
  AuthorizeSecurityGroupIngressCommand,
  CreateManagedPrefixListCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  DeleteManagedPrefixListCommand,
  DeleteNetworkInterfaceCommand,
  DeleteSecurityGroupCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcEndpointsCommand,
  type EC2Client,
  GetManagedPrefixListEntriesCommand,
  GetManagedResourceVisibilityCommand,
  ModifyManagedPrefixListCommand,
  ModifyManagedResourceVisibilityCommand,
  ModifyNetworkInterfaceAttributeCommand,
  ModifySecurityGroupRulesCommand,
  RestoreManagedPrefixListVersionCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, STRANGER } from '../../support/examples/grants.ts';
import { startAws } from '../../support/local-aws/local-aws.ts';
import { authorize, createGroup, ec2ClientFor, sharePrefixList, tcp } from '../../support/local-aws/local-ec2.ts';
import { TRANSITION } from '../../support/local-aws/local-endpoint.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ANYONE = { IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

/** A local AWS with a security group, and the record of the last call that was made. */
async function startWithGroup(settings: Parameters<typeof startAws>[0] = {}) {
  const started = await startAws(settings);
  const ec2 = ec2ClientFor(started.aws.url);
  const groupId = await createGroup(ec2).catch(() => '');
  const record = () => started.events.at(-1)?.detail as Record<string, unknown>;
  return { ...started, ec2, groupId, record };
}

/** What CloudTrail tells of a call that is refused. */
async function refused(ec2: EC2Client, command: AuthorizeSecurityGroupIngressCommand): Promise<void> {
  await expect(ec2.send(command)).rejects.toBeInstanceOf(Error);
}

describe('the event of a call to EC2', () => {
  test('comes from aws.ec2, and its record has what every record has', async () => {
    const { ec2, groupId, events, record, clock } = await startWithGroup();

    const { $metadata } = await ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId }));

    expect(events.at(-1)).toMatchObject({ source: 'aws.ec2', 'detail-type': 'AWS API Call via CloudTrail' });
    expect(record()).toEqual({
      eventVersion: '1.11',
      userIdentity: expect.objectContaining({ accountId: ACCOUNT, userName: 'local' }),
      eventTime: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
      eventSource: 'ec2.amazonaws.com',
      eventName: 'DeleteSecurityGroup',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      userAgent: expect.stringContaining('aws-sdk-js'),
      requestParameters: { groupId },
      responseElements: { requestId: $metadata.requestId, _return: true, groupId },
      requestID: $metadata.requestId,
      eventID: expect.stringMatching(UUID),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    });
  });
});

describe('the CloudTrail record of AuthorizeSecurityGroupIngress', () => {
  test('has permissions with a list for each kind of source, and a rule for each in the answer', async () => {
    const { ec2, groupId, record } = await startWithGroup();
    const sources = {
      IpRanges: [{ CidrIp: '1.2.3.4/0', Description: 'all' }, { CidrIp: '10.0.0.0/8' }],
      Ipv6Ranges: [{ CidrIpv6: '::/0' }],
    };

    const rules = await authorize(ec2, groupId, tcp(6379, sources));

    const rule = { groupOwnerId: ACCOUNT, groupId, isEgress: false, ipProtocol: 'tcp', fromPort: 6379, toPort: 6379 };
    const ids = rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId);
    expect(record()).toMatchObject({ eventName: 'AuthorizeSecurityGroupIngress', readOnly: false });
    expect(record().requestParameters).toEqual({
      groupId,
      ipPermissions: {
        items: [
          {
            ipProtocol: 'tcp',
            fromPort: 6379,
            toPort: 6379,
            groups: {},
            ipRanges: { items: [{ cidrIp: '1.2.3.4/0', description: 'all' }, { cidrIp: '10.0.0.0/8' }] },
            ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] },
            prefixListIds: {},
          },
        ],
      },
    });
    expect(record().responseElements).toEqual({
      requestId: record().requestID,
      _return: true,
      securityGroupRuleSet: {
        items: [
          { ...rule, securityGroupRuleId: ids[0], cidrIpv4: '0.0.0.0/0', description: 'all' },
          { ...rule, securityGroupRuleId: ids[1], cidrIpv4: '10.0.0.0/8' },
          { ...rule, securityGroupRuleId: ids[2], cidrIpv6: '::/0' },
        ],
      },
    });
  });

  test('has groups and prefix lists, and no ports where none were given', async () => {
    const { ec2, groupId, record, aws } = await startWithGroup();
    sharePrefixList(aws.region('us-east-1'), 'pl-12345678');
    const UserIdGroupPairs = [{ GroupId: groupId }, { GroupId: 'sg-12345678', UserId: STRANGER }];
    const PrefixListIds = [{ PrefixListId: 'pl-12345678' }];

    await authorize(ec2, groupId, { IpProtocol: '-1', UserIdGroupPairs, PrefixListIds });

    expect(record().requestParameters).toEqual({
      groupId,
      ipPermissions: {
        items: [
          {
            ipProtocol: '-1',
            groups: { items: [{ groupId }, { groupId: 'sg-12345678', userId: STRANGER }] },
            ipRanges: {},
            ipv6Ranges: {},
            prefixListIds: { items: [{ prefixListId: 'pl-12345678' }] },
          },
        ],
      },
    });
    expect(record()).toMatchObject({
      responseElements: {
        securityGroupRuleSet: {
          items: [
            { fromPort: -1, toPort: -1, prefixListId: 'pl-12345678' },
            { referencedGroupInfo: { groupId, userId: ACCOUNT } },
            { referencedGroupInfo: { groupId: 'sg-12345678', userId: STRANGER } },
          ],
        },
      },
    });
  });

  test('in the flat form has its members beside an empty ipPermissions', async () => {
    const { ec2, groupId, record } = await startWithGroup();
    const input = { GroupId: groupId, IpProtocol: 'tcp', FromPort: 22, ToPort: 23, CidrIp: '0.0.0.0/0' };

    await ec2.send(new AuthorizeSecurityGroupIngressCommand(input));

    expect(record().requestParameters).toEqual({
      groupId,
      ipPermissions: {},
      ipProtocol: 'tcp',
      fromPort: 22,
      toPort: 23,
      cidrIp: '0.0.0.0/0',
    });
    expect(record()).toMatchObject({ responseElements: { securityGroupRuleSet: { items: [{ groupId }] } } });
  });

  test('by name has the id of the group in the answer alone', async () => {
    const { ec2, groupId, record } = await startWithGroup();
    const input = { GroupName: 'caches', IpPermissions: [tcp(1, ANYONE)] };

    await ec2.send(new AuthorizeSecurityGroupIngressCommand(input));

    expect(record().requestParameters).toMatchObject({ groupName: 'caches', ipPermissions: { items: [{}] } });
    expect(record().requestParameters).not.toHaveProperty('groupId');
    expect(record()).toMatchObject({ responseElements: { securityGroupRuleSet: { items: [{ groupId }] } } });
  });

  test('that failed has a code that begins with Client, the request as it was, and no answer', async () => {
    const { ec2, groupId, record } = await startWithGroup();
    await authorize(ec2, groupId, tcp(1, ANYONE));

    await refused(ec2, new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [tcp(1, ANYONE)] }));

    expect(record()).toMatchObject({
      errorCode: 'Client.InvalidPermission.Duplicate',
      errorMessage: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 1, to port: 1, ALLOW" already exists',
      requestParameters: { groupId, ipPermissions: { items: [{ fromPort: 1 }] } },
      responseElements: null,
    });
  });

  test('that was only tried has Client.DryRunOperation', async () => {
    const { ec2, groupId, record } = await startWithGroup();
    const input = { GroupId: groupId, IpPermissions: [tcp(1, ANYONE)], DryRun: true };

    await refused(ec2, new AuthorizeSecurityGroupIngressCommand(input));

    expect(record()).toMatchObject({ errorCode: 'Client.DryRunOperation', responseElements: null });
  });

  test('of a caller without permission has the request all the same', async () => {
    const { ec2, record, call } = await startWithGroup({ deniedActions: ['AuthorizeSecurityGroupIngress'] });
    const input = { GroupName: 'caches', IpPermissions: [tcp(1, ANYONE)] };

    const denied = ec2.send(new AuthorizeSecurityGroupIngressCommand(input));

    const who = `User: arn:aws:iam::${ACCOUNT}:user/local is not authorized to perform: ec2:AuthorizeSecurityGroupIngress`;
    const message = `You are not authorized to perform this operation. ${who}`;
    await expect(denied).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      message,
      $metadata: { httpStatusCode: 403 },
    });
    expect(record()).toMatchObject({
      errorCode: 'Client.UnauthorizedOperation',
      errorMessage: message,
      requestParameters: { groupName: 'caches' },
      responseElements: null,
    });
    expect((await call('DescribeSecurityGroups', {}, undefined, 'ec2')).status).toBe(200);
  });

  test('tells of malformed parameters as far as they can be read', async () => {
    const { call, record } = await startWithGroup();
    const parameters = {
      'GroupId.1': 'sg-12345678',
      'IpPermissions.0.IpProtocol': 'tcp',
      'IpPermissions.x.IpProtocol': 'udp',
      'IpPermissions.7.FromPort': 'many',
      'IpPermissions.7.__proto__.1.CidrIp': 'a',
      IpPermissions: 'all',
    };

    const { status } = await call('AuthorizeSecurityGroupIngress', parameters, undefined, 'ec2');

    expect(status).toBe(400);
    const nothing = { groups: {}, ipRanges: {}, ipv6Ranges: {}, prefixListIds: {} };
    expect(record().requestParameters).toEqual({ ipPermissions: { items: [{ fromPort: 'many', ...nothing }] } });
  });
});

describe('the CloudTrail record of', () => {
  test('RevokeSecurityGroupIngress names rules by their ids or by what they say', async () => {
    const { ec2, groupId: GroupId, record } = await startWithGroup();
    const rules = await authorize(ec2, GroupId, tcp(1, ANYONE), tcp(2, ANYONE));
    const id = rules[0]?.SecurityGroupRuleId as string;

    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: [id] }));
    const byId = record();
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [tcp(2, ANYONE), tcp(3, ANYONE)] }));
    const byProperties = record();

    const requestParameters = { groupId: GroupId, ipPermissions: {}, securityGroupRuleIds: {} };
    requestParameters.securityGroupRuleIds = { items: [{ securityGroupRuleId: id }] };
    expect(byId).toMatchObject({ eventName: 'RevokeSecurityGroupIngress', requestParameters });
    expect(byId).toMatchObject({
      responseElements: {
        _return: true,
        revokedSecurityGroupRuleSet: { items: [{ securityGroupRuleId: id, cidrIpv4: '0.0.0.0/0' }] },
      },
    });
    expect(byProperties).toMatchObject({
      requestParameters: { ipPermissions: { items: [{ fromPort: 2 }, { fromPort: 3 }] } },
      responseElements: { unknownIpPermissionSet: { items: [{ fromPort: 3, groups: {} }] } },
    });
    expect(byProperties.requestParameters).not.toHaveProperty('securityGroupRuleIds');
  });

  test('ModifySecurityGroupRules wraps the request in its name, an object for one rule and an array for several', async () => {
    const { ec2, groupId: GroupId, record } = await startWithGroup();
    const rules = await authorize(ec2, GroupId, tcp(1, ANYONE), tcp(2, ANYONE));
    const SecurityGroupRules = rules.map(({ SecurityGroupRuleId }, i) => ({
      SecurityGroupRuleId: SecurityGroupRuleId as string,
      SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 10 + i, ToPort: 10 + i, CidrIpv4: '10.0.0.0/8' },
    }));

    await ec2.send(
      new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules: SecurityGroupRules.slice(0, 1) }),
    );
    const one = record();
    await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules }));
    const two = record();

    const [first, second] = SecurityGroupRules.map((rule, i) => ({ ...rule, tag: i + 1 }));
    expect(one.requestParameters).toEqual({
      ModifySecurityGroupRulesRequest: { GroupId, SecurityGroupRule: first },
    });
    expect(one.responseElements).toEqual({ requestId: one.requestID, _return: true });
    expect(two.requestParameters).toEqual({
      ModifySecurityGroupRulesRequest: { GroupId, SecurityGroupRule: [first, second] },
    });
  });

  test('CreateSecurityGroup has its name, and its id in the answer', async () => {
    const { ec2, record, aws } = await startWithGroup();
    const VpcId = aws.region('us-east-1')?.securityGroups.otherVpcId as string;

    const input = { GroupName: 'web', Description: 'Of the shop', VpcId };
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(input));

    expect(record()).toMatchObject({
      eventName: 'CreateSecurityGroup',
      requestParameters: { groupName: 'web', groupDescription: 'Of the shop', vpcId: VpcId },
      responseElements: { _return: true, groupId: GroupId },
    });
  });

  test('CreateNetworkInterface and DeleteNetworkInterface has the groups, and the whole interface in the answer', async () => {
    const { ec2, groupId, record } = await startWithGroup();
    const input = { SubnetId: 'subnet-12345678', Groups: [groupId], Description: 'batch' };

    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand(input));
    const created = record();
    const networkInterfaceId = NetworkInterface?.NetworkInterfaceId;
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: networkInterfaceId }));
    const deleted = record();

    expect(created.requestParameters).toEqual({
      subnetId: 'subnet-12345678',
      description: 'batch',
      groupSet: { items: [{ groupId }] },
      privateIpAddressesSet: {},
    });
    expect(created).toMatchObject({
      responseElements: {
        networkInterface: { networkInterfaceId, groupSet: { items: [{ groupId, groupName: 'caches' }] } },
      },
    });
    expect(deleted).toMatchObject({ requestParameters: { networkInterfaceId }, responseElements: { _return: true } });
  });

  test('ModifyNetworkInterfaceAttribute has the groups', async () => {
    const { ec2, groupId, record } = await startWithGroup();
    const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: 'subnet-12345678' }));
    const NetworkInterfaceId = NetworkInterface?.NetworkInterfaceId;

    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [groupId] }));

    expect(record()).toMatchObject({
      eventName: 'ModifyNetworkInterfaceAttribute',
      requestParameters: { networkInterfaceId: NetworkInterfaceId, groupSet: { items: [{ groupId }] } },
      responseElements: { _return: true },
    });
  });

  test('the calls about managed prefix lists wraps request and answer in their names', async () => {
    const { ec2, record, clock } = await startWithGroup();
    const named = { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 3, ClientToken: 'a' };
    const Entries = [{ Cidr: '10.0.0.0/8', Description: 'office' }];
    const settle = async () => {
      await clock.advance(TRANSITION);
      ec2.config.systemClockOffset = clock.now() - Date.now();
    };

    const { PrefixList } = await ec2.send(new CreateManagedPrefixListCommand({ ...named, Entries }));
    const created = record();
    const PrefixListId = PrefixList?.PrefixListId as string;
    await settle();
    const AddEntries = [{ Cidr: '192.0.2.0/24' }, { Cidr: '198.51.100.0/24' }];
    const RemoveEntries = [{ Cidr: '10.0.0.0/8' }];
    const change = { PrefixListId, CurrentVersion: 1, AddEntries, RemoveEntries };
    await ec2.send(new ModifyManagedPrefixListCommand(change));
    const modified = record();
    await settle();
    const versions = { PrefixListId, PreviousVersion: 1, CurrentVersion: 2 };
    await ec2.send(new RestoreManagedPrefixListVersionCommand(versions));
    const restored = record();
    await settle();
    await ec2.send(new DeleteManagedPrefixListCommand({ PrefixListId }));
    const deleted = record();

    const prefixList = {
      prefixListId: PrefixListId,
      addressFamily: 'IPv4',
      prefixListArn: `arn:aws:ec2:us-east-1:${ACCOUNT}:prefix-list/${PrefixListId}`,
      prefixListName: 'offices',
      maxEntries: 3,
      tagSet: '',
      ownerId: ACCOUNT,
    };
    const answer = (state: string, version: number, requestId: unknown) => ({
      xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
      requestId,
      prefixList: { ...prefixList, state, version },
    });
    expect(created).toMatchObject({ eventName: 'CreateManagedPrefixList', readOnly: false });
    expect([created.requestParameters, created.responseElements]).toEqual([
      { CreateManagedPrefixListRequest: { ...named, Entry: { ...Entries[0], tag: 1 } } },
      { CreateManagedPrefixListResponse: answer('create-in-progress', 1, created.requestID) },
    ]);
    expect([modified.requestParameters, modified.responseElements]).toEqual([
      {
        ModifyManagedPrefixListRequest: {
          PrefixListId,
          CurrentVersion: 1,
          AddEntry: AddEntries.map((entry, i) => ({ ...entry, tag: i + 1 })),
          RemoveEntry: { Cidr: '10.0.0.0/8', tag: 1 },
        },
      },
      { ModifyManagedPrefixListResponse: answer('modify-in-progress', 1, modified.requestID) },
    ]);
    expect([restored.requestParameters, restored.responseElements]).toEqual([
      { RestoreManagedPrefixListVersionRequest: versions },
      { RestoreManagedPrefixListVersionResponse: answer('restore-in-progress', 2, restored.requestID) },
    ]);
    expect([deleted.requestParameters, deleted.responseElements]).toEqual([
      { DeleteManagedPrefixListRequest: { PrefixListId } },
      { DeleteManagedPrefixListResponse: answer('delete-in-progress', 3, deleted.requestID) },
    ]);
  });

  test('a call about a managed prefix list that failed has the code, and what was asked', async () => {
    const { ec2, record } = await startWithGroup();
    const change = { PrefixListId: 'pl-12345678', MaxEntries: 2 };

    await expect(ec2.send(new ModifyManagedPrefixListCommand(change))).rejects.toBeInstanceOf(Error);

    expect(record()).toMatchObject({
      errorCode: 'Client.InvalidPrefixListID.NotFound',
      requestParameters: { ModifyManagedPrefixListRequest: change },
      responseElements: null,
    });
  });

  test('ModifyManagedResourceVisibility wraps request and answer in their names', async () => {
    const { ec2, record } = await startWithGroup();

    await ec2.send(new ModifyManagedResourceVisibilityCommand({ DefaultVisibility: 'hidden' }));

    const { requestParameters, responseElements, requestID } = record();
    expect(requestParameters).toEqual({ ModifyManagedResourceVisibilityRequest: { DefaultVisibility: 'hidden' } });
    expect(responseElements).toEqual({
      ModifyManagedResourceVisibilityResponse: {
        xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
        requestId: requestID,
        visibility: { defaultVisibility: 'hidden' },
      },
    });
  });

  test('the Describe calls has what was asked, and no answer', async () => {
    const { ec2, groupId, record, aws } = await startWithGroup();
    const ofAws = aws.region('us-east-1')?.prefixLists.list()[0]?.prefixListId as string;
    const Filters = [{ Name: 'group-id', Values: [groupId] }];
    const filterSet = { items: [{ name: 'group-id', valueSet: { items: [{ value: groupId }] } }] };

    await ec2.send(new DescribeSecurityGroupsCommand({ Filters, GroupIds: [groupId], MaxResults: 5 }));
    const groups = record();
    await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    const rules = record();
    await ec2.send(new DescribeNetworkInterfacesCommand({ Filters, IncludeManagedResources: true }));
    const interfaces = record();
    const named = { Filters: [{ Name: 'vpc-id', Values: ['vpc-12345678'] }] };
    await ec2.send(new DescribeVpcEndpointsCommand(named));
    const endpoints = record();
    await ec2.send(new GetManagedResourceVisibilityCommand({}));
    const visibility = record();
    await ec2.send(new DescribeManagedPrefixListsCommand({ PrefixListIds: [ofAws] }));
    const lists = record();
    await ec2.send(new GetManagedPrefixListEntriesCommand({ PrefixListId: ofAws, TargetVersion: 1 }));
    const entries = record();

    for (const one of [groups, rules, interfaces, endpoints, visibility, lists, entries])
      expect(one).toMatchObject({ readOnly: true, responseElements: null });
    expect(groups.requestParameters).toEqual({
      securityGroupSet: {},
      securityGroupIdSet: { items: [{ groupId }] },
      filterSet,
      maxResults: 5,
    });
    expect(rules.requestParameters).toEqual({
      DescribeSecurityGroupRulesRequest: {
        Filter: { Name: 'group-id', Value: { content: groupId, tag: 1 }, tag: 1 },
      },
    });
    expect(interfaces.requestParameters).toEqual({
      networkInterfaceIdSet: {},
      filterSet,
      includeManagedResources: true,
    });
    expect(endpoints.requestParameters).toEqual({
      DescribeVpcEndpointsRequest: {
        Filter: { Name: 'vpc-id', Value: { content: 'vpc-12345678', tag: 1 }, tag: 1 },
      },
    });
    expect([lists.requestParameters, entries.requestParameters]).toEqual([
      { DescribeManagedPrefixListsRequest: { PrefixListId: { content: ofAws, tag: 1 } } },
      { GetManagedPrefixListEntriesRequest: { PrefixListId: ofAws, TargetVersion: 1 } },
    ]);
  });
});
