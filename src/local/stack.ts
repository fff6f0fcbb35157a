import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse, type ScalarTag } from 'yaml';

/** A function of `serverless.yml`, as far as the local AWS runs it. */
export interface StackFunction {
  readonly name: string;
  /** The module and its export: `handlers/enforce-ingress.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  /** How often Lambda tries again when an asynchronous invocation fails. */
  readonly maximumRetryAttempts: number;
  /** How old an event may get, waiting for its next try. */
  readonly maximumEventAgeSeconds: number;
  /** The event patterns of the rules that invoke it. */
  readonly eventPatterns: readonly object[];
  /** The name of the event bus that these rules are of; `default` if not given. */
  readonly eventBusName?: string;
  readonly schedules: readonly Schedule[];
  /** Whether Lambda puts what it returned for an event on the bus. */
  readonly reportsSuccess: boolean;
  /** What its rules make of an event, if not the event itself. */
  readonly inputTransformer?: InputTransformer;
}

/** Of a rule of EventBridge: what it takes out of an event, and the JSON that this is put into. */
export interface InputTransformer {
  readonly inputPathsMap: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

/** A state machine of the stack, and the EventBridge rules that start it. */
export interface StackStateMachine {
  /** Its logical id. */
  readonly name: string;
  /** In Amazon States Language, with what CloudFormation puts in the place of placeholders. */
  readonly definition: { readonly States: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
  readonly startedBy: readonly {
    readonly pattern: object;
    /** Its input: the members of the event that lead there. */
    readonly inputPath: readonly string[];
  }[];
}

/** Invokes a function again and again. */
export interface Schedule {
  readonly everyMs: number;
  /** The event it is invoked with, in place of EventBridge's own. */
  readonly input: unknown;
}

/** Puts an event on the bus again and again, as EventBridge Scheduler does. */
export interface BusSchedule {
  readonly everyMs: number;
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
}

/** Makes a call to an API of AWS again and again, as a universal target of EventBridge Scheduler does. */
export interface CallSchedule {
  readonly everyMs: number;
  /** `ec2` */
  readonly service: string;
  /** `AuthorizeSecurityGroupIngress` */
  readonly action: string;
  /** The parameters, as the API Reference has them. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The logical id of the role that it is made with. */
  readonly role: string;
}

interface WrittenStack {
  readonly resources?: WrittenResources | readonly (WrittenResources | string)[];
  readonly provider?: { readonly timeout?: number };
  /** A text is a variable that stands for a function which is there with some settings only. */
  readonly functions?: Record<string, WrittenFunction | string>;
}
interface WrittenResources {
  readonly Resources?: Record<
    string,
    { readonly Type: string; readonly Properties: WrittenSchedule & WrittenMachine & WrittenRule }
  >;
}
/** AWS::Scheduler::Schedule, as far as it puts events on the bus, or makes calls. */
interface WrittenSchedule {
  readonly ScheduleExpression: string;
  readonly Target?: {
    readonly Arn?: string;
    readonly RoleArn?: string;
    readonly EventBridgeParameters?: { readonly Source: string; readonly DetailType: string };
    readonly Input?: string;
  };
}
/** AWS::StepFunctions::StateMachine. */
interface WrittenMachine {
  readonly Definition?: StackStateMachine['definition'];
  readonly DefinitionSubstitutions?: Readonly<Record<string, string>>;
}
/** AWS::Events::Rule. */
interface WrittenRule {
  readonly EventPattern?: object;
  readonly Targets?: readonly { readonly Arn: unknown; readonly InputPath?: string }[];
}
/** A function as `serverless.yml` has it. */
export interface WrittenFunction {
  readonly handler: string;
  readonly timeout?: number;
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAge?: number;
  readonly events?: readonly WrittenEvent[];
  readonly destinations?: { readonly onSuccess?: { readonly type?: string } };
}
interface WrittenEvent {
  readonly eventBridge?: {
    readonly pattern?: object;
    readonly eventBus?: string;
    readonly inputTransformer?: InputTransformer;
  };
  readonly schedule?: string | { readonly rate: string | readonly string[]; readonly input?: unknown };
}

/** Lambda's and the Serverless Framework's own defaults. */
const DEFAULT_TIMEOUT_SECONDS = 6;
const DEFAULT_RETRY_ATTEMPTS = 2;
const DEFAULT_EVENT_AGE_SECONDS = 6 * 60 * 60;

/**
 * Reads what the local AWS plays from `serverless.yml` itself, so that what is deployed and what is tried here cannot
 * part. Variables (`${...}`) are not resolved: what is read here must be written out there.
 */
export async function readStack(path: string): Promise<StackFunction[]> {
  const stack = parse(await readFile(path, 'utf8'), { logLevel: 'error' }) as WrittenStack;
  return Object.entries(stack.functions ?? {}).flatMap(([name, written]) => {
    return typeof written === 'string' ? [] : toStackFunction(name, written, stack.provider?.timeout);
  });
}

/** A function as the local AWS runs it. */
export function toStackFunction(name: string, written: WrittenFunction, timeoutOfAll?: number): StackFunction {
  const { events = [] } = written;
  const inputTransformer = events.find(({ eventBridge }) => eventBridge?.inputTransformer)?.eventBridge
    ?.inputTransformer;
  return {
    name,
    handler: written.handler,
    timeoutSeconds: written.timeout ?? timeoutOfAll ?? DEFAULT_TIMEOUT_SECONDS,
    maximumRetryAttempts: written.maximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
    maximumEventAgeSeconds: written.maximumEventAge ?? DEFAULT_EVENT_AGE_SECONDS,
    reportsSuccess: written.destinations?.onSuccess?.type === 'eventBus',
    eventPatterns: events.flatMap((event) => event.eventBridge?.pattern ?? []),
    schedules: events.flatMap(({ schedule }) => {
      if (schedule === undefined) return [];
      const { rate, input } = typeof schedule === 'string' ? { rate: schedule, input: undefined } : schedule;
      return [rate].flat().map((one) => ({ everyMs: readRate(one), input }));
    }),
    ...(inputTransformer && { inputTransformer }),
  };
}

/**
 * The state machines of `serverless.yml` and of the YAML files that it includes, with the EventBridge rules that start them.
 *
 * @throws if a file is missing.
 */
export async function readStateMachines(path: string, place: LocalPlace): Promise<StackStateMachine[]> {
  const resources = await readResources(path, place);
  const rules = resources
    .filter(([, { Type }]) => Type === 'AWS::Events::Rule')
    .map(([, { Properties }]) => Properties);
  return resources.flatMap(([name, { Type, Properties }]) => {
    const { Definition, DefinitionSubstitutions = {} } = Properties;
    if (Type !== 'AWS::StepFunctions::StateMachine' || Definition === undefined) return [];
    const startedBy = rules.flatMap(({ EventPattern: pattern, Targets = [] }) =>
      Targets.flatMap(({ Arn, InputPath = '$' }) =>
        Arn === name && pattern !== undefined ? [{ pattern, inputPath: InputPath.split('.').slice(1) }] : [],
      ),
    );
    return [{ name, definition: withSubstitutions(Definition, DefinitionSubstitutions), startedBy }];
  });
}

/** A definition with values in the place of its placeholders, `${…}`, as CloudFormation puts them there. */
export function withSubstitutions(
  definition: StackStateMachine['definition'],
  substitutions: Readonly<Record<string, string>>,
): StackStateMachine['definition'] {
  const text = JSON.stringify(definition).replace(/\$\{(\w+)\}/g, (_, placeholder: string) => {
    return JSON.stringify(substitutions[placeholder] ?? '').slice(1, -1);
  });
  return JSON.parse(text);
}

/** Where a local stack is. */
export interface LocalPlace {
  readonly account: string;
  readonly region: string;
}

type Written = readonly [string, NonNullable<WrittenResources['Resources']>[string]];

async function readResources(path: string, place: LocalPlace): Promise<Written[]> {
  const customTags = tagsOfCloudFormation(place);
  const read = async (file: string) => parse(await readFile(file, 'utf8'), { logLevel: 'error', customTags });
  const { resources = [] } = (await read(path)) as WrittenStack;
  const parts = await Promise.all(
    [resources].flat().map(async (part): Promise<WrittenResources> => {
      if (typeof part !== 'string') return part;
      const [, file] = /^\$\{file\((.+\.yml)\)\}$/.exec(part) ?? [];
      return file === undefined ? {} : await read(join(dirname(path), file));
    }),
  );
  return parts.flatMap(({ Resources = {} }) => Object.entries(Resources));
}

/** What CloudFormation's short functions give here: of a function its local ARN, of all else its logical id. */
function tagsOfCloudFormation({ account, region }: LocalPlace): ScalarTag[] {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
  };
  const name = (id: string): string => pseudo[id] ?? id;
  const attribute = (text: string): string => {
    const [, functionId] = /^(\w+)LambdaFunction\.Arn$/.exec(text) ?? [];
    if (functionId === undefined) return text;
    return localFunctionArn({ account, region }, functionId.charAt(0).toLowerCase() + functionId.slice(1));
  };
  const substitute = (text: string): string => text.replace(/\$\{([\w:]+)\}/g, (_, id: string) => name(id));
  return [
    { tag: '!Ref', resolve: name },
    { tag: '!GetAtt', resolve: attribute },
    { tag: '!Sub', resolve: substitute },
  ];
}

/** The ARN of a function of a local stack. */
export function localFunctionArn({ account, region }: LocalPlace, name: string): string {
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}

/** The schedules of `serverless.yml` that put events on the bus. Those in files that it includes are not seen. */
export async function readBusSchedules(
  path: string,
  { account, region }: { readonly account: string; readonly region: string },
): Promise<BusSchedule[]> {
  const { resources = [] } = parse(await readFile(path, 'utf8'), { logLevel: 'error' }) as WrittenStack;
  return [resources].flat().flatMap((part) => {
    if (typeof part === 'string') return [];
    return Object.values(part.Resources ?? {}).flatMap(({ Type, Properties: { ScheduleExpression, Target } }) => {
      if (Type !== 'AWS::Scheduler::Schedule' || Target?.EventBridgeParameters === undefined) return [];
      const { Source: source, DetailType: detailType } = Target.EventBridgeParameters;
      const input = (Target.Input ?? '{}')
        .replaceAll('${AWS::AccountId}', account)
        .replaceAll('${AWS::Region}', region);
      return [{ everyMs: readRate(ScheduleExpression), source, detailType, detail: JSON.parse(input) }];
    });
  });
}

/** The schedules of `serverless.yml` that make calls: their targets are universal ones. Those in files that it includes are not seen. */
export async function readCallSchedules(path: string): Promise<CallSchedule[]> {
  const customTags = tagsOfCloudFormation({ account: '', region: '' });
  const { resources = [] } = parse(await readFile(path, 'utf8'), { logLevel: 'error', customTags }) as WrittenStack;
  return [resources].flat().flatMap((part) => {
    if (typeof part === 'string') return [];
    return Object.values(part.Resources ?? {}).flatMap(({ Type, Properties: { ScheduleExpression, Target } }) => {
      const [, service, operation] = /:scheduler:::aws-sdk:(\w+):(\w+)$/.exec(Target?.Arn ?? '') ?? [];
      if (Type !== 'AWS::Scheduler::Schedule' || service === undefined || operation === undefined) return [];
      const action = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
      const [role = ''] = (Target?.RoleArn ?? '').split('.');
      return [
        { everyMs: readRate(ScheduleExpression), service, action, input: JSON.parse(Target?.Input ?? '{}'), role },
      ];
    });
  });
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(15 minutes)` in milliseconds. */
function readRate(rate: string): number {
  const [, count, unit = ''] = /^rate\(([1-9][0-9]*) (minute|hour|day)s?\)$/.exec(rate) ?? [];
  if (count === undefined) {
    throw new Error(`the local AWS knows schedules such as rate(15 minutes) only, not ${rate}`);
  }
  return Number(count) * (UNITS[unit] as number);
}
