// What should wake someone. Each alarm notifies the alert topic when it fires and when it clears.

const MINUTES = 60;
const OURS = 'IngressGuard';
const SERVICE = { Name: 'service', Value: 'ingress-guard' };

const functionDimension = (logicalId) => ({ Name: 'FunctionName', Value: { Ref: logicalId } });
const queueDimension = (logicalId) => ({ Name: 'QueueName', Value: { 'Fn::GetAtt': [logicalId, 'QueueName'] } });
const outcomeDimension = (outcome) => ({ Name: 'outcome', Value: outcome });

function alarm(description, metric, when) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: description,
      ...metric,
      ...when,
      AlarmActions: [{ Ref: 'AlertTopic' }],
      OKActions: [{ Ref: 'AlertTopic' }],
    },
  };
}

const ANY = {
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 0,
  TreatMissingData: 'notBreaching',
};

/**
 * Fires when something happens once, and stays on until it did not for two hours: an audit comes every hour, and what fails
 * fails again then. An alarm that fired again each time would soon be switched off.
 */
const COUNTED = { ...ANY, EvaluationPeriods: 24, DatapointsToAlarm: 1 };
const HAPPENED = { ...COUNTED, Statistic: 'Sum', Period: 5 * MINUTES };

/** Stays on as long as something is in the queue. */
const WAITING = { ...ANY, Statistic: 'Maximum', Period: 5 * MINUTES, EvaluationPeriods: 1 };

/** Fires when something that should happen does not. */
const missing = (seconds, periods) => ({
  Statistic: 'Sum',
  Period: seconds,
  EvaluationPeriods: periods,
  ComparisonOperator: 'LessThanThreshold',
  Threshold: 1,
  TreatMissingData: 'breaching',
});

const lambda = (MetricName, logicalId) => ({
  Namespace: 'AWS/Lambda',
  MetricName,
  Dimensions: [functionDimension(logicalId)],
});
const queue = (logicalId) => ({
  Namespace: 'AWS/SQS',
  MetricName: 'ApproximateNumberOfMessagesVisible',
  Dimensions: [queueDimension(logicalId)],
});
const outcomes = (outcome) => ({
  Namespace: OURS,
  MetricName: 'Outcomes',
  Dimensions: [SERVICE, outcomeDimension(outcome)],
});
const ours = (MetricName) => ({ Namespace: OURS, MetricName, Dimensions: [SERVICE] });
/** Executions of a state machine that did not end well. */
const failuresOf = (logicalId) =>
  Object.fromEntries(
    ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'].map((MetricName) => [
      MetricName,
      {
        Namespace: 'AWS/States',
        MetricName,
        Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: logicalId } }],
      },
    ]),
  );
const lostBy = (ruleName, busName) => ({
  Namespace: 'AWS/Events',
  MetricName: 'InvocationsFailedToBeSentToDlq',
  // The name alone: a rule of the default bus (EventBridge User Guide, "Monitoring Amazon EventBridge").
  Dimensions: [...(busName ? [{ Name: 'EventBusName', Value: busName }] : []), { Name: 'RuleName', Value: ruleName }],
});

/**
 * Several metrics as one, by label; at most ten an alarm (CloudWatch User Guide). Such metrics are sent when they are not zero. No
 * document was found that says what a sum makes of one that is missing, so FILL takes it for zero; programs that are public do so too.
 */
const anyOf = (metrics) => ({
  Metrics: [
    { Id: 'all', Expression: 'SUM(FILL(METRICS(), 0))', ReturnData: true },
    ...Object.entries(metrics).map(([Label, Metric], i) => ({
      Id: `m${i}`,
      Label,
      MetricStat: { Metric, Stat: 'Sum', Period: 5 * MINUTES },
      ReturnData: false,
    })),
  ],
});

