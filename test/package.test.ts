import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateCacheClusterCommand } from '@aws-sdk/client-elasticache';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from 'fauxqs';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { sampleEvent } from './events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from './support/examples/grants.ts';
import { authorize, createGroup, ingressOf, tcp } from './support/local-aws/local-ec2.ts';
import { credentials } from './support/local-aws/local-elasticache.ts';
import { startEndpoint } from './support/local-aws/local-endpoint.ts';
import { CLIENTS, invokePackaged, STRANGERS_TOO } from './support/packaged/packaged-function.ts';
import { readZip } from './support/packaged/unzip.ts';
import { startAuditedElastiCache } from './support/scripted/audited-elasticache.ts';
import { startSsm } from './support/scripted/remote-allowlists.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

/** A packaged function that judges events: its zip archive, its handler, its logical id, and what it must stay below, in bytes. */
const ENFORCING = [
  { name: 'enforceIngress', handler: 'enforce-ingress', id: 'EnforceIngress', limit: 150_000 },
  { name: 'enforceSecurityGroup', handler: 'enforce-security-group', id: 'EnforceSecurityGroup', limit: 188_000 },
] as const;

const folder = inject('packageFolder');
let resources: Record<string, Resource>;
/** The files of each function's package. */
const packages = new Map<string, Map<string, Buffer>>();

beforeAll(async () => {
  const template = await readFile(join(folder, 'cloudformation-template-update-stack.json'), 'utf8');
  resources = JSON.parse(template).Resources;
  for (const name of ['enforceIngress', 'enforceSecurityGroup', 'auditGrants']) {
    packages.set(name, await readZip(join(folder, `${name}.zip`)));
  }
});

/** What is in a function's package, by the names of the files. */
function filesOf(name: string): Map<string, Buffer> {
  return packages.get(name) ?? new Map();
}

function holds(files: Map<string, Buffer>, text: string): boolean {
  return [...files.values()].some((contents) => contents.includes(text));
}

/** The properties of a resource, by its logical id. */
function the(id: string): Record<string, unknown> {
  expect(Object.keys(resources)).toContain(id);
  return resources[id]?.Properties ?? {};
}

// What must hold for the whole stack is in test/stack; here is what the functions that judge events are made of.
describe.each(ENFORCING)('the CloudFormation stack of $name', ({ handler, id }) => {
  test('has a rule that invokes the function', () => {
    const rules = Object.values(resources).filter(
      ({ Properties }) => 'EventPattern' in Properties && 'Name' in Properties,
    );
    const target = { Arn: { 'Fn::GetAtt': [`${id}LambdaFunction`, 'Arn'] } };
    const ours = rules.filter(({ Properties }) =>
      JSON.stringify(Properties.Targets).includes(JSON.stringify(target.Arn)),
    );

    expect(ours.map(({ Properties }) => Properties)).toMatchObject([{ State: 'ENABLED', Targets: [target] }]);
    expect(the(`${id}EventBridgeLambdaPermission1`)).toMatchObject({
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    });
  });

  test('runs the handler on nodejs24.x', () => {
    expect(the(`${id}LambdaFunction`)).toMatchObject({ Runtime: 'nodejs24.x', Handler: `handlers/${handler}.handler` });
  });

  test('reports only, until it is told to enforce', () => {
    expect(the(`${id}LambdaFunction`).Environment).toMatchObject({
      Variables: { INGRESS_GUARD_MODE: 'report-only', INGRESS_GUARD_ALLOWLIST: '' },
    });
  });

  test('tries a failed event twice more within six hours, and then keeps it in the dead-letter queue', () => {
    expect(the(`${id}LambdaEvConf`)).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 21_600 });
    expect(the(`${id}LambdaFunction`).DeadLetterConfig).toEqual({
      TargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
    });
  });

  test('keeps logs for a year', () => {
    expect(the(`${id}LogGroup`)).toMatchObject({ RetentionInDays: 365 });
  });
});

test('rules of shared security groups are held, and ten revoked at once, until somebody says otherwise', () => {
  for (const id of ['EnforceSecurityGroup', 'AuditGrants']) {
    expect(the(`${id}LambdaFunction`).Environment).toMatchObject({
      Variables: { INGRESS_GUARD_SHARED: 'hold', INGRESS_GUARD_MAX_REVOCATIONS: '10' },
    });
  }
});

