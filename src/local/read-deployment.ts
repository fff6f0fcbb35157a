import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { type CollectionTag, parse, type YAMLSeq } from 'yaml';
import type { Template } from './cloudformation/template.ts';
import { ASKED_BY_FUNCTIONS, askedOf, capital, filled, logicalId, TAGS } from './read-hub.ts';
import type { WrittenFunction } from './stack.ts';

/** Where a stack is deployed, and with which settings: those of settings.yml. One that is not given is empty. */
export interface Deployment {
  /** The folder of serverless.yml. */
  readonly folder: string;
  readonly region: string;
  readonly stage: string;
  readonly settings: Readonly<Record<string, string>>;
}

type Made = Readonly<Record<string, unknown>>;
/** One file of `resources`. `extensions` changes what the Serverless Framework makes. */
interface Part {
  readonly Description?: string;
  readonly Conditions?: Made;
  readonly Resources?: Template['Resources'];
  readonly Outputs?: NonNullable<Template['Outputs']>;
  readonly extensions?: Readonly<Record<string, { readonly Properties?: Made }>>;
}
type Functions = Readonly<
  Record<
    string,
    (WrittenFunction & { readonly environment?: Made; readonly role?: unknown; readonly onError?: unknown }) | null
  >
>;
interface Written {
  readonly service: string;
  readonly provider: { readonly environment: Made };
  readonly functions: Functions;
  readonly resources: readonly (Part | string)[];
}

/**
 * The template of the stack, made from serverless.yml and the files next to it as `serverless package` makes it, so that all that the
 * stack names can be looked up on the local AWS. It leaves out what belongs to packages: the bucket for them, and the code. Functions
 * have the names of serverless.yml, by which the local AWS invokes them; names that the Serverless Framework makes of ids are others.
 *
 * @throws if a file is missing.
 */
export async function readDeployment({ folder, region, stage, settings }: Deployment): Promise<Template> {
  const read = async (file: string): Promise<unknown> =>
    parse(await readFile(join(folder, file), 'utf8'), { logLevel: 'error', customTags: [...TAGS, ...LIST_TAGS] });
  const stack = (await read('serverless.yml')) as Written;
  const values = new Map([
    ['self:service', stack.service],
    ['self:provider.stage', stage],
    ['self:provider.region', region],
    ...Object.entries(settings).flatMap(([name, value]) => [
      [`self:custom.${name}`, value] as const,
      [`setting:${name}`, value] as const,
    ]),
  ]);
  const settingOf = (name: string): string => values.get(name) ?? '';
  const load = createRequire(join(resolve(folder), 'serverless.yml'));
  const call = async (file: string, more: object = {}) =>
    (await load(`./${file}`)({ resolveVariable: async (name: string) => settingOf(name), ...more })) as Made;
  const files = new Map(await Promise.all(ASKED_BY_FUNCTIONS.map(async (file) => [file, await call(file)] as const)));
  const fill = (text: string): unknown => {
    const asked = askedOf(text);
    if (asked !== undefined) return files.get(asked.file)?.[asked.name] ?? null;
    return text.replace(/\$\{((?:self|setting):[\w.]+)\}/g, (_, variable: string) => settingOf(variable));
  };
  const isOfOrganization = settingOf('self:custom.organization') !== '';
  const ofAudits = isOfOrganization
    ? ((await read('stack/organization-functions.yml')) as Pick<Written, 'functions'>).functions
    : {};
  const functions = Object.fromEntries(
    Object.entries(filled({ ...stack.functions, ...ofAudits }, fill) as Functions).filter(
      ([, written]) => typeof written === 'object' && written !== null,
    ),
  ) as Readonly<Record<string, NonNullable<Functions[string]>>>;
  const environment = filled(stack.provider.environment, fill) as Made;
  const resolveConfigurationProperty = async ([first, name = '']: readonly string[]) =>
    first === 'provider' ? environment : functions[name]?.environment;
  const parts = await Promise.all(
    stack.resources.map(async (part) => {
      const [, file] = typeof part === 'string' ? (/^\$\{file\((.+)\)\}$/.exec(part) ?? []) : [];
      if (file === undefined) return filled(part, fill) as Part;
      return (
        file.endsWith('.cjs') ? await call(file, { resolveConfigurationProperty }) : filled(await read(file), fill)
      ) as Part;
    }),
  );
  const all = <Kind extends 'Conditions' | 'Resources' | 'Outputs'>(kind: Kind) =>
    Object.assign({}, ...parts.map((part) => part[kind])) as NonNullable<Part[Kind]>;
  const made = Object.assign(
    {},
    ...Object.entries(functions).map(([name, written]) => resourcesOf(name, written, environment)),
  ) as Record<string, { readonly Type: string; readonly Properties: Made }>;
  for (const [id, { Properties }] of parts.flatMap(({ extensions = {} }) => Object.entries(extensions))) {
    const extended = made[id];
    if (extended !== undefined) made[id] = { ...extended, Properties: { ...extended.Properties, ...Properties } };
  }
  return {
    Description: parts.find(({ Description }) => Description !== undefined)?.Description?.trim() ?? '',
    Conditions: all('Conditions'),
    Resources: { ...made, ...all('Resources') },
    Outputs: all('Outputs'),
  };
}

