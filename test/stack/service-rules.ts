import { NAMES, referred, resolve } from './resolve.ts';
import { ofType, type Resource, refersTo, type Statement, statementsOf, type Template } from './template.ts';

/**
 * Rules of AWS's services that no schema knows: CloudFormation finds most of it out while it creates. Each rule returns what breaks
 * it. Lengths are those of the values that AWS gets, with the longest names of partition and region.
 */
export const SERVICE_RULES: Readonly<Record<string, (template: Template) => string[]>> = {
  // SQS Developer Guide, special information for SQS policies. Of two policies for one queue the last one that is put is all.
  'a queue policy is the only one of its one queue, and each statement is about that queue': (template) =>
    policiesOfOneEach(template, 'AWS::SQS::QueuePolicy', 'Queues'),

  // SNS answers "must apply to a single resource" otherwise.
  'a topic policy is the only one of its one topic, and each statement is about that topic': (template) =>
    policiesOfOneEach(template, 'AWS::SNS::TopicPolicy', 'Topics'),

  // SQS Developer Guide, quotas related to policies; that ids differ, there too.
  'a queue policy has no more than SQS takes': (template) =>
    ofType(template, 'AWS::SQS::QueuePolicy').flatMap(([id, { Properties }]) => {
      const policy = resolve(template, Properties.PolicyDocument) as Policy;
      return tooMuch(id, {
        'bytes in a policy': [Buffer.byteLength(JSON.stringify(policy)), 8192],
        'statements in a policy': [policy.Statement.length, 20],
        'actions in a statement': [most(policy, ({ Action }) => [Action].flat()), 7],
        'principals in a statement': [most(policy, ({ Principal = {} }) => Object.values(Principal).flat()), 50],
        'conditions in a statement': [
          most(policy, ({ Condition = {} }) => Object.values(Condition).flatMap(Object.keys)),
          10,
        ],
        'statements with the same id': [
          policy.Statement.length - new Set(policy.Statement.map(({ Sid }) => Sid)).size,
          0,
        ],
      });
    }),

  // IAM User Guide, IAM and STS quotas: without white space.
  'a role has no more in its policies than IAM takes': (template) =>
    ofType(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) => {
      const policies = (Properties.Policies as { PolicyDocument: Policy }[]).map(({ PolicyDocument }) =>
        characters(resolve(template, PolicyDocument)),
      );
      return tooMuch(id, {
        'characters in all inline policies': [policies.reduce((sum, one) => sum + one, 0), 10_240],
        'characters in the trust policy': [characters(resolve(template, Properties.AssumeRolePolicyDocument)), 2048],
      });
    }),

  'names and descriptions are no longer than their service takes': (template) =>
    Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
      const { property, longest } = NAMES[Type] ?? {};
      const limits = { ...(property && { [property]: longest }), ...LONGEST[Type] };
      return Object.entries(limits).flatMap(([name, limit]) => {
        const value = resolve(template, Properties[name]);
        return tooMuch(id, {
          [`characters in ${name}`]: [value === undefined ? 0 : String(value).length, limit as number],
        });
      });
    }),

  // Lambda Developer Guide, quotas: keys and values together.
  'a function has no more in its environment than Lambda takes': (template) =>
    ofType(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
      const variables = Object.entries(resolve(template, Properties.Environment?.Variables ?? {}) as object).flat();
      return tooMuch(id, { 'bytes in the environment': [Buffer.byteLength(variables.join('')), 4096] });
    }),

  // EventBridge User Guide, "Comparison operators" and quotas.
  'an event pattern is one that EventBridge takes': (template) =>
    [...ofType(template, 'AWS::Events::Rule'), ...ofType(template, 'AWS::Events::Archive')].flatMap(
      ([id, { Properties }]) => {
        if (Properties.EventPattern === undefined) return [];
        const pattern = resolve(template, Properties.EventPattern);
        return [
          ...wrongInPattern(pattern).map((what) => `${id}: ${what}`),
          ...tooMuch(id, { 'characters in an event pattern': [JSON.stringify(pattern).length, 2048] }),
        ];
      },
    ),

  // EventBridge User Guide, input transformation, and API reference, InputTransformer.
  'a message is made as EventBridge can make it': (template) =>
    targets(template).flatMap(([id, { InputTransformer }]) =>
      InputTransformer === undefined ? [] : wrongInTransformer(InputTransformer).map((what) => `${id}: ${what}`),
    ),

  // EventBridge API reference: Rule, PutTargets, RetryPolicy.
  'a rule has no more targets than EventBridge takes, and tries no longer': (template) =>
    ofType(template, 'AWS::Events::Rule').flatMap(([id, { Properties }]) => {
      const { Targets } = Properties as { Targets: Target[] };
      return [
        ...tooMuch(id, {
          targets: [Targets.length, 5],
          'targets with the same id': [Targets.length - new Set(Targets.map(({ Id }) => Id)).size, 0],
          'characters in the id of a target': [Math.max(...Targets.map(({ Id }) => Id.length)), 64],
          retries: [Math.max(...Targets.map(({ RetryPolicy }) => RetryPolicy?.MaximumRetryAttempts ?? 0)), 185],
          'seconds of retries': [
            Math.max(...Targets.map(({ RetryPolicy }) => RetryPolicy?.MaximumEventAgeInSeconds ?? 0)),
            86_400,
          ],
        }),
      ];
    }),

  'EventBridge may hand over to every target': (template) =>
    targets(template).flatMap(([id, { Arn, RoleArn }]) =>
      mayHandOver(template, id, Arn, RoleArn)
        ? []
        : [`EventBridge may not hand over from ${id} to ${JSON.stringify(Arn)}`],
    ),

  // EventBridge User Guide, "Using dead-letter queues": standard queues only.
  'EventBridge may put what it could not hand over into a queue that it can use': (template) =>
    targets(template).flatMap(([id, { DeadLetterConfig }]) => {
      if (DeadLetterConfig === undefined) return [];
      const queue = referred(template, DeadLetterConfig.Arn);
      return [
        ...(queue?.Properties.FifoQueue ? [`${id} has a FIFO queue for dead letters`] : []),
        ...(mayHandOver(template, id, DeadLetterConfig.Arn) ? [] : [`EventBridge may not put dead letters of ${id}`]),
      ];
    }),

  // Step Functions Developer Guide, "IAM policies for integrated services".
  'a state machine may do what its tasks do': (template) =>
    ofType(template, 'AWS::StepFunctions::StateMachine').flatMap(([id, { Properties }]) => {
      const role = referred(template, Properties.RoleArn);
      const { Definition, DefinitionSubstitutions } = Properties;
      const given = (placeholder: string) => DefinitionSubstitutions[placeholder.replace(/^\$\{|\}$/g, '')];
      const isTrusted = JSON.stringify(role?.Properties.AssumeRolePolicyDocument)?.includes('"states.amazonaws.com"');
      const tasks = statesIn(Definition.States).filter(({ Type }) => Type === 'Task');
      return [
        ...(isTrusted ? [] : [`Step Functions may not take the role of ${id}`]),
        ...tasks.flatMap(({ Resource = '', Parameters = {} }) => {
          const [action = Resource, parameter = ''] = TASKS[Resource] ?? [];
          const owner = refersTo(given(Parameters[parameter] ?? ''));
          return mayDo(template, role, action, { 'Fn::GetAtt': [owner, 'Arn'] }) ? [] : [`${id} may not ${action}`];
        }),
      ];
    }),

  'Lambda may do with the role of a function what the function is set up for': (template) =>
    ofType(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
      const config = ofType(template, 'AWS::Lambda::EventInvokeConfig').find(
        ([, one]) => refersTo(one.Properties.FunctionName) === id,
      )?.[1].Properties.DestinationConfig;
      const group = refersTo(Properties.LoggingConfig?.LogGroup);
      const logs = group && { 'Fn::GetAtt': [group, 'Arn'] };
      const needed: [action: string, resource: unknown][] = [
        ['logs:CreateLogStream', logs],
        ['logs:PutLogEvents', logs],
        ['sqs:SendMessage', Properties.DeadLetterConfig?.TargetArn],
        ...[config?.OnSuccess, config?.OnFailure].map((one): [string, unknown] => [
          'events:PutEvents',
          one?.Destination,
        ]),
      ];
      return (
        needed
          // A function that is awaited has no queue and no destinations. That the others have them is one of our own rules.
          .filter(([action, resource]) => resource !== undefined || action.startsWith('logs:'))
          .filter(([action, resource]) => !mayDo(template, referred(template, Properties.Role), action, resource))
          .map(([action]) => `the role of ${id} does not allow ${action}`)
      );
    }),

  'Scheduler may put on the bus, or start, what it is to': (template) =>
    ofType(template, 'AWS::Scheduler::Schedule')
      .filter(([, { Properties }]) => {
        const role = referred(template, Properties.Target.RoleArn);
        // Which permission a universal target needs, one of our own rules says.
        const isCall = JSON.stringify(Properties.Target.Arn).includes(':aws-sdk:');
        const action = Properties.Target.EventBridgeParameters ? 'events:PutEvents' : 'states:StartExecution';
        return !(
          (isCall || mayDo(template, role, action, Properties.Target.Arn)) &&
          JSON.stringify(role?.Properties.AssumeRolePolicyDocument).includes('"scheduler.amazonaws.com"')
        );
      })
      .map(([id]) => `Scheduler may not do what ${id} says`),

  'SNS may put mails that it could not deliver into their queue': (template) =>
    ofType(template, 'AWS::SNS::Subscription').flatMap(([id, { Properties }]) => {
      const queue = Properties.RedrivePolicy?.deadLetterTargetArn;
      const topic = String(resolve(template, Properties.TopicArn));
      return queue === undefined || allows(template, queue, 'sns.amazonaws.com', 'sqs:SendMessage', topic)
        ? []
        : [`SNS may not put dead letters of ${id}`];
    }),

  'CloudWatch may notify every topic of an alarm': (template) =>
    ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([id, { Properties }]) =>
      [...(Properties.AlarmActions ?? []), ...(Properties.OKActions ?? [])]
        .filter((topic) => !allows(template, topic, 'cloudwatch.amazonaws.com', 'sns:Publish'))
        .map(() => `CloudWatch may not notify the topic of ${id}`),
    ),

  // CloudWatch API reference, PutMetricAlarm and MetricDataQuery; User Guide: ten metrics in an alarm on a math expression.
  'an alarm on several metrics is one that CloudWatch takes': (template) =>
    ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([id, { Properties }]) => {
      const metrics = Properties.Metrics as MetricDataQuery[] | undefined;
      if (metrics === undefined) return [];
      return [
        ...tooMuch(id, {
          metrics: [metrics.filter(({ MetricStat }) => MetricStat !== undefined).length, 10],
          'metrics with the same id': [metrics.length - new Set(metrics.map(({ Id }) => Id)).size, 0],
        }),
        ...metrics.filter(({ Id }) => !/^[a-z]\w*$/.test(Id)).map(({ Id }) => `${id}: no id: ${Id}`),
        ...(metrics.filter(({ ReturnData }) => ReturnData !== false).length === 1
          ? []
          : [`${id} watches not just one`]),
        ...['MetricName', 'Namespace', 'Dimensions', 'Period', 'Statistic']
          .filter((name) => Properties[name] !== undefined)
          .map((name) => `${id} has ${name} beside Metrics`),
      ];
    }),

  // AWS::CloudFormation::StackSet, and User Guide, quotas of StackSets. It takes the template as it is written here.
  'a StackSet is one that CloudFormation takes': (template) =>
    ofType(template, 'AWS::CloudFormation::StackSet').flatMap(([id, { Properties }]) => {
      const { TemplateBody, StackInstancesGroup, Parameters } = Properties;
      const member = JSON.parse(TemplateBody) as { readonly Parameters: object };
      const given = Parameters.map(({ ParameterKey }: { ParameterKey: string }) => ParameterKey);
      return [
        ...tooMuch(id, {
          'bytes in the template': [Buffer.byteLength(TemplateBody), 51_200],
          'organizational units': [StackInstancesGroup[0].DeploymentTargets.OrganizationalUnitIds.length, 50],
        }),
        ...(Object.keys(member.Parameters).sort().join() === given.sort().join()
          ? []
          : [`${id} does not give just the parameters that its template has`]),
      ];
    }),

  // EventBridge User Guide, quotas; AWS::Events::EventBusPolicy.
  'the policy of a bus is no longer than EventBridge takes': (template) =>
    ofType(template, 'AWS::Events::EventBusPolicy').flatMap(([id, { Properties }]) =>
      tooMuch(id, {
        'bytes in a policy': [Buffer.byteLength(JSON.stringify(resolve(template, Properties.Statement))), 10_240],
        'characters in the id of a statement': [Properties.StatementId.length, 64],
      }),
    ),

  'every type of resource is there in every partition': (template) =>
    [...new Set(Object.values(template.Resources).map(({ Type }) => Type))]
      .filter((type) => !IN_EVERY_PARTITION.has(type) && !OF_AN_ORGANIZATION.has(type))
      .map((type) => `${type} is not known to be there in GovCloud and China`),
};

