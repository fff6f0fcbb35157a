import { compileEventPattern } from '../../src/local/event-pattern.ts';
import { ofType, type Resource, refersTo, type Statement, statementsOf, type Template } from './template.ts';

/** What must hold for the stack; each rule tells what breaks it. General linters were seen to miss just these. */
export const RULES: Readonly<Record<string, (template: Template) => string[]>> = {
  'every function keeps what it could not handle': (template) =>
    asynchronous(template).flatMap(([id, { Properties }]) =>
      isQueue(template, Properties.DeadLetterConfig?.TargetArn) ? [] : [`${id} has no dead-letter queue`],
    ),

  'every function says how often and for how long it is tried again, and where its outcome goes': (template) =>
    asynchronous(template).flatMap(([id]) => {
      const config = ofType(template, 'AWS::Lambda::EventInvokeConfig')
        .map(([, { Properties }]) => Properties)
        .find((properties) => refersTo(properties.FunctionName) === id);
      const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig = {} } = config ?? {};
      return [
        ...(MaximumRetryAttempts === undefined ? [`${id} does not say how often it is tried again`] : []),
        ...(MaximumEventAgeInSeconds === undefined ? [`${id} does not say how old an event may get`] : []),
        ...(DestinationConfig.OnSuccess && DestinationConfig.OnFailure ? [] : [`${id} has no destinations`]),
      ];
    }),

  'every rule with a pattern keeps what it could not deliver': (template) =>
    patternRules(template).flatMap(([id, { Properties }]) =>
      Properties.Targets.flatMap((target: { DeadLetterConfig?: { Arn: unknown }; RetryPolicy?: unknown }) => [
        ...(isQueue(template, target.DeadLetterConfig?.Arn) ? [] : [`${id} has no dead-letter queue`]),
        ...(target.RetryPolicy ? [] : [`${id} has no retry policy`]),
      ]),
    ),

  'every event pattern can be compiled': (template) =>
    [...patternRules(template), ...ofType(template, 'AWS::Events::Archive')].flatMap(([id, { Properties }]) => {
      try {
        // What an ARN will be is not known here; that it is a text is enough.
        compileEventPattern(
          JSON.parse(JSON.stringify(Properties.EventPattern), (_, value) => (refersTo(value) ? 'arn' : value)),
        );
        return [];
      } catch (error) {
        return [`${id}: ${(error as Error).message}`];
      }
    }),

  // What the functions return is validated, cut and printable; what an event holds is whatever somebody wrote.
  'messages to people take nothing from an event as it came': (template) =>
    patternRules(template).flatMap(([id, { Properties }]) =>
      Properties.Targets.filter(({ Arn }: { Arn: unknown }) => isA(template, 'AWS::SNS::Topic', Arn)).flatMap(
        (target: { InputTransformer?: { InputPathsMap: Record<string, string> } }) =>
          Object.values(target.InputTransformer?.InputPathsMap ?? {})
            .filter((path) => !path.startsWith('$.detail.responsePayload.'))
            .map((path) => `${id} tells people ${path}`),
      ),
    ),

  'the watched events are archived, just as the rules take them': (template) => {
    const [[, archive] = []] = ofType(template, 'AWS::Events::Archive');
    if (archive === undefined) return ['there is no archive'];
    const watched = watchingRules(template).map(([, { Properties }]) => listsIn(Properties.EventPattern));
    const kept = listsIn(archive.Properties.EventPattern);
    return [
      ...(archive.Properties.RetentionDays >= 14 ? [] : ['the archive forgets within two weeks']),
      ...[...new Set([...watched, kept].flatMap(Object.keys))]
        .filter((key) => {
          // Replayed, a heartbeat would be counted as one of now.
          const taken = watched.flatMap((lists) => lists[key] ?? []).filter((one) => !one.includes('heartbeat'));
          return [...new Set(taken)].sort().join() !== [...new Set(kept[key])].sort().join();
        })
        .map((key) => `the archive keeps other events than the rules take: ${key}`),
    ];
  },

  'every queue is encrypted, keeps for 14 days and refuses anything but TLS': (template) =>
    ofType(template, 'AWS::SQS::Queue').flatMap(([id, { Properties }]) => [
      ...(Properties.SqsManagedSseEnabled === true ? [] : [`${id} is not encrypted`]),
      ...(Properties.MessageRetentionPeriod === 14 * 24 * 60 * 60 ? [] : [`${id} does not keep for 14 days`]),
      ...(deniesPlainHttp(template, 'AWS::SQS::QueuePolicy', 'Queues', id, 'sqs:*')
        ? []
        : [`${id} can be reached without TLS`]),
    ]),

  'every topic refuses anything but TLS': (template) =>
    ofType(template, 'AWS::SNS::Topic').flatMap(([id]) =>
      deniesPlainHttp(template, 'AWS::SNS::TopicPolicy', 'Topics', id, 'sns:Publish')
        ? []
        : [`${id} can be reached without TLS`],
    ),

  'there is an alarm for everything that should wake somebody': (template) => {
    const watched = ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => watchedBy(Properties));
    return WATCHED.filter((metric) => !watched.includes(metric)).map((metric) => `nothing watches ${metric}`);
  },

  'there is an alarm for every way in which Lambda or EventBridge can lose something': (template) => {
    const watched = ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) => watchedBy(Properties));
    const losses = [
      ...asynchronous(template).flatMap(([id]) =>
        ['AsyncEventsDropped', 'DeadLetterErrors', 'DestinationDeliveryFailures'].map(
          (name) => `AWS/Lambda ${name} ${id}`,
        ),
      ),
      // Under its name where the Serverless Framework made it, for the logical id of the rule is made of that; and with its bus, if it
      // is not the default one.
      ...patternRules(template).map(([id, { Properties }]) => {
        const bus = refersTo(Properties.EventBusName);
        const rule = id.endsWith('EventBridgeRule') ? Properties.Name : id;
        return ['AWS/Events InvocationsFailedToBeSentToDlq', ...(bus === undefined ? [] : [bus]), rule].join(' ');
      }),
    ];
    return losses.filter((metric) => !watched.includes(metric)).map((metric) => `nothing watches ${metric}`);
  },

  'every alarm tells somebody': (template) =>
    ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([id, { Properties }]) =>
      (Properties.AlarmActions ?? []).some(
        (action: unknown) => template.Resources[refersTo(action) ?? '']?.Type === 'AWS::SNS::Topic',
      )
        ? []
        : [`${id} tells nobody`],
    ),

  'alarms for what should happen go off when there is nothing at all': (template) =>
    ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([id, { Properties }]) =>
      /Heartbeat|AuditFinished/.test(Properties.MetricName) && Properties.TreatMissingData !== 'breaching'
        ? [`${id} takes silence for health`]
        : [],
    ),

  // What fails fails again every hour, with each audit, or every quarter of one, with each heartbeat.
  'an alarm that counts stays on while its cause goes on, and does not tell each time': (template) =>
    ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([id, { Properties }]) => {
      const { TreatMissingData, EvaluationPeriods, DatapointsToAlarm } = Properties;
      const [{ Stat, Period }] = metricsOf(Properties) as [MetricStat];
      if (Stat !== 'Sum' || TreatMissingData === 'breaching') return [];
      return Period * EvaluationPeriods >= 2 * 60 * 60 && DatapointsToAlarm === 1 ? [] : [`${id} tells each time`];
    }),

  'every function has a log group that does not keep for ever': (template) =>
    ofType(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
      const group = template.Resources[refersTo(Properties.LoggingConfig?.LogGroup) ?? ''];
      return group?.Properties.RetentionInDays > 0 ? [] : [`the logs of ${id} are kept for ever`];
    }),

  // docs/decisions/0016-evidence-outlives-the-stack.md
  'evidence outlives the stack, and what is left of it does not end the next first deployment': (template) =>
    Object.entries(template.Resources).flatMap(([id, { Type, Properties, DeletionPolicy, UpdateReplacePolicy }]) => {
      const { policies, name } = EVIDENCE[Type] ?? {};
      // A member's stack goes as a whole, and audits find its queue by the name.
      if (policies === undefined || name === undefined || id === 'SpokeQueue') return [];
      return [
        ...(policies.includes(DeletionPolicy ?? '') ? [] : [`${id} goes with the stack`]),
        ...(UpdateReplacePolicy === 'Retain' ? [] : [`${id} goes when it is replaced`]),
        ...(Properties[name] === undefined || refersTo(Properties[name]) === 'AWS::NoValue'
          ? []
          : [`${id} has a name that the next one would have too`]),
      ];
    }),

  'every function has a role of its own': (template) => {
    const roles = ofType(template, 'AWS::Lambda::Function').map(([, { Properties }]) => refersTo(Properties.Role));
    return new Set(roles).size === roles.length ? [] : ['two functions share a role'];
  },

  'no role allows more than is named': (template) =>
    ofType(template, 'AWS::IAM::Role').flatMap(([id, role]) =>
      statementsOf(role).flatMap((statement) => tooWide(statement).map((what) => `${id} allows ${what}`)),
    ),

  'whoever has the heartbeat’s role can pass for nothing but a heartbeat': (template) =>
    ofType(template, 'AWS::Scheduler::Schedule').flatMap(([id, { Properties }]) => {
      const { EventBridgeParameters, RoleArn } = Properties.Target;
      if (EventBridgeParameters === undefined) return [];
      const role = template.Resources[refersTo(RoleArn) ?? ''];
      const bound = { StringEquals: { 'events:source': EventBridgeParameters.Source } };
      return (role === undefined ? [] : statementsOf(role)).some(
        ({ Condition }) => JSON.stringify(Condition) !== JSON.stringify(bound),
      )
        ? [`the role of ${id} can put other events on the bus`]
        : [];
    }),

  // docs/decisions/0036-heartbeat-through-cloudtrail.md
  'the role of a call that must fail can make that call alone, for a security group that no one has': (template) =>
    ofType(template, 'AWS::Scheduler::Schedule').flatMap(([id, { Properties }]) => {
      const { Arn, RoleArn, Input } = Properties.Target;
      const { 'Fn::Sub': target = '' } = (Arn ?? {}) as { 'Fn::Sub'?: string };
      if (!target.includes(':aws-sdk:')) return [];
      const role = template.Resources[refersTo(RoleArn) ?? ''];
      const users = ofType(template, 'AWS::Scheduler::Schedule').filter(
        ([, other]) => refersTo(other.Properties.Target.RoleArn) === refersTo(RoleArn),
      );
      const Resource = {
        'Fn::Sub': 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group/sg-00000000000000000',
      };
      const only = [{ Effect: 'Allow', Action: 'ec2:AuthorizeSecurityGroupIngress', Resource }];
      return [
        ...(target === 'arn:${AWS::Partition}:scheduler:::aws-sdk:ec2:authorizeSecurityGroupIngress'
          ? []
          : [`${id} makes another call: ${target}`]),
        ...(JSON.parse(Input).GroupId === 'sg-00000000000000000' ? [] : [`${id} names a security group`]),
        ...(role !== undefined && JSON.stringify(statementsOf(role)) === JSON.stringify(only) && users.length === 1
          ? []
          : [`the role of ${id} allows more than its call`]),
      ];
    }),

  // A member cannot pass for another account: EventBridge writes the account into an event. Who may send one, this says.
  'members’ events come from the organization alone, and are watched calls or heartbeats': (template) =>
    ofType(template, 'AWS::Events::EventBus').flatMap(([id]) => {
      const policies = ofType(template, 'AWS::Events::EventBusPolicy').filter(
        ([, { Properties }]) => refersTo(Properties.EventBusName) === id,
      );
      const { Effect, Action, Condition = {} } = policies[0]?.[1].Properties.Statement ?? {};
      const sources = [...(Condition['ForAllValues:StringEquals']?.['events:source'] ?? [])].sort().join();
      return [
        ...(policies.length === 1 ? [] : [`${id} does not have just one policy`]),
        ...(Effect === 'Allow' && Action === 'events:PutEvents' ? [] : [`${id} allows more than to put events`]),
        ...(/^o-[a-z0-9]+$/.test(Condition.StringEquals?.['aws:PrincipalOrgID'] ?? '') ? [] : [`${id} is open`]),
        ...(sources === 'aws.ec2,aws.elasticache,ingress-guard.heartbeat'
          ? []
          : [`${id} takes other sources: ${sources}`]),
      ];
    }),

  'a member that fails keeps no other member from its part, and new accounts get theirs': (template) =>
    ofType(template, 'AWS::CloudFormation::StackSet').flatMap(([id, { Properties }]) => {
      const { AutoDeployment, OperationPreferences, PermissionModel, CallAs } = Properties;
      const { FailureTolerancePercentage, ConcurrencyMode, RegionConcurrencyType } = OperationPreferences ?? {};
      return [
        ...(FailureTolerancePercentage === 100 && ConcurrencyMode === 'SOFT_FAILURE_TOLERANCE'
          ? []
          : [`${id} stops at failures`]),
        ...(RegionConcurrencyType === 'PARALLEL' ? [] : [`${id} does one region after the other`]),
        ...(AutoDeployment?.Enabled === true && AutoDeployment.RetainStacksOnAccountRemoval === false
          ? []
          : [`${id} does not follow the organization`]),
        ...(PermissionModel === 'SERVICE_MANAGED' && CallAs === 'DELEGATED_ADMIN'
          ? []
          : [`${id} needs roles in members`]),
      ];
    }),

  'who takes a role of a member is known by a path, and only who revokes takes the role that can': (template) =>
    ofType(template, 'AWS::IAM::Role').flatMap(([id, role]) => {
      const taken = statementsOf(role)
        .filter(({ Action }) => [Action].flat().includes('sts:AssumeRole'))
        .flatMap(({ Resource }) => [Resource].flat().map((one) => JSON.stringify(one)));
      return [
        ...(taken.length > 0 && role.Properties.Path !== '/ingress-guard/' ? [`${id} is not known to members`] : []),
        ...(taken.every((one) => /:role\/ingress-guard-(read|revoke|findings)"/.test(one))
          ? []
          : [`${id} takes other roles`]),
        ...(taken.some((one) => one.includes('revoke')) && !REVOKING.includes(id)
          ? [`${id} takes a role that revokes`]
          : []),
        ...(taken.some((one) => one.includes('findings')) && id !== 'CloseRunRole'
          ? [`${id} takes a role that imports findings`]
          : []),
      ];
    }),

  'no region, account or partition is written down': (template) => {
    const text = JSON.stringify(template);
    return [
      ...(text.match(/arn:aws[a-z-]*:[^"]*/g) ?? []),
      ...(text.match(/(?<![0-9a-f-])(?!000000000000)[0-9]{12}(?![0-9])/g) ?? []),
      ...(text.match(/\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-[a-z]+)+-[0-9]\b/g) ?? []),
    ];
  },
};

/** The metrics that an alarm must watch: namespace, name and what tells it from others of the name. */
const WATCHED = [
  'AWS/Lambda Errors EnforceIngressLambdaFunction',
  'AWS/Lambda Throttles EnforceIngressLambdaFunction',
  'AWS/Lambda Errors EnforceSecurityGroupLambdaFunction',
  'AWS/Lambda Throttles EnforceSecurityGroupLambdaFunction',
  'AWS/Lambda Errors AuditGrantsLambdaFunction',
  'AWS/Lambda Throttles AuditGrantsLambdaFunction',
  'AWS/SQS ApproximateNumberOfMessagesVisible DeadLetterQueue',
  'AWS/SQS ApproximateNumberOfMessagesVisible UndeliveredQueue',
  'IngressGuard Outcomes ingress-guard failed',
  'IngressGuard Outcomes ingress-guard rejected',
  'IngressGuard Outcomes ingress-guard held',
  'IngressGuard GrantsFailed ingress-guard',
  'IngressGuard GrantsHeld ingress-guard',
  'IngressGuard NotJudged ingress-guard',
  'IngressGuard AllowlistStale ingress-guard',
  'IngressGuard AuditFinished ingress-guard',
  'IngressGuard Heartbeat ingress-guard',
  'IngressGuard SecurityGroupHeartbeat ingress-guard',
  'IngressGuard CloudTrailHeartbeat ingress-guard',
];

/** The roles of the functions that revoke. */
const REVOKING = ['EnforceIngressRole', 'EnforceSecurityGroupRole', 'ActAccountRole'];

/** What keeps evidence: the policies that keep it when the stack goes, and the property that would name it. */
const EVIDENCE: Readonly<Record<string, { readonly policies: readonly string[]; readonly name: string }>> = {
  'AWS::Logs::LogGroup': { policies: ['Retain'], name: 'LogGroupName' },
  'AWS::SQS::Queue': { policies: ['Retain'], name: 'QueueName' },
  'AWS::Events::Archive': { policies: ['Retain', 'RetainExceptOnCreate'], name: 'ArchiveName' },
};

interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Value: unknown }[];
}
interface MetricStat {
  readonly Metric: Metric;
  readonly Stat: string;
  readonly Period: number;
}
interface Alarm extends Metric {
  readonly Statistic: string;
  readonly Period: number;
  readonly Metrics?: readonly { readonly MetricStat?: MetricStat }[];
}

