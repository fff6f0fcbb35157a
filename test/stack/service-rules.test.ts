import { beforeAll, describe, expect, inject, test } from 'vitest';
import { lackedIn, SERVICE_RULES } from './service-rules.ts';
import { type Breach, remove, type Spoil, set, testBreaches } from './spoil.ts';
import { readTemplate, type Template } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await readTemplate(inject('packageFolder'));
});

const add =
  (id: string, Type: string, Properties: object): Spoil =>
  (resources) => {
    resources[id] = { Type, Properties };
  };
const copy =
  (id: string, as: string): Spoil =>
  (resources) => {
    expect(resources).toHaveProperty(id);
    resources[as] = structuredClone(resources[id]) as Template['Resources'][string];
  };
const all =
  (...spoils: Spoil[]): Spoil =>
  (resources) => {
    for (const spoil of spoils) spoil(resources);
  };
const many = (length: number, make: (i: number) => unknown) => Array.from({ length }, (_, i) => make(i));

const QUEUE = { 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] };
const OTHER_QUEUE = { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] };
const TOPIC = { Ref: 'AlertTopic' };
const STATEMENTS = 'PolicyDocument.Statement';
const ROLE_STATEMENTS = 'Policies.0.PolicyDocument.Statement';
const TRANSFORMER = 'Targets.0.InputTransformer';

const ONE_QUEUE = 'a queue policy is the only one of its one queue, and each statement is about that queue';
const ONE_TOPIC = 'a topic policy is the only one of its one topic, and each statement is about that topic';
const QUEUE_LIMITS = 'a queue policy has no more than SQS takes';
const ROLE_LIMITS = 'a role has no more in its policies than IAM takes';
const NAME_LIMITS = 'names and descriptions are no longer than their service takes';
const PATTERNS = 'an event pattern is one that EventBridge takes';
const MESSAGES = 'a message is made as EventBridge can make it';
const TARGETS = 'a rule has no more targets than EventBridge takes, and tries no longer';
const HAND_OVER = 'EventBridge may hand over to every target';
const DEAD_LETTERS = 'EventBridge may put what it could not hand over into a queue that it can use';
const LAMBDA = 'Lambda may do with the role of a function what the function is set up for';
const SCHEDULER = 'Scheduler may put on the bus, or start, what it is to';
const STATE_MACHINE = 'a state machine may do what its tasks do';
const ALARMS = 'an alarm on several metrics is one that CloudWatch takes';

const STACK_SET = 'a StackSet is one that CloudFormation takes';
const stackSet = ({ body = '', units = 1, given = 'Hub' }) => ({
  TemplateBody: JSON.stringify({ Description: body, Parameters: { Hub: {} } }),
  StackInstancesGroup: [{ DeploymentTargets: { OrganizationalUnitIds: many(units, (i) => `ou-${i}`) } }],
  Parameters: [{ ParameterKey: given }],
});

const pattern = (detail: unknown) => set('GrantOutcomeRule', 'EventPattern.detail', detail);