const FUNCTIONS = ['EnforceIngress', 'EnforceSecurityGroup', 'AuditGrants'];
const ofEvery = (functions, ...metricNames) =>
  anyOf(
    Object.fromEntries(
      functions.flatMap((one) =>
        metricNames.map((metricName) => [`${one} ${metricName}`, lambda(metricName, `${one}LambdaFunction`)]),
      ),
    ),
  );
const RULES_OF_RESULTS = [
  'PendingRule',
  'GrantOutcomeRule',
  'SecurityGroupOutcomeRule',
  'GrantFailureRule',
  'AuditOutcomeRule',
];

/** What can go wrong in an organization alone: docs/how-to/alarms.md. */
const OF_AN_ORGANIZATION = {
  TargetsNotWatchedAlarm: alarm(
    'In an account of the organization no new grants would be seen: its rule is missing, disabled or changed, or its events do not arrive',
    ours('TargetsNotWatched'),
    HAPPENED,
  ),
  AuditRunFailedAlarm: alarm(
    'An audit of the organization failed, took too long or was stopped',
    anyOf(failuresOf('AuditStateMachine')),
    COUNTED,
  ),
  AuditNotStartedAlarm: alarm(
    'An audit of the organization could not be started',
    anyOf(failuresOf('AuditStarter')),
    COUNTED,
  ),
};

/** What can go wrong with the setting `securityHub` alone. */
const OF_SECURITY_HUB = {
  SecurityHubAlarm: alarm(
    'An audit could not import all of its findings into Security Hub',
    ours('SecurityHubFailures'),
    HAPPENED,
  ),
};

/** Chat tools show alarms of CloudWatch by themselves. */
const toldInChatsToo = (alarms) =>
  Object.fromEntries(
    Object.entries(alarms).map(([id, { Type, Properties }]) => {
      const topics = [...Properties.AlarmActions, { Ref: 'ChatTopic' }];
      return [id, { Type, Properties: { ...Properties, AlarmActions: topics, OKActions: topics } }];
    }),
  );

