import { describe, expect, it } from 'vitest';
import { parseEvent, parseRecord } from '../../src/cloudtrail/parse-event.ts';
import { parseSecurityGroupEvent } from '../../src/cloudtrail/parse-security-group-event.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';

const EVENT = sampleEvent('authorize-ingress');
const GRANT = {
  kind: 'classic',
  account: '111122223333',
  region: 'us-east-1',
  target: { cacheSecurityGroupName: 'sessions' },
  source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: '444455556666' },
};
const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';
type Changes = Readonly<Record<string, unknown>>;

const parseChanged = (changes: Changes) => parseEvent(withChanges(EVENT, changes));
/** Spells a request parameter in another way. */
const spelled = (name: string, as: string, value: unknown): Changes => ({
  [`detail.requestParameters.${name}`]: undefined,
  [`detail.requestParameters.${as}`]: value,
});

describe('an AuthorizeCacheSecurityGroupIngress event', () => {
  it('is a grant, with the call that made it', () => {
    expect(parseEvent(EVENT)).toEqual({
      kind: 'grant',
      grant: GRANT,
      call: {
        eventId: '3d2c5a1e-64f0-4a0e-8b58-6f8f2a7c1001',
        eventTime: new Date('2026-11-03T09:14:06Z'),
        grantedBy: {
          type: 'IAMUser',
          principalId: 'AIDAEXAMPLEEXAMPLE001',
          arn: 'arn:aws:iam::111122223333:user/alice',
          accountId: '111122223333',
          sourceIPAddress: '203.0.113.24',
          userAgent: expect.stringMatching(/^aws-cli\//),
        },
      },
    });
  });

  it.each(['authorize-ingress-by-cloudformation', 'authorize-ingress-from-console', 'authorize-ingress-version-1.01'])(
    'is the same grant in %s.json',
    (name) => {
      expect(parseEvent(sampleEvent(name))).toMatchObject({ kind: 'grant', grant: GRANT });
    },
  );

  it('by CloudFormation says so where an address would be', () => {
    expect(parseEvent(sampleEvent('authorize-ingress-by-cloudformation')).call.grantedBy).toEqual({
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEEXAMPLE002:AWSCloudFormation',
      arn: 'arn:aws:sts::111122223333:assumed-role/deploy/AWSCloudFormation',
      accountId: '111122223333',
      invokedBy: 'cloudformation.amazonaws.com',
      sourceIPAddress: 'cloudformation.amazonaws.com',
      userAgent: 'cloudformation.amazonaws.com',
    });
  });

  it.each([
    spelled('cacheSecurityGroupName', 'CacheSecurityGroupName', 'Sessions'),
    spelled('eC2SecurityGroupName', 'ec2SecurityGroupName', 'web'),
    spelled('eC2SecurityGroupName', 'EC2SecurityGroupName', 'web'),
    spelled('eC2SecurityGroupOwnerId', 'ec2SecurityGroupOwnerId', '444455556666'),
    spelled('eC2SecurityGroupOwnerId', 'EC2SecurityGroupOwnerId', '4444-5555-6666'),
    { 'detail.requestParameters.EC2SecurityGroupName': 'web', 'detail.requestParameters.ec2SecurityGroupName': 'web' },
    { 'detail.requestParameters.ec2SecurityGroupName': null },
  ])('is the same grant however its parameters are spelled: %j', (changes) => {
    expect(parseChanged(changes)).toMatchObject({ kind: 'grant', grant: GRANT });
  });

  it.each([
    { 'detail.errorCode': null, 'detail.errorMessage': null },
    { 'detail.errorCode': '', 'detail.errorMessage': '' },
    { 'detail.responseElements': null },
    { 'detail.responseElements': undefined },
    { 'detail.responseElements.eC2SecurityGroups': HIDDEN },
    { 'detail.responseElements.ownerId': null },
    { 'detail.recipientAccountId': null },
    { 'detail.userIdentity.accountId': '777788889999' },
    { 'detail.userIdentity': undefined },
    { 'detail.userIdentity': HIDDEN },
    { 'detail.eventType': undefined, 'detail.eventVersion': undefined },
    { 'detail.awsRegion': undefined },
    { account: undefined, region: undefined, time: undefined, id: undefined, resources: undefined, version: undefined },
    { 'detail.somethingNew': { errorCode: 'x' }, somethingNew: 1 },
  ])('is the same grant where AWS varies: %j', (changes) => {
    expect(parseChanged(changes)).toMatchObject({ kind: 'grant', grant: GRANT });
  });

  it('is read from its own members alone, never from those of a prototype', () => {
    const inherited = Object.create({ errorCode: 'AccessDenied', errorMessage: 'No.', awsRegion: 'eu-west-1' });

    expect(parseEvent({ ...EVENT, detail: Object.assign(inherited, EVENT.detail) })).toEqual(parseEvent(EVENT));
    expect(parseEvent(Object.create(EVENT)).kind).toBe('rejected');
  });

  it('keeps the EC2 security group as the caller typed it', () => {
    const parsed = parseChanged({ 'detail.requestParameters.eC2SecurityGroupName': ' [Web]*<b> ' });

    expect(parsed).toMatchObject({ kind: 'grant', grant: { source: { ec2SecurityGroupName: ' [Web]*<b> ' } } });
  });
});

describe('a heartbeat', () => {
  const HEARTBEAT = { source: 'ingress-guard.heartbeat' };

  it('is known by its source, and is a grant that is told from those that somebody made', () => {
    expect(parseChanged(HEARTBEAT)).toEqual({ ...parseEvent(EVENT), kind: 'heartbeat' });
  });

  it.each([{ source: 'ingress-guard.heartbeat2' }, { source: 'Ingress-Guard.Heartbeat' }, { source: '' }])(
    'is none with another source: %j',
    (changes) => {
      expect(parseChanged(changes).kind).toBe('rejected');
    },
  );

  it('is rejected where it is malformed, as any event is', () => {
    const parsed = parseChanged({ ...HEARTBEAT, 'detail.requestParameters.eC2SecurityGroupName': undefined });

    expect(parsed).toMatchObject({ kind: 'rejected', problems: ['ec2SecurityGroupName is missing'] });
  });
});

describe('an event is ignored', () => {
  it.each([
    ['revoke-ingress', 'another call: `RevokeCacheSecurityGroupIngress`'],
    ['authorize-ingress-access-denied', 'the call failed: `AccessDenied`'],
    ['authorize-ingress-failed', 'the call failed: `AuthorizationAlreadyExistsFault`'],
  ])('when it is %s.json: %s', (name, reason) => {
    expect(parseEvent(sampleEvent(name))).toMatchObject({ kind: 'ignored', reason });
  });

  it.each(['AuthorizationAlreadyExists', 'AuthorizationAlreadyExistsFault', 'Client.Throttling', ' ', '0', HIDDEN])(
    'when its call failed with %j, whatever else it says',
    (errorCode) => {
      const parsed = parseChanged({ 'detail.errorCode': errorCode, 'detail.requestParameters': 'nonsense', region: 5 });

      expect(parsed).toMatchObject({ kind: 'ignored', reason: `the call failed: \`${errorCode}\`` });
    },
  );

  it.each(['authorizeCacheSecurityGroupIngress', 'AuthorizeDBSecurityGroupIngress', '', '__proto__'])(
    'when its call is %j',
    (eventName) => {
      expect(parseChanged({ 'detail.eventName': eventName })).toMatchObject({
        kind: 'ignored',
        reason: `another call: \`${eventName}\``,
      });
    },
  );

  it.each([
    ['Scheduled Event', 'aws.events'],
    ['EC2 Instance State-change Notification', 'aws.ec2'],
  ])('when it is of another kind and has no record: %s', (kind, source) => {
    const event = { version: '0', id: 'a', 'detail-type': kind, source, account: '111122223333', detail: {} };

    for (const parse of [parseEvent, parseSecurityGroupEvent]) {
      expect(parse(event)).toMatchObject({ kind: 'ignored', reason: `another kind of event: \`${kind}\`` });
    }
  });

  it('when it is an Insights event, which is no call', () => {
    const record = { eventTime: '2026-11-03T09:14:06Z', eventCategory: 'Insight', insightDetails: {} };

    expect(parseRecord(record)).toMatchObject({
      kind: 'ignored',
      reason: 'an Insights event, which is about many calls and is none',
    });
  });

  it('when its call is to another service', () => {
    const parsed = parseChanged({ source: 'aws.rds', 'detail.eventSource': 'rds.amazonaws.com' });

    expect(parsed).toMatchObject({ kind: 'ignored', reason: 'a call to another service: `rds.amazonaws.com`' });
  });
});

describe('an event is rejected', () => {
  it.each<[string, Changes]>([
    ['source `my.app` is not aws.elasticache, so the event is not from AWS', { source: 'my.app' }],
    ['source (undefined) is not aws.elasticache, so the event is not from AWS', { source: undefined }],
    [
      'detail-type `AWS Service Event via CloudTrail` is not "AWS API Call via CloudTrail"',
      { 'detail-type': 'AWS Service Event via CloudTrail' },
    ],
    ['detail-type (undefined) is not "AWS API Call via CloudTrail"', { 'detail-type': undefined }],
    ['eventSource `rds.amazonaws.com` is not elasticache.amazonaws.com', { 'detail.eventSource': 'rds.amazonaws.com' }],
    ['eventSource (undefined) is not elasticache.amazonaws.com', { 'detail.eventSource': undefined }],
    ['eventName (null) is not AuthorizeCacheSecurityGroupIngress', { 'detail.eventName': null }],
    [
      'the account is said in ways that disagree: `111122223333`, `777788889999`',
      { account: '777788889999', 'detail.responseElements': null },
    ],
    [
      'the account is said in ways that disagree: `777788889999`, `111122223333`',
      { 'detail.recipientAccountId': '777788889999' },
    ],
    [
      'the account is said in ways that disagree: `111122223333`, `777788889999`',
      { 'detail.responseElements.ownerId': '777788889999' },
    ],
    [
      'account is missing',
      { account: null, 'detail.recipientAccountId': undefined, 'detail.responseElements': undefined },
    ],
    ['the region is said in ways that disagree: `us-east-1`, `eu-west-1`', { region: 'eu-west-1' }],
    ['region is missing', { region: undefined, 'detail.awsRegion': undefined }],
    [
      'region `evil.example/` is not the name of an AWS region',
      { region: 'evil.example/', 'detail.awsRegion': 'evil.example/' },
    ],
    [
      'cacheSecurityGroupName is said in ways that disagree: `Sessions`, `sessions`',
      { 'detail.requestParameters.CacheSecurityGroupName': 'sessions' },
    ],
    [
      'ec2SecurityGroupName is said in ways that disagree: `web`, `db`, `Web`',
      { 'detail.requestParameters.ec2SecurityGroupName': 'db', 'detail.requestParameters.EC2SecurityGroupName': 'Web' },
    ],
    [
      'ec2SecurityGroupOwnerId is said in ways that disagree: `4444-5555-6666`, `777788889999`',
      { 'detail.requestParameters.ec2SecurityGroupOwnerId': '777788889999' },
    ],
    ['cacheSecurityGroupName is missing', { 'detail.requestParameters.cacheSecurityGroupName': undefined }],
    [
      'ec2SecurityGroupName (an object) is not up to 255 ASCII characters',
      { 'detail.requestParameters.eC2SecurityGroupName': ['web'] },
    ],
    [
      'ec2SecurityGroupOwnerId (a number) is not 12 digits',
      { 'detail.requestParameters.eC2SecurityGroupOwnerId': 444455556666 },
    ],
    ['ec2SecurityGroupName is hidden by CloudTrail', { 'detail.requestParameters.eC2SecurityGroupName': HIDDEN }],
    ['ec2SecurityGroupOwnerId is hidden by CloudTrail', { 'detail.requestParameters.eC2SecurityGroupOwnerId': HIDDEN }],
    ['cacheSecurityGroupName is hidden by CloudTrail', { 'detail.requestParameters.cacheSecurityGroupName': HIDDEN }],
    [`requestParameters is \`${HIDDEN}\`: it does not say what was granted`, { 'detail.requestParameters': HIDDEN }],
    ['requestParameters is (null): it does not say what was granted', { 'detail.requestParameters': null }],
    ['requestParameters is (undefined): it does not say what was granted', { 'detail.requestParameters': undefined }],
    ['responseElements is (a boolean) where a cache security group is expected', { 'detail.responseElements': true }],
    [
      'the request names cache security group `sessions`, the response `carts`',
      { 'detail.responseElements.cacheSecurityGroupName': 'carts' },
    ],
    ['errorCode is (a number) where a text is expected', { 'detail.errorCode': 403 }],
    ['errorCode is (an object) where a text is expected', { 'detail.errorCode': {} }],
    ['errorCode is (a boolean) where a text is expected', { 'detail.errorCode': false }],
    [
      'errorMessage is there without errorCode: neither a success nor a failure',
      { 'detail.errorMessage': 'Authorization already exists.' },
    ],
  ])('for the one problem that %s', (problem, changes) => {
    const parsed = parseChanged(changes);

    expect(parsed).toMatchObject({ kind: 'rejected', problems: [problem] });
    expect(parsed).not.toHaveProperty('grant');
    expect(parsed.call.eventId).toBe('3d2c5a1e-64f0-4a0e-8b58-6f8f2a7c1001');
  });

  it('with all its problems at once', () => {
    const parsed = parseChanged({
      source: 'my.app',
      region: 'eu-west-1',
      'detail.requestParameters.eC2SecurityGroupName': '',
    });

    expect(parsed).toMatchObject({
      kind: 'rejected',
      problems: [
        'source `my.app` is not aws.elasticache, so the event is not from AWS',
        'the region is said in ways that disagree: `us-east-1`, `eu-west-1`',
        'ec2SecurityGroupName `` is not up to 255 ASCII characters',
      ],
    });
  });

  it.each([
    undefined,
    null,
    '',
    'event',
    5,
    true,
    [],
    [EVENT],
    {},
    { ...EVENT, detail: null },
    { ...EVENT, detail: '{}' },
    { ...EVENT, detail: [] },
  ])('when it is no event with a record in it (%#)', (event) => {
    expect(parseEvent(event)).toEqual({
      kind: 'rejected',
      problems: ['not an EventBridge event with a CloudTrail record as its detail'],
      call: { eventId: undefined, eventTime: undefined, grantedBy: {} },
    });
  });
});