const BREACHES: Breach[] = [
  [ONE_QUEUE, set('UndeliveredQueuePolicy', 'Queues.1', { Ref: 'DeadLetterQueue' }), 'a second queue'],
  [ONE_QUEUE, set('UndeliveredQueuePolicy', `${STATEMENTS}.0.Resource`, [QUEUE, OTHER_QUEUE]), 'two ARNs'],
  [ONE_QUEUE, set('UndeliveredQueuePolicy', `${STATEMENTS}.1.Resource`, OTHER_QUEUE), 'the ARN of another queue'],
  [ONE_QUEUE, set('UndeliveredQueuePolicy', `${STATEMENTS}.1.Resource`, '*'), 'every ARN'],
  [ONE_QUEUE, copy('UndeliveredQueuePolicy', 'SecondPolicy'), 'a second policy of the queue'],
  [ONE_TOPIC, set('AlertTopicPolicy', 'Topics.1', { Ref: 'OtherTopic' }), 'a second topic'],
  [ONE_TOPIC, set('AlertTopicPolicy', `${STATEMENTS}.0.Resource`, [TOPIC, QUEUE]), 'two ARNs'],
  [QUEUE_LIMITS, set('UndeliveredQueuePolicy', `${STATEMENTS}.1.Sid`, 'OnlyOverTls'), 'a statement id twice'],
  [QUEUE_LIMITS, set('DeadLetterQueuePolicy', `${STATEMENTS}.0.Sid`, 'x'.repeat(8192)), 'too many bytes'],
  [
    QUEUE_LIMITS,
    set(
      'DeadLetterQueuePolicy',
      `${STATEMENTS}.0.Action`,
      many(8, (i) => `sqs:${i}`),
    ),
    '8 actions',
  ],
  [QUEUE_LIMITS, set('DeadLetterQueuePolicy', `${STATEMENTS}.0.Principal`, { AWS: many(51, String) }), '51 principals'],
  [
    QUEUE_LIMITS,
    set('DeadLetterQueuePolicy', `${STATEMENTS}.0.Condition`, {
      Bool: Object.fromEntries(many(11, (i) => [i, 'true']) as [string, string][]),
    }),
    '11 conditions',
  ],
  [
    QUEUE_LIMITS,
    set(
      'DeadLetterQueuePolicy',
      STATEMENTS,
      many(21, (i) => ({ Sid: `s${i}`, Action: 'sqs:*' })),
    ),
    '21 statements',
  ],
  [
    ROLE_LIMITS,
    set('AuditGrantsRole', 'Policies.1', { PolicyDocument: { Statement: [{ Sid: 'x'.repeat(9000) }] } }),
    'a second policy, with which they are too long together',
  ],
  [ROLE_LIMITS, set('AuditGrantsRole', 'AssumeRolePolicyDocument.Id', 'x'.repeat(2000)), 'a long trust policy'],
  [
    NAME_LIMITS,
    set('AuditGrantsLambdaFunction', 'FunctionName', { 'Fn::Sub': `\${AWS::Region}${'x'.repeat(51)}` }),
    'a function’s name that is too long with its region',
  ],
  [NAME_LIMITS, set('GrantOutcomeRule', 'Name', 'x'.repeat(65)), 'a rule’s name'],
  [NAME_LIMITS, set('AuditGrantsRole', 'RoleName', 'x'.repeat(65)), 'a role’s name'],
  [NAME_LIMITS, set('AuditGrantsLogGroup', 'LogGroupName', 'x'.repeat(513)), 'a log group’s name'],
  [NAME_LIMITS, set('Dashboard', 'DashboardName', 'x'.repeat(256)), 'a dashboard’s name'],
  [NAME_LIMITS, set('HeldAlarm', 'AlarmName', 'x'.repeat(256)), 'an alarm’s name'],
  [NAME_LIMITS, set('HeldAlarm', 'AlarmDescription', 'x'.repeat(1025)), 'an alarm’s description'],
  [NAME_LIMITS, set('DeadLetterQueue', 'QueueName', 'x'.repeat(81)), 'a queue’s name'],
  [NAME_LIMITS, set('AlertTopic', 'DisplayName', 'x'.repeat(101)), 'the topic’s display name'],
  [NAME_LIMITS, set('WatchedEventsArchive', 'ArchiveName', 'x'.repeat(49)), 'an archive’s name'],
  [NAME_LIMITS, set('Heartbeat', 'Name', 'x'.repeat(65)), 'a schedule’s name'],
  [
    'a function has no more in its environment than Lambda takes',
    set('AuditGrantsLambdaFunction', 'Environment.Variables.INGRESS_GUARD_REGIONS', 'x'.repeat(4096)),
    'a long variable',
  ],
  [PATTERNS, pattern({ outcome: 'revoked' }), 'a text where a list is needed'],
  [PATTERNS, pattern({ outcome: [] }), 'an empty list'],
  [PATTERNS, pattern({}), 'an empty object'],
  [PATTERNS, pattern({ outcome: [{ like: 'revoked' }] }), 'no such comparison'],
  [PATTERNS, pattern({ outcome: [['revoked']] }), 'a list in a list'],
  [PATTERNS, pattern({ outcome: [{ prefix: 're', suffix: 'ed' }] }), 'two comparisons at once'],
  [PATTERNS, pattern({ outcome: [{ prefix: 3 }] }), 'a number for a prefix'],
  [PATTERNS, pattern({ outcome: [{ exists: 'no' }] }), 'exists with a text'],
  [PATTERNS, pattern({ outcome: [{ wildcard: 'a**b' }] }), 'two wildcards in a row'],
  [PATTERNS, pattern({ outcome: [{ 'anything-but': [] }] }), 'anything but nothing'],
  [PATTERNS, pattern({ outcome: [{ 'anything-but': ['a', 3] }] }), 'anything but a text and a number'],
  [PATTERNS, pattern({ count: [{ numeric: ['>'] }] }), 'half a comparison of numbers'],
  [PATTERNS, pattern({ count: [{ numeric: ['<', 5, '>', 0] }] }), 'an upper bound first'],
  [PATTERNS, pattern({ count: [{ numeric: ['>', 5, '<', 5] }] }), 'bounds that leave nothing'],
  [PATTERNS, pattern({ count: [{ numeric: ['>', 6e9] }] }), 'a number that is too large'],
  [PATTERNS, pattern({ $or: [{ outcome: ['held'] }] }), 'one alternative'],
  [
    PATTERNS,
    pattern({ outcome: many(30, (i) => ({ prefix: { 'Fn::Sub': `\${AuditGrantsLambdaFunction.Arn}${i}` } })) }),
    'too many characters once the ARNs are known',
  ],
  [PATTERNS, set('WatchedEventsArchive', 'EventPattern.source', 'aws.ec2'), 'a text in that of an archive'],
  [MESSAGES, set('GrantFailureRule', `${TRANSFORMER}.InputTemplate`, '"<error> <why>"'), 'a variable that is nothing'],
  [MESSAGES, set('GrantFailureRule', `${TRANSFORMER}.InputTemplate`, '"failed"'), 'a variable that is not used'],
  [MESSAGES, set('GrantFailureRule', `${TRANSFORMER}.InputTemplate`, 'failed: <error>'), 'a text without quotes'],
  [
    MESSAGES,
    set('GrantFailureRule', `${TRANSFORMER}.InputTemplate`, `"<error>${'x'.repeat(8192)}"`),
    'a template that is too long',
  ],
  [MESSAGES, set('GrantFailureRule', `${TRANSFORMER}.InputPathsMap.error`, "$.detail['x']"), 'another JSONPath'],
  [
    MESSAGES,
    all(
      set('GrantFailureRule', `${TRANSFORMER}.InputTemplate`, '"<error> <aws-x>"'),
      set('GrantFailureRule', `${TRANSFORMER}.InputPathsMap.aws-x`, '$.detail'),
    ),
    'a name that is AWS’s',
  ],
  [
    TARGETS,
    set(
      'GrantOutcomeRule',
      'Targets',
      many(6, (i) => ({ Id: `t${i}`, Arn: TOPIC })),
    ),
    '6 targets',
  ],
  [
    TARGETS,
    set(
      'GrantOutcomeRule',
      'Targets',
      many(2, () => ({ Id: 't', Arn: TOPIC })),
    ),
    'two of the same id',
  ],
  [TARGETS, set('GrantOutcomeRule', 'Targets.0.RetryPolicy.MaximumRetryAttempts', 186), '186 retries'],
  [TARGETS, set('GrantOutcomeRule', 'Targets.0.RetryPolicy.MaximumEventAgeInSeconds', 86_401), 'more than a day'],
  [HAND_OVER, remove('EnforceIngressEventBridgeLambdaPermission1'), 'no permission to invoke the function'],
  [
    HAND_OVER,
    set('EnforceIngressEventBridgeLambdaPermission1', 'SourceAccount', { Ref: 'AWS::AccountId' }),
    'a permission with a source account',
  ],
  [HAND_OVER, set('EnforceIngressEventBridgeLambdaPermission1', 'SourceArn', 'arn:other'), 'one for another rule'],
  [HAND_OVER, set('AlertTopicPolicy', `${STATEMENTS}.2.Principal.Service`, 'x.amazonaws.com'), 'another service'],
  [
    HAND_OVER,
    set('AlertTopicPolicy', `${STATEMENTS}.2.Condition`, {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    }),
    'a topic policy with a condition on the account',
  ],
  [
    HAND_OVER,
    set('AlertTopicPolicy', `${STATEMENTS}.2.Condition`, {
      ArnLike: { 'aws:SourceArn': { 'Fn::GetAtt': ['GrantOutcomeRule', 'Arn'] } },
    }),
    'a topic policy with a condition on the rule',
  ],
  [HAND_OVER, set('AlertTopicPolicy', `${STATEMENTS}.2.Action`, 'sns:Subscribe'), 'another action'],
  [DEAD_LETTERS, set('UndeliveredQueue', 'FifoQueue', true), 'a FIFO queue'],
  [DEAD_LETTERS, set('GrantOutcomeRule', 'Targets.0.DeadLetterConfig.Arn', OTHER_QUEUE), 'a queue that takes nothing'],
  [
    DEAD_LETTERS,
    set('UndeliveredQueuePolicy', `${STATEMENTS}.1.Condition`, {
      ArnLike: { 'aws:SourceArn': 'arn:aws:events:other' },
    }),
    'a condition that no rule passes',
  ],
  [
    DEAD_LETTERS,
    set('UndeliveredQueuePolicy', `${STATEMENTS}.1.Condition`, {
      StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
    }),
    'a condition that is not documented',
  ],
  [LAMBDA, set('EnforceIngressRole', `${ROLE_STATEMENTS}.0.Action`, ['logs:PutLogEvents']), 'no new log streams'],
  [
    LAMBDA,
    set('EnforceIngressLambdaFunction', 'LoggingConfig.LogGroup', { Ref: 'AuditGrantsLogGroup' }),
    'the log group of another function',
  ],
  [LAMBDA, set('EnforceIngressLambdaFunction', 'LoggingConfig', undefined), 'a log group that Lambda has to make'],
  [LAMBDA, set('EnforceIngressRole', `${ROLE_STATEMENTS}.1.Resource`, QUEUE), 'another queue for dead letters'],
  [LAMBDA, set('EnforceIngressRole', `${ROLE_STATEMENTS}.2.Effect`, 'Deny'), 'no outcomes'],
  [STATE_MACHINE, remove('PendingStateMachineRole'), 'no role'],
  [STATE_MACHINE, set('PendingStateMachineRole', 'AssumeRolePolicyDocument.Statement', []), 'no trust'],
  [
    STATE_MACHINE,
    set('PendingStateMachineRole', `${ROLE_STATEMENTS}.1.Action`, 'sqs:ReceiveMessage'),
    'no permission to keep a message',
  ],
  [STATE_MACHINE, set('PendingStateMachineRole', `${ROLE_STATEMENTS}.0.Resource`, OTHER_QUEUE), 'another function'],
  [HAND_OVER, set('PendingRule', 'Targets.0.RoleArn', undefined), 'a state machine as target without a role'],
  [
    HAND_OVER,
    set('PendingRuleRole', `${ROLE_STATEMENTS}.0.Action`, 'states:StopExecution'),
    'a role that may not start it',
  ],
  [SCHEDULER, set('HeartbeatRole', `${ROLE_STATEMENTS}.0.Resource`, 'arn:other'), 'another bus'],
  [
    SCHEDULER,
    set('HeartbeatRole', 'AssumeRolePolicyDocument.Statement.0.Principal.Service', 'events.amazonaws.com'),
    'a role of another service',
  ],
  [
    'SNS may put mails that it could not deliver into their queue',
    add('Subscription', 'AWS::SNS::Subscription', {
      TopicArn: TOPIC,
      RedrivePolicy: { deadLetterTargetArn: OTHER_QUEUE },
    }),
    'a queue that takes nothing of SNS',
  ],
  ['CloudWatch may notify every topic of an alarm', remove('AlertTopicPolicy'), 'no policy'],
  [
    ALARMS,
    set(
      'EventsLostAlarm',
      'Metrics',
      many(11, (i) => ({ Id: `m${i}`, MetricStat: {} })),
    ),
    '11 metrics',
  ],
  [ALARMS, set('EventsLostAlarm', 'Metrics.1.Id', 'm1'), 'an id twice'],
  [ALARMS, set('EventsLostAlarm', 'Metrics.1.Id', 'First'), 'an id with a capital letter'],
  [ALARMS, set('EventsLostAlarm', 'Metrics.0.ReturnData', false), 'nothing that is watched'],
  [ALARMS, set('EventsLostAlarm', 'Metrics.1.ReturnData', true), 'two that are watched'],
  [ALARMS, set('EventsLostAlarm', 'Period', 300), 'a period of its own'],
  [
    STACK_SET,
    add('Spokes', 'AWS::CloudFormation::StackSet', stackSet({ body: 'x'.repeat(51_200) })),
    'a long template',
  ],
  [STACK_SET, add('Spokes', 'AWS::CloudFormation::StackSet', stackSet({ units: 51 })), '51 organizational units'],
  [STACK_SET, add('Spokes', 'AWS::CloudFormation::StackSet', stackSet({ given: 'Other' })), 'another parameter'],
  [
    'the policy of a bus is no longer than EventBridge takes',
    add('Policy', 'AWS::Events::EventBusPolicy', { StatementId: 's', Statement: { Sid: 'x'.repeat(10_240) } }),
    'a long statement',
  ],
  [
    HAND_OVER,
    set('GrantOutcomeRule', 'Targets.0.Arn', 'arn:aws:events:eu-west-1:999988887777:event-bus/hub'),
    'a bus of another account as target without a role',
  ],
  ['every type of resource is there in every partition', add('Pipe', 'AWS::Pipes::Pipe', {}), 'a pipe'],
];

describe('a rule of AWS’s services', () => {
  testBreaches(SERVICE_RULES, BREACHES, () => template);
});

test('a type that a region does not have is found', () => {
  const { Resources } = structuredClone(template);
  Resources.Pipe = { Type: 'AWS::Pipes::Pipe', Properties: {} };

  expect(lackedIn('us-gov-west-1', template)).toEqual([]);
  expect(lackedIn('us-gov-west-1', { Resources })).toEqual(['Pipe: there is no AWS::Pipes::Pipe in us-gov-west-1']);
  expect(lackedIn('ca-west-1', template)).toEqual([
    'WatchedEventsArchive: there is no AWS::Events::Archive in ca-west-1',
  ]);
});
