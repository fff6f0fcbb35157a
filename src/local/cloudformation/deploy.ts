import type { Account } from '../account.ts';
import type { Accounts } from '../accounts.ts';
import type { RuleTarget } from '../events/event-buses.ts';
import type { Region } from '../region.ts';
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
      return { Ref: name, Arn: `arn:aws:events:${region}:${account}:rule/${path}` };
    },
    make: (resource, { region, nameOf }) => {
      const { EventBusName = 'default', EventPattern, State, Description, Targets = [] } = resource.properties;
      region.eventBuses.putRule(String(EventBusName), {
        name: nameOf(resource),
        eventPattern: EventPattern as object,
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
    make: () => {},
  },
  'AWS::CloudFormation::StackSet': {
    nameProperty: 'StackSetName',
    names: (name) => ({ Ref: `${name}:11111111-2222-3333-4444-555555555555` }),
    make: () => {},
  },
  // What runs is said in `serverless.yml`; here it has a name, so that others can refer to it.
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    names: (name, place) => ({ Ref: name, Arn: localFunctionArn(place, name) }),
    make: () => {},
  },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    names: (name) => ({ Ref: name, Arn: name, Name: name }),
    make: () => {},
  },
};

/** What is made of a template, in this order: a rule needs its bus. */
const ORDER = Object.keys(KINDS);

/** What has no part in what is tried here. Who may use a queue or a bucket, its account alone says. */
const WITHOUT_EFFECT = ['AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy', 'AWS::Scheduler::Schedule'];

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
  const unknown = Object.entries(template.Resources).filter(
    ([, { Type }]) => !Object.hasOwn(KINDS, Type) && !WITHOUT_EFFECT.includes(Type),
  );
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
