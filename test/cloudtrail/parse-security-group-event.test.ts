import { describe, expect, it } from 'vitest';
import {
  isSecurityGroupCall,
  parseSecurityGroupEvent,
  parseSecurityGroupRecord,
} from '../../src/cloudtrail/parse-security-group-event.ts';
import { SECURITY_GROUP_SAMPLE_NAMES, sampleEvent, withChanges } from '../events/sample-events.ts';

const AUTHORIZE = 'authorize-security-group-ingress';
const MODIFY = 'modify-security-group-rules';
const GROUP = 'sg-0a1b2c3d4e5f60001';
const OTHER_GROUP = 'sg-0a1b2c3d4e5f60002';
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((number) => `sgr-0b1c2d3e4f5a6000${number}`);
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
type Changes = Readonly<Record<string, unknown>>;

const EVENT = sampleEvent(AUTHORIZE);
const parseChanged = (changes: Changes, name = AUTHORIZE) =>
  parseSecurityGroupEvent(withChanges(sampleEvent(name), changes));
const rules = (...securityGroupRuleIds: readonly (string | undefined)[]) => ({
  kind: 'rules',
  account: '111122223333',
  region: 'us-east-1',
  securityGroupId: GROUP,
  securityGroupRuleIds,
});
/** The response with these as the rules in it. */
const answeredWith = (securityGroupRuleSet: unknown): Changes => ({
  'detail.responseElements.securityGroupRuleSet': securityGroupRuleSet,
});
const answered = (id: unknown, more: object = {}) => ({ groupId: GROUP, securityGroupRuleId: id, ...more });

describe('an AuthorizeSecurityGroupIngress event', () => {
  it('names the security group and the rules, with the call that made them', () => {
    expect(parseSecurityGroupEvent(EVENT)).toEqual({
      ...rules(FIRST),
      call: {
        eventId: (EVENT.detail as { eventID: string }).eventID,
        eventTime: new Date('2026-11-03T09:14:06Z'),
        grantedBy: expect.objectContaining({ type: 'IAMUser', sourceIPAddress: '203.0.113.24' }),
      },
    });
  });

  it.each([
    ['-ipv6', rules(FIRST, SECOND)],
    ['-flat', rules(FIRST)],
    ['-all-protocols', rules(FIRST)],
    ['-from-group', rules(FIRST)],
    ['-from-group-by-id', rules(FIRST)],
    ['-prefix-list', rules(FIRST)],
    ['-several', rules(FIRST, SECOND, THIRD)],
    ['-by-cloudformation', rules(FIRST)],
    ['-left-out', rules(FIRST)],
    ['-without-response', rules()],
  ])('is read in every shape that records have: %s', (shape, expected) => {
    expect(parseSecurityGroupEvent(sampleEvent(`${AUTHORIZE}${shape}`))).toMatchObject(expected);
  });

  it.each<[string, Changes]>([
    ['an empty list', answeredWith({})],
    ['no list', answeredWith(undefined)],
    ['null for one', answeredWith(null)],
    ['a rule without an id', answeredWith({ items: [answered(FIRST), answered(undefined)] })],
    ['a rule that is none', answeredWith({ items: [answered(FIRST), 'rule'] })],
    ['nothing', { 'detail.responseElements': undefined }],
    ['null', { 'detail.responseElements': null }],
    ['what nobody expects', { 'detail.responseElements': HIDDEN }],
  ])('names the security group alone where the response has %s', (_, changes) => {
    expect(parseChanged(changes)).toMatchObject(rules());
  });

  it.each<[string, Changes]>([
    ['a list', answeredWith([answered(FIRST), answered(SECOND)])],
    ['items', answeredWith({ items: [answered(FIRST), answered(SECOND), answered(FIRST)] })],
    ['items with a capital letter', answeredWith({ Items: [answered(FIRST), answered(SECOND)] })],
    [
      'another name',
      {
        'detail.responseElements': {
          SecurityGroupRules: [FIRST, SECOND].map((SecurityGroupRuleId) => ({ GroupId: GROUP, SecurityGroupRuleId })),
        },
      },
    ],
    [
      'wrapped once more',
      {
        'detail.responseElements': {
          AuthorizeSecurityGroupIngressResponse: {
            securityGroupRuleSet: { item: [answered(FIRST), answered(SECOND)] },
          },
        },
      },
    ],
    [
      'with egress rules between',
      answeredWith([answered(FIRST), answered(THIRD, { isEgress: true }), answered(SECOND)]),
    ],
  ])('names the rules however they are listed: %s', (_, changes) => {
    expect(parseChanged(changes)).toMatchObject(rules(FIRST, SECOND));
  });

  it.each([answered(FIRST), { items: answered(FIRST) }, { item: [answered(FIRST, { isEgress: 'false' })] }])(
    'names a rule that is no list of one: %j',
    (set) => {
      expect(parseChanged(answeredWith(set))).toMatchObject(rules(FIRST));
    },
  );

  it.each<Changes>([
    { 'detail.requestParameters.groupId': undefined, 'detail.requestParameters.GroupId': GROUP },
    { 'detail.requestParameters.GroupId': GROUP },
    { 'detail.requestParameters.groupId': null },
    { 'detail.requestParameters': null },
    { 'detail.requestParameters': HIDDEN },
    { 'detail.requestParameters.ipPermissions': HIDDEN },
    { 'detail.requestParameters.ipPermissions': [] },
    { 'detail.requestParameters': { AuthorizeSecurityGroupIngressRequest: { GroupId: GROUP } } },
    // Whether it is there, EC2 says.
    { 'detail.responseElements._return': false },
    { 'detail.errorCode': null, 'detail.errorMessage': '' },
    { 'detail.recipientAccountId': undefined },
    { 'detail.awsRegion': undefined },
    { account: undefined, region: undefined, time: undefined },
    { 'detail.userIdentity': HIDDEN },
    { 'detail.userIdentity.accountId': '777788889999' },
  ])('is the same where AWS varies: %j', (changes) => {
    expect(parseChanged(changes)).toMatchObject(rules(FIRST));
  });

  it('is of the account that owns the security group, if nothing else says which', () => {
    expect(parseChanged({ account: undefined, 'detail.recipientAccountId': undefined })).toMatchObject(rules(FIRST));
  });
});

