import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { SETTINGS } from '../settings/definitions.ts';
import type { SettingsFile } from '../settings/settings-file.ts';
import { type Choice, mergeTemplates, type Resource, type Template, withParameter } from './template.ts';

/** What `serverless package` made with some settings. */
export interface Package {
  readonly template: Template;
  /** The zip of each function, by its name in serverless.yml. */
  readonly zips: ReadonlyMap<string, Buffer>;
}

/** With which settings and where `serverless package` is asked for the parts of the artifact. */
export interface Ask {
  readonly mode: 'report-only' | 'enforce';
  readonly region: string;
}

/** A region that has every type of resource of the stack, and one of those that have no archives. */
const [WITH_ARCHIVES, WITHOUT_ARCHIVES] = ['us-east-1', 'ca-west-1'];

/** These stand in packages where the artifact has parameters. */
const ALLOWLIST_PARAMETER = '/ingress-guard/allowlist';
const ALERT_EMAIL = 'alert-email-of-the-artifact@example.com';

const STAGE = 'prod';
const VALUES: Readonly<Record<string, string>> = {
  allowlist: `ssm:${ALLOWLIST_PARAMETER}`,
  alertEmail: ALERT_EMAIL,
};

/** The options of `serverless package`. Every setting that can be given is, so that settings.yml of the checkout has no say in it. */
export function optionsOf({ mode, region }: Ask): string[] {
  const params = SETTINGS.flatMap(({ name, default: usual }) => {
    const value = name === 'mode' ? mode : (VALUES[name] ?? usual);
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
      return [`${written.where}: an artifact has no parameter for it: take it out of settings.yml for now`];
    }),
  );
}

/** The parameters of the stack. What else settings.yml can say needs a checkout. */
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
    Description: 'Who gets alarms and messages. AWS sends a mail first, to be confirmed. Empty: no one',
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
    Description: 'What to do with a denied rule of a security group that guards more than caches',
  },
  Mixed: {
    Type: 'String',
    Default: 'hold',
    AllowedValues: ['hold', 'revoke'],
    Description: 'What to do with a standing security group rule that makes both an allowed and a denied grant',
  },
} as const;

/** Variables of functions that hold a parameter as it is. */
const VARIABLES: Readonly<Record<string, keyof typeof PARAMETERS>> = {
  INGRESS_GUARD_MODE: 'Mode',
  INGRESS_GUARD_MAX_REVOCATIONS: 'MaxRevocations',
  INGRESS_GUARD_SHARED: 'Shared',
  INGRESS_GUARD_MIXED: 'Mixed',
};

const ENFORCES: Choice = {
  name: 'Enforces',
  opposite: 'ReportsOnly',
  test: { 'Fn::Equals': [{ Ref: 'Mode' }, 'enforce'] },
};

const HAS_ALERT_EMAIL = { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'AlertEmail' }, ''] }] };

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
  // One after the other: `serverless package` writes to the checkout.
  const made: Package[] = [];
  for (const mode of ['enforce', 'report-only'] as const) {
    for (const region of [WITH_ARCHIVES, WITHOUT_ARCHIVES]) made.push(await packageWith({ mode, region }));
  }
  const [enforcing, enforcingWithout, reporting, reportingWithout] = made.map(({ template }) => template);
  const zips = (made[0] as Package).zips;
  const hasNoArchives: Choice = {
    name: 'HasNoArchives',
    opposite: 'HasArchives',
    test: { 'Fn::Or': regionsWithoutArchives.map((region) => ({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, region] })) },
  };
  const merged = mergeTemplates(
    ENFORCES,
    mergeTemplates(hasNoArchives, strip(enforcingWithout as Template), strip(enforcing as Template)),
    mergeTemplates(hasNoArchives, strip(reportingWithout as Template), strip(reporting as Template)),
  );
  const files = new Map<string, Buffer | string>();
  const keys = new Map<string, string>();
  for (const [name, zip] of zips) {
    // CloudFormation gives a function new code if the key is another one.
    const key = `${name}-${createHash('sha256').update(zip).digest('hex').slice(0, 16)}.zip`;
    keys.set(name, key);
    files.set(key, zip);
  }
  files.set('template.json', `${JSON.stringify(parameterize(merged, version, keys), null, 1)}\n`);
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

function parameterize(template: Template, version: string, keys: ReadonlyMap<string, string>): Template {
  const withLocation = withParameter(template, ALLOWLIST_PARAMETER, 'AllowlistParameter');
  const { Resources, Conditions, Outputs, Description = '' } = withParameter(withLocation, ALERT_EMAIL, 'AlertEmail');
  const resources = Object.entries(Resources).map(([id, resource]) => {
    if (id === 'AlertSubscription') return [id, { ...resource, Condition: 'HasAlertEmail' }];
    return [id, isFunction(resource) ? { ...resource, Properties: ofFunction(resource.Properties, keys) } : resource];
  });
  const { PackageBucket, PackagePrefix, ...others } = PARAMETERS;
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: Description.replace(/, mode [a-z-]+:/, `, version ${version}, mode by a parameter:`),
    Parameters: { PackageBucket, PackagePrefix: { ...PackagePrefix, Default: `ingress-guard/${version}/` }, ...others },
    Conditions: { ...Conditions, HasAlertEmail: HAS_ALERT_EMAIL },
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
