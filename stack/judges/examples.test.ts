import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseHcl } from '@cdktn/hcl2json';
import { beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../../test/support/commands/run-process.ts';
import { conditionsOf, decideTemplate } from '../../test/support/packaged/decide-template.ts';

const JUDGES = import.meta.dirname;
const ROOT = join(JUDGES, '../..');

const EVERYTHING = {
  Regions: 'us-east-1,eu-west-1',
  ReportBucket: 'reports',
  SecurityHub: 'true',
  Chat: 'true',
  Tracing: 'true',
};

let folder: string;
let artifact: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingress-guard-examples-'));
  artifact = join(folder, 'artifact');
  const { exitCode, output } = await runNode(['bin/write-artifact.ts', artifact], {}, ROOT);
  expect(exitCode, output).toBe(0);
  return () => rm(folder, { recursive: true, force: true });
}, 600_000);

const readJson = async (...path: string[]) => JSON.parse(await readFile(join(...path), 'utf8'));

// As it is deployed: cdk-nag gives up where a condition decides what a role may do.
test.each([
  ['report-only', 'with nothing else', {}],
  ['enforce', 'with nothing else', {}],
  ['enforce', 'with all that can be switched on', EVERYTHING],
])('the judges find nothing in the artifact but what is accepted, in mode %s %s', async (Mode, _, given) => {
  const template = await readJson(artifact, 'template.json');
  const defaults = Object.entries<{ Default?: string }>(template.Parameters).map(([name, { Default = 'a' }]) => [
    name,
    Default,
  ]);
  const parameters = { ...Object.fromEntries(defaults), AlertEmail: 'oncall@example.com', ...given, Mode };
  const conditions = conditionsOf(template, { parameters, region: 'us-east-1' });
  const decided = decideTemplate(template, { parameters, conditions });
  const file = join(folder, 'decided.json');
  await writeFile(file, JSON.stringify(decided));

  // A separate process removes what the CDK leaves in the temporary directory.
  const { output } = await runNode([join(JUDGES, 'judge.ts'), join(JUDGES, 'accepted.yaml'), file]);

  expect(output).not.toContain('NOT ACCEPTED');
  // What is accepted of an organization's stack alone: it has come to its end.
  expect(output).toContain('NOT FOUND ANY MORE');
});

test('the artifact comes with the licences of what is in its functions', async () => {
  const notices = await readFile(join(artifact, 'THIRD-PARTY-NOTICES.txt'), 'utf8');

  for (const name of ['@aws-sdk/client-ec2', '@aws-lambda-powertools/logger', 'zod', 'yaml']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
  }
});