// Of enforceIngress a good fifth more than a handler that does nothing but make an ElastiCache client (npm run bench -- enforce): words of our
// own for each way in which YAML cannot be read took 1 KB.
describe.each(ENFORCING)('the packaged $name', ({ name, handler, limit }) => {
  test(`is smaller than ${limit / 1000} KB`, async () => {
    const { size } = await stat(join(folder, `${name}.zip`));

    expect(size).toBeLessThan(limit);
  });

  // What a cold start loads, it waits for; each of these takes longer than the judgement of an allowed grant.
  test('starts without what only some events need', () => {
    const files = filesOf(name);
    const start = loadedAtStart(files, `handlers/${handler}.mjs`);
    const code = start.map((file) => files.get(file)?.toString('utf8') ?? '').join('\n');

    // The file that Lambda is told of, and the one that it imports.
    expect(start).toHaveLength(2);
    expect(builtins(code)).toEqual(['node:console', 'node:timers']);
    for (const tellTale of Object.values(ON_DEMAND)) {
      expect(holds(files, tellTale)).toBe(true);
      expect(code).not.toContain(tellTale);
    }
  });

  test('is the handler and its parts: no node_modules, no source maps, nothing else', () => {
    const names = [...filesOf(name).keys()];

    expect(names).toContain(`handlers/${handler}.mjs`);
    for (const file of names) expect(file).toMatch(new RegExp(`^handlers/${handler}(\\.[A-Z0-9]{8})?\\.mjs$`));
  });

  // Each is a text that only this file holds and that minifying keeps, so that it would show if the file were packaged.
  test.each([
    ['the local AWS: callers', 'src/local/iam/caller.ts', 'AIDALOCALAWSLOCALAWS0'],
    ['the local AWS: Lambda', 'src/local/lambda-environments.ts', 'Sandbox.Timedout'],
    ['the example', 'examples/first-minute.ts', 'Ingress Guard on a local AWS'],
    ['the build', 'stack/packaging/esbuild-plugins.ts', 'chunks-named-after-handler'],
    ['Vitest', 'vitest.config.ts', 'vitest/config'],
    ['the tests', 'test/support/packaged/package-once.ts', 'ingress-guard-package-'],
    ['the schema of outcomes', 'src/report/outcome-schema.ts', 'Outcome event of Ingress Guard'],
    ['esbuild', 'node_modules/esbuild/lib/main.js', 'The service was stopped'],
  ])('holds no development code: %s', async (_, file, tellTale) => {
    expect(await readFile(file, 'utf8')).toContain(tellTale);

    expect(holds(filesOf(name), tellTale)).toBe(false);
  });

  test('asks for nothing that an ES module in an empty folder does not have', () => {
    for (const [file, contents] of filesOf(name)) {
      expect(contents.includes('Dynamic require of'), file).toBe(false);
      const imported = contents.toString('utf8').matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g);
      for (const [, module] of imported) expect(module, file).toMatch(new RegExp(`^(node:|\\./${handler})`));
    }
  });

  test('holds the allowlist of the checkout, and its hash', async () => {
    const text = await readFile('allowlist.yaml', 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');

    expect(holds(filesOf(name), 'web-to-sessions')).toBe(true);
    expect(holds(filesOf(name), sha256)).toBe(true);
  });
});

/** Texts that only these hold and that minifying keeps. */
const ON_DEMAND = {
  zod: 'ZodError',
  yaml: 'Map keys must be unique',
  'the SDK': 'AWS4-HMAC',
  'ranges of addresses': 'isIPv4MappedAddress',
};

/** A module of the package and all that it imports, not on demand but at once. */
function loadedAtStart(files: Map<string, Buffer>, name: string): string[] {
  const imported = (files.get(name)?.toString('utf8') ?? '').matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g);
  return [name, ...Array.from(imported, ([, file]) => loadedAtStart(files, `handlers/${file}`)).flat()];
}