/**
 * The types that CloudFormation has in aws, aws-us-gov (both regions) and aws-cn (both). Source: its resource schemas by region, as
 * cfn-lint 1.51 carries them (2026); nothing of it was tried. Look a new type up before it is added.
 */
const IN_EVERY_PARTITION = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Archive',
  'AWS::Events::Rule',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::StepFunctions::StateMachine',
]);

/**
 * What only the stack of an organization has. EventBridge has custom buses in all three partitions (its User Guide knows no exception).
 * A StackSet cannot deploy to an organization in China (CloudFormation User Guide for China): the setting `organization` is refused there.
 */
const OF_AN_ORGANIZATION = new Set([
  'AWS::CloudFormation::StackSet',
  'AWS::Events::EventBus',
  'AWS::Events::EventBusPolicy',
]);

/** The regions of partition aws that lack a type, by the same source. */
const LACKING: Readonly<Record<string, readonly string[]>> = {
  'AWS::Events::Archive': ['ca-west-1', 'mx-central-1'],
  'AWS::Pipes::Pipe': [
    ...['ap-east-2', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
    ...['ca-west-1', 'il-central-1', 'mx-central-1', 'us-gov-east-1', 'us-gov-west-1'],
  ],
};

/** What a region does not have, of all types of the template. */
export function lackedIn(region: string, { Resources }: Pick<Template, 'Resources'>): string[] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => LACKING[Type]?.includes(region))
    .map(([id, { Type }]) => `${id}: there is no ${Type} in ${region}`);
}