describe('a ModifySecurityGroupRules event', () => {
  const REQUEST = 'detail.requestParameters.ModifySecurityGroupRulesRequest';
  const update = { SecurityGroupRuleId: FIRST, SecurityGroupRule: { CidrIpv4: '0.0.0.0/0' } };

  it.each([
    [MODIFY, rules(FIRST)],
    [`${MODIFY}-several`, rules(FIRST, SECOND)],
  ])('names the rules that were edited, which its response does not: %s', (name, expected) => {
    expect(parseSecurityGroupEvent(sampleEvent(name))).toMatchObject(expected);
  });

  it.each<Changes>([
    { [`${REQUEST}.SecurityGroupRule`]: { items: [update] } },
    { [`${REQUEST}.SecurityGroupRule`]: undefined, [`${REQUEST}.securityGroupRules`]: [update] },
    {
      'detail.requestParameters': {
        modifySecurityGroupRulesRequest: { groupId: GROUP, securityGroupRule: { securityGroupRuleId: FIRST } },
      },
    },
    { 'detail.requestParameters': { groupId: GROUP, securityGroupRules: { items: [{ securityGroupRuleId: FIRST }] } } },
    { 'detail.responseElements': null },
  ])('is the same however it is written: %j', (changes) => {
    expect(parseChanged(changes, MODIFY)).toMatchObject(rules(FIRST));
  });

  it.each<Changes>([
    { [`${REQUEST}.SecurityGroupRule`]: undefined },
    { [`${REQUEST}.SecurityGroupRule.SecurityGroupRuleId`]: undefined },
    { [`${REQUEST}.SecurityGroupRule`]: [update, { SecurityGroupRule: { CidrIpv4: '0.0.0.0/0' } }] },
  ])('names the security group alone when it does not say of every rule which it is: %j', (changes) => {
    expect(parseChanged(changes, MODIFY)).toMatchObject(rules());
  });
});