module.exports = async ({ resolveVariable }) => {
  const name = `${await resolveVariable('self:service')}-${await resolveVariable('self:provider.stage')}`;
  const organization = await resolveVariable('self:custom.organization');
  const imports = String(await resolveVariable('self:custom.securityHub')) === 'true';
  const chats = String(await resolveVariable('self:custom.chat')) === 'true';
  const memberBus = organization ? { 'Fn::GetAtt': ['MemberBus', 'Name'] } : undefined;
  // Lambda invokes these asynchronously. The others of an organization are awaited by the state machine.
  const asynchronous = organization ? [...FUNCTIONS, 'CloseRun'] : FUNCTIONS;
  const alarms = {
    EnforceErrorsAlarm: alarm(
      'New grants could not be evaluated or revoked',
      lambda('Errors', 'EnforceIngressLambdaFunction'),
      HAPPENED,
    ),
    EnforceThrottlesAlarm: alarm(
      'New grants wait for the function',
      lambda('Throttles', 'EnforceIngressLambdaFunction'),
      HAPPENED,
    ),
    EnforceSecurityGroupErrorsAlarm: alarm(
      'New rules of security groups could not be evaluated or revoked',
      lambda('Errors', 'EnforceSecurityGroupLambdaFunction'),
      HAPPENED,
    ),
    EnforceSecurityGroupThrottlesAlarm: alarm(
      'New rules of security groups wait for the function',
      lambda('Throttles', 'EnforceSecurityGroupLambdaFunction'),
      HAPPENED,
    ),
    AuditErrorsAlarm: alarm('An audit failed', lambda('Errors', 'AuditGrantsLambdaFunction'), HAPPENED),
    AuditThrottlesAlarm: alarm('An audit could not start', lambda('Throttles', 'AuditGrantsLambdaFunction'), HAPPENED),
    DeadLettersAlarm: alarm(
      'Events wait in the dead-letter queue: grants may stand that were not evaluated',
      queue('DeadLetterQueue'),
      WAITING,
    ),
    UndeliveredAlarm: alarm(
      'EventBridge could not deliver events or messages, or SNS could not deliver a mail',
      queue('UndeliveredQueue'),
      WAITING,
    ),
    // Without these three, "nothing is lost" would rest on queues that take everything: docs/explanation/reliability.md.
    EventsLostAlarm: alarm(
      'Lambda lost events: it dropped them, or could not put them into the dead-letter queue. Grants may stand that were not evaluated',
      ofEvery(asynchronous, 'AsyncEventsDropped', 'DeadLetterErrors'),
      COUNTED,
    ),
    UndeliveredEventsLostAlarm: alarm(
      'EventBridge lost events or messages: it could not put them into UndeliveredQueue',
      anyOf({
        enforceIngress: lostBy(`${name}-enforceIngress`, memberBus),
        enforceSecurityGroup: lostBy(`${name}-enforceSecurityGroup`, memberBus),
        ...(organization && { closeRun: lostBy(`${name}-closeRun`), spoke: lostBy({ Ref: 'SpokeRule' }) }),
        ...Object.fromEntries(RULES_OF_RESULTS.map((id) => [id, lostBy({ Ref: id })])),
      }),
      COUNTED,
    ),
    OutcomesLostAlarm: alarm(
      'Lambda could not put outcomes on the event bus: no message was sent of them',
      ofEvery(asynchronous, 'DestinationDeliveryFailures'),
      COUNTED,
    ),
    PendingLostAlarm: alarm(
      'An event that waits for a cache that is being created was not handed to its function again',
      anyOf(failuresOf('PendingStateMachine')),
      COUNTED,
    ),
    FailedAlarm: alarm(
      'A grant could not be evaluated, or a denied one could not be revoked',
      outcomes('failed'),
      HAPPENED,
    ),
    RejectedAlarm: alarm(
      'An event could not be evaluated: it is malformed, contradicts itself, or is not for this stack',
      outcomes('rejected'),
      HAPPENED,
    ),
    RuleHeldAlarm: alarm(
      'A denied rule of a security group stands: the group guards more than caches, or too many are denied at once',
      outcomes('held'),
      HAPPENED,
    ),
    AuditFailedAlarm: alarm('An audit could not revoke a denied grant', ours('GrantsFailed'), HAPPENED),
    HeldAlarm: alarm(
      'An audit holds back denied grants: more than it may revoke, or in a group that guards more than caches',
      ours('GrantsHeld'),
      HAPPENED,
    ),
    NotJudgedAlarm: alarm('An audit could not evaluate everything', ours('NotJudged'), HAPPENED),
    AllowlistStaleAlarm: alarm(
      'The allowlist cannot be read; the last good one stays in force',
      ours('AllowlistStale'),
      HAPPENED,
    ),
    // Both periods over, and no audit ended with everything judged.
    AuditMissingAlarm: alarm('No audit has finished for two hours', ours('AuditFinished'), missing(60 * MINUTES, 2)),
    HeartbeatMissingAlarm: alarm(
      'No heartbeat came through bus, rule and function for half an hour: new grants would not be seen',
      ours('Heartbeat'),
      missing(15 * MINUTES, 2),
    ),
    SecurityGroupHeartbeatMissingAlarm: alarm(
      'No heartbeat came through bus, rule and function for half an hour: new rules of security groups would not be seen',
      ours('SecurityGroupHeartbeat'),
      missing(15 * MINUTES, 2),
    ),
    // CloudTrail delivers within minutes, and promises no time: an hour without one is a reason to look.
    CloudTrailHeartbeatMissingAlarm: alarm(
      'No call that CloudTrail recorded came for an hour: new grants would not be seen',
      ours('CloudTrailHeartbeat'),
      missing(15 * MINUTES, 4),
    ),
    ...(organization && OF_AN_ORGANIZATION),
    ...(imports && OF_SECURITY_HUB),
  };
  return { Resources: chats ? toldInChatsToo(alarms) : alarms };
};