/** Other texts than names, by type and property, and how long each may be. Sources: the API reference of each service. */
const LONGEST: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'AWS::CloudFormation::StackSet': { Description: 1024 },
  'AWS::CloudWatch::Alarm': { AlarmDescription: 1024 },
  'AWS::Events::Archive': { Description: 512 },
  'AWS::Events::EventBus': { Description: 512 },
  'AWS::Events::Rule': { Description: 512 },
  'AWS::Lambda::Function': { Description: 256 },
  'AWS::SNS::Topic': { DisplayName: 100 },
  'AWS::Scheduler::Schedule': { Description: 512 },
};

/** A state of a state machine, as far as it is a task. */
interface Task {
  readonly Type: string;
  readonly Resource?: string;
  readonly Parameters?: Readonly<Record<string, string>>;
  /** Of a Map. */
  readonly ItemProcessor?: { readonly States: Readonly<Record<string, Task>> };
}

/** Every state, with those of its Maps. */
function statesIn(states: Readonly<Record<string, Task>>): Task[] {
  return Object.values(states).flatMap((state) => [state, ...statesIn(state.ItemProcessor?.States ?? {})]);
}

/** What a task does, and by which parameter it names on what. */
const TASKS: Readonly<Record<string, readonly [action: string, parameter: string]>> = {
  'arn:${Partition}:states:::lambda:invoke': ['lambda:InvokeFunction', 'FunctionName'],
  'arn:${Partition}:states:::sqs:sendMessage': ['sqs:SendMessage', 'QueueUrl'],
  'arn:${Partition}:states:::states:startExecution': ['states:StartExecution', 'StateMachineArn'],
};

