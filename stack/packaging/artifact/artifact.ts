import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { DIRECTIONS, SETTINGS } from '../settings/definitions.ts';
import type { SettingsFile } from '../settings/settings-file.ts';
import { mergeTemplates, type Resource, type Template, withParameter, withValue } from './template.ts';

/** What `serverless package` made with some settings. */
export interface Package {
  readonly template: Template;
  /** The zip of each function, by its name in serverless.yml. */
  readonly zips: ReadonlyMap<string, Buffer>;
}

/** With which settings and where `serverless package` is asked for a part of the artifact. */
export interface Ask {
  readonly region: string;
  /** Those that are not the artifact's own; empty for none. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A region that has every type of resource of the stack, and one of those that have no archives. */
const [WITH_ARCHIVES, WITHOUT_ARCHIVES] = ['us-east-1', 'ca-west-1'];

/** These stand in packages where the artifact has parameters. */
const ALLOWLIST_PARAMETER = '/ingress-guard/allowlist';
const ALERT_EMAIL = 'alert-email-of-the-artifact@example.com';
const REPORT_BUCKET = 'report-bucket-of-the-artifact';
const REGIONS = 'us-artifact-east-1';

const STAGE = 'prod';
const VALUES: Readonly<Record<string, string>> = {
  allowlist: `ssm:${ALLOWLIST_PARAMETER}`,
  alertEmail: ALERT_EMAIL,
  regions: REGIONS,
};

const isParameter = (name: string, value: string) => ({ 'Fn::Equals': [{ Ref: name }, value] });
const isGiven = (name: string) => ({ 'Fn::Not': [isParameter(name, '')] });

/** The settings that change which resources and statements there are: the condition of each, and its value with and without. */
const SWITCHES = [
  { condition: 'Enforces', test: isParameter('Mode', 'enforce'), setting: 'mode', on: 'enforce', off: 'report-only' },
  {
    condition: 'ImportsFindings',
    test: isParameter('SecurityHub', 'true'),
    setting: 'securityHub',
    on: 'true',
    off: 'false',
  },
  { condition: 'HasChat', test: isParameter('Chat', 'true'), setting: 'chat', on: 'true', off: 'false' },
  { condition: 'Traces', test: isParameter('Tracing', 'true'), setting: 'tracing', on: 'true', off: 'false' },
  { condition: 'StoresReports', test: isGiven('ReportBucket'), setting: 'reportBucket', on: REPORT_BUCKET, off: '' },
];

/** The options of `serverless package`. Every setting that can be given is, so that settings.yml of the checkout has no say in it. */
export function optionsOf({ settings, region }: Ask): string[] {
  const params = SETTINGS.flatMap(({ name, default: usual }) => {
    const value = settings[name] ?? VALUES[name] ?? usual;
    return value === '' ? [] : [`--param=${name}=${value}`];
  });
  return [`--stage=${STAGE}`, `--region=${region}`, ...params];
}

/** What settings.yml of the checkout says that the artifact would take over for everyone, each with its fix. */
export function findForeignSettings({ sections }: SettingsFile): string[] {
  const leftOut = SETTINGS.filter(({ name, default: usual }) => usual === '' && !(name in VALUES));
  return ['default', STAGE].flatMap((section) =>
    leftOut.flatMap(({ name }) => {
      const written = sections.get(section)?.get(name);
      if (written === undefined || written.value === '') return [];
      return [`${written.where}: everyone who deploys the artifact would get it: take it out of settings.yml for now`];
    }),
  );
}

const YES_OR_NO = {
  Type: 'String',
  Default: 'false',
  AllowedValues: ['true', 'false'],
  ConstraintDescription: 'true or false',
} as const;

/** A name as regions have, also of those to come: us-gov-west-1. */
const REGION = `[a-z]{2,4}(?:-[a-z]{2,12}){0,2}-(?:${DIRECTIONS.join('|')})-[0-9]{1,2}`;

/** The parameters of the stack: every setting but those of an organization. */
const PARAMETERS = {
  PackageBucket: {
    Type: 'String',
    Description: "The S3 bucket, in the stack's region, that the zip files of the artifact were copied to",
  },
  PackagePrefix: {
    Type: 'String',
    AllowedPattern: '(?:[\\w.=-]+/)*',
    ConstraintDescription: 'empty, or a path such as ingress-guard/0.1.0/, that ends with a slash',
    Description: 'What the keys of the zip files in the bucket begin with',
  },
  Mode: {
    Type: 'String',
    Default: 'report-only',
    AllowedValues: ['report-only', 'enforce'],
    ConstraintDescription: 'report-only or enforce',
    Description: 'enforce revokes what the allowlist does not allow. In report-only no role has the permission to',
  },
  AllowlistParameter: {
    Type: 'String',
    Default: ALLOWLIST_PARAMETER,
    AllowedPattern: '(?:/[\\w.-]+){1,15}',
    ConstraintDescription: 'a name such as /ingress-guard/allowlist, that begins with a slash',
    Description: 'The name of the SSM parameter that holds the allowlist. It must be there before the stack is',
  },
  AlertEmail: {
    Type: 'String',
    Default: '',
    AllowedPattern: '(?:[^@\\s,;]+@[^@\\s,;]+\\.[^@\\s,;]+)?',
    ConstraintDescription: 'empty, or one mail address such as oncall@example.com',
    Description: 'Who gets alarms and messages. AWS sends a mail first, to be confirmed. Empty: no one',
  },
  Regions: {
    Type: 'String',
    Default: '',
    AllowedPattern: `(?:${REGION}(?:,${REGION})*)?`,
    ConstraintDescription: 'empty, or regions with commas and no spaces between them, such as us-east-1,eu-west-1',
    Description: "Which regions audits look at, all in the stack's partition. Empty: the stack's own region",
  },
  MaxRevocations: {
    Type: 'String',
    Default: '10',
    AllowedPattern: '[0-9]{1,6}|unlimited',
    ConstraintDescription: 'a whole number, or unlimited',
    Description: 'If more are to be revoked, an audit revokes none. A number, or unlimited',
  },
  Shared: {
    Type: 'String',
    Default: 'hold',
    AllowedValues: ['hold', 'revoke'],
    ConstraintDescription: 'hold or revoke',
    Description: 'What to do with a denied rule of a security group that guards more than caches',
  },
  Mixed: {
    Type: 'String',
    Default: 'hold',
    AllowedValues: ['hold', 'revoke'],
    ConstraintDescription: 'hold or revoke',
    Description: 'What to do with a standing security group rule that makes both an allowed and a denied grant',
  },
  ReportBucket: {
    Type: 'String',
    Default: '',
    AllowedPattern: '(?:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?',
    ConstraintDescription: 'empty, or the name of a bucket alone, without s3:// and folders',
    Description: 'An S3 bucket of yours for the reports of audits. Empty: reports are not stored',
  },
  SecurityHub: {
    ...YES_OR_NO,
    Description: 'true imports what audits find into AWS Security Hub, which must be enabled in each audited region',
  },
  Chat: {
    ...YES_OR_NO,
    Description:
      'true adds the topic ChatTopic, for Slack or Microsoft Teams by way of Amazon Q Developer in chat applications',
  },
  Tracing: { ...YES_OR_NO, Description: 'true switches X-Ray on; it costs' },
} as const;

/** Variables of functions that hold a parameter as it is. */
const VARIABLES: Readonly<Record<string, keyof typeof PARAMETERS>> = {
  INGRESS_GUARD_MODE: 'Mode',
  INGRESS_GUARD_MAX_REVOCATIONS: 'MaxRevocations',
  INGRESS_GUARD_SHARED: 'Shared',
  INGRESS_GUARD_MIXED: 'Mixed',
  INGRESS_GUARD_REGIONS: 'Regions',
  INGRESS_GUARD_REPORT_BUCKET: 'ReportBucket',
  INGRESS_GUARD_CHAT: 'Chat',
};

/** The regions of a policy, as a list. Fn::Split takes Fn::If (CloudFormation Template Reference). */
const AUDITED_REGIONS = {
  'Fn::Split': [',', { 'Fn::If': ['HasRegions', { Ref: 'Regions' }, { 'Fn::Sub': '${AWS::Region}' }] }],
};

/**
 * The files of the artifact, by name: `template.json`, and the zip of each function with its hash in the name.
 *
 * @param regionsWithoutArchives where the stack has no archive.
 * @throws what `packageWith` throws; if the packages differ in what no condition of CloudFormation can decide.
 */
export async function makeArtifact(
  version: string,
  regionsWithoutArchives: readonly string[],
  packageWith: (ask: Ask) => Promise<Package>,
): Promise<ReadonlyMap<string, Buffer | string>> {
  const settings = Object.fromEntries(SWITCHES.map(({ setting, on }) => [setting, on]));
  // One after the other: `serverless package` writes to the checkout.
  const full = await packageWith({ region: WITH_ARCHIVES, settings });
  const noArchives = await packageWith({ region: WITHOUT_ARCHIVES, settings });
  const without = new Map([['HasArchives', strip(noArchives.template)]]);
  for (const { condition, setting, off } of SWITCHES) {
    const { template } = await packageWith({ region: WITH_ARCHIVES, settings: { ...settings, [setting]: off } });
    without.set(condition, strip(template));
  }
  const files = new Map<string, Buffer | string>();
  const keys = new Map<string, string>();
  // Those that can do all that a parameter can switch on.
  for (const [name, zip] of full.zips) {
    // CloudFormation gives a function new code if the key is another one.
    const key = `${name}-${createHash('sha256').update(zip).digest('hex').slice(0, 16)}.zip`;
    keys.set(name, key);
    files.set(key, zip);
  }
  const conditions = {
    ...Object.fromEntries(SWITCHES.map(({ condition, test }) => [condition, test])),
    HasArchives: {
      'Fn::Not': [{ 'Fn::Or': regionsWithoutArchives.map((region) => isParameter('AWS::Region', region)) }],
    },
    HasAlertEmail: isGiven('AlertEmail'),
    HasRegions: isGiven('Regions'),
  };
  const merged = mergeTemplates(strip(full.template), without);
  files.set('template.json', `${JSON.stringify(parameterize(merged, version, conditions, keys), null, 1)}\n`);
  return files;
}

/** A template without what belongs to one deployment by the Serverless Framework: its bucket, and the keys of the code there. */
function strip({ Resources, Outputs = {}, ...template }: Template): Template {
  const resources = Object.entries(Resources)
    .filter(([id]) => !id.startsWith('ServerlessDeploymentBucket'))
    .map(([id, resource]) => {
      if (!isFunction(resource)) return [id, resource];
      const { Code, ...Properties } = resource.Properties;
      return [id, { ...resource, Properties: { ...Properties, Code: { S3Key: basename(String(Code.S3Key)) } } }];
    });
  // Of an allowlist that no function reads.
  const { ServerlessDeploymentBucketName: _, AllowlistSha256: __, ...outputs } = Outputs;
  return { ...template, Resources: Object.fromEntries(resources), Outputs: outputs };
}

function parameterize(
  template: Template,
  version: string,
  conditions: Readonly<Record<string, unknown>>,
  keys: ReadonlyMap<string, string>,
): Template {
  const parameters = { AllowlistParameter: ALLOWLIST_PARAMETER, AlertEmail: ALERT_EMAIL, ReportBucket: REPORT_BUCKET };
  const {
    Resources,
    Conditions,
    Outputs,
    Description = '',
  } = Object.entries(parameters).reduce(
    (one, [name, written]) => withParameter(one, written, name),
    withValue(template, [{ 'Fn::Sub': REGIONS }], AUDITED_REGIONS),
  );
  const resources = Object.entries(Resources).map(([id, resource]) => {
    if (id === 'AlertSubscription') return [id, { ...resource, Condition: 'HasAlertEmail' }];
    return [id, isFunction(resource) ? { ...resource, Properties: ofFunction(resource.Properties, keys) } : resource];
  });
  const { PackageBucket, PackagePrefix, ...others } = PARAMETERS;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: Description.replace(/, mode [a-z-]+:/, `, version ${version}, mode by a parameter:`),
    Parameters: { PackageBucket, PackagePrefix: { ...PackagePrefix, Default: `ingress-guard/${version}/` }, ...others },
    Conditions: { ...Conditions, ...conditions },
    Resources: Object.fromEntries(resources),
    ...(Outputs && { Outputs }),
  };
}

interface FunctionProperties {
  readonly Code: { readonly S3Key: unknown };
  readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
}

function ofFunction(properties: FunctionProperties, keys: ReadonlyMap<string, string>): FunctionProperties & object {
  const key = keys.get(basename(String(properties.Code.S3Key), '.zip'));
  if (key === undefined) throw new Error(`there is no package for ${properties.Code.S3Key}`);
  const variables = Object.entries(properties.Environment?.Variables ?? {}).map(([name, value]) => [
    name,
    name in VARIABLES ? { Ref: VARIABLES[name] } : value,
  ]);
  return {
    ...properties,
    Code: { S3Bucket: { Ref: 'PackageBucket' }, S3Key: { 'Fn::Sub': `\${PackagePrefix}${key}` } } as never,
    Environment: { Variables: Object.fromEntries(variables) },
  };
}

function isFunction(resource: Resource): resource is Resource & { readonly Properties: FunctionProperties } {
  return resource.Type === 'AWS::Lambda::Function';
}