/** What the Serverless Framework makes of a function: it, its log, its rules, and the permissions of these to invoke it. */
function resourcesOf(name: string, written: NonNullable<Functions[string]>, ofAll: Made): Template['Resources'] {
  const id = logicalId(name);
  const Arn = { 'Fn::GetAtt': [id, 'Arn'] };
  const permission = (SourceArn: unknown) => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { FunctionName: Arn, Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn },
  });
  const rules = (written.events ?? []).map(({ eventBridge, schedule }, at) => {
    const ruleId =
      schedule === undefined
        ? `${capital(name)}EventBridgeRule${at + 1}`
        : `${capital(name)}EventsRuleSchedule${at + 1}`;
    const { name: Name, pattern, eventBus, retryPolicy, deadLetterQueueArn } = (eventBridge ?? {}) as Made;
    const target = {
      Arn,
      Id: `${name}-target`,
      ...(retryPolicy !== undefined && { RetryPolicy: retryPolicy }),
      ...(deadLetterQueueArn !== undefined && { DeadLetterConfig: { Arn: deadLetterQueueArn } }),
    };
    const rule = {
      Type: 'AWS::Events::Rule',
      Properties: {
        ...(Name !== undefined && { Name }),
        ...(eventBus !== undefined && { EventBusName: eventBus }),
        ...(pattern === undefined ? { ScheduleExpression: schedule } : { EventPattern: pattern }),
        State: 'ENABLED',
        Targets: [target],
      },
    };
    return {
      [ruleId]: rule,
      [`${capital(name)}LambdaPermission${ruleId}`]: permission({ 'Fn::GetAtt': [ruleId, 'Arn'] }),
    };
  });
  const Variables = { ...ofAll, ...written.environment };
  return Object.assign(
    {
      [`${capital(name)}LogGroup`]: {
        Type: 'AWS::Logs::LogGroup',
        Properties: { LogGroupName: `/aws/lambda/${name}` },
      },
      [id]: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: name,
          Role: written.role,
          Environment: { Variables },
          ...(written.onError !== undefined && { DeadLetterConfig: { TargetArn: written.onError } }),
        },
      },
    },
    ...rules,
  );
}

/** CloudFormation's short functions that take lists, written out. */
const LIST_TAGS: CollectionTag[] = ['Sub', 'If', 'Equals', 'Not', 'Join'].map((name) => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve: (list) => ({ [`Fn::${name}`]: (list as YAMLSeq).toJSON() }),
}));