interface Policy {
  readonly Statement: readonly PolicyStatement[];
}
interface PolicyStatement extends Statement {
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
}
interface Target {
  readonly Id: string;
  readonly Arn: unknown;
  readonly RoleArn?: unknown;
  readonly InputTransformer?: Transformer;
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn: unknown };
}
interface Transformer {
  readonly InputPathsMap?: Readonly<Record<string, string>>;
  readonly InputTemplate: string;
}
interface MetricDataQuery {
  readonly Id: string;
  readonly MetricStat?: unknown;
  readonly ReturnData?: boolean;
}

function tooMuch(id: string, amounts: Readonly<Record<string, readonly [number, number]>>): string[] {
  return Object.entries(amounts)
    .filter(([, [amount, limit]]) => amount > limit)
    .map(([what, [amount, limit]]) => `${id}: ${amount} ${what}, and ${limit} is the limit`);
}

function most({ Statement }: Policy, of: (statement: PolicyStatement) => readonly unknown[]): number {
  return Math.max(...Statement.map((statement) => of(statement).length));
}

function characters(document: unknown): number {
  return JSON.stringify(document).replace(/\s/g, '').length;
}

function policiesOfOneEach(template: Template, type: string, property: string): string[] {
  const policies = ofType(template, type);
  const owners = policies.flatMap(([, { Properties }]) => Properties[property].map(refersTo));
  return policies.flatMap(([id, { Properties }]) => {
    const [owner, ...others] = Properties[property].map(refersTo) as string[];
    const statements = Properties.PolicyDocument.Statement as Statement[];
    return [
      ...(owner === undefined || others.length > 0 ? [`${id} is a policy of ${others.length + 1} of ${property}`] : []),
      ...(owners.filter((one) => one === owner).length > 1 ? [`${id} is not the only policy of ${owner}`] : []),
      ...statements
        .filter(({ Resource }) => refersTo(Resource) !== owner)
        .map(({ Sid }) => `${id}: ${Sid} is not about ${owner} alone`),
    ];
  });
}

