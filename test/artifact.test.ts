import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateCacheClusterCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../src/local/clock.ts';
import { deployTemplate } from '../src/local/cloudformation/deploy.ts';
import { startLocalAws } from '../src/local/local-aws.ts';
import { runStack } from '../src/local/run-stack.ts';
import type { StackFunction } from '../src/local/stack.ts';
import { type Ask, makeArtifact, optionsOf, type Package } from '../stack/packaging/artifact/artifact.ts';
import { packageStack } from '../stack/packaging/artifact/package-stack.ts';
import { lackedIn, SERVICE_RULES } from './stack/service-rules.ts';
import { actionsOf, ofType, type Template } from './stack/template.ts';
import { RULES } from './stack/template-rules.ts';
import { runNode } from './support/commands/run-process.ts';
import { ACCOUNT, REGION } from './support/examples/grants.ts';
import { authorize, createGroup, ec2ClientFor, ingressOf, tcp } from './support/local-aws/local-ec2.ts';
import { credentials } from './support/local-aws/local-elasticache.ts';
import { decideTemplate } from './support/packaged/decide-template.ts';
import { unzip } from './support/packaged/unzip.ts';
import { startSsm } from './support/scripted/remote-allowlists.ts';
import { folderWith } from './support/tools/folder.ts';

const { WITHOUT_ARCHIVES } = createRequire(import.meta.url)('../stack/archive.cjs') as { WITHOUT_ARCHIVES: string[] };
const MODES = ['report-only', 'enforce'] as const;
const REGIONS = ['us-east-1', 'ca-west-1'] as const;
const GIVEN = {
  PackageBucket: 'packages',
  PackagePrefix: 'ingress-guard/',
  AllowlistParameter: '/guard/allowlist',
  AlertEmail: 'oncall@example.com',
  MaxRevocations: '7',
  Shared: 'revoke',
  Mixed: 'revoke',
};

/** What `serverless package` made for the artifact, by mode and region. */
const made = new Map<string, Package>();
let folder: string;
let template: Template & { readonly Parameters: Record<string, { readonly Default?: string }> };
let zips: string[];

beforeAll(async () => {
  const files = await makeArtifact('1.2.3', WITHOUT_ARCHIVES, async (ask: Ask) => {
    const one = await packageStack(optionsOf(ask));
    made.set(`${ask.mode} ${ask.region}`, one);
    return one;
  });
  folder = await mkdtemp(join(tmpdir(), 'ingress-guard-artifact-'));
  for (const [name, contents] of files) await writeFile(join(folder, name), contents);
  template = JSON.parse(String(files.get('template.json')));
  zips = [...files.keys()].filter((name) => name.endsWith('.zip'));
  return () => rm(folder, { recursive: true, force: true });
});

/** The template of the artifact as it is for a stack with these parameters. */
function deployed(Mode: (typeof MODES)[number], region: string, more: Record<string, string> = {}): Template {
  const parameters = { ...GIVEN, Mode, ...more };
  const hasArchives = !WITHOUT_ARCHIVES.includes(region);
  const conditions = {
    Enforces: Mode === 'enforce',
    ReportsOnly: Mode !== 'enforce',
    HasArchives: hasArchives,
    HasNoArchives: !hasArchives,
    HasAlertEmail: parameters.AlertEmail !== '',
  };
  return decideTemplate(template, { parameters, conditions });
}

