import type { Account } from '../account.ts';
import type { Accounts } from '../accounts.ts';
import type { RuleTarget } from '../events/event-buses.ts';
import type { Region } from '../region.ts';
import { subscribe } from '../sns/topics.ts';
import { localFunctionArn } from '../stack.ts';
import { type Names, type ResolvedResource, resolveTemplate, type StackPlace, type Template } from './template.ts';

type Properties = ResolvedResource['properties'];

/** Where a resource is made. */
interface Site {
  readonly accounts: Accounts;
  readonly account: Account;
  readonly region: Region;
  readonly nameOf: (resource: ResolvedResource) => string;
}

/** A kind of resource: what it is called, and how it is made. */
interface Kind {
  /** The property that names it; without one, CloudFormation makes a name. */
  readonly nameProperty: string;
  readonly names: (name: string, place: StackPlace, properties: Properties) => Names;
  readonly make: (resource: ResolvedResource, site: Site) => void;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/: what `Ref` and `Fn::GetAtt` give of each. */
const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    names: (name, { account }, { Path = '/' }) => ({ Ref: name, Arn: `arn:aws:iam::${account}:role${Path}${name}` }),
    make: (resource, { account, nameOf }) => {
      const { Path, AssumeRolePolicyDocument, Policies = [], MaxSessionDuration } = resource.properties;
      account.roles.put({
        name: nameOf(resource),
        ...(Path !== undefined && { path: String(Path) }),
        trustPolicy: AssumeRolePolicyDocument,
        policies: (Policies as { readonly PolicyDocument: unknown }[]).map(({ PolicyDocument }) => PolicyDocument),
        ...(MaxSessionDuration !== undefined && { maxSessionSeconds: Number(MaxSessionDuration) }),
      });
    },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    names: (name, { account, region }) => ({
      Ref: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
      Arn: `arn:aws:sqs:${region}:${account}:${name}`,
      QueueName: name,
    }),
    make: (resource, { region, nameOf }) => void region.queues.put(nameOf(resource)),
  },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    names: (name, { account, region }) => ({
      Ref: name,
      Name: name,
      Arn: `arn:aws:events:${region}:${account}:event-bus/${name}`,
    }),
    make: (resource, { region, nameOf }) => void region.eventBuses.put(nameOf(resource)),
  },
  'AWS::Events::EventBusPolicy': {
    nameProperty: 'StatementId',
    names: (name) => ({ Ref: name }),
    make: ({ properties: { EventBusName = 'default', Statement } }, { region }) =>
      void region.eventBuses.put(String(EventBusName), { Statement }),
  },
  'AWS::Events::Rule': {
    nameProperty: 'Name',
    names: (name, { account, region }, { EventBusName = 'default' }) => {
      const path = EventBusName === 'default' ? name : `${EventBusName}/${name}`;
      // Seen in public reports: of a rule of another bus, the name follows that of the bus.
      return { Ref: path.replace('/', '|'), Arn: `arn:aws:events:${region}:${account}:rule/${path}` };
    },
    make: (resource, { region, nameOf }) => {
      const { EventBusName = 'default', EventPattern, State, Description, Targets = [] } = resource.properties;
      const { ScheduleExpression } = resource.properties;
      region.eventBuses.putRule(String(EventBusName), {
        name: nameOf(resource),
        ...(EventPattern !== undefined && { eventPattern: EventPattern as object }),
        ...(ScheduleExpression !== undefined && { scheduleExpression: String(ScheduleExpression) }),
        targets: Targets as RuleTarget[],
        ...(State === 'DISABLED' && { state: 'DISABLED' }),
        ...(Description !== undefined && { description: String(Description) }),
      });
    },
  },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    names: (name) => ({ Ref: name, Arn: `arn:aws:s3:::${name}` }),
    make: (resource, { accounts, account, nameOf }) => void accounts.buckets.put(nameOf(resource), account.id),
  },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    names: (name, { account, region }) => ({ Ref: name, Arn: `arn:aws:logs:${region}:${account}:log-group:${name}:*` }),
    make: (resource, { region, nameOf }) => region.logGroups.put(nameOf(resource)),
  },
  'AWS::CloudFormation::StackSet': {
    nameProperty: 'StackSetName',
    names: (name) => ({ Ref: `${name}:11111111-2222-3333-4444-555555555555` }),
    make: () => {},
  },
  // What runs is said in `serverless.yml`; here is what Lambda says of it.
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    names: (name, place) => ({ Ref: name, Arn: localFunctionArn(place, name) }),
    make: (resource, { region, nameOf }) => {
      const { Role, Environment, DeadLetterConfig, LoggingConfig } = resource.properties;
      const { TargetArn } = (DeadLetterConfig ?? {}) as { readonly TargetArn?: string };
      const { LogGroup: logGroup } = (LoggingConfig ?? {}) as { readonly LogGroup?: string };
      const deadLetterQueue = TargetArn?.split(':').at(-1);
      const { Variables: environment } = (Environment ?? {}) as { readonly Variables?: Record<string, string> };
      const name = nameOf(resource);
      const arn = localFunctionArn({ account: region.accountId, region: region.name }, name);
      region.functions.put({
        name,
        arn,
        role: String(Role ?? ''),
        environment: environment ?? {},
        ...(deadLetterQueue !== undefined && { deadLetterQueue }),
        ...(logGroup !== undefined && { logGroup }),
      });
    },
  },
  'AWS::Lambda::Permission': {
    nameProperty: 'Id',
    names: (name) => ({ Ref: name }),
    make: ({ id, properties: { FunctionName, Action, Principal, SourceArn } }, { region }) => {
      const found = region.functions.find(String(FunctionName));
      if (found === undefined) throw new Error(`${id} is for a function that is not there: ${String(FunctionName)}`);
      const statement = {
        Sid: id,
        Effect: 'Allow' as const,
        Principal: { Service: String(Principal) },
        Action: String(Action),
        Resource: found.arn,
        ...(SourceArn !== undefined && { Condition: { ArnLike: { 'AWS:SourceArn': String(SourceArn) } } }),
      };
      found.policy = [...found.policy, statement];
    },
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    names: (name, { account, region }) => ({ Ref: `arn:aws:sns:${region}:${account}:${name}`, TopicName: name }),
    make: (resource, { region, nameOf }) => void region.topics.put(nameOf(resource)),
  },
  'AWS::SNS::Subscription': {
    nameProperty: 'SubscriptionArn',
    names: (name) => ({ Ref: name }),
    make: ({ id, properties: { TopicArn, Protocol, Endpoint } }, { region }) => {
      const topic = region.topics.find(String(TopicArn));
      if (topic === undefined) throw new Error(`${id} is for a topic that is not there: ${String(TopicArn)}`);
      subscribe(topic, String(Protocol), String(Endpoint));
    },
  },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    names: (name) => ({ Ref: name, Arn: name, Name: name }),
    make: () => {},
  },
  'AWS::CloudWatch::Alarm': {
    nameProperty: 'AlarmName',
    names: (name, place) => ({ Ref: name, Arn: alarmArn(name, place) }),
    make: (resource, { account, region, nameOf }) => {
      const name = nameOf(resource);
      const { AlarmActions = [] } = resource.properties;
      region.alarms.put(name, alarmArn(name, { account: account.id, region: region.name }), AlarmActions as string[]);
    },
  },
  'AWS::CloudWatch::Dashboard': nameAlone(),
  'AWS::Events::Archive': nameAlone(
    (name, { account, region }) => `arn:aws:events:${region}:${account}:archive/${name}`,
  ),
  'AWS::Lambda::EventInvokeConfig': nameAlone(),
  'AWS::S3::BucketPolicy': nameAlone(),
  'AWS::SNS::TopicPolicy': nameAlone(),
  'AWS::SQS::QueuePolicy': nameAlone(),
  'AWS::Scheduler::Schedule': nameAlone(),
};

