import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
} from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeAccountAttributesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeRuleCommand, EventBridgeClient, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionCommand, GetPolicyCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import { deployStack } from '../../src/local/deploy-stack.ts';
import { subscribe } from '../../src/local/sns/topics.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { recordingFunction, startAws } from '../support/local-aws/local-aws.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import { kept } from '../support/local-aws/organization.ts';

type Settings = Parameters<typeof startAws>[0];

async function start(settings: Settings = {}) {
  const started = await startAws(settings);
  const { aws, clock } = started;
  const place = { folder: '.', account: ACCOUNT, region: REGION, stage: 'test' };
  const stack = await deployStack(aws.accounts, { ...place, settings: { mode: 'enforce' } });
  const region = aws.region(REGION);
  if (region === undefined) throw new Error('no region');
  const as = (name = REGION) => ({
    region: name,
    endpoint: aws.url,
    credentials,
    maxAttempts: 1,
    // The local AWS looks at the times of signatures by its own clock.
    systemClockOffset: clock.now() - Date.now(),
  });
  return { ...started, stack, here: region, as };
}

describe('Lambda', () => {
  test('says of a function its role, its environment, that it is active, and what is reserved for it', async () => {
    const { as, here } = await start();
    const client = kept(new LambdaClient(as()));
    const command = new GetFunctionCommand({ FunctionName: 'enforceIngress' });

    const before = await client.send(command);
    Object.assign(here.functions.find('enforceIngress') ?? {}, { reservedConcurrency: 0 });
    const after = await client.send(command);

    expect(before.Configuration).toMatchObject({
      FunctionName: 'enforceIngress',
      State: 'Active',
      Role: `arn:aws:iam::${ACCOUNT}:role/elasticache-ingress-guard-test-EnforceIngressRole-${REGION}`,
      Environment: { Variables: { INGRESS_GUARD_MODE: 'enforce' } },
    });
    expect([before.Concurrency, after.Concurrency]).toEqual([undefined, { ReservedConcurrentExecutions: 0 }]);
  });

  test('says that the rule may invoke the function', async () => {
    const { as } = await start();
    const client = kept(new LambdaClient(as()));

    const { Policy = '' } = await client.send(new GetPolicyCommand({ FunctionName: 'enforceIngress' }));

    expect(JSON.parse(Policy).Statement).toMatchObject([
      {
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'lambda:InvokeFunction',
        Condition: {
          ArnLike: {
            'AWS:SourceArn': `arn:aws:events:${REGION}:${ACCOUNT}:rule/elasticache-ingress-guard-test-enforceIngress`,
          },
        },
      },
    ]);
  });

  test.each([
    ['a function that is not there', new GetFunctionCommand({ FunctionName: 'none' })],
    ['the policy of a function without one', new GetPolicyCommand({ FunctionName: 'auditGrants' })],
  ])('answers ResourceNotFoundException: %s', async (_, command) => {
    const { as, here } = await start();
    Object.assign(here.functions.find('auditGrants') ?? {}, { policy: [] });

    await expect(kept(new LambdaClient(as())).send(command as GetPolicyCommand)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

describe('EventBridge', () => {
  test('has the rules of the stack, of events and of schedules, with their targets', async () => {
    const { as, stack } = await start();
    const client = kept(new EventBridgeClient(as()));
    const Name = stack.outputs.get('AuditScheduleRuleName');

    const rule = await client.send(new DescribeRuleCommand({ Name }));
    const { Targets } = await client.send(new ListTargetsByRuleCommand({ Rule: Name }));

    expect(rule).toMatchObject({ State: 'ENABLED', ScheduleExpression: 'rate(1 hour)' });
    expect(rule.EventPattern).toBeUndefined();
    expect(Targets).toMatchObject([{ Arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:auditGrants` }]);
  });
});

describe('IAM', () => {
  test('says what the role of a function may do, by its policy and where the call goes', async () => {
    const { as, here } = await start();
    const client = kept(new IAMClient(as('us-east-1')));
    const decide = async (where: string) => {
      const { EvaluationResults = [] } = await client.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: here.functions.find('enforceIngress')?.role,
          ActionNames: ['elasticache:RevokeCacheSecurityGroupIngress', 'ec2:AuthorizeSecurityGroupIngress'],
          ContextEntries: [
            { ContextKeyName: 'aws:RequestedRegion', ContextKeyType: 'string', ContextKeyValues: [where] },
          ],
        }),
      );
      return EvaluationResults.map(({ EvalDecision }) => EvalDecision);
    };

    expect(await decide(REGION)).toEqual(['allowed', 'implicitDeny']);
    expect(await decide('mars-1')).toEqual(['implicitDeny', 'implicitDeny']);
  });

  test('answers NoSuchEntity for a role that is not there', async () => {
    const { as } = await start();
    const input = { PolicySourceArn: `arn:aws:iam::${ACCOUNT}:role/none`, ActionNames: ['sqs:SendMessage'] };

    await expect(
      kept(new IAMClient(as('us-east-1'))).send(new SimulatePrincipalPolicyCommand(input)),
    ).rejects.toMatchObject({ name: expect.stringContaining('NoSuchEntity') });
  });
});

describe('SNS', () => {
  test('lists who gets the messages of the topic, and who has not confirmed it, a hundred on a page', async () => {
    const { as, here, stack } = await start();
    const client = kept(new SNSClient(as()));
    const TopicArn = stack.outputs.get('AlertTopicArn');
    const topic = here.topics.find(TopicArn ?? '');
    if (topic === undefined) throw new Error('no topic');
    for (let i = 0; i < 100; i++) subscribe(topic, 'email', `person-${i}@example.com`);

    const first = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const second = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken: first.NextToken }));

    expect(first.Subscriptions?.slice(0, 2)).toMatchObject([
      { Endpoint: 'oncall@example.com', SubscriptionArn: expect.stringContaining(`${TopicArn}:`) },
      { Endpoint: 'person-0@example.com', SubscriptionArn: 'PendingConfirmation' },
    ]);
    expect(second.Subscriptions).toMatchObject([{ Endpoint: 'person-99@example.com' }]);
    expect(second.NextToken).toBeUndefined();
  });

  test('answers NotFound for a topic that is not there', async () => {
    const { as } = await start();
    const input = { TopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:none` };

    await expect(kept(new SNSClient(as())).send(new ListSubscriptionsByTopicCommand(input))).rejects.toMatchObject({
      name: expect.stringContaining('NotFound'),
    });
  });
});

describe('CloudWatch', () => {
  const heartbeats = { namespace: 'IngressGuard', name: 'Heartbeat', dimensions: { service: 'ingress-guard' } };
  const queryOf = (Stat: string) => ({
    Id: 'heartbeats',
    MetricStat: {
      Metric: {
        Namespace: 'IngressGuard',
        MetricName: 'Heartbeat',
        Dimensions: [{ Name: 'service', Value: 'ingress-guard' }],
      },
      Period: 300,
      Stat,
    },
  });

  test('sums up what functions printed, period by period, the newest first', async () => {
    const { aws, as, clock } = await start();
    const line = JSON.stringify({
      _aws: {
        Timestamp: 0,
        CloudWatchMetrics: [{ Namespace: 'IngressGuard', Dimensions: [['service']], Metrics: [{ Name: 'Heartbeat' }] }],
      },
      service: 'ingress-guard',
      Heartbeat: [1],
    });
    const begin = clock.now();
    for (const advance of [0, 0, 600_000]) {
      await clock.advance(advance);
      aws.events.emit('output', { functionName: 'enforceIngress', line });
    }

    const { MetricDataResults = [] } = await kept(new CloudWatchClient(as())).send(
      new GetMetricDataCommand({
        MetricDataQueries: [queryOf('Sum')],
        StartTime: new Date(begin),
        EndTime: new Date(clock.now() + 1_000),
      }),
    );

    expect(MetricDataResults[0]?.Values).toEqual([1, 2]);
    const [newest = new Date(0), oldest = new Date(0)] = MetricDataResults[0]?.Timestamps ?? [];
    expect([newest.getTime() % 300_000, newest.getTime() - oldest.getTime()]).toEqual([0, 600_000]);
  });

  test('has no values of a metric of other dimensions, nor of another time', async () => {
    const { as, here, clock } = await start();
    here.metrics.put({ ...heartbeats, dimensions: {} }, 1);
    here.metrics.put(heartbeats, 1, clock.now() - 3_600_000);

    const { MetricDataResults } = await kept(new CloudWatchClient(as())).send(
      new GetMetricDataCommand({
        MetricDataQueries: [queryOf('Sum')],
        StartTime: new Date(clock.now() - 60_000),
        EndTime: new Date(clock.now() + 1_000),
      }),
    );

    expect(MetricDataResults).toMatchObject([{ Id: 'heartbeats', Values: [], Timestamps: [] }]);
  });

  test('refuses what it does not know: a percentile', async () => {
    const { as } = await start();
    const input = { MetricDataQueries: [queryOf('p99')], StartTime: new Date(0), EndTime: new Date() };

    await expect(kept(new CloudWatchClient(as())).send(new GetMetricDataCommand(input))).rejects.toThrow('statistics');
  });
});

describe('CloudTrail', () => {
  test('has a trail of all regions that logs management events', async () => {
    const { as } = await start();
    const client = kept(new CloudTrailClient(as(OTHER_REGION)));

    const { trailList = [] } = await client.send(new DescribeTrailsCommand({}));
    const arn = trailList[0]?.TrailARN;
    const status = await client.send(new GetTrailStatusCommand({ Name: arn }));
    const { EventSelectors } = await client.send(new GetEventSelectorsCommand({ TrailName: arn }));

    expect(trailList).toMatchObject([{ Name: 'management-events', IsMultiRegionTrail: true, HomeRegion: REGION }]);
    expect(status.IsLogging).toBe(true);
    expect(EventSelectors).toMatchObject([{ ReadWriteType: 'All', IncludeManagementEvents: true }]);
  });

  test('shows no shadow of a trail of another region to a call that wants none', async () => {
    const { as } = await start();

    const { trailList } = await kept(new CloudTrailClient(as(OTHER_REGION))).send(
      new DescribeTrailsCommand({ includeShadowTrails: false }),
    );

    expect(trailList).toEqual([]);
  });

  test('answers TrailNotFoundException for the shadow of a trail by its name alone', async () => {
    const { as } = await start();
    const client = kept(new CloudTrailClient(as(OTHER_REGION)));

    await expect(client.send(new GetTrailStatusCommand({ Name: 'management-events' }))).rejects.toMatchObject({
      name: 'TrailNotFoundException',
    });
  });

  test.each<[string, Parameters<typeof Object.assign>[1], number]>([
    ['a trail that logs', {}, 1],
    ['a trail that does not log', { isLogging: false }, 0],
    ['a trail of another region alone', { isMultiRegion: false, homeRegion: OTHER_REGION }, 0],
    [
      'a trail of calls that only read',
      {
        eventSelectors: [
          { ReadWriteType: 'ReadOnly', IncludeManagementEvents: true, ExcludeManagementEventSources: [] },
        ],
      },
      0,
    ],
    [
      'a trail of data events alone',
      { eventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: false, ExcludeManagementEventSources: [] }] },
      0,
    ],
    [
      'advanced selectors that take it',
      {
        eventSelectors: undefined,
        advancedEventSelectors: [
          {
            FieldSelectors: [
              { Field: 'eventCategory', Equals: ['Management'] },
              { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] },
            ],
          },
        ],
      },
      1,
    ],
    [
      'advanced selectors that leave the service out',
      {
        eventSelectors: undefined,
        advancedEventSelectors: [
          {
            FieldSelectors: [
              { Field: 'eventCategory', Equals: ['Management'] },
              { Field: 'eventSource', NotEquals: ['elasticache.amazonaws.com'] },
            ],
          },
        ],
      },
      0,
    ],
  ])('gives EventBridge a call only where a trail logs it: %s', async (_, changes, delivered) => {
    const { aws, call, events } = await start();
    for (const trail of aws.accounts.home.trails.in(REGION)) Object.assign(trail, changes);

    await call('CreateCacheSecurityGroup', { CacheSecurityGroupName: 'sessions', Description: 'x' });
    await aws.idle();

    expect(events.length).toBe(delivered);
  });
});

test.each([
  ['EC2-Classic and VPC', false, ['EC2', 'VPC']],
  ['VPC alone', true, ['VPC']],
])('EC2 says which platforms the account has: %s', async (_, vpcOnly, platforms) => {
  const { as } = await start({ vpcOnly });

  const { AccountAttributes = [] } = await kept(new EC2Client(as())).send(
    new DescribeAccountAttributesCommand({ AttributeNames: ['supported-platforms'] }),
  );

  expect(AccountAttributes[0]?.AttributeValues?.map(({ AttributeValue }) => AttributeValue)).toEqual(platforms);
});

test.each([
  ['enabled', 'ENABLED', 1],
  ['disabled', 'DISABLED', 0],
] as const)('the rule of a function brings it events while it is enabled: %s', async (_, state, times) => {
  const { aws, call, here } = await start();
  const target = recordingFunction({ name: 'enforceIngress' });
  aws.deploy([target]);
  const rule = here.eventBuses.find('default')?.rules.get('elasticache-ingress-guard-test-enforceIngress');
  if (rule === undefined) throw new Error('no rule');
  here.eventBuses.putRule('default', { ...rule, state });

  await call('CreateCacheSecurityGroup', { CacheSecurityGroupName: 'sessions', Description: 'x' });
  await aws.idle();

  expect(target.invocations).toHaveLength(times);
});