/** The metrics of an alarm, be it on one or on several. */
function metricsOf({ Metrics, Statistic, Period, Namespace, MetricName, Dimensions }: Alarm): MetricStat[] {
  if (Metrics !== undefined) return Metrics.flatMap(({ MetricStat }) => MetricStat ?? []);
  return [{ Metric: { Namespace, MetricName, Dimensions }, Stat: Statistic, Period }];
}

function watchedBy(alarm: Alarm): string[] {
  return metricsOf(alarm).map(({ Metric: { Namespace, MetricName, Dimensions } }) => {
    const values = Dimensions.map(({ Value }) => (typeof Value === 'string' ? Value : refersTo(Value)));
    return [Namespace, MetricName, ...values].join(' ');
  });
}

function patternRules(template: Template): [string, Resource][] {
  return ofType(template, 'AWS::Events::Rule').filter(([, { Properties }]) => Properties.EventPattern !== undefined);
}

/** The rules of watched calls that invoke functions. */
function watchingRules(template: Template): [string, Resource][] {
  return patternRules(template).filter(
    ([, { Properties }]) =>
      invokedBy(Properties) !== undefined && !JSON.stringify(Properties.EventPattern).includes('"aws.states"'),
  );
}

/** The functions that AWS's services invoke and do not wait for. The others only a state machine invokes, and waits for. */
function asynchronous(template: Template): [string, Resource][] {
  const invoked = ofType(template, 'AWS::Lambda::Permission').map(([, { Properties }]) =>
    refersTo(Properties.FunctionName),
  );
  return ofType(template, 'AWS::Lambda::Function').filter(([id]) => invoked.includes(id));
}