describe('the example of the AWS CDK', () => {
  // biome-ignore lint/suspicious/noExplicitAny: What CloudFormation takes is far too much to type here.
  let stack: any;
  let assets: Record<string, { readonly source: { readonly path: string } }>;

  beforeAll(async () => {
    // Where it finds the packages of the judges, in the place of its own.
    const example = join(folder, 'cdk');
    await cp(join(ROOT, 'examples/deploy/cdk'), example, { recursive: true });
    await symlink(join(JUDGES, 'node_modules'), join(example, 'node_modules'));
    await writeFile(join(example, 'allowlist.yaml'), 'version: 1\nrules: []\n');
    const out = join(folder, 'out');
    const environment = { ARTIFACT: artifact, CDK_OUTDIR: out, MODE: 'enforce', ALERT_EMAIL: 'oncall@example.com' };
    const { exitCode, output } = await runNode(['app.ts'], environment, example);
    expect(exitCode, output).toBe(0);
    stack = await readJson(out, 'IngressGuard.template.json');
    assets = (await readJson(out, 'IngressGuard.assets.json')).files;
  }, 600_000);

  test('is synthesized with every resource of the artifact, and the allowlist', async () => {
    const { Resources } = await readJson(artifact, 'template.json');

    expect(Object.keys(stack.Resources)).toEqual(expect.arrayContaining(Object.keys(Resources)));
    const resources = Object.values<{ Type: string }>(stack.Resources);
    const allowlist = resources.find(({ Type }) => Type === 'AWS::SSM::Parameter');
    expect(allowlist).toMatchObject({
      Properties: { Name: '/ingress-guard/allowlist', Value: 'version: 1\nrules: []\n', Tier: 'Intelligent-Tiering' },
    });
  });

  test('gives each function the package of its own, as the CDK uploads it', async () => {
    for (const zip of (await readdir(artifact)).filter((name) => name.endsWith('.zip'))) {
      const [name = ''] = zip.split('-');
      const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;

      const { S3Key } = stack.Resources[id].Properties.Code;
      const asset = assets[String(S3Key).replace('.zip', '')];
      const uploaded = await readFile(join(folder, 'out', asset?.source.path ?? ''));
      expect(uploaded.equals(await readFile(join(artifact, zip))), id).toBe(true);
    }
  });

  test('enforces, and sends mail, as it was asked to', () => {
    expect(stack.Conditions.Enforces).toEqual({ 'Fn::Equals': ['enforce', 'enforce'] });
    expect(stack.Resources.AlertSubscription.Properties.Endpoint).toBe('oncall@example.com');
    expect(stack.Parameters?.Mode).toBeUndefined();
  });

  test('leaves every other parameter to `cdk deploy --parameters`, with what CloudFormation refuses', async () => {
    const { Parameters, Conditions } = await readJson(artifact, 'template.json');

    expect(Object.keys(EVERYTHING)).toContain('SecurityHub');
    for (const name of Object.keys(EVERYTHING)) expect(stack.Parameters[name]).toEqual(Parameters[name]);
    for (const name of ['ImportsFindings', 'HasChat', 'HasRegions']) {
      expect(stack.Conditions[name]).toEqual(Conditions[name]);
    }
    const given = Object.fromEntries(
      Object.entries<{ Default?: string }>(stack.Parameters).map(([name, { Default = '' }]) => [name, Default]),
    );
    const deployed = (more: object) => {
      const parameters = { ...given, ...more };
      return decideTemplate(stack, {
        parameters,
        conditions: conditionsOf(stack, { parameters, region: 'us-east-1' }),
      });
    };
    expect(deployed({}).Resources).not.toHaveProperty('ChatTopic');
    expect(deployed({}).Resources).not.toHaveProperty('SecurityHubAlarm');
    expect(deployed(EVERYTHING).Resources).toHaveProperty('ChatTopic');
    expect(deployed(EVERYTHING).Resources).toHaveProperty('SecurityHubAlarm');
  });
});

describe('the example of Terraform', () => {
  const FILE = 'examples/deploy/terraform/main.tf';

  test('can be read by the parser of HashiCorp, and gives the stack parameters that it has', async () => {
    const { resource, variable } = await parseHcl(FILE, await readFile(join(ROOT, FILE), 'utf8'));
    const { Parameters } = await readJson(artifact, 'template.json');

    const [stack] = resource.aws_cloudformation_stack.ingress_guard;
    // What the example sets comes last: `parameters` is for all else.
    const [, given = ''] = /^\$\{merge\(var\.parameters, \{(.*)\}\)\}$/s.exec(stack.parameters) ?? [];
    const set = [...given.matchAll(/^\s*(\w+)\s*=/gm)].map(([, name]) => name);
    expect(set).toContain('PackageBucket');
    expect(Object.keys(Parameters)).toEqual(expect.arrayContaining(set));
    // Terraform's documentation of the resource: what it takes.
    const TAKEN = ['name', 'capabilities', 'template_url', 'parameters', 'depends_on'];
    expect(Object.keys(stack).sort()).toEqual(TAKEN.sort());
    expect(Object.keys(variable)).toEqual(['alert_email', 'allowlist', 'artifact', 'bucket', 'mode', 'parameters']);
  });

  test('names nothing that is not in it', async () => {
    const text = await readFile(join(ROOT, FILE), 'utf8');
    const parsed = await parseHcl(FILE, text);

    const named = [...text.matchAll(/\b(var|local|aws_\w+|data\.aws_\w+)\.(\w+)/g)].map(([, kind = '', name = '']) => [
      kind,
      name,
    ]);
    expect(named.length).toBeGreaterThan(10);
    for (const [kind = '', name = ''] of named) {
      const there =
        kind === 'var'
          ? parsed.variable
          : kind === 'local'
            ? parsed.locals[0]
            : kind.startsWith('data.')
              ? parsed.data[kind.replace('data.', '')]
              : parsed.resource[kind];
      expect(Object.keys(there ?? {}), `${kind}.${name}`).toContain(name);
    }
  });
});