/** A package of the Serverless Framework as the artifact must be with the parameters of GIVEN. */
function expected({ template }: Package): Template {
  const { ServerlessDeploymentBucketName: _, AllowlistSha256: __, ...Outputs } = (template as Template).Outputs;
  const text = JSON.stringify({ ...template, Outputs })
    .replaceAll('alert-email-of-the-artifact@example.com', GIVEN.AlertEmail)
    .replaceAll('/ingress-guard/allowlist', GIVEN.AllowlistParameter)
    .replaceAll('"INGRESS_GUARD_MAX_REVOCATIONS":"10"', '"INGRESS_GUARD_MAX_REVOCATIONS":"7"')
    .replaceAll(/"INGRESS_GUARD_(SHARED|MIXED)":"hold"/g, '"INGRESS_GUARD_$1":"revoke"')
    .replaceAll('{"Ref":"ServerlessDeploymentBucket"}', `"${GIVEN.PackageBucket}"`)
    .replaceAll(/"S3Key":"[^"]*\/(\w+)\.zip"/g, (_, name) => {
      return `"S3Key":"${GIVEN.PackagePrefix}${zips.find((zip) => zip.startsWith(`${name}-`))}"`;
    });
  const { Resources, ...rest } = JSON.parse(text);
  const ours = Object.entries(Resources).filter(([id]) => !id.startsWith('ServerlessDeploymentBucket'));
  return decideTemplate({ ...rest, Resources: Object.fromEntries(ours) }, { parameters: {}, conditions: {} });
}

describe.each(MODES)('the artifact, in mode %s', (mode) => {
  test.each(REGIONS)('is in %s what the Serverless Framework deploys there', (region) => {
    const { Description, ...ours } = deployed(mode, region);
    const { Description: _, ...theirs } = expected(made.get(`${mode} ${region}`) as Package);

    expect(ours).toEqual(theirs);
    expect(Description).toContain('version 1.2.3, mode by a parameter');
  });

  test.each(Object.entries({ ...RULES, ...SERVICE_RULES }))('%s', (_, findBreaches) => {
    expect(findBreaches(deployed(mode, 'us-east-1'))).toEqual([]);
  });

  test.each([...REGIONS, 'us-gov-west-1', 'cn-north-1'])('has nothing that %s lacks', (region) => {
    expect(lackedIn(region, deployed(mode, region))).toEqual([]);
  });
});

describe('the artifact', () => {
  test('reports only, unless a parameter says otherwise; then no role may revoke', () => {
    expect(template.Parameters.Mode?.Default).toBe('report-only');
    const actions = (mode: (typeof MODES)[number]) =>
      ofType(deployed(mode, 'us-east-1'), 'AWS::IAM::Role').flatMap(([, role]) => actionsOf(role));
    expect(actions('report-only').filter((action) => action.includes('Revoke'))).toEqual([]);
    expect(actions('enforce')).toContain('ec2:RevokeSecurityGroupIngress');
  });

  test('sends mail to no one unless a parameter names someone', () => {
    expect(template.Parameters.AlertEmail?.Default).toBe('');
    expect(ofType(deployed('enforce', 'us-east-1', { AlertEmail: '' }), 'AWS::SNS::Subscription')).toEqual([]);
  });

  test('has one parameter without a default: the bucket', () => {
    const without = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);

    expect(without.map(([name]) => name)).toEqual(['PackageBucket']);
    expect(template.Parameters.PackagePrefix?.Default).toBe('ingress-guard/1.2.3/');
  });

  test('has one zip for each function, whatever the mode and the region', () => {
    const bytes = [...made.values()].map(({ zips }) =>
      [...zips].map(([name, zip]) => `${name} ${zip.toString('hex')}`),
    );

    expect(zips.map((name) => name.replace(/-[0-9a-f]{16}\.zip$/, ''))).toEqual([
      'auditGrants',
      'enforceIngress',
      'enforceSecurityGroup',
    ]);
    for (const one of bytes) expect(one).toEqual(bytes[0]);
  });

  test('is small enough for CloudFormation to read it from a bucket', () => {
    // In bytes: AWS CloudFormation User Guide, quotas.
    expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThan(1_000_000);
  });

  test('revokes a rule, deployed to the local AWS from its files alone', async () => {
    const ssm = await startSsm(`version: 1\nrules:\n  - { id: inside, caches: [sessions], cidrs: ["10.0.0.0/8"] }\n`);
    const aws = await startLocalAws(
      { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 50, creatingMs: 0 },
      systemClock(1_200),
    );
    const parameters = { PackageBucket: 'packages', Mode: 'enforce', AllowlistParameter: '/guard/allowlist' };
    const resources = deployTemplate(aws.accounts, template as never, {
      stackName: 'elasticache-ingress-guard-prod',
      account: ACCOUNT,
      region: REGION,
      parameters,
    });
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