describe('an event of a cache and its security groups', () => {
  const attachment = (cacheName: string, ...securityGroupIds: readonly string[]) => ({
    kind: 'attachment',
    account: '111122223333',
    region: 'us-east-1',
    cacheName,
    securityGroupIds,
  });

  it.each([
    ['create-cache-cluster', attachment('sessions', GROUP)],
    ['modify-replication-group', attachment('carts', GROUP, OTHER_GROUP)],
    ['create-serverless-cache', attachment('prices', GROUP)],
  ])('is an attachment: %s', (name, expected) => {
    expect(parseSecurityGroupEvent(sampleEvent(name))).toMatchObject(expected);
  });

  it.each([
    ['CreateCacheCluster', 'cacheClusterId'],
    ['ModifyCacheCluster', 'cacheClusterId'],
    ['CreateReplicationGroup', 'replicationGroupId'],
    ['ModifyReplicationGroup', 'replicationGroupId'],
    ['CreateServerlessCache', 'serverlessCacheName'],
    ['ModifyServerlessCache', 'serverlessCacheName'],
  ])('is an attachment by %s', (eventName, key) => {
    const parsed = parseChanged(
      {
        'detail.eventName': eventName,
        'detail.requestParameters': { [key]: 'Sessions', securityGroupIds: [GROUP] },
        'detail.responseElements': { [key]: 'sessions' },
      },
      'create-cache-cluster',
    );

    expect(parsed).toMatchObject(attachment('sessions', GROUP));
  });

  it.each([
    [[GROUP, OTHER_GROUP]],
    [{ items: [GROUP, OTHER_GROUP] }],
    [{ member: [GROUP, OTHER_GROUP] }],
    [{ securityGroupId: [GROUP, OTHER_GROUP] }],
    [{ SecurityGroupId: { items: [GROUP, OTHER_GROUP] } }],
    [[{ securityGroupId: GROUP }, { SecurityGroupId: OTHER_GROUP }]],
  ])('names the security groups however they are listed: %j', (securityGroupIds) => {
    for (const key of ['securityGroupIds', 'SecurityGroupIds']) {
      const parsed = parseChanged(
        {
          'detail.requestParameters.securityGroupIds': undefined,
          [`detail.requestParameters.${key}`]: securityGroupIds,
        },
        'modify-replication-group',
      );

      expect(parsed).toMatchObject(attachment('carts', GROUP, OTHER_GROUP));
    }
  });

  it.each([
    [6380, { port: 6380 }],
    ['6380', {}],
    [0, {}],
    [undefined, {}],
  ])('has the port that the call chose, if it chose one: %j', (port, expected) => {
    const changes = { 'detail.requestParameters.port': port };
    const { kind: _, call: __, ...read } = parseChanged(changes, 'create-cache-cluster');

    expect(read).toEqual({ ...attachment('sessions', GROUP), kind: undefined, ...expected });
  });

  it('names also those that only the response has', () => {
    const changes = { 'detail.responseElements.securityGroups': [{ securityGroupId: OTHER_GROUP, status: 'active' }] };

    expect(parseChanged(changes, 'create-cache-cluster')).toMatchObject(attachment('sessions', GROUP, OTHER_GROUP));
  });

  it('names those that a serverless cache got without being asked for any', () => {
    const changes = { 'detail.requestParameters.securityGroupIds': undefined };

    expect(parseChanged(changes, 'create-serverless-cache')).toMatchObject(attachment('prices', GROUP));
  });

  it('names none that a change takes away, though the response may have them still', () => {
    const changes = {
      'detail.eventName': 'ModifyCacheCluster',
      'detail.responseElements.securityGroups': [{ securityGroupId: OTHER_GROUP, status: 'removing' }],
    };

    expect(parseChanged(changes, 'create-cache-cluster')).toMatchObject(attachment('sessions', GROUP));
  });

  it.each<[string, Changes, object]>([
    [
      'was created without naming any',
      { 'detail.requestParameters.securityGroupIds': undefined, 'detail.responseElements.securityGroups': [] },
      attachment('sessions'),
    ],
    [
      'changed by a call whose parameters were left out',
      { 'detail.eventName': 'ModifyCacheCluster', 'detail.requestParameters': null },
      attachment('sessions', GROUP),
    ],
    [
      'changed by one that CloudTrail says it left out',
      { 'detail.eventName': 'ModifyCacheCluster', 'detail.requestParameters': { omitted: true } },
      attachment('sessions', GROUP),
    ],
    [
      'belongs to a replication group',
      { 'detail.requestParameters.replicationGroupId': 'Carts' },
      attachment('carts', GROUP),
    ],
    [
      'turns out to belong to one',
      { 'detail.responseElements.replicationGroupId': 'carts' },
      attachment('carts', GROUP),
    ],
  ])('is an attachment when the cache %s', (_, changes, expected) => {
    expect(parseChanged(changes, 'create-cache-cluster')).toMatchObject(expected);
  });
});

