// What each member account of an organization gets, by a StackSet: in every guarded region a rule that sends the watched calls to the
// hub's event bus, and in the home region the roles that the hub takes. No code of ours. docs/explanation/organization.md

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parse } = require('yaml');
const {
  describe,
  everyOne,
  importFindings,
  inThese,
  lookAtCaches,
  lookAtRules,
  revoke,
  revokeRules,
} = require('./statements.cjs');

/** The same in every account and region: audits look for the rule and the queue, and the hub takes the roles, by name. */
const NAMES = {
  rule: 'ingress-guard',
  queue: 'ingress-guard-undelivered',
  readRole: 'ingress-guard-read',
  revokeRole: 'ingress-guard-revoke',
  findingsRole: 'ingress-guard-findings',
};

/** The path of the hub's roles that may take a role of a member. */
const HUB_PATH = '/ingress-guard/';

/** The watched calls: those of all rules in serverless.yml together. No two services have a call of the same name. */
const PATTERN = unionOf(
  Object.values(readServerlessYml().functions)
    .flatMap(({ events = [] }) => events)
    .flatMap(({ eventBridge }) => eventBridge?.pattern ?? []),
);

function readServerlessYml() {
  // Its tags are CloudFormation's and its variables those of the Serverless Framework. No pattern has either.
  return parse(readFileSync(join(__dirname, '../serverless.yml'), 'utf8'), { logLevel: 'error' });
}

/**
 * A pattern that takes what any of these takes. Each has lists in the same places, but for what failed: one takes no failed call,
 * and another, by `$or`, that of the heartbeat too.
 */
function unionOf(patterns) {
  const [first] = patterns;
  if (Array.isArray(first)) {
    return [...new Set(patterns.flat().map((one) => JSON.stringify(one)))].map((one) => JSON.parse(one));
  }
  const { $or } = patterns.find((pattern) => pattern.$or) ?? {};
  const keys = Object.keys(first).filter((key) => key !== '$or' && !($or && key === 'errorCode'));
  return {
    ...Object.fromEntries(keys.map((key) => [key, unionOf(patterns.map((pattern) => pattern[key]))])),
    ...($or && { $or }),
  };
}

/** The rule that sends the watched calls to the hub's bus, at `bus`; its role; and the queue for what it cannot send. */
function forwarding(bus) {
  const queue = { 'Fn::GetAtt': ['SpokeQueue', 'Arn'] };
  return {
    SpokeRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: NAMES.rule,
        Description: 'Sends calls that may allow access to a cache to the hub of Ingress Guard',
        EventPattern: PATTERN,
        Targets: [
          {
            Id: 'hub',
            Arn: bus,
            RoleArn: { 'Fn::GetAtt': ['SpokeRole', 'Arn'] },
            RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86400 },
            DeadLetterConfig: { Arn: queue },
          },
        ],
      },
    },
    // To a bus in another account or region only with a role (EventBridge User Guide, "Sending and receiving events between accounts").
    SpokeRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
            },
          ],
        },
        Policies: [policy('send-to-the-hub', [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }])],
      },
    },
    // With a name, so that audits find it. What has a name goes with its stack: left behind, it would end the next deployment.
    SpokeQueue: {
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName: NAMES.queue, MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true },
    },
    SpokeQueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'SpokeQueue' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'OnlyOverTls',
              Effect: 'Deny',
              Principal: '*',
              Action: 'sqs:*',
              Resource: queue,
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
            {
              Sid: 'WhatEventBridgeCouldNotDeliver',
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: queue,
              Condition: { ArnLike: { 'aws:SourceArn': { 'Fn::GetAtt': ['SpokeRule', 'Arn'] } } },
            },
          ],
        },
      },
    },
  };
}

const policy = (PolicyName, Statement) => ({ PolicyName, PolicyDocument: { Version: '2012-10-17', Statement } });

/**
 * A role that functions of the hub take. By the path of their roles and by the organization, because a role that is named as
 * principal is turned into an id, and is another one when it is made again (IAM User Guide, "AWS JSON policy elements: Principal").
 */
function memberRole(RoleName, organization, statements) {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${HubAccount}:root' } },
            Action: 'sts:AssumeRole',
            Condition: {
              StringEquals: { 'aws:PrincipalOrgID': organization },
              ArnLike: {
                'aws:PrincipalArn': { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${HubAccount}:role${HUB_PATH}*` },
              },
            },
          },
        ],
      },
      Policies: [policy('what-it-does', statements)],
    },
  };
}

/** Which regions the account has enabled, and whether its rule still sends everything. */
const lookAtSpoke = (regions) => [
  {
    Sid: 'LookAtRegions',
    Effect: 'Allow',
    Action: ['ec2:DescribeRegions'],
    Resource: '*',
    Condition: inThese(regions),
  },
  {
    Sid: 'LookAtSpoke',
    Effect: 'Allow',
    Action: ['events:DescribeRule', 'events:ListTargetsByRule', 'sqs:GetQueueAttributes'],
    Resource: [everyOne('events', `rule/${NAMES.rule}`), everyOne('sqs', NAMES.queue)],
    Condition: inThese(regions),
  },
];

/**
 * The template for members.
 *
 * @param organization the id of the organization.
 * @param regions in which the hub may look and revoke, besides its own.
 * @param enforces whether there is a role that may revoke.
 * @param imports whether there is a role that may import findings into Security Hub.
 */
function memberTemplate({ organization, regions, enforces, imports = false }) {
  const scope = [...new Set(['${HomeRegion}', ...regions])];
  const onlyIf = (Condition, resources) =>
    Object.fromEntries(Object.entries(resources).map(([id, resource]) => [id, { ...resource, Condition }]));
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Ingress Guard in a member account, mode ${enforces ? 'enforce' : 'report-only'}: sends calls that may allow access to an Amazon ElastiCache cache to the hub, and lets the hub ${enforces ? 'look and revoke' : 'look'}`,
    Parameters: {
      HubAccount: { Type: 'String', Description: 'The account of the hub' },
      HomeRegion: { Type: 'String', Description: 'The region of the hub' },
      HubBus: { Type: 'String', Description: 'The ARN of the event bus of the hub' },
    },
    Conditions: {
      IsHome: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, { Ref: 'HomeRegion' }] },
      // There, the hub's own stack has the rule: it is needed even if the hub is under none of the organizational units.
      IsNotHub: {
        'Fn::Not': [
          {
            'Fn::And': [{ 'Fn::Equals': [{ Ref: 'AWS::AccountId' }, { Ref: 'HubAccount' }] }, { Condition: 'IsHome' }],
          },
        ],
      },
    },
    Resources: {
      ...onlyIf('IsNotHub', forwarding({ Ref: 'HubBus' })),
      // Roles are of all regions.
      ...onlyIf('IsHome', {
        ReadRole: memberRole(NAMES.readRole, organization, [
          describe(scope),
          lookAtCaches(scope),
          lookAtRules(scope),
          ...lookAtSpoke(scope),
        ]),
        ...(enforces && {
          // It looks at a cache security group once more: ElastiCache revokes by names. Rules of others go by their ids.
          RevokeRole: memberRole(NAMES.revokeRole, organization, [describe(scope), revoke(scope), revokeRules(scope)]),
        }),
        ...(imports && { FindingsRole: memberRole(NAMES.findingsRole, organization, importFindings(scope)) }),
      }),
    },
  };
}

module.exports = { HUB_PATH, NAMES, PATTERN, forwarding, memberTemplate };
