import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateCacheClusterCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { EnableSecurityHubCommand, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../src/local/clock.ts';
import { deployTemplate } from '../src/local/cloudformation/deploy.ts';
import { type LocalAws, startLocalAws } from '../src/local/local-aws.ts';
import { runStack } from '../src/local/run-stack.ts';
import type { StackFunction } from '../src/local/stack.ts';
import { type Ask, makeArtifact, optionsOf, type Package } from '../stack/packaging/artifact/artifact.ts';
import { packageStack } from '../stack/packaging/artifact/package-stack.ts';
import { SETTINGS } from '../stack/packaging/settings/definitions.ts';
import { NAMES } from './stack/resolve.ts';
import { lackedIn, SERVICE_RULES } from './stack/service-rules.ts';
import { actionsOf, ofType, type Resource, type Template } from './stack/template.ts';
import { RULES } from './stack/template-rules.ts';
import { runNode } from './support/commands/run-process.ts';
import { ACCOUNT, REGION } from './support/examples/grants.ts';
import { ALLOWLIST } from './support/functions/enforce-ingress-function.ts';
import { authorize, createGroup, ec2ClientFor, ingressOf, tcp } from './support/local-aws/local-ec2.ts';
import { credentials } from './support/local-aws/local-elasticache.ts';
import { conditionsOf, decideTemplate } from './support/packaged/decide-template.ts';
import { invokePackaged } from './support/packaged/packaged-function.ts';
import { unzip } from './support/packaged/unzip.ts';
import { OTHER_REGION, startAuditedElastiCache } from './support/scripted/audited-elasticache.ts';
import { startSsm } from './support/scripted/remote-allowlists.ts';
import { folderWith } from './support/tools/folder.ts';

/** So many that the policies of roles are as long as they can be. */
const DISTANT = Array.from({ length: 34 }, (_, at) => `ap-southeast-${at + 1}`);
const { WITHOUT_ARCHIVES } = createRequire(import.meta.url)('../stack/archive.cjs') as { WITHOUT_ARCHIVES: string[] };

/** Each setting that the artifact has a parameter for. */
const PARAMETERS: Readonly<Record<string, string>> = {
  mode: 'Mode',
  allowlist: 'AllowlistParameter',
  regions: 'Regions',
  maxRevocations: 'MaxRevocations',
  shared: 'Shared',
  mixed: 'Mixed',
  reportBucket: 'ReportBucket',
  securityHub: 'SecurityHub',
  alertEmail: 'AlertEmail',
  chat: 'Chat',
  tracing: 'Tracing',
};

/** Every setting otherwise than it is by default, and every setting as it is by default. */
const ALL = {
  mode: 'enforce',
  allowlist: 'ssm:/guard/allowlist',
  regions: 'eu-west-1,us-east-1',
  maxRevocations: '7',
  shared: 'revoke',
  mixed: 'revoke',
  reportBucket: 'reports',
  securityHub: 'true',
  alertEmail: 'oncall@example.com',
  chat: 'true',
  tracing: 'true',
};
const PARAMETERS_OF_ALL = Object.fromEntries(Object.entries(ALL).map(([name, value]) => [PARAMETERS[name], value]));
const NONE = {
  mode: 'report-only',
  regions: '',
  reportBucket: '',
  securityHub: 'false',
  alertEmail: '',
  chat: 'false',
  tracing: 'false',
};

/** Those that decide which resources and statements there are, in every combination. */
const COMBINATIONS: readonly Readonly<Record<string, string>>[] = Object.entries({
  Mode: ['report-only', 'enforce'],
  SecurityHub: ['false', 'true'],
  Chat: ['false', 'true'],
  Tracing: ['false', 'true'],
  ReportBucket: ['', 'b'.repeat(63)],
  AlertEmail: ['', 'oncall@example.com'],
}).reduce<Record<string, string>[]>(
  (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
  [{}],
);
const REGIONS = ['us-east-1', 'ca-west-1'] as const;

interface Parameter {
  readonly Default?: string;
  readonly AllowedValues?: readonly string[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
}

/** What `serverless package` made: for the artifact, and to compare it with. */
const made: (Package & { readonly ask: Ask })[] = [];
let zipsOfEverything: Package['zips'];
let folder: string;
let template: Template & {
  readonly Parameters: Record<string, Parameter>;
  readonly Conditions: Record<string, unknown>;
};
let zips: string[];

beforeAll(async () => {
  const packageWith = async (ask: Ask) => {
    const one = await packageStack(optionsOf(ask));
    made.push({ ...one, ask });
    return one;
  };
  const files = await makeArtifact('1.2.3', WITHOUT_ARCHIVES, packageWith);
  zipsOfEverything = (await packageWith({ region: 'us-east-1', settings: ALL })).zips;
  for (const region of REGIONS) await packageWith({ region, settings: NONE });
  folder = await mkdtemp(join(tmpdir(), 'ingress-guard-artifact-'));
  for (const [name, contents] of files) await writeFile(join(folder, name), contents);
  template = JSON.parse(String(files.get('template.json')));
  zips = [...files.keys()].filter((name) => name.endsWith('.zip'));
  return () => rm(folder, { recursive: true, force: true });
});

/** The template of the artifact as it is for a stack with these parameters. */
function deployed(given: Readonly<Record<string, string>>, region = 'us-east-1'): Template {
  const defaults = Object.entries(template.Parameters).flatMap(([name, { Default }]) =>
    Default === undefined ? [] : [[name, Default]],
  );
  const parameters = { ...Object.fromEntries(defaults), PackageBucket: 'packages', ...given };
  return decideTemplate(template, { parameters, conditions: conditionsOf(template, { parameters, region }) });
}

/** The parameters that say what `serverless package` was asked for. */
function parametersOf(ask: Ask): Record<string, string> {
  const params = optionsOf(ask).flatMap((option) => {
    const [, setting = '', value = ''] = /^--param=(\w+)=(.*)$/.exec(option) ?? [];
    const parameter = PARAMETERS[setting];
    return parameter === undefined ? [] : [[parameter, value.replace('ssm:', '')]];
  });
  return Object.fromEntries(params);
}

/** A package of the Serverless Framework as the artifact must be: but for where its code is, and for outputs of the framework. */
function expected({ template }: Package): Template {
  const { ServerlessDeploymentBucketName: _, AllowlistSha256: __, ...Outputs } = (template as Template).Outputs;
  const text = JSON.stringify({ ...template, Outputs })
    .replaceAll(/\{"Fn::Sub":("[^"$]*")\}/g, '$1')
    .replaceAll('{"Ref":"ServerlessDeploymentBucket"}', '"packages"')
    .replaceAll(/"S3Key":"[^"]*\/(\w+)\.zip"/g, (_, name) => {
      return `"S3Key":"ingress-guard/1.2.3/${zips.find((zip) => zip.startsWith(`${name}-`))}"`;
    });
  const { Resources, ...rest } = JSON.parse(text);
  const ours = Object.entries(Resources).filter(([id]) => !id.startsWith('ServerlessDeploymentBucket'));
  return decideTemplate({ ...rest, Resources: Object.fromEntries(ours) }, { parameters: {}, conditions: {} });
}

const STACK = 'elasticache-ingress-guard-prod';

/** Deploys the template to the local AWS. */
function deployHere({ accounts }: LocalAws, parameters: Readonly<Record<string, string>>) {
  return deployTemplate(accounts, template as never, {
    stackName: STACK,
    account: ACCOUNT,
    region: REGION,
    parameters: { PackageBucket: 'packages', ...parameters },
  });
}

/** Whether CloudFormation takes a value of a parameter: it must match the whole pattern. */
function takes(name: string, value: string): boolean {
  const { AllowedValues, AllowedPattern } = template.Parameters[name] as Parameter;
  if (AllowedValues !== undefined) return AllowedValues.includes(value);
  return AllowedPattern !== undefined && new RegExp(`^(?:${AllowedPattern})$`).test(value);
}

describe('the artifact', () => {
  test('is what the Serverless Framework deploys with all, with none and with all but one of the settings, in a region with archives and in one without', () => {
    expect(made).toHaveLength(10);
    for (const one of made) {
      const { Description, ...ours } = deployed(parametersOf(one.ask), one.ask.region);
      const { Description: _, ...theirs } = expected(one);
      expect(ours, JSON.stringify(one.ask)).toEqual(theirs);
      expect(Description).toContain('version 1.2.3, mode by a parameter');
    }
  });

  describe.each(['', DISTANT.join()])('with the regions "%s", in every combination of its parameters', (Regions) => {
    // A rule of the stack's own template is that no region is written down: of this one, somebody wrote them into a parameter.
    const rules = Regions === '' ? { ...RULES, ...SERVICE_RULES } : SERVICE_RULES;

    test.each(Object.entries(rules))('%s', (_, findBreaches) => {
      for (const given of COMBINATIONS) {
        expect(findBreaches(deployed({ ...given, Regions })), JSON.stringify(given)).toEqual([]);
      }
    });
  });

  test.each([...REGIONS, 'us-gov-west-1', 'cn-north-1'])('has nothing that %s lacks', (region) => {
    for (const given of COMBINATIONS) expect(lackedIn(region, deployed(given, region))).toEqual([]);
  });

  test('keeps logs, queues and archive as they are, and replaces nothing, whatever parameter changes', () => {
    /** What is left behind by a stack that goes, and what makes a resource another one: its type and its names. */
    const lasting = ({ Resources }: Template) =>
      Object.entries(Resources).filter(([, { DeletionPolicy }]) => DeletionPolicy !== undefined);
    const identityOf = ({ Type, Properties: { Path, ...properties } }: Resource) => {
      return JSON.stringify([Type, Path, properties[NAMES[Type]?.property ?? '']]);
    };
    const none = deployed({});

    expect(lasting(none).length).toBeGreaterThan(5);
    for (const given of COMBINATIONS.flatMap((one) => [one, { ...one, Regions: 'eu-west-1' }])) {
      const one = deployed(given);
      expect(lasting(one)).toEqual(lasting(none));
      for (const [id, resource] of Object.entries(none.Resources)) {
        expect(one.Resources[id] && identityOf(one.Resources[id]), id).toBe(identityOf(resource));
      }
    }
  });

  test('reports only, and to no one, unless a parameter says otherwise; then no role may revoke', () => {
    const actions = (given: Record<string, string>) =>
      ofType(deployed(given), 'AWS::IAM::Role').flatMap(([, role]) => actionsOf(role));

    expect(ofType(deployed({}), 'AWS::SNS::Subscription')).toEqual([]);
    expect(deployed({})).toEqual(deployed(parametersOf({ region: 'us-east-1', settings: NONE })));
    expect(actions({}).filter((action) => /Revoke|securityhub|s3|xray/.test(action))).toEqual([]);
    expect(actions({ Mode: 'enforce' })).toContain('ec2:RevokeSecurityGroupIngress');
  });

  test('has a parameter for every setting but those of an organization', () => {
    const settings = SETTINGS.map(({ name }) => name).filter((name) => !/organization|excluded|PerRun/.test(name));

    expect(Object.keys(PARAMETERS)).toEqual(settings);
    expect(Object.keys(template.Parameters).sort()).toEqual(
      ['PackageBucket', 'PackagePrefix', ...Object.values(PARAMETERS)].sort(),
    );
  });

  test('has one parameter without a default: the bucket', () => {
    const without = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);

    expect(without.map(([name]) => name)).toEqual(['PackageBucket']);
    expect(template.Parameters.PackagePrefix?.Default).toBe('ingress-guard/1.2.3/');
  });

  test.each([
    ['Regions', 'us-east-1', 'us-east-1,eu-west-1', 'us-gov-west-1', 'cn-north-1,cn-northwest-1', 'ap-southeast-7', ''],
    ['SecurityHub', 'true', 'false'],
    ['Chat', 'true', 'false'],
    ['Tracing', 'true', 'false'],
    ['Mode', 'enforce', 'report-only'],
    ['ReportBucket', 'reports', 'my.audit-reports', ''],
    ['AlertEmail', 'oncall@example.com', 'on.call+cache@mail.example.com', ''],
  ])('takes as %s what can be meant', (name, ...values) => {
    for (const value of values) expect(takes(name, value), value).toBe(true);
  });

  test.each([
    [
      'Regions',
      ' ',
      ',',
      'us-east-1,',
      ',us-east-1',
      'us-east-1,,eu-west-1',
      'us-east-1, eu-west-1',
      'us-east-1 eu-west-1',
    ],
    [
      'Regions',
      'us-east1',
      'US-EAST-1',
      'us-esat-1',
      'us-east-1a',
      'useast-1',
      'us-east-1\n',
      '*',
      'us-east-1;eu-west-1',
    ],
    ['SecurityHub', '', 'True', 'TRUE', 'yes', 'on', '1', ' true'],
    ['Chat', '', 'slack', 'yes'],
    ['Tracing', '', 'Active'],
    ['Mode', '', 'Enforce', 'enforced'],
    ['ReportBucket', 's3://reports', 'arn:aws:s3:::reports', 'reports/', 'Reports', 'ab', ' reports', '*'],
    ['AlertEmail', 'oncall', 'a@example.com,b@example.com', 'a@example.com b@example.com', 'oncall@example', ' '],
    ['MaxRevocations', '', '-1', '1.5', 'all'],
  ])('refuses as %s what no one can mean, and says what it takes', (name, ...values) => {
    for (const value of values) expect(takes(name, value), value).toBe(false);
    expect(template.Parameters[name]?.ConstraintDescription).toMatch(/\w/);
  });

  test('has one zip for each function, the one with all that parameters can switch on', async () => {
    expect(zips.map((name) => name.replace(/-[0-9a-f]{16}\.zip$/, ''))).toEqual([
      'auditGrants',
      'enforceIngress',
      'enforceSecurityGroup',
    ]);
    for (const name of zips) {
      const zip = await readFile(join(folder, name));
      expect(zip.equals(zipsOfEverything.get(name.split('-')[0] ?? '') as Buffer), name).toBe(true);
    }
  });

  test('is small enough for CloudFormation to read it from a bucket', () => {
    // In bytes: AWS CloudFormation User Guide, quotas.
    expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThan(1_000_000);
  });

  const zipOf = (name: string) => join(folder, zips.find((zip) => zip.startsWith(`${name}-`)) ?? '');
  const environmentOf = (id: string, given: Record<string, string>): Record<string, string> =>
    deployed(given).Resources[`${id}LambdaFunction`]?.Properties.Environment.Variables;

  test.each([
    ['false', /* imported */ 0],
    ['true', 1],
  ])('with SecurityHub=%s imports %i findings of its audit', async (SecurityHub, imported) => {
    const elastiCache = await startAuditedElastiCache();
    const ssm = await startSsm(ALLOWLIST);
    const client = new SecurityHubClient({ region: REGION, endpoint: elastiCache.url, credentials });
    onTestFinished(() => client.destroy());
    await client.send(new EnableSecurityHubCommand({}));
    const given = { SecurityHub, AllowlistParameter: '/guard/allowlist', Regions: REGION };

    const printed = await invokePackaged(
      zipOf('auditGrants'),
      { ...environmentOf('AuditGrants', given), AWS_ENDPOINT_URL: elastiCache.url, ...ssm.environment },
      { handler: 'audit-grants', event: {} },
    );

    expect(printed).toContain('"AuditFinished":1');
    const { Findings = [] } = await client.send(new GetFindingsCommand({}));
    expect(Findings.map(({ GeneratorId }) => GeneratorId)).toEqual(
      Array(imported).fill(expect.stringMatching(/^elasticache-ingress-guard-prod\/\d{12}\/[a-z0-9-]+$/)),
    );
  });

  test.each([
    ['', [REGION]],
    [`${OTHER_REGION},${REGION}`, [OTHER_REGION, REGION].sort()],
    // What a pattern cannot refuse does no harm.
    [`${REGION},${REGION}`, [REGION]],
  ])('with Regions=%s audits %j', async (Regions, audited) => {
    const elastiCache = await startAuditedElastiCache();
    const ssm = await startSsm(ALLOWLIST);

    await invokePackaged(
      zipOf('auditGrants'),
      {
        ...environmentOf('AuditGrants', { Mode: 'enforce', AllowlistParameter: '/guard/allowlist', Regions }),
        AWS_ENDPOINT_URL: elastiCache.url,
        ...ssm.environment,
      },
      { handler: 'audit-grants', event: {} },
    );

    const revoked = elastiCache.audits().filter((call) => call.includes('Revoke'));
    expect(revoked.map((call) => [OTHER_REGION, REGION].find((region) => call.includes(region))).sort()).toEqual(
      audited,
    );
  });

  test.each([
    ['a region of another partition', { Regions: `${REGION},cn-north-1` }, '"NotJudged":2'],
    ['Security Hub where it is not enabled', { SecurityHub: 'true' }, '"message":"security-hub-not-enabled"'],
  ])('reports what no pattern can refuse: %s', async (_, given, reported) => {
    const elastiCache = await startAuditedElastiCache();
    const ssm = await startSsm(ALLOWLIST);
    const parameters = { AllowlistParameter: '/guard/allowlist', ...given };

    const printed = await invokePackaged(
      zipOf('auditGrants'),
      { ...environmentOf('AuditGrants', parameters), AWS_ENDPOINT_URL: elastiCache.url, ...ssm.environment },
      { handler: 'audit-grants', event: {} },
    );

    expect(printed).toContain(reported);
  });

  test('takes an update to all that parameters switch on, and back to none', async () => {
    const settings = { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 50, creatingMs: 0 };
    const aws = await startLocalAws(settings);
    onTestFinished(() => aws.close());
    const deploy = (given: Record<string, string>) => {
      deployHere(aws, given);
      const { resources = [], outputs } = aws.accounts.find(ACCOUNT)?.region(REGION)?.stacks.find(STACK) ?? {};
      return { resources, outputs: Object.fromEntries(outputs ?? []) };
    };

    const [before, during, after] = [deploy({}), deploy(PARAMETERS_OF_ALL), deploy({})];

    expect(after).toEqual(before);
    expect(during.resources).toEqual(expect.arrayContaining([...before.resources]));
    expect(during.outputs).toEqual({ ...before.outputs, ChatTopicArn: expect.stringContaining('ChatTopic') });
    const had = before.resources.map(({ logicalId }) => logicalId);
    const more = during.resources.map(({ logicalId }) => logicalId).filter((id) => !had.includes(id));
    expect(more.sort()).toEqual(['AlertSubscription', 'ChatTopic', 'ChatTopicPolicy', 'SecurityHubAlarm']);
  });

  test.each([
    ['as it is by default', {}],
    ['with all that parameters switch on', PARAMETERS_OF_ALL],
  ])('revokes a rule, deployed to the local AWS from its files alone, %s', async (_, given) => {
    const ssm = await startSsm(`version: 1\nrules:\n  - { id: inside, caches: [sessions], cidrs: ["10.0.0.0/8"] }\n`);
    const aws = await startLocalAws(
      { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 50, creatingMs: 0 },
      systemClock(1_200),
    );
    const resources = deployHere(aws, { ...given, Mode: 'enforce', AllowlistParameter: '/guard/allowlist' });
    const running = await Promise.all(
      functionsOf(resources).map(async ({ written, key, environment }) => {
        const { folder: code } = await folderWith({});
        await unzip(join(folder, key.replace(/^.*\//, '')), code);
        const endpoints = { AWS_ENDPOINT_URL: aws.url, ...ssm.environment };
        const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
        const how = { folder: code, extension: '.mjs', account: ACCOUNT, region: REGION };
        return runStack(aws, [written], { ...how, environment: { ...environment, ...endpoints, ...keys } });
      }),
    );
    onTestFinished(async () => {
      for (const stack of running) await stack.close();
      await aws.close();
    });
    const ec2 = ec2ClientFor(aws.url);
    const elastiCache = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials });
    const guarding = await createGroup(ec2, 'sessions');
    const cache = { CacheClusterId: 'sessions', SecurityGroupIds: [guarding] };
    await elastiCache.send(new CreateCacheClusterCommand({ ...cache, Engine: 'redis', NumCacheNodes: 1 }));
    await aws.idle();

    await authorize(ec2, guarding, tcp(6379, { IpRanges: [{ CidrIp: '10.1.0.0/16' }] }));
    await authorize(ec2, guarding, tcp(6379, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }));
    await aws.idle();

    expect(aws.deadLetters).toEqual([]);
    const standing = await ingressOf(ec2, guarding);
    expect(standing.map(({ CidrIpv4 }) => CidrIpv4)).toEqual(['10.1.0.0/16']);
  });
});

/** The functions of a deployed template that rules give events to, as the local AWS runs them, each with its package and environment. */
function functionsOf(resources: ReturnType<typeof deployTemplate>) {
  const ofKind = (type: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: What CloudFormation takes is far too much to type here.
    resources.filter((one) => one.type === type).map(({ properties }) => properties as any);
  const rules = ofKind('AWS::Events::Rule');
  return ofKind('AWS::Lambda::Function').flatMap((properties) => {
    const { FunctionName, Handler, Timeout, Environment, Code } = properties;
    const patterns = rules
      .filter(({ Targets }) => Targets.some(({ Arn }: { Arn: string }) => Arn.endsWith(`:function:${FunctionName}`)))
      .flatMap(({ EventPattern }) => EventPattern ?? []);
    const written: StackFunction = {
      name: FunctionName,
      handler: Handler,
      timeoutSeconds: Timeout,
      maximumRetryAttempts: 2,
      maximumEventAgeSeconds: 21_600,
      eventPatterns: patterns,
      schedules: [],
      reportsSuccess: false,
    };
    const environment: Record<string, string> = Environment.Variables;
    return patterns.length === 0 ? [] : [{ written, key: String(Code.S3Key), environment }];
  });
}

describe('npm run artifact', () => {
  test('writes over nothing, and says how it is called', async () => {
    const { folder: full } = await folderWith({ 'template.json': 'mine' });

    const without = await runNode(['bin/write-artifact.ts']);
    const over = await runNode(['bin/write-artifact.ts', full]);

    expect(without).toEqual({ exitCode: 1, output: 'name one folder: npm run artifact -- FOLDER\n' });
    expect(over).toEqual({ exitCode: 1, output: `${full} is not empty: name another folder\n` });
  });
});