describe.each(['ModifyManagedPrefixList', 'RestoreManagedPrefixListVersion'])('a %s event', (eventName) => {
  const LIST = 'pl-0a1b2c3d4e5f60001';
  const parseWith = (requestParameters: unknown, responseElements: unknown = null) =>
    parseChanged({
      'detail.eventName': eventName,
      'detail.requestParameters': requestParameters,
      'detail.responseElements': responseElements,
    });
  const changed = { kind: 'prefixList', account: '111122223333', region: 'us-east-1', prefixListId: LIST };

  it.each<[string, unknown, unknown]>([
    ['in the request', { [`${eventName}Request`]: { PrefixListId: LIST, CurrentVersion: 1 } }, null],
    ['in the request, not wrapped', { prefixListId: LIST }, null],
    ['in the answer alone', null, { [`${eventName}Response`]: { prefixList: { prefixListId: LIST, version: 1 } } }],
  ])('points to the prefix list that is named %s', (_, request, answer) => {
    expect(parseWith(request, answer)).toMatchObject(changed);
  });

  it.each<[string, unknown, unknown]>([
    ['prefixListId is missing', { [`${eventName}Request`]: {} }, null],
    ['prefixListId `offices` is not the id of a prefix list', { prefixListId: 'offices' }, null],
    [
      `prefixListId is said in ways that disagree: \`${LIST}\`, \`pl-0b\``,
      { prefixListId: LIST },
      { prefixList: { prefixListId: 'pl-0b' } },
    ],
  ])('is rejected if %s', (problem, request, answer) => {
    expect(parseWith(request, answer)).toMatchObject({ kind: 'rejected', problems: [problem] });
  });
});

describe('the failed call of the schedule', () => {
  const FAILED = `${AUTHORIZE}-failed`;
  const OURS = {
    'detail.errorCode': 'Client.InvalidGroup.NotFound',
    'detail.requestParameters.groupId': 'sg-00000000000000000',
  };

  it('shows that CloudTrail delivers', () => {
    expect(parseChanged(OURS, FAILED)).toMatchObject({
      kind: 'callHeartbeat',
      account: '111122223333',
      region: 'us-east-1',
      securityGroupId: 'sg-00000000000000000',
    });
  });

  it.each<[string, Changes]>([
    ['of another security group', { ...OURS, 'detail.requestParameters.groupId': GROUP }],
    ['that failed in another way', { ...OURS, 'detail.errorCode': 'Client.UnauthorizedOperation' }],
    ['put on the bus by somebody', { ...OURS, source: 'ingress-guard.heartbeat' }],
    ['without parameters', { ...OURS, 'detail.requestParameters': null }],
    ['that edits a rule', { ...OURS, 'detail.eventName': 'ModifySecurityGroupRules' }],
  ])('is a failed call like any if it is one %s', (_, changes) => {
    expect(parseChanged(changes, FAILED)).toMatchObject({
      kind: 'ignored',
      reason: expect.stringMatching(/^the call failed/),
    });
  });

  it('is a failed call like any out of a log file', () => {
    const { detail } = withChanges(sampleEvent(FAILED), OURS) as { detail: object };

    expect(parseSecurityGroupRecord(detail)).toMatchObject({ kind: 'ignored' });
  });

  it('is rejected if envelope and record name two accounts', () => {
    expect(parseChanged({ ...OURS, account: '999988887777' }, FAILED)).toMatchObject({ kind: 'rejected' });
  });
});

