// Outcomes that people should know of, from the functions' destinations to an SNS topic, with no code of ours in between:
// destination → bus → rule (which makes the message) → topic. EventBridge delivers at least once, so a message can come twice:
// docs/decisions/0015-rules-publish-to-the-topic.md.

const TOPIC = { Ref: 'AlertTopic' };
/** For chat tools: with the setting `chat`. People who get mails must not get what is made for a program. */
const CHAT_TOPIC = { Ref: 'ChatTopic' };

const SUCCESS = 'Lambda Function Invocation Result - Success';
const FAILURE = 'Lambda Function Invocation Result - Failure';

const resultsOf = (...functionLogicalIds) => ({
  functionArn: functionLogicalIds.map((logicalId) => ({ prefix: { 'Fn::GetAtt': [logicalId, 'Arn'] } })),
});

/** What every target of a message has: it is tried for a day, and then kept. */
const DELIVERED = {
  RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86400 },
  DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] } },
};

/**
 * The message that the function made, as it is. No template: EventBridge does not document what happens to a quote in a name that is put
 * into JSON. docs/decisions/0039-messages-for-chat-tools.md
 */
const MADE_BY_THE_FUNCTION = { InputPath: '$.detail.responsePayload.chat' };

/** A function that failed made no message. What it says of why is in the mail and in the log. */
const FAILED = {
  Input: JSON.stringify({
    version: '1.0',
    source: 'custom',
    content: {
      textType: 'client-markdown',
      title: 'Ingress Guard: access to a cache could not be evaluated or revoked',
      description: 'A new grant may stand. Its event is in the dead-letter queue.',
      nextSteps: [
        'Read why: it is in the log of the function, and in the mail.',
        'Fix the cause. Then give the event to the function again: `ingress-guard redrive`.',
      ],
      keywords: ['failed'],
    },
    metadata: { summary: 'Ingress Guard: a new grant may stand', eventType: 'ingress-guard.failed' },
  }),
};

/** A rule that turns what a function came to into a message, and hands on to chat tools what is for them, if that is given. */
function rule(description, pattern, paths, template, forChat) {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Description: description,
      EventPattern: { source: ['lambda'], ...pattern },
      Targets: [
        {
          Id: 'messages',
          Arn: TOPIC,
          InputTransformer: { InputPathsMap: paths, InputTemplate: JSON.stringify(template) },
          ...DELIVERED,
        },
        ...(forChat ? [{ Id: 'chat', Arn: CHAT_TOPIC, ...forChat, ...DELIVERED }] : []),
      ],
    },
  };
}

const payload = (path) => `$.detail.responsePayload.${path}`;
/** Of a grant of either kind. What is not there is left out of the message. */
const OUTCOME_PATHS = {
  outcome: payload('outcome'),
  account: payload('grant.account'),
  region: payload('grant.region'),
  why: payload('decision.reasons[0].text'),
  by: payload('grantedBy.arn'),
  through: payload('grantedBy.invokedBy'),
  event: payload('eventId'),
};
const CACHE_SECURITY_GROUP_PATHS = {
  ...OUTCOME_PATHS,
  group: payload('grant.target.cacheSecurityGroupName'),
  ec2: payload('grant.source.ec2SecurityGroupName'),
  owner: payload('grant.source.ec2SecurityGroupOwnerId'),
};
const SECURITY_GROUP_PATHS = {
  ...OUTCOME_PATHS,
  cache: payload('grant.target.cacheName'),
  group: payload('grant.target.securityGroupId'),
  rule: payload('grant.target.securityGroupRuleId'),
  cidr: payload('grant.source.cidr'),
  prefixList: payload('grant.source.prefixListId'),
  other: payload('grant.source.securityGroupId'),
  problem: payload('problem'),
  remark: payload('remark'),
};

/** An audit in whose report at least one grant has this outcome. */
const counts = (outcome) => ({ counts: { outcomes: { [outcome]: [{ numeric: ['>', 0] }] } } });
/** The audit that began between eight and nine, UTC. One begins every hour. */
const ONCE_A_DAY = { startedAt: [{ wildcard: '*T08:*' }] };

/** Lets CloudWatch and EventBridge alone publish to a topic. */
const policyOf = (topic) => ({
  Type: 'AWS::SNS::TopicPolicy',
  Properties: {
    Topics: [topic],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OnlyOverTls',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Resource: topic,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          Sid: 'Alarms',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: topic,
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
        // Without a condition: "You can't use Condition blocks in Amazon SNS topic policies for EventBridge" (EventBridge
        // User Guide, "Using resource-based policies", Amazon SNS permissions; its example has none either). One that
        // EventBridge does not fill in refuses every message, and only a metric says so. The newest text of that page was
        // not seen, and nothing was tried on AWS. SECURITY.md says what that makes possible.
        {
          Sid: 'Outcomes',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: topic,
        },
      ],
    },
  },
});