function targets(template: Template): [string, Target][] {
  return ofType(template, 'AWS::Events::Rule').flatMap(([id, { Properties }]) =>
    (Properties.Targets as Target[]).map((target): [string, Target] => [id, target]),
  );
}

/** What takes events by a role, and the action that the role must allow. */
const BY_ROLE: Readonly<Record<string, string>> = {
  'AWS::StepFunctions::StateMachine': 'states:StartExecution',
  'AWS::Events::EventBus': 'events:PutEvents',
};

/** Whether it is the ARN of a bus in another account. */
function isBus(arn: unknown): boolean {
  return typeof arn === 'string' && arn.includes(':event-bus/');
}

/** Whether EventBridge may hand events of a rule over to a function, a topic or a queue. */
function mayHandOver(template: Template, ruleId: string, arn: unknown, roleArn?: unknown): boolean {
  const rule = String(resolve(template, { 'Fn::GetAtt': [ruleId, 'Arn'] }));
  const type = referred(template, arn)?.Type;
  // EventBridge User Guide, "Using identity-based policies": a state machine or a bus takes events by a role.
  const byRole = type === undefined && isBus(arn) ? 'events:PutEvents' : BY_ROLE[type ?? ''];
  if (byRole !== undefined) {
    const role = referred(template, roleArn);
    const isTrusted = JSON.stringify(role?.Properties.AssumeRolePolicyDocument)?.includes('"events.amazonaws.com"');
    return isTrusted === true && mayDo(template, role, byRole, arn);
  }
  if (type === 'AWS::SQS::Queue') return allows(template, arn, 'events.amazonaws.com', 'sqs:SendMessage', rule);
  // No condition at all: EventBridge fills in none for SNS (EventBridge User Guide, "Using resource-based policies").
  if (type === 'AWS::SNS::Topic') return allows(template, arn, 'events.amazonaws.com', 'sns:Publish');
  return ofType(template, 'AWS::Lambda::Permission').some(
    ([, { Properties }]) =>
      refersTo(Properties.FunctionName) === refersTo(arn) &&
      Properties.Action === 'lambda:InvokeFunction' &&
      Properties.Principal === 'events.amazonaws.com' &&
      // "A SourceAccount setting prevents EventBridge from being able to invoke the function" (User Guide, troubleshooting).
      Properties.SourceAccount === undefined &&
      resolve(template, Properties.SourceArn) === rule,
  );
}