describe('a heartbeat', () => {
  const HEARTBEAT = { source: 'ingress-guard.heartbeat' };

  it('is told from the event that it looks like', () => {
    const parsed = parseChanged(HEARTBEAT);

    expect(parsed).toMatchObject({ kind: 'heartbeat', account: '111122223333', securityGroupId: GROUP });
    expect(parsed).not.toHaveProperty('securityGroupRuleIds');
  });

  it.each([MODIFY, 'create-cache-cluster'])('is never anything else: not %s', (name) => {
    expect(parseChanged(HEARTBEAT, name)).toMatchObject({
      kind: 'rejected',
      problems: [expect.stringMatching(/^a heartbeat is an AuthorizeSecurityGroupIngress, and no /)],
    });
  });
});

describe('a call that says how a serverless cache is connected', () => {
  const changed = (eventName: string, requestParameters: object) =>
    parseChanged(
      { 'detail.eventName': eventName, 'detail.requestParameters': requestParameters, 'detail.responseElements': null },
      'create-serverless-cache',
    );
  const cache = { serverlessCacheName: 'Prices' };

  it.each([
    ['CreateServerlessCache', { ...cache, connectionType: 'public' }],
    ['CreateServerlessCache', { ...cache, ConnectionType: 'PUBLIC' }],
    ['ModifyServerlessCache', { ...cache, connectionType: 'Public' }],
  ])('points to its public endpoint: %s with %j', (eventName, parameters) => {
    expect(changed(eventName, parameters)).toMatchObject({
      kind: 'attachment',
      cacheName: 'prices',
      securityGroupIds: [],
      isPublic: true,
    });
  });

  it('points to the cache, too, when it takes a public endpoint away: other security groups guard it then', () => {
    const parsed = changed('ModifyServerlessCache', { ...cache, connectionType: 'vpc' });

    expect(parsed).toMatchObject({ kind: 'attachment', cacheName: 'prices' });
    expect(parsed).not.toHaveProperty('isPublic');
  });
});

describe('an event is ignored', () => {
  it.each([
    [`${AUTHORIZE}-failed`, 'the call failed: `Client.InvalidPermission.Duplicate`'],
    [`${AUTHORIZE}-dry-run`, 'the call failed: `Client.DryRunOperation`'],
    [`${AUTHORIZE}-unauthorized`, 'the call failed: `Client.UnauthorizedOperation`'],
    ['authorize-security-group-egress', 'another call: `AuthorizeSecurityGroupEgress`'],
    ['modify-cache-cluster-window', 'names no security group'],
    ['authorize-ingress', 'another call: `AuthorizeCacheSecurityGroupIngress`'],
  ])('when it is %s.json: %s', (name, reason) => {
    expect(parseSecurityGroupEvent(sampleEvent(name))).toMatchObject({ kind: 'ignored', reason });
  });

  it('when all rules that it made are egress rules', () => {
    const changes = answeredWith({
      items: [answered(FIRST, { isEgress: true }), answered(SECOND, { isEgress: 'true' })],
    });

    expect(parseChanged(changes)).toMatchObject({ kind: 'ignored', reason: 'all its rules are egress rules' });
  });

  it('when it sets no security group of a replication group', () => {
    for (const securityGroupIds of [[], {}, null, undefined]) {
      const changes = { 'detail.requestParameters.securityGroupIds': securityGroupIds };

      expect(parseChanged(changes, 'modify-replication-group')).toMatchObject({ kind: 'ignored' });
    }
  });

  it('when its call is to another service', () => {
    const changes = { source: 'aws.rds', 'detail.eventSource': 'rds.amazonaws.com' };

    expect(parseChanged(changes)).toMatchObject({
      kind: 'ignored',
      reason: 'a call to another service: `rds.amazonaws.com`',
    });
  });
});

