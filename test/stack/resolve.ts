import { type Resource, refersTo, type Template } from './template.ts';

/** What the pseudo parameters are at most: the place with the longest names. */
const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-7',
  'AWS::AccountId': '123456789012',
  'AWS::URLSuffix': 'amazonaws.com.cn',
};

/** The property that names a resource of a type, and how long a name may be. Sources: the API reference of each service. */
export const NAMES: Readonly<Record<string, { readonly property: string; readonly longest: number }>> = {
  'AWS::CloudFormation::StackSet': { property: 'StackSetName', longest: 128 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', longest: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', longest: 255 },
  'AWS::Events::Archive': { property: 'ArchiveName', longest: 48 },
  'AWS::Events::EventBus': { property: 'Name', longest: 256 },
  'AWS::Events::Rule': { property: 'Name', longest: 64 },
  'AWS::IAM::Role': { property: 'RoleName', longest: 64 },
  'AWS::Lambda::Function': { property: 'FunctionName', longest: 64 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', longest: 512 },
  'AWS::S3::Bucket': { property: 'BucketName', longest: 63 },
  'AWS::SNS::Topic': { property: 'TopicName', longest: 256 },
  'AWS::SQS::Queue': { property: 'QueueName', longest: 80 },
  'AWS::Scheduler::Schedule': { property: 'Name', longest: 64 },
  'AWS::StepFunctions::StateMachine': { property: 'StateMachineName', longest: 80 },
};

/** Between `arn:PARTITION:` and the name. `REGION` and `ACCOUNT` stand for themselves. */
const ARNS: Readonly<Record<string, (name: string) => string>> = {
  'AWS::Events::EventBus': (name) => `events:REGION:ACCOUNT:event-bus/${name}`,
  'AWS::Events::Rule': (name) => `events:REGION:ACCOUNT:rule/${name}`,
  'AWS::IAM::Role': (name) => `iam::ACCOUNT:role/${name}`,
  'AWS::Lambda::Function': (name) => `lambda:REGION:ACCOUNT:function:${name}`,
  'AWS::Logs::LogGroup': (name) => `logs:REGION:ACCOUNT:log-group:${name}:*`,
  'AWS::S3::Bucket': (name) => `s3:::${name}`,
  'AWS::SNS::Topic': (name) => `sns:REGION:ACCOUNT:${name}`,
  'AWS::SQS::Queue': (name) => `sqs:REGION:ACCOUNT:${name}`,
  'AWS::StepFunctions::StateMachine': (name) => `states:REGION:ACCOUNT:stateMachine:${name}`,
};

const REF_IS_AN_ARN: ReadonlySet<string> = new Set(['AWS::SNS::Topic', 'AWS::StepFunctions::StateMachine']);

/**
 * A value of the template as AWS would get it, at a place with long names: without functions, and without what is
 * `AWS::NoValue`. Where CloudFormation makes a name, it is as long as the service takes.
 *
 * @throws if the value has a function, or asks for something, that is not known here.
 */
export function resolve(template: Template, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => resolve(template, one)).filter((one) => one !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[name, operand] = ['', undefined]] = entries;
  if (entries.length === 1 && name === 'Ref') return reference(template, operand as string);
  if (entries.length === 1 && name === 'Fn::GetAtt') return attribute(template, operand as [string, string]);
  if (entries.length === 1 && name === 'Fn::Sub') return substitute(template, operand);
  if (entries.length === 1 && name === 'Fn::Join') {
    const [separator, parts] = operand as [string, unknown[]];
    return (resolve(template, parts) as string[]).join(separator);
  }
  if (name.startsWith('Fn::')) throw new Error(`${name} is not known here`);
  return Object.fromEntries(
    entries.map(([key, one]) => [key, resolve(template, one)]).filter(([, one]) => one !== undefined),
  );
}

function substitute(template: Template, text: unknown): string {
  if (typeof text !== 'string') throw new Error('Fn::Sub with a list is not known here');
  return text.replace(/\$\{([^}!]+)\}/g, (_, named: string) => {
    const [id = '', ...path] = named.split('.');
    return path.length === 0 ? (reference(template, id) ?? '') : attribute(template, [id, path.join('.')]);
  });
}

function reference(template: Template, id: string): string | undefined {
  if (id === 'AWS::NoValue') return undefined;
  const parameter = PSEUDO_PARAMETERS[id];
  if (parameter !== undefined) return parameter;
  const resource = find(template, id);
  return REF_IS_AN_ARN.has(resource.Type) ? arnOf(template, id) : nameOf(template, id);
}

function attribute(template: Template, [id, name]: readonly [string, string]): string {
  if (name === 'Arn') return arnOf(template, id);
  if (name === 'QueueName' || name === 'Name') return nameOf(template, id);
  throw new Error(`${name} of ${id} is not known here`);
}

function arnOf(template: Template, id: string): string {
  const { Type, Properties } = find(template, id);
  const arn = ARNS[Type];
  if (arn === undefined) throw new Error(`the ARN of ${id} is not known here`);
  // Of a rule on another bus than the default one, the bus is part of the ARN; of a role, its path.
  const bus = Type === 'AWS::Events::Rule' && Properties.EventBusName;
  const before = bus ? `${resolve(template, bus)}/` : String(Properties.Path ?? '').replace(/^\//, '');
  return (resolve(template, { 'Fn::Sub': 'arn:${AWS::Partition}:' }) + arn(before + nameOf(template, id)))
    .replace('REGION', PSEUDO_PARAMETERS['AWS::Region'] as string)
    .replace('ACCOUNT', PSEUDO_PARAMETERS['AWS::AccountId'] as string);
}

function nameOf(template: Template, id: string): string {
  const { Type, Properties } = find(template, id);
  const { property, longest } = NAMES[Type] ?? {};
  if (property === undefined || longest === undefined) throw new Error(`the name of ${id} is not known here`);
  const given = resolve(template, Properties[property]);
  return given === undefined ? id.padEnd(longest, '0') : String(given);
}

function find({ Resources }: Template, id: string): Resource {
  const resource = Resources[id];
  if (resource === undefined) throw new Error(`there is no resource ${id}`);
  return resource;
}

/** The resource that a Ref or a GetAtt names. */
export function referred({ Resources }: Template, value: unknown): Resource | undefined {
  return Resources[refersTo(value) ?? ''];
}