/**
 * Whether the policy of a queue or topic allows a service an action, with no condition but one on the ARN of the source, if that
 * is given; and of CloudWatch on the account, which it documents.
 */
function allows(template: Template, owner: unknown, service: string, action: string, source?: string): boolean {
  return [...ofType(template, 'AWS::SQS::QueuePolicy'), ...ofType(template, 'AWS::SNS::TopicPolicy')]
    .filter(([, { Properties }]) => (Properties.Queues ?? Properties.Topics).map(refersTo).includes(refersTo(owner)))
    .flatMap(([, { Properties }]) => (resolve(template, Properties.PolicyDocument) as Policy).Statement)
    .filter(({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes(action))
    .some(
      ({ Principal, Condition }) =>
        typeof Principal === 'object' &&
        Principal.Service === service &&
        Object.entries(Condition ?? {}).every(([operator, keys]) =>
          Object.entries(keys).every(([key, value]) =>
            key === 'aws:SourceArn'
              ? source !== undefined && matchesArn(operator, String(value), source)
              : key === 'aws:SourceAccount' && service === 'cloudwatch.amazonaws.com',
          ),
        ),
    );
}

function matchesArn(operator: string, pattern: string, arn: string): boolean {
  if (operator !== 'ArnLike' && operator !== 'ArnEquals') return false;
  // Neither goes over a colon.
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^:]*');
  return new RegExp(`^${expression}$`).test(arn);
}

/** Whether a role allows an action on just that resource, or on all that begins as a pattern of the role says. */
function mayDo(template: Template, role: Resource | undefined, action: string, resource: unknown): boolean {
  if (role === undefined || resource === undefined) return false;
  const arn = resolve(template, resource);
  return statementsOf(role)
    .filter(({ Effect, Action }) => Effect === 'Allow' && [Action].flat().includes(action))
    .some(({ Resource }) => [Resource].flat().some((one) => resolve(template, one) === arn));
}

type Operand = (operand: unknown) => boolean;
const isText: Operand = (operand) => typeof operand === 'string';
const isTextOrIgnoreCase: Operand = (operand) => isText(operand) || isJust(operand, 'equals-ignore-case', isText);
const isTexts: Operand = (operand) =>
  isText(operand) || (Array.isArray(operand) && operand.length > 0 && operand.every(isText));
/** What may stand in a list of a pattern beside plain values, and with what. EventBridge User Guide, "Comparison operators". */
const COMPARISONS: ReadonlyMap<string, Operand> = new Map<string, Operand>([
  ['exists', (operand) => typeof operand === 'boolean'],
  ['prefix', isTextOrIgnoreCase],
  ['suffix', isTextOrIgnoreCase],
  ['equals-ignore-case', isText],
  ['wildcard', (operand) => typeof operand === 'string' && !operand.includes('**')],
  ['cidr', (operand) => typeof operand === 'string' && /^[0-9a-f.:]+\/\d+$/i.test(operand)],
  ['numeric', isNumeric],
  [
    'anything-but',
    (operand) =>
      isTexts(operand) ||
      typeof operand === 'number' ||
      (Array.isArray(operand) && operand.length > 0 && operand.every((one) => typeof one === 'number')) ||
      ['prefix', 'suffix', 'wildcard', 'equals-ignore-case'].some((name) => isJust(operand, name, isTexts)),
  ],
]);

/** `["=", 3]`, or up to two bounds: a lower one, then an upper one. Numbers up to 5 billion. */
function isNumeric(operand: unknown): boolean {
  if (!Array.isArray(operand) || ![2, 4].includes(operand.length)) return false;
  const [operator, bound, upper, upperBound] = operand;
  if (![bound, upperBound ?? 0].every((one) => typeof one === 'number' && Math.abs(one) <= 5e9)) return false;
  if (operand.length === 2) return ['=', '<', '<=', '>', '>='].includes(operator);
  return ['>', '>='].includes(operator) && ['<', '<='].includes(upper) && bound < upperBound;
}

function isJust(value: unknown, name: string, takes: Operand): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length === 1 && entries[0]?.[0] === name && takes(entries[0][1]);
}