describe('an event is rejected', () => {
  it.each<[string, Changes]>([
    ['source `my.app` is not aws.ec2, so the event is not from AWS', { source: 'my.app' }],
    ['source `aws.elasticache` is not aws.ec2, so the event is not from AWS', { source: 'aws.elasticache' }],
    ['detail-type (undefined) is not "AWS API Call via CloudTrail"', { 'detail-type': undefined }],
    ['eventSource `rds.amazonaws.com` is not ec2.amazonaws.com', { 'detail.eventSource': 'rds.amazonaws.com' }],
    ['eventName (undefined) is not AuthorizeSecurityGroupIngress', { 'detail.eventName': undefined }],
    ['errorCode is (a number) where a text is expected', { 'detail.errorCode': 403 }],
    [
      'errorMessage is there without errorCode: neither a success nor a failure',
      { 'detail.errorMessage': 'no', 'detail.errorCode': null },
    ],
    [
      `securityGroupRuleId is said in ways that disagree: \`${SECOND}\`, \`${THIRD}\``,
      answeredWith([answered(FIRST), answered(SECOND, { SecurityGroupRuleId: THIRD })]),
    ],
    ['the account is said in ways that disagree: `111122223333`, `444455556666`', { account: '444455556666' }],
    [
      'the account is said in ways that disagree: `111122223333`, `444455556666`',
      answeredWith([answered(FIRST, { groupOwnerId: '444455556666' })]),
    ],
    [
      'account (a number) is not 12 digits',
      { account: undefined, 'detail.recipientAccountId': 111122223333, ...answeredWith([]) },
    ],
    ['the region is said in ways that disagree: `us-east-1`, `eu-west-1`', { region: 'eu-west-1' }],
    [
      'region `evil.example` is not the name of an AWS region',
      { region: undefined, 'detail.awsRegion': 'evil.example' },
    ],
    [
      `securityGroupId is said in ways that disagree: \`${OTHER_GROUP}\`, \`${GROUP}\``,
      { 'detail.requestParameters.groupId': OTHER_GROUP },
    ],
    [
      `securityGroupId is said in ways that disagree: \`${GROUP}\`, \`${OTHER_GROUP}\``,
      { 'detail.requestParameters.GroupId': OTHER_GROUP },
    ],
    [
      `securityGroupId is said in ways that disagree: \`${GROUP}\`, \`${OTHER_GROUP}\``,
      answeredWith([answered(FIRST), { groupId: OTHER_GROUP, securityGroupRuleId: SECOND }]),
    ],
    ['securityGroupId is missing', { 'detail.requestParameters': null, 'detail.responseElements': null }],
    [
      'securityGroupId is missing',
      { 'detail.requestParameters': { groupName: 'cache' }, 'detail.responseElements': { _return: true } },
    ],
    [
      'securityGroupId `vpc-0a` is not the id of a security group',
      { 'detail.requestParameters.groupId': 'vpc-0a', 'detail.responseElements': null },
    ],
    [
      'securityGroupId `sg-0a,sg-0b` is not the id of a security group',
      { 'detail.requestParameters.groupId': 'sg-0a,sg-0b', 'detail.responseElements': null },
    ],
    [
      'securityGroupId (an object) is not the id of a security group',
      { 'detail.requestParameters.groupId': [GROUP], 'detail.responseElements': null },
    ],
    [
      'securityGroupId is hidden by CloudTrail',
      { 'detail.requestParameters.groupId': HIDDEN, 'detail.responseElements': null },
    ],
    ['securityGroupRuleId `*` is not the id of a rule', answeredWith([answered(FIRST), answered('*')])],
    ['securityGroupRuleId `sg-0a` is not the id of a rule', answeredWith([answered('sg-0a'), answered(undefined)])],
    ['securityGroupRuleId (a number) is not the id of a rule', answeredWith([answered(7)])],
    [
      `securityGroupRuleId is said in ways that disagree: \`${FIRST}\`, \`${SECOND}\``,
      answeredWith([answered(FIRST, { SecurityGroupRuleId: SECOND })]),
    ],
  ])('for the one problem that %s', (problem, changes) => {
    const parsed = parseChanged(changes);

    expect(parsed).toMatchObject({ kind: 'rejected', problems: [problem] });
    expect(Object.keys(parsed).sort()).toEqual(['call', 'kind', 'problems']);
  });

  it.each<[string, Changes]>([
    ['call', { 'detail.eventSource': undefined }],
    ['service', { 'detail.eventName': undefined }],
  ])('of another kind whose record names its %s, as a call may be', (_, changes) => {
    expect(parseChanged({ ...changes, 'detail-type': 'Another' })).toMatchObject({ kind: 'rejected' });
    expect(parseChanged({ ...changes, 'detail.eventCategory': 'Insight' })).toMatchObject({ kind: 'rejected' });
  });

  it.each<[string, Changes]>([
    [
      'cacheClusterId is said in ways that disagree: `sessions`, `carts`',
      { 'detail.responseElements.cacheClusterId': 'carts' },
    ],
    [
      'replicationGroupId is said in ways that disagree: `carts`, `prices`',
      {
        'detail.requestParameters.replicationGroupId': 'carts',
        'detail.responseElements.replicationGroupId': 'prices',
      },
    ],
    ['cacheName is missing', { 'detail.requestParameters': null, 'detail.responseElements': null }],
    [
      'cacheName `se\u212Assions` is not up to 255 letters, digits and hyphens'.replace('\u212A', '?'),
      { 'detail.requestParameters.cacheClusterId': 'se\u212Assions', 'detail.responseElements': null },
    ],
    [
      'securityGroupIds `sg-*` is not the id of a security group',
      { 'detail.requestParameters.securityGroupIds': [GROUP, 'sg-*'] },
    ],
    [
      'securityGroupIds (an object) is not the id of a security group',
      { 'detail.requestParameters.securityGroupIds': [{ groupId: GROUP }] },
    ],
    ['securityGroupIds is hidden by CloudTrail', { 'detail.requestParameters.securityGroupIds': HIDDEN }],
    ['source `aws.ec2` is not aws.elasticache, so the event is not from AWS', { source: 'aws.ec2' }],
  ])('of a cache, for the one problem that %s', (problem, changes) => {
    expect(parseChanged(changes, 'create-cache-cluster')).toMatchObject({ kind: 'rejected', problems: [problem] });
  });

  it.each([undefined, null, '', 5, [], [EVENT], {}, { ...EVENT, detail: '{}' }])(
    'when it is no event with a record in it (%#)',
    (event) => {
      expect(parseSecurityGroupEvent(event)).toMatchObject({
        kind: 'rejected',
        problems: ['not an EventBridge event with a CloudTrail record as its detail'],
      });
    },
  );
});

describe('a bare CloudTrail record', () => {
  it.each(SECURITY_GROUP_SAMPLE_NAMES)('is read as the event around it is: %s', (name) => {
    const event = sampleEvent(name);

    expect(parseSecurityGroupRecord(event.detail)).toEqual(parseSecurityGroupEvent(event));
  });

  it.each([undefined, null, 'record', []])('is rejected when it is none (%#)', (record) => {
    expect(parseSecurityGroupRecord(record)).toMatchObject({ kind: 'rejected', problems: ['not a CloudTrail record'] });
  });
});

describe('the name of a call', () => {
  it('tells whether it is one of these', () => {
    expect(isSecurityGroupCall('AuthorizeSecurityGroupIngress')).toBe(true);
    for (const other of ['AuthorizeCacheSecurityGroupIngress', 'RevokeSecurityGroupIngress', '', undefined, {}]) {
      expect(isSecurityGroupCall(other)).toBe(false);
    }
  });
});