/** The modules of Node that code imports at once, each once. */
function builtins(code: string): string[] {
  return [
    ...new Set(Array.from(code.matchAll(/\b(?:from|import)\s*"(node:[^"]+)"/g), ([, module]) => `${module}`)),
  ].sort();
}

/** A text that only EC2’s client has and that minifying keeps, and where that is. */
const EC2 = ['AmazonEC2', 'client-ec2/dist-es/commandBuilder.js'] as const;

const JUDGING_RULES = { handler: 'enforce-security-group', event: sampleEvent('authorize-security-group-ingress') };
const AUDIT = { handler: 'audit-grants', event: {} };

// Of the function that judges new grants, test/way-of-one-grant.test.ts shows the same, and more.
describe('the packaged audit, alone in an empty folder', () => {
  test('revokes what the allowlist in it does not allow, and stores its report', async () => {
    const elastiCache = await startAuditedElastiCache();
    const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
    onTestFinished(() => server.stop());
    server.createBucket('reports');
    const s3 = `http://127.0.0.1:${server.port}`;

    const printed = await invokePackaged(
      join(folder, 'auditGrants.zip'),
      {
        INGRESS_GUARD_MODE: 'enforce',
        INGRESS_GUARD_REPORT_BUCKET: 'reports',
        AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
        AWS_ENDPOINT_URL_S3: s3,
      },
      AUDIT,
    );

    const lines = printed.split('\n').filter((line) => line.startsWith('{'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: 'decision', outcome: 'revoked', foundBy: 'audit', grant: strangersGrant },
      { GrantsRevoked: 1, FoundByAudit: 1 },
      { message: 'audit', complete: true, counts: { denied: 1 } },
      { GrantsRevoked: 0, AuditFinished: 1 },
    ]);
    expect(await elastiCache.standing()).toEqual([`web of ${ACCOUNT}: authorized`, `web of ${STRANGER}: revoking`]);
    const client = new S3Client({ region: REGION, endpoint: s3, credentials });
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: 'reports' }));
    expect(Contents.map(({ Key }) => Key)).toEqual([
      expect.stringMatching(/^audits\/.*\.html$/),
      expect.stringMatching(/^audits\/.*\.json$/),
    ]);
  });

  test('revokes rules of security groups that guard caches, and no others', async () => {
    const { url, ec2, sdk } = await startEndpoint({ creatingMs: 0 });
    const [guarding, other] = [await createGroup(ec2, 'sessions'), await createGroup(ec2, 'web')];
    const cache = { CacheClusterId: 'sessions', SecurityGroupIds: [guarding] };
    await sdk.send(new CreateCacheClusterCommand({ ...cache, Engine: 'redis', NumCacheNodes: 1 }));
    for (const group of [guarding, other])
      await authorize(ec2, group, tcp(6379, { IpRanges: [{ CidrIp: '0.0.0.0/0' }] }));

    const printed = await invokePackaged(
      join(folder, 'auditGrants.zip'),
      { INGRESS_GUARD_MODE: 'enforce', AWS_ENDPOINT_URL: url },
      AUDIT,
    );

    expect(printed).toContain('"outcome":"revoked"');
    expect(await ingressOf(ec2, guarding)).toEqual([]);
    expect(await ingressOf(ec2, other)).toHaveLength(1);
  });

  test('is the handler and its parts: no node_modules, no source maps, nothing else', () => {
    const names = [...filesOf('auditGrants').keys()];

    expect(names).toContain('handlers/audit-grants.mjs');
    for (const name of names) expect(name).toMatch(/^handlers\/audit-grants(\.[A-Z0-9]{8})?\.mjs$/);
  });
});

describe('EC2’s client', () => {
  test('is in the packages of the functions that look at security groups, and in no other', async () => {
    const [tellTale, file] = EC2;
    expect(await readFile(`node_modules/@aws-sdk/${file}`, 'utf8')).toContain(tellTale);

    expect(holds(filesOf('enforceIngress'), tellTale)).toBe(false);
    expect(holds(filesOf('enforceSecurityGroup'), tellTale)).toBe(true);
    expect(holds(filesOf('auditGrants'), tellTale)).toBe(true);
  });

  test('is not loaded for a security group that guards no cache', async () => {
    const { url } = await startEndpoint();

    const printed = await invokePackaged(
      join(folder, 'enforceSecurityGroup.zip'),
      { AWS_ENDPOINT_URL: url, POWERTOOLS_LOG_LEVEL: 'DEBUG' },
      { ...JUDGING_RULES, without: EC2[0] },
    );

    expect(printed).toContain('"outcome":"ignored","reason":"the security group guards no cache"');
  });
});

describe('an allowlist that is not in the package', () => {
  describe.each(ENFORCING)('$name', ({ name }) => {
    test.each(Object.entries(CLIENTS))(
      'costs the package nothing: no client of %s is in it',
      async (_, [tellTale, file]) => {
        expect(await readFile(`node_modules/@aws-sdk/${file}`, 'utf8')).toContain(tellTale);

        expect(holds(filesOf(name), tellTale)).toBe(false);
      },
    );
  });

  test('is refused by a package that was made without it, and says what to do', async () => {
    const { location, environment } = await startSsm(STRANGERS_TOO);

    const output = await invokePackaged(join(folder, 'enforceIngress.zip'), {
      ...environment,
      INGRESS_GUARD_ALLOWLIST: location,
    });

    expect(output).toContain(
      'this package was made without allowlists at ssm:...: deploy with --param=allowlist=ssm:...',
    );
    expect(output).toContain('"outcome":"failed"');
  });
});

describe('packaging', () => {
  test('says which settings it packaged, and where each comes from', () => {
    expect(inject('packageOutput')).toContain(
      'Settings of stage prod in us-east-1\n  mode                  report-only  ',
    );
    expect(inject('packageOutput')).toMatch(/^ {2}mode .* settings\.yml, prod$/m);
    expect(inject('packageOutput')).toMatch(
      /^ {2}allowlist +allowlist\.yaml, packaged: 2 allowlist rules +built-in default$/m,
    );
  });

  test('leaves nothing in the temporary directory', () => {
    expect(inject('leftByPackaging')).toEqual([]);
  });
});