function wrongInPattern(pattern: unknown, path = ''): string[] {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) return [`no pattern at ${path}`];
  const members = Object.entries(pattern);
  if (members.length === 0) return [`an empty pattern at ${path}`];
  return members.flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    if (key === '$or') {
      if (!Array.isArray(value) || value.length < 2) return [`${here} needs two patterns at least`];
      return value.flatMap((one, i) => wrongInPattern(one, `${here}[${i}]`));
    }
    if (!Array.isArray(value)) return wrongInPattern(value, here);
    if (value.length === 0) return [`nothing can be at ${here}`];
    return value
      .filter((one) => !(typeof one === 'object' && one !== null ? isComparison(one) : one !== undefined))
      .map((one) => `no such comparison at ${here}: ${JSON.stringify(one)}`);
  });
}

function isComparison(one: object): boolean {
  return [...COMPARISONS].some(([name, takes]) => isJust(one, name, takes));
}

/** Dots, dashes, underscores, letters, digits, indices and wildcards, and no other JSONPath. */
const PATH = /^\$(\.[\w-]+(\[(\d+|\*)\])?)+$/;

function wrongInTransformer({ InputPathsMap = {}, InputTemplate }: Transformer): string[] {
  const names = Object.keys(InputPathsMap);
  const used = [...InputTemplate.matchAll(/<([^<>]+)>/g)].map(([, name]) => name as string);
  return [
    ...tooMuch('transformer', {
      variables: [names.length, 100],
      'characters in a template': [InputTemplate.length, 8192],
    }),
    ...names.filter((name) => !/^(?!aws)[\w-]{1,256}$/i.test(name)).map((name) => `no name of a variable: ${name}`),
    ...Object.values(InputPathsMap)
      .filter((path) => !PATH.test(path))
      .map((path) => `no path: ${path}`),
    ...used.filter((name) => !names.includes(name)).map((name) => `<${name}> is nothing`),
    ...names.filter((name) => !used.includes(name)).map((name) => `${name} is not used`),
    ...(isJson(InputTemplate) ? [] : ['the template is neither a text in quotes nor JSON']),
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