/** The rule that invokes a function. */
export function watchingRule(template: Template, functionLogicalId: string): [string, Resource] {
  const found = watchingRules(template).find(([, { Properties }]) => invokedBy(Properties) === functionLogicalId);
  if (found === undefined) throw new Error(`no rule invokes ${functionLogicalId}`);
  return found;
}

function invokedBy({ Targets }: { Targets: { Arn: unknown }[] }): string | undefined {
  return Targets.map(({ Arn }) => refersTo(Arn)).find((id) => id?.endsWith('LambdaFunction'));
}

/** The lists in a pattern, by their keys: `{ "detail.eventName": ['"CreateCacheCluster"', …] }` */
function listsIn(pattern: object, path = ''): Record<string, string[]> {
  return Object.assign(
    {},
    ...Object.entries(pattern).map(([key, value]) =>
      // The other alternative is that of the heartbeat, which no archive keeps.
      key === '$or'
        ? listsIn(value[0], path)
        : Array.isArray(value)
          ? { [path + key]: value.map((one) => JSON.stringify(one)) }
          : listsIn(value, `${path}${key}.`),
    ),
  );
}

function isQueue(template: Template, arn: unknown): boolean {
  return isA(template, 'AWS::SQS::Queue', arn);
}

function isA({ Resources }: Template, type: string, arn: unknown): boolean {
  return Resources[refersTo(arn) ?? '']?.Type === type;
}

