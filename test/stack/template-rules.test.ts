import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Breach, remove, type Spoil, set, testBreaches } from './spoil.ts';
import { ofType, type Resource, readTemplate, type Template } from './template.ts';
import { RULES } from './template-rules.ts';

let template: Template;
beforeAll(async () => {
  template = await readTemplate(inject('packageFolder'));
});

const POLICY = 'Policies.0.PolicyDocument.Statement.0';
const LOSSES = 'there is an alarm for every way in which Lambda or EventBridge can lose something';
const EVIDENCE = 'evidence outlives the stack, and what is left of it does not end the next first deployment';
const setAttribute =
  (id: string, attribute: 'DeletionPolicy' | 'UpdateReplacePolicy', value: string | undefined): Spoil =>
  (resources) => {
    expect(resources).toHaveProperty(id);
    resources[id] = { ...(resources[id] as Resource), [attribute]: value };
  };

const add =
  (id: string, Type: string, Properties: object): Spoil =>
  (resources) => {
    resources[id] = { Type, Properties };
  };
const BUS = 'members’ events come from the organization alone, and are watched calls or heartbeats';
const CALL = 'the role of a call that must fail can make that call alone, for a security group that no one has';
const SOURCES = ['aws.elasticache', 'ingress-guard.heartbeat', 'aws.ec2'];
const OF_THE_ORGANIZATION = {
  StringEquals: { 'aws:PrincipalOrgID': 'o-abcde12345' },
  'ForAllValues:StringEquals': { 'events:source': SOURCES },
};
/** A bus with a policy that is right but for this. */
const bus =
  (statement: object, ...more: Spoil[]): Spoil =>
  (resources) => {
    add('Bus', 'AWS::Events::EventBus', {})(resources);
    add('BusPolicy', 'AWS::Events::EventBusPolicy', {
      EventBusName: { Ref: 'Bus' },
      Statement: { Effect: 'Allow', Action: 'events:PutEvents', Condition: OF_THE_ORGANIZATION, ...statement },
    })(resources);
    for (const spoil of more) spoil(resources);
  };
const MEMBERS = 'a member that fails keeps no other member from its part, and new accounts get theirs';
const ROLES = 'who takes a role of a member is known by a path, and only who revokes takes the role that can';
/** A StackSet that is right but for this. */
const stackSet = (wrong: object): Spoil =>
  add('Spokes', 'AWS::CloudFormation::StackSet', {
    PermissionModel: 'SERVICE_MANAGED',
    CallAs: 'DELEGATED_ADMIN',
    AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
    OperationPreferences: TOLERANT,
    ...wrong,
  });
