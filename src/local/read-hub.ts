import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parse, type ScalarTag } from 'yaml';
import type { Template } from './cloudformation/template.ts';
import type { WrittenFunction } from './stack.ts';

/** The settings of a hub, as `serverless.yml` has them in `custom`. What is not given has its default. */
export interface HubSettings {
  readonly mode: 'report-only' | 'enforce';
  /** A file, or where else it is. */
  readonly allowlist: string;
  /** The id of the organization. */
  readonly organization: string;
  /** Ids, separated by commas. */
  readonly organizationalUnits: string;
  readonly excludedAccounts?: string;
  /** Separated by commas. */
  readonly regions: string;
  readonly maxRevocations?: string;
  readonly maxRevocationsPerRun?: string;
  /** `true` or `false`. */
  readonly securityHub?: string;
}

/** What is deployed to a hub, as the files of the stack say. */
export interface HubStack {
  /** The functions are in it, each with its environment, the ARN of its role and the rules that invoke it. */
  readonly template: Template;
  /** What `serverless.yml` says of each function, by name. */
  readonly functions: Readonly<Record<string, WrittenFunction>>;
}

const STAGE = 'local';
const FUNCTIONS_OF_EVENTS = ['enforceIngress', 'enforceSecurityGroup'];
const FUNCTIONS_OF_AUDITS = ['listTargets', 'judgeAccount', 'actAccount', 'closeRun'];

/** What the Serverless Framework gives to a file that makes a part of the stack. */
interface Serverless {
  readonly resolveVariable: (path: string) => Promise<string>;
  readonly resolveConfigurationProperty: (path: readonly string[]) => Promise<unknown>;
}
type Made = Readonly<Record<string, unknown>>;
type Functions = Readonly<Record<string, WrittenFunction & { readonly environment?: Made; readonly role?: unknown }>>;

/**
 * The hub of an organization, made from `serverless.yml` and the files next to it as `serverless package` makes it, except what has no
 * part in what is tried: alarms, the dashboard, messages, schedules.
 *
 * @param folder that of `serverless.yml`.
 */
export async function readHub(folder: string, settings: HubSettings, region: string): Promise<HubStack> {
  const custom = settings as unknown as Readonly<Record<string, string | undefined>>;
  const values: Readonly<Record<string, string>> = {
    'self:provider.stage': STAGE,
    'self:provider.region': region,
    'self:service': 'ingress-guard',
  };
  const resolveVariable = async (path: string) => values[path] ?? custom[path.replace('self:custom.', '')] ?? '';
  const call = async (file: string, serverless: Partial<Serverless> = {}): Promise<Made> => {
    const make = createRequire(join(resolve(folder), 'serverless.yml'))(file);
    return await make({ resolveVariable, ...serverless });
  };
  const files = new Map(
    await Promise.all(ASKED_BY_FUNCTIONS.map(async (file) => [file, await call(`./${file}`)] as const)),
  );
  const fill = (text: string): unknown => {
    const asked = askedOf(text);
    if (asked !== undefined) return files.get(asked.file)?.[asked.name];
    return text.replace(/\$\{(self:[\w.]+)\}/g, (_, path: string) => {
      return values[path] ?? custom[path.replace('self:custom.', '')] ?? '';
    });
  };
  const read = async (file: string) => {
    const text = await readFile(join(folder, file), 'utf8');
    return filled(parse(text, { logLevel: 'error', customTags: TAGS }), fill) as {
      readonly provider?: { readonly environment: Made; readonly timeout?: number };
      readonly functions: Functions;
    };
  };
  const [stack, ofAudits] = [await read('serverless.yml'), await read('stack/organization-functions.yml')];
  const withTimeout = (written?: WrittenFunction) => ({ timeout: stack.provider?.timeout, ...written });
  const functions = Object.fromEntries([
    ...FUNCTIONS_OF_EVENTS.map((name) => [name, withTimeout(stack.functions[name])] as const),
    ...FUNCTIONS_OF_AUDITS.map((name) => [name, withTimeout(ofAudits.functions[name])] as const),
  ]) as Functions;
  const environment = stack.provider?.environment ?? {};
  const resolveConfigurationProperty = async ([first, name = '']: readonly string[]) =>
    first === 'provider' ? environment : functions[name]?.environment;
  const [organization, roles] = [
    await call('./stack/organization.cjs', { resolveConfigurationProperty }),
    await call('./stack/roles.cjs'),
  ];
  const extensions = organization.extensions as Readonly<Record<string, { readonly Properties: Made }>>;
  const made = Object.entries(functions).map(([name, written]) => {
    const own = { Environment: { Variables: { ...environment, ...written.environment } } };
    const Properties = { FunctionName: name, Role: written.role, Events: written.events ?? [], ...own };
    return [
      logicalId(name),
      { Type: 'AWS::Lambda::Function', Properties: { ...Properties, ...extensions[logicalId(name)]?.Properties } },
    ];
  });
  return {
    functions,
    template: {
      Resources: {
        ...Object.fromEntries(made),
        ...(organization.Resources as Template['Resources']),
        ...(roles.Resources as Template['Resources']),
        ...REFERRED_TO,
      },
    },
  };
}

/** The files of JavaScript that functions ask for values, as `${file(stack/security-hub.cjs):generator}`. */
export const ASKED_BY_FUNCTIONS = ['stack/organization-functions.cjs', 'stack/security-hub.cjs'];

/** The file, and the member of what it makes, that a text asks for; `undefined` if it asks for none. */
export function askedOf(text: string): { readonly file: string; readonly name: string } | undefined {
  const [, file, name] = /^\$\{file\((stack\/[\w-]+\.cjs)\):(\w+)(?:, null)?\}$/.exec(text) ?? [];
  return file === undefined || name === undefined ? undefined : { file, name };
}

/** What the name of a function becomes in the template. */
export function logicalId(name: string): string {
  return `${capital(name)}LambdaFunction`;
}

export const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** What roles and functions name, and the Serverless Framework or stack/queues.yml makes. */
const REFERRED_TO: Template['Resources'] = {
  ...Object.fromEntries(
    [...FUNCTIONS_OF_EVENTS, ...FUNCTIONS_OF_AUDITS, 'auditGrants'].map((name) => [
      `${capital(name)}LogGroup`,
      { Type: 'AWS::Logs::LogGroup' },
    ]),
  ),
  DeadLetterQueue: { Type: 'AWS::SQS::Queue' },
  UndeliveredQueue: { Type: 'AWS::SQS::Queue' },
};

/** CloudFormation's short functions, written out. */
export const TAGS: ScalarTag[] = [
  { tag: '!Ref', resolve: (text) => ({ Ref: text }) },
  { tag: '!GetAtt', resolve: (text) => ({ 'Fn::GetAtt': text.split('.') }) },
  { tag: '!Sub', resolve: (text) => ({ 'Fn::Sub': text }) },
];

/** A value with each of its texts changed. */
export function filled(value: unknown, fill: (text: string) => unknown): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((one) => filled(one, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, fill)]));
}