function deniesPlainHttp(template: Template, type: string, key: string, id: string, action: string): boolean {
  return ofType(template, type).some(
    ([, { Properties }]) =>
      Properties[key].some((one: unknown) => refersTo(one) === id) &&
      Properties.PolicyDocument.Statement.some(
        (statement: Statement & { Principal: unknown }) =>
          statement.Effect === 'Deny' &&
          statement.Principal === '*' &&
          statement.Action === action &&
          JSON.stringify(statement.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}' &&
          [statement.Resource].flat().some((resource) => refersTo(resource) === id),
      ),
  );
}

/** Actions for which AWS knows no resource to name. */
const WITHOUT_RESOURCE = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'organizations:ListAccounts',
  'organizations:ListDelegatedAdministrators',
];
/** Actions that AWS lets a role be given for some regions, if not for some resources. */
const BY_REGION = [
  'elasticache:RevokeCacheSecurityGroupIngress',
  'ec2:DescribeManagedPrefixLists',
  'ec2:DescribeSecurityGroupRules',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeVpcEndpoints',
  'ec2:GetManagedPrefixListEntries',
  'securityhub:GetFindings',
];

function tooWide({ Action, Resource, Condition }: Statement): string[] {
  const actions = [Action].flat();
  const resources = [Resource].flat();
  const inSomeRegions = Condition?.StringEquals?.['aws:RequestedRegion'] !== undefined;
  const narrow = inSomeRegions ? [...WITHOUT_RESOURCE, ...BY_REGION] : WITHOUT_RESOURCE;
  return [
    ...actions.filter((action) => action.includes('*')),
    ...(resources.includes('*') ? actions.filter((action) => !narrow.includes(action)) : []).map(
      (action) => `${action} on everything`,
    ),
    ...(!inSomeRegions && resources.some((one) => regionOf(one) === '*')
      ? actions.map((action) => `${action} in every region`)
      : []),
  ];
}

/** The region in an ARN, as it is written. */
function regionOf(resource: unknown): string | undefined {
  const { 'Fn::Sub': arn = resource } = (resource ?? {}) as { 'Fn::Sub'?: unknown };
  return typeof arn === 'string' ? arn.replace(/\$\{[^}]*\}/g, 'parameter').split(':')[3] : undefined;
}
