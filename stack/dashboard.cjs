// One page that answers: is it working, what did it do, how long did grants stand, who keeps making them?

const SERVICE = ['service', 'ingress-guard'];
const OUTCOMES = ['allowed', 'revoked', 'already-gone', 'would-revoke', 'held', 'not-applicable', 'rejected', 'failed'];

function graph(x, y, title, metrics, options = {}) {
  return {
    type: 'metric',
    x,
    y,
    width: 12,
    height: 6,
    properties: { title, metrics, region: '${AWS::Region}', view: 'timeSeries', stat: 'Sum', period: 300, ...options },
  };
}

function table(y, title, query) {
  return {
    type: 'log',
    x: 0,
    y,
    width: 24,
    height: 6,
    properties: { title, region: '${AWS::Region}', view: 'table', query },
  };
}

// Of either kind of grant, what stands for the same. The id of a rule is a new one each time that the rule is made.
const GRANT = `fields coalesce(grant.target.cacheSecurityGroupName, grant.target.cacheName) as cache,
    grant.target.securityGroupId as securityGroup,
    coalesce(grant.source.ec2SecurityGroupName, grant.source.securityGroupId, grant.source.cidr, grant.source.prefixListId) as source,
    coalesce(grant.source.ec2SecurityGroupOwnerId, grant.source.securityGroupOwnerId) as owner`;

// By grant, so that callers who take turns are seen too. Of a role without the name of its session, which changes.
const TUG_OF_WAR = `and outcome = 'revoked'
| parse grantedBy.arn /^(?<role>arn:[^\\/]+:assumed-role\\/[^\\/]+)/
| fields coalesce(role, grantedBy.arn, foundBy) as who
| ${GRANT}
| stats count(*) as times, count_distinct(who) as callers, latest(who) as lastCaller,
    latest(grantedBy.invokedBy) as lastInvokedBy, latest(grantedBy.userAgent) as lastUserAgent, latest(@timestamp) as last
  by bin(1d) as day, grant.region as region, cache, securityGroup, source, owner
| filter times > 2
| sort times desc`;

const LAST_DENIED = `and outcome in ['revoked', 'would-revoke', 'held', 'failed']
| ${GRANT}
| display @timestamp, outcome, cache, securityGroup, source, owner, decision.reasons.0.text, problem, grantedBy.arn
| sort @timestamp desc
| limit 50`;

/** The functions that log decisions, and those that do in an organization, too. */
const DECIDING = ['EnforceIngress', 'EnforceSecurityGroup', 'AuditGrants'];
const DECIDING_IN_MEMBERS = ['ActAccount', 'CloseRun'];

const decisionsOf = (functions) =>
  `${functions.map((one) => `SOURCE '\${${one}LogGroup}'`).join(' | ')} | filter message = 'decision'`;

const exposure = (stat, outcome) => [
  'IngressGuard',
  'Exposure',
  ...SERVICE,
  'outcome',
  outcome,
  { stat, label: `${outcome} ${stat}` },
];
const bodyOf = (decisions) => ({
  // A week, unless the reader says otherwise.
  start: '-P7D',
  widgets: [
    graph(
      0,
      0,
      'Outcomes of new grants',
      OUTCOMES.map((outcome) => ['IngressGuard', 'Outcomes', ...SERVICE, 'outcome', outcome]),
    ),
    graph(12, 0, 'Exposure: how long revoked grants stood', [exposure('p50', 'revoked'), exposure('p99', 'revoked')], {
      yAxis: { left: { label: 'ms', min: 0 } },
    }),
    graph(
      0,
      6,
      'Audits',
      ['GrantsChecked', 'GrantsDenied', 'GrantsRevoked', 'GrantsHeld', 'GrantsFailed', 'NotJudged', 'FoundByAudit'].map(
        (metric) => ['IngressGuard', metric, ...SERVICE],
      ),
      { period: 3600 },
    ),
    graph(
      12,
      6,
      'Is it alive?',
      [
        ['IngressGuard', 'Heartbeat', ...SERVICE],
        ['IngressGuard', 'SecurityGroupHeartbeat', ...SERVICE],
        ['IngressGuard', 'CloudTrailHeartbeat', ...SERVICE],
        ['IngressGuard', 'AuditFinished', ...SERVICE],
        ['IngressGuard', 'AllowlistStale', ...SERVICE],
        [
          'AWS/SQS',
          'ApproximateNumberOfMessagesVisible',
          'QueueName',
          '${DeadLetterQueue.QueueName}',
          { stat: 'Maximum', label: 'dead letters' },
        ],
      ],
      { period: 900 },
    ),
    // A template or a script that keeps adding a grant: the place to fix is there, not here.
    table(12, 'Tug of war: grants revoked more than twice in a day, and who makes them', `${decisions} ${TUG_OF_WAR}`),
    table(18, 'The last disallowed grants', `${decisions} ${LAST_DENIED}`),
  ],
});

module.exports = async ({ resolveVariable }) => {
  const organization = await resolveVariable('self:custom.organization');
  const body = bodyOf(decisionsOf([...DECIDING, ...(organization ? DECIDING_IN_MEMBERS : [])]));
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardBody: { 'Fn::Sub': JSON.stringify(body) } },
      },
    },
  };
};