const TOLERANT = {
  FailureTolerancePercentage: 100,
  ConcurrencyMode: 'SOFT_FAILURE_TOLERANCE',
  RegionConcurrencyType: 'PARALLEL',
};
const taker = (role: string, Path?: string): Spoil =>
  add('Taker', 'AWS::IAM::Role', {
    Path,
    Policies: [
      {
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: ['sts:AssumeRole'],
              Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::*:role/${role}` },
            },
          ],
        },
      },
    ],
  });

const BREACHES: Breach[] = [
  [BUS, bus({ Action: 'events:*' }), 'more than to put events'],
  [BUS, bus({ Condition: { ...OF_THE_ORGANIZATION, StringEquals: {} } }), 'anybody'],
  [
    BUS,
    bus({ Condition: { ...OF_THE_ORGANIZATION, 'ForAllValues:StringEquals': { 'events:source': [...SOURCES, 'x'] } } }),
    'another source',
  ],
  [BUS, bus({ Condition: { StringEquals: OF_THE_ORGANIZATION.StringEquals } }), 'any source'],
  [BUS, bus({}, remove('BusPolicy')), 'no policy'],
  [MEMBERS, stackSet({ OperationPreferences: { ...TOLERANT, FailureTolerancePercentage: 10 } }), 'less tolerance'],
  [MEMBERS, stackSet({ OperationPreferences: { ...TOLERANT, ConcurrencyMode: undefined } }), 'strict tolerance'],
  [MEMBERS, stackSet({ OperationPreferences: { ...TOLERANT, RegionConcurrencyType: 'SEQUENTIAL' } }), 'one by one'],
  [MEMBERS, stackSet({ AutoDeployment: { Enabled: false } }), 'no part for new accounts'],
  [MEMBERS, stackSet({ PermissionModel: 'SELF_MANAGED' }), 'roles that people have to make'],
  [ROLES, taker('ingress-guard-read'), 'no path'],
  [ROLES, taker('ingress-guard-revoke', '/ingress-guard/'), 'a role that revokes, for a function that does not'],
  [ROLES, taker('ingress-guard-findings', '/ingress-guard/'), 'a role that imports, for a function that does not'],
  [ROLES, taker('*', '/ingress-guard/'), 'any role'],
  [
    'every function keeps what it could not handle',
    set('EnforceIngressLambdaFunction', 'DeadLetterConfig', undefined),
    'no dead-letter queue',
  ],
  ['every function keeps what it could not handle', remove('DeadLetterQueue'), 'the queue is gone'],
  [
    'every function says how often and for how long it is tried again, and where its outcome goes',
    remove('AuditGrantsLambdaEvConf'),
    'no async settings',
  ],
  [
    'every function says how often and for how long it is tried again, and where its outcome goes',
    set('EnforceIngressLambdaEvConf', 'MaximumEventAgeInSeconds', undefined),
    'no event age',
  ],
  [
    'every rule with a pattern keeps what it could not deliver',
    set('GrantOutcomeRule', 'Targets.0.DeadLetterConfig', undefined),
    'no dead-letter queue',
  ],
  [
    'every event pattern can be compiled',
    set('GrantOutcomeRule', 'EventPattern.source', 'lambda'),
    'a text where a list is needed',
  ],
  [
    'every event pattern can be compiled',
    set('GrantOutcomeRule', 'EventPattern.source', [{ like: 'x' }]),
    'no such comparison',
  ],
  [
    'messages to people take nothing from an event as it came',
    set(
      'GrantFailureRule',
      'Targets.0.InputTransformer.InputPathsMap.group',
      '$.detail.requestPayload.detail.requestParameters.cacheSecurityGroupName',
    ),
    'a name from the event',
  ],
  ['the watched events are archived, just as the rules take them', remove('WatchedEventsArchive'), 'no archive'],
  [
    'the watched events are archived, just as the rules take them',
    set('WatchedEventsArchive', 'EventPattern.detail.eventName', ['Other']),
    'other events',
  ],
  [
    'the watched events are archived, just as the rules take them',
    set('WatchedEventsArchive', 'EventPattern.source', ['aws.elasticache']),
    'the events of one rule only',
  ],
  [
    'the watched events are archived, just as the rules take them',
    set('WatchedEventsArchive', 'EventPattern.detail.errorCode', undefined),
    'calls that failed too',
  ],
  [
    'the watched events are archived, just as the rules take them',
    set('WatchedEventsArchive', 'EventPattern.source.2', 'ingress-guard.heartbeat'),
    'heartbeats too',
  ],
  [
    'every queue is encrypted, keeps for 14 days and refuses anything but TLS',
    set('UndeliveredQueue', 'SqsManagedSseEnabled', false),
    'not encrypted',
  ],
  [
    'every queue is encrypted, keeps for 14 days and refuses anything but TLS',
    set('DeadLetterQueue', 'MessageRetentionPeriod', 60),
    'forgets',
  ],
  [
    'every queue is encrypted, keeps for 14 days and refuses anything but TLS',
    set('DeadLetterQueuePolicy', 'PolicyDocument.Statement.0.Effect', 'Allow'),
    'plain HTTP',
  ],
  [
    'every queue is encrypted, keeps for 14 days and refuses anything but TLS',
    remove('DeadLetterQueuePolicy'),
    'no policy of one queue',
  ],
  [
    'every queue is encrypted, keeps for 14 days and refuses anything but TLS',
    set('UndeliveredQueuePolicy', 'PolicyDocument.Statement.0.Resource', { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] }),
    'a statement about the other queue',
  ],
  [
    'every queue is encrypted, keeps for 14 days and refuses anything but TLS',
    set('UndeliveredQueuePolicy', 'PolicyDocument.Statement.0.Action', 'sqs:DeleteQueue'),
    'refusing little',
  ],
  ['every topic refuses anything but TLS', remove('AlertTopicPolicy'), 'no policy'],
  [
    'every topic refuses anything but TLS',
    set('AlertTopicPolicy', 'PolicyDocument.Statement.0.Condition', { Bool: { 'aws:SecureTransport': 'true' } }),
    'refusing TLS instead',
  ],
  ['there is an alarm for everything that should wake somebody', remove('HeartbeatMissingAlarm'), 'no alarm'],
  [
    'there is an alarm for everything that should wake somebody',
    remove('SecurityGroupHeartbeatMissingAlarm'),
    'no alarm for the other heartbeat',
  ],
  ...(
    [
      ['EventsLostAlarm', 'AsyncEventsDropped or DeadLetterErrors'],
      ['OutcomesLostAlarm', 'DestinationDeliveryFailures'],
      ['UndeliveredEventsLostAlarm', 'InvocationsFailedToBeSentToDlq'],
    ] as const
  ).flatMap(([alarm, metric]): Breach[] => [
    [LOSSES, remove(alarm), `no alarm for ${metric}`],
    [LOSSES, set(alarm, 'Metrics', []), `an alarm for ${metric} of nothing`],
    [LOSSES, (resources) => resources[alarm]?.Properties.Metrics.pop(), `no alarm for one ${metric}`],
  ]),
  ['every alarm tells somebody', set('HeldAlarm', 'AlarmActions', []), 'no action'],
  [
    'alarms for what should happen go off when there is nothing at all',
    set('AuditMissingAlarm', 'TreatMissingData', 'missing'),
    'silence',
  ],
  [
    'an alarm that counts stays on while its cause goes on, and does not tell each time',
    set('HeldAlarm', 'EvaluationPeriods', 1),
    'five minutes',
  ],
  [
    'an alarm that counts stays on while its cause goes on, and does not tell each time',
    set('AllowlistStaleAlarm', 'DatapointsToAlarm', undefined),
    'waiting for two hours of it',
  ],
  [
    'an alarm that counts stays on while its cause goes on, and does not tell each time',
    set('EventsLostAlarm', 'EvaluationPeriods', 1),
    'five minutes, of several metrics',
  ],
  [
    'every function has a log group that does not keep for ever',
    set('AuditGrantsLogGroup', 'RetentionInDays', undefined),
    'no retention',
  ],
  [
    'every function has a log group that does not keep for ever',
    set('AuditGrantsLambdaFunction', 'LoggingConfig', undefined),
    'a log group of Lambda’s own making',
  ],
  ...['AuditGrantsLogGroup', 'DeadLetterQueue', 'UndeliveredQueue', 'WatchedEventsArchive'].flatMap((id): Breach[] => [
    [EVIDENCE, setAttribute(id, 'DeletionPolicy', undefined), `${id} that goes with the stack`],
    [EVIDENCE, setAttribute(id, 'UpdateReplacePolicy', 'Delete'), `${id} that goes when it is replaced`],
  ]),
  [
    EVIDENCE,
    setAttribute('AuditGrantsLogGroup', 'DeletionPolicy', 'RetainExceptOnCreate'),
    'a log that a failed first deployment takes with it',
  ],
  [EVIDENCE, set('AuditGrantsLogGroup', 'LogGroupName', '/aws/lambda/auditGrants'), 'a log group with a name'],
  [EVIDENCE, set('DeadLetterQueue', 'QueueName', 'dead-letters'), 'a queue with a name'],
  [EVIDENCE, set('WatchedEventsArchive', 'ArchiveName', 'watched'), 'an archive with a name'],
  [
    'every function has a role of its own',
    set('AuditGrantsLambdaFunction', 'Role', { 'Fn::GetAtt': ['EnforceIngressRole', 'Arn'] }),
    'a shared role',
  ],
  ['no role allows more than is named', set('AuditGrantsRole', `${POLICY}.Action`, ['elasticache:*']), 'every action'],
  ['no role allows more than is named', set('AuditGrantsRole', `${POLICY}.Resource`, '*'), 'every resource'],
  [
    'no role allows more than is named',
    set('AuditGrantsRole', POLICY, {
      Effect: 'Allow',
      Action: ['elasticache:RevokeCacheSecurityGroupIngress'],
      Resource: '*',
    }),
    'revoking in every region',
  ],
  [
    'no role allows more than is named',
    set('AuditGrantsRole', POLICY, {
      Effect: 'Allow',
      Action: ['ec2:RevokeSecurityGroupIngress'],
      Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:*:${AWS::AccountId}:security-group/*' },
    }),
    'revoking rules in every region',
  ],
  [
    'no role allows more than is named',
    set('EnforceSecurityGroupRole', POLICY, {
      Effect: 'Allow',
      Action: ['ec2:DescribeSecurityGroupRules'],
      Resource: '*',
    }),
    'looking in every region',
  ],
  [
    'no role allows more than is named',
    set('EnforceSecurityGroupRole', POLICY, {
      Effect: 'Allow',
      Action: ['ec2:RevokeSecurityGroupIngress'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': ['here'] } },
    }),
    'revoking on every resource',
  ],
  [
    'whoever has the heartbeat’s role can pass for nothing but a heartbeat',
    set('HeartbeatRole', `${POLICY}.Condition`, undefined),
    'any source',
  ],
  [
    'whoever has the heartbeat’s role can pass for nothing but a heartbeat',
    set('HeartbeatRole', `${POLICY}.Condition.StringEquals`, {
      'events:source': ['ingress-guard.heartbeat', 'lambda'],
    }),
    'another source',
  ],
  [
    CALL,
    set('CloudTrailHeartbeatRole', `${POLICY}.Resource`, { 'Fn::Sub': 'arn:aws:ec2:::security-group/*' }),
    'every security group',
  ],
  [
    CALL,
    set('CloudTrailHeartbeatRole', `${POLICY}.Action`, ['ec2:AuthorizeSecurityGroupIngress', 'ec2:RunInstances']),
    'another action',
  ],
  [
    CALL,
    set('CloudTrailHeartbeat', 'Target.RoleArn', { 'Fn::GetAtt': ['EnforceSecurityGroupRole', 'Arn'] }),
    'another role',
  ],
  [
    CALL,
    set('CloudTrailHeartbeat', 'Target.Input', '{"GroupId": "sg-0a1b2c3d4e5f60718"}'),
    'a group that may be there',
  ],
  [
    CALL,
    set('CloudTrailHeartbeat', 'Target.Arn', {
      'Fn::Sub': 'arn:${AWS::Partition}:scheduler:::aws-sdk:ec2:revokeSecurityGroupIngress',
    }),
    'another call',
  ],
  ['there is an alarm for everything that should wake somebody', remove('CloudTrailHeartbeatMissingAlarm'), 'no alarm'],
  ['no region, account or partition is written down', set('AlertTopic', 'DisplayName', 'eu-west-1'), 'a region'],
  [
    'no region, account or partition is written down',
    set('AlertTopic', 'DisplayName', 'arn:aws:s3:::x'),
    'a partition',
  ],
  ['no region, account or partition is written down', set('AlertTopic', 'DisplayName', '123456789012'), 'an account'],
];

describe('a rule of ours', () => {
  testBreaches(RULES, BREACHES, () => template);
});

test('there are three functions', () => {
  expect(ofType(template, 'AWS::Lambda::Function')).toHaveLength(3);
});