function alarmArn(name: string, { account, region }: Pick<StackPlace, 'account' | 'region'>): string {
  return `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
}

/** What is made of a template, in this order: a rule needs its bus. */
const ORDER = Object.keys(KINDS);

/**
 * What has a name and no part in what is tried here. Who may use a queue, a bucket or a topic, its account alone says; what a schedule
 * starts is said in `serverless.yml`.
 */
function nameAlone(arnOf?: (name: string, place: StackPlace) => string): Kind {
  return {
    nameProperty: 'Name',
    names: (name, place) => ({ Ref: name, ...(arnOf && { Arn: arnOf(name, place) }) }),
    make: () => {},
  };
}

/**
 * Makes what a template says, in one account and region: roles, queues, event buses with their policies, rules and buckets. So what is
 * deployed is what is tried. Nothing is taken away.
 *
 * @returns what the template says, with every reference in the place of what it refers to.
 * @throws if the template has a resource of another type, or what it says cannot be resolved or is not known here.
 */
export function deployTemplate(accounts: Accounts, template: Template, place: StackPlace): readonly ResolvedResource[] {
  const account = accounts.find(place.account);
  const region = account?.region(place.region);
  if (account === undefined || region === undefined) {
    throw new Error(`there is no account ${place.account} with a region ${place.region}`);
  }
  const unknown = Object.entries(template.Resources).filter(([, { Type }]) => !Object.hasOwn(KINDS, Type));
  if (unknown.length > 0) {
    const which = unknown.map(([id, { Type }]) => `${id} (${Type})`).join(', ');
    throw new Error(`the local CloudFormation cannot make ${which}`);
  }
  const nameOf = ({ id, type, properties }: ResolvedResource): string => {
    const written = properties[(KINDS[type] as Kind).nameProperty];
    return written === undefined ? `${place.stackName}-${id}-${place.region}` : String(written);
  };
  const namesOf = (resource: ResolvedResource): Names => {
    const kind = KINDS[resource.type];
    if (kind === undefined) throw new Error(`a ${resource.type} has no name that is known here`);
    return kind.names(nameOf(resource), place, resource.properties);
  };
  const { resources, outputs } = resolveTemplate(template, place, new Set(ORDER), namesOf);
  resources.sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type));
  for (const resource of resources) KINDS[resource.type]?.make(resource, { accounts, account, region, nameOf });
  region.stacks.put({
    name: place.stackName,
    ...(template.Description !== undefined && { description: template.Description }),
    outputs,
    resources: resources.map((one) => ({ logicalId: one.id, type: one.type, physicalId: namesOf(one).Ref })),
  });
  return resources;
}

/** A StackSet of the organization, and what its stacks are given. */
export interface Spokes {
  readonly stackSetName: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Deploys the stack of a StackSet to an account, in each of these regions, and has ListStackInstances say so.
 *
 * @throws as `deployTemplate`
 */
export function deployMember(
  accounts: Accounts,
  { stackSetName, template, parameters }: Spokes,
  account: string,
  regions: readonly string[],
): void {
  for (const region of regions) {
    deployTemplate(accounts, template, { stackName: `StackSet-${stackSetName}`, account, region, parameters });
    accounts.stackSets.put(stackSetName, { Account: account, Region: region, Status: 'CURRENT' });
  }
}