module.exports = async ({ resolveVariable }) => {
  const email = await resolveVariable('self:custom.alertEmail');
  const organization = await resolveVariable('self:custom.organization');
  const chats = String(await resolveVariable('self:custom.chat')) === 'true';
  const made = chats && MADE_BY_THE_FUNCTION;
  return {
    ...(chats && {
      Outputs: {
        ChatTopicArn: { Description: 'The topic for chat tools: map it to a channel', Value: CHAT_TOPIC },
      },
    }),
    Resources: {
      AlertTopic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'Ingress Guard' } },
      AlertTopicPolicy: policyOf(TOPIC),
      ...(chats && {
        ChatTopic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'Ingress Guard for chat tools' } },
        ChatTopicPolicy: policyOf(CHAT_TOPIC),
      }),
      ...(email && {
        AlertSubscription: {
          Type: 'AWS::SNS::Subscription',
          Properties: {
            TopicArn: TOPIC,
            Protocol: 'email',
            Endpoint: email,
            RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['UndeliveredQueue', 'Arn'] } },
          },
        },
      }),
      GrantOutcomeRule: rule(
        'A new grant was revoked, or would be in enforce mode',
        {
          'detail-type': [SUCCESS],
          detail: {
            requestContext: resultsOf('EnforceIngressLambdaFunction'),
            responsePayload: { outcome: ['revoked', 'would-revoke'] },
          },
        },
        CACHE_SECURITY_GROUP_PATHS,
        'Ingress Guard: <outcome>. EC2 security group <ec2> of <owner> got access to cache security group <group> (account <account>, <region>) by <by> <through>. Why: <why>. CloudTrail event <event>.',
        made,
      ),
      SecurityGroupOutcomeRule: rule(
        'A rule of a security group was revoked, would be in enforce mode, or is held',
        {
          'detail-type': [SUCCESS],
          detail: {
            requestContext: resultsOf('EnforceSecurityGroupLambdaFunction'),
            responsePayload: {
              // An event that waits for a cache is handled every two minutes. What stays as it is comes with the last of them.
              $or: [
                { outcome: ['revoked'] },
                { grants: { outcome: ['revoked'] } },
                { outcome: ['would-revoke', 'held'], awaits: [{ exists: false }] },
              ],
            },
          },
        },
        SECURITY_GROUP_PATHS,
        // One of the three that a source can be.
        'Ingress Guard: <outcome>. Rule <rule> of security group <group> let <cidr><prefixList><other> reach cache <cache> (account <account>, <region>). Call by <by> <through>. Why: <why>. <problem> <remark> CloudTrail event <event>, which may have made more grants: each has a decision line.',
        made,
      ),
      GrantFailureRule: rule(
        'A new grant could not be evaluated or revoked',
        {
          'detail-type': [FAILURE],
          detail: {
            requestContext: resultsOf('EnforceIngressLambdaFunction', 'EnforceSecurityGroupLambdaFunction'),
            // A heartbeat that fails has its own alarm; no grant stands for it.
            requestPayload: { source: [{ 'anything-but': 'ingress-guard.heartbeat' }] },
          },
        },
        { error: payload('errorMessage') },
        'Ingress Guard: failed or rejected, and a grant may stand. <error> (The event is in the dead-letter queue.)',
        chats && FAILED,
      ),
      AuditOutcomeRule: rule(
        'An audit found grants that no allowlist rule allows, or could not evaluate everything',
        {
          'detail-type': [SUCCESS],
          detail: {
            requestContext: resultsOf('AuditGrantsLambdaFunction', ...(organization ? ['CloseRunLambdaFunction'] : [])),
            responsePayload: {
              // What it did, each time. What it only found, and will find again every hour, once a day.
              $or: [
                counts('revoked'),
                { ...counts('would-revoke'), ...ONCE_A_DAY },
                { ...counts('held'), ...ONCE_A_DAY },
                { ...counts('failed'), ...ONCE_A_DAY },
                { complete: [false], ...ONCE_A_DAY },
              ],
            },
          },
        },
        {
          started: payload('startedAt'),
          complete: payload('complete'),
          denied: payload('counts.denied'),
          revoked: payload('counts.outcomes.revoked'),
          would: payload('counts.outcomes.would-revoke'),
          held: payload('counts.outcomes.held'),
          failed: payload('counts.outcomes.failed'),
        },
        'Ingress Guard: the audit of <started> found <denied> disallowed grants (revoked: <revoked>; would be revoked: <would>; held back: <held>; failed: <failed>). Everything evaluated: <complete>.',
        made,
      ),
    },
  };
};
