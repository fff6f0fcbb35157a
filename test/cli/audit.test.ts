import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateNetworkInterfaceCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import { type Ended, expectHelp, expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { type GuardedCacheHere, startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { authorize } from '../support/local-aws/local-ec2.ts';
import { administratorOf } from '../support/local-aws/local-elasticache.ts';
import { TRANSITION } from '../support/local-aws/local-endpoint.ts';
import {
  type AuditedElastiCache,
  OTHER_REGION,
  REGION_THAT_IS_DOWN,
  startAuditedElastiCache,
} from '../support/scripted/audited-elasticache.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { holdTime } from '../support/time/held-time.ts';
import { folderWith } from '../support/tools/folder.ts';

/** Audits at an ElastiCache, with the allowlist of these tests. */
async function audit({ url }: Pick<AuditedElastiCache, 'url'>, ...options: string[]): Promise<Ended> {
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: url, AWS_ENDPOINT_URL_STS: url });
  return runCli(['audit', '--allowlist', await allowlistFile(), ...options], {
    environment: { AWS_REGION: REGION },
  });
}

/** A report in JSON, that is what it says it is. */
function reportIn(text: string): AuditReport {
  const { report, problems } = parseAuditReport(JSON.parse(text));
  expect(problems).toBeUndefined();
  return report as AuditReport;
}

const REVOKING = `web of ${STRANGER}: revoking`;
const STANDING = `web of ${STRANGER}: authorized`;

describe('the exit code of ingress-guard audit', () => {
  test('is 0 when everything was evaluated and is allowed', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 0 });

    const { exitCode, stdout } = await audit(elastiCache, '--format', 'json');

    expect(exitCode).toBe(0);
    expect(reportIn(stdout)).toMatchObject({ complete: true, counts: { judged: 1, allowed: 1, denied: 0 } });
  });

  test.each(['report-only', 'enforce'])('is 2 when disallowed grants were found, in mode %s', async (mode) => {
    const elastiCache = await startAuditedElastiCache();

    const { exitCode, stdout } = await audit(elastiCache, '--mode', mode, '--format', 'json');

    expect(exitCode).toBe(2);
    expect(reportIn(stdout)).toMatchObject({ complete: true, mode, counts: { denied: 1 } });
  });

  test('is 1 when something could not be evaluated, even if disallowed grants were found', async () => {
    const elastiCache = await startAuditedElastiCache();

    const { exitCode, stdout } = await audit(elastiCache, '--region', REGION, REGION_THAT_IS_DOWN, '--format', 'json');

    expect(exitCode).toBe(1);
    expect(reportIn(stdout)).toMatchObject({
      complete: false,
      counts: { denied: 1, notJudged: 2 },
      notJudged: [
        { account: ACCOUNT, region: REGION_THAT_IS_DOWN, what: 'its cache security groups' },
        {
          account: ACCOUNT,
          region: REGION_THAT_IS_DOWN,
          what: 'the security groups that guard caches, or some of them',
        },
      ],
    });
  });

  test('is 1 when a grant could not be revoked', async () => {
    const elastiCache = await startAuditedElastiCache();
    await elastiCache.call('AuthorizeCacheSecurityGroupIngress', {
      CacheSecurityGroupName: 'sessions',
      EC2SecurityGroupName: 'just-now',
      EC2SecurityGroupOwnerId: STRANGER,
    });

    // It stays authorizing, because the endpoint's clock stands still.
    const time = holdTime();
    const running = audit(elastiCache, '--mode', 'enforce', '--timeout', '1', '--format', 'json');
    await expect.poll(() => elastiCache.standing()).toContain(REVOKING);
    await time.pass(1_000);
    const { exitCode, stdout } = await running;

    expect(exitCode).toBe(1);
    expect(reportIn(stdout)).toMatchObject({ complete: true, counts: { outcomes: { failed: 1, revoked: 1 } } });
  });

  test('is 3 when the allowlist is not valid, and nothing is asked', async () => {
    const elastiCache = await startAuditedElastiCache();
    const broken = await allowlistFile('version: 1\nrule: []\n');

    const { exitCode, stdout, stderr } = await audit(elastiCache, '--mode', 'enforce', '--allowlist', broken);

    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain(`${broken}:2:1: `);
    expect(elastiCache.everyCall()).toEqual([]);
  });
});

describe('ingress-guard audit', () => {
  test('revokes nothing unless it is told to', async () => {
    const elastiCache = await startAuditedElastiCache();

    await audit(elastiCache);

    expect(elastiCache.audits()).toEqual([`DescribeCacheSecurityGroups ${REGION}`]);
  });

  test('--mode enforce: revokes what no rule allows, and nothing else', async () => {
    const elastiCache = await startAuditedElastiCache();

    const { stdout } = await audit(elastiCache, '--mode', 'enforce', '--format', 'json');

    expect(reportIn(stdout).counts.outcomes).toEqual({ allowed: 1, revoked: 1 });
    expect(await elastiCache.standing()).toEqual([`web of ${ACCOUNT}: authorized`, REVOKING]);
  });

  test('--region: looks at each of them once', async () => {
    const elastiCache = await startAuditedElastiCache();
    const regions = [OTHER_REGION, REGION];

    const { stdout } = await audit(elastiCache, '--region', ...regions, OTHER_REGION, '--format', 'json');

    expect(reportIn(stdout)).toMatchObject({
      expected: { regions, places: regions.map((region) => ({ account: ACCOUNT, region })) },
      regions: regions.map((region) => ({ account: ACCOUNT, region, status: 'judged', grants: 2 })),
      counts: { judged: 4, denied: 2 },
      apiCalls: { DescribeCacheSecurityGroups: 2 },
    });
  });

  test.each([
    ['2', { held: 3 }, STANDING],
    ['3', { revoked: 3 }, REVOKING],
    ['unlimited', { revoked: 3 }, REVOKING],
  ])('--max-revocations %s, where 3 are denied', async (limit, outcomes, stranger) => {
    const elastiCache = await startAuditedElastiCache({ denied: 3 });

    const { exitCode, stdout } = await audit(
      elastiCache,
      ...['--mode', 'enforce', '--max-revocations', limit, '--format', 'json'],
    );

    expect(exitCode).toBe(2);
    expect(reportIn(stdout).counts.outcomes).toEqual({ allowed: 1, ...outcomes });
    expect(await elastiCache.standing()).toContain(stranger);
  });

  test('--timeout: what is not done by then is named', async () => {
    const elastiCache = await startAuditedElastiCache({ empty: 150, faults: { throttle: 1 } });

    // STS is throttled as well: it would not say whose account this is.
    const { exitCode, stdout } = await audit(elastiCache, '--account', ACCOUNT, '--timeout', '1', '--format', 'json');

    expect(exitCode).toBe(1);
    const why = 'there was no time left to list the rest';
    expect(reportIn(stdout).notJudged).toEqual([
      { account: ACCOUNT, region: REGION, what: 'its cache security groups', why },
      { account: ACCOUNT, region: REGION, what: 'the security groups that guard caches, or some of them', why },
    ]);
  });

  test('--timeout: where nothing ever answers, every region is named, and the command ends', async () => {
    await using silent = await startScriptedEndpoint('silence');
    const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-west-2', 'eu-west-3'];
    stubEnvironment({ AWS_ENDPOINT_URL: silent.url });

    const { exitCode, stdout } = await runCli(
      [
        'audit',
        '--allowlist',
        await allowlistFile(),
        '--account',
        ACCOUNT,
        '--timeout',
        '1',
        '--format',
        'json',
      ].concat(['--region', ...regions]),
      {},
    );

    const report = reportIn(stdout);
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({ complete: false, counts: { judged: 0 } });
    const whatOf = (region: string) => report.notJudged.filter((one) => one.region === region).map(({ what }) => what);
    for (const region of regions) {
      expect([
        ['all of it'],
        ['its cache security groups', 'the security groups that guard caches, or some of them'],
      ]).toContainEqual(whatOf(region));
    }
  });

  test('--timeout: ends the question whose credentials these are', async () => {
    await using silent = await startScriptedEndpoint('silence');

    const { exitCode, stderr } = await audit(silent, '--timeout', '1', '--region', REGION, OTHER_REGION);

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/which account\? .*Say --account/);
    expect(silent.actions).toEqual(['GetCallerIdentity']);
  });

  test.each([
    ['a page', '<html><body>Sign in</body></html>'],
    ['an empty body', ''],
    ['an answer without a result', '<Response><RequestId>1</RequestId></Response>'],
  ])('where a proxy answers with %s: evaluates nothing, and says so', async (_, xml) => {
    await using proxy = await startScriptedEndpoint({ status: 200, xml });

    const { exitCode, stdout } = await audit(proxy, '--account', ACCOUNT, '--format', 'json');

    expect(exitCode).toBe(1);
    expect(reportIn(stdout)).toMatchObject({
      complete: false,
      regions: [{ status: 'failed' }],
      notJudged: [
        { what: 'its cache security groups', why: expect.stringContaining('Check the endpoint and every proxy') },
        {
          what: 'the security groups that guard caches, or some of them',
          why: expect.stringContaining('Check the end'),
        },
      ],
    });
  });

  test('in an account without EC2-Classic: says so, and ends with 0', async () => {
    const elastiCache = await startAuditedElastiCache({ vpcOnly: true });

    const { exitCode, stdout } = await audit(elastiCache, '--format', 'json');

    expect(exitCode).toBe(0);
    expect(reportIn(stdout)).toMatchObject({ complete: true, regions: [{ status: 'judged', ec2Classic: false }] });
  });

  test('with a fifth of the calls throttled and one region down: tells the truth', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 4, empty: 150, faults: { throttle: 0.2, seed: 10 } });
    const regions = [REGION, REGION_THAT_IS_DOWN, OTHER_REGION];

    const { exitCode, stdout } = await audit(
      elastiCache,
      ...['--region', ...regions, '--mode', 'enforce', '--format', 'json'],
    );

    const report = reportIn(stdout);
    expect(exitCode).toBe(1);
    expect(report).toMatchObject({
      complete: false,
      counts: { cacheSecurityGroups: 304, grants: 10, judged: 10, allowed: 2, denied: 8, notJudged: 2 },
      regions: [
        { account: ACCOUNT, region: REGION, status: 'judged' },
        {
          account: ACCOUNT,
          region: REGION_THAT_IS_DOWN,
          status: 'failed',
          problem: expect.stringContaining('SignatureDoesNotMatch'),
        },
        { account: ACCOUNT, region: OTHER_REGION, status: 'judged' },
      ],
    });
    expect(report.counts.outcomes).toEqual({ allowed: 2, revoked: 8 });
    // Of 17 calls to the regions that answer, this seed throttles 5, each of which was made again; and one call found out
    // that a region is down.
    const { DescribeCacheSecurityGroups = 0, RevokeCacheSecurityGroupIngress = 0 } = report.apiCalls;
    expect(DescribeCacheSecurityGroups + RevokeCacheSecurityGroupIngress).toBe(18);
    for (const region of [REGION, OTHER_REGION]) {
      const states = (await elastiCache.standing(region)).map((grant) => grant.split(': ')[1]);
      expect(states).toEqual(['authorized', 'revoking', 'revoking', 'revoking', 'revoking']);
    }
  });

  test('asks STS whose account it is, also where the first region is down, and judges the others', async () => {
    const elastiCache = await startAuditedElastiCache();

    const { stdout } = await audit(elastiCache, '--region', REGION_THAT_IS_DOWN, REGION, '--format', 'json');

    expect(reportIn(stdout)).toMatchObject({
      expected: { places: [{ account: ACCOUNT }, { account: ACCOUNT }] },
      regions: [
        { account: ACCOUNT, region: REGION_THAT_IS_DOWN, status: 'failed' },
        { account: ACCOUNT, region: REGION, status: 'judged', grants: 2 },
      ],
    });
    expect(elastiCache.everyCall()).toContain(`GetCallerIdentity ${REGION}`);
  });

  test('--account: says whose account it is, and STS is not asked', async () => {
    const elastiCache = await startAuditedElastiCache();

    const { stdout } = await audit(elastiCache, '--account', ACCOUNT, '--format', 'json');

    expect(reportIn(stdout)).toMatchObject({ complete: true, regions: [{ account: ACCOUNT }] });
    expect(elastiCache.everyCall().join()).not.toContain('GetCallerIdentity');
  });

  test('refuses to guess whose account it is: where STS does not say it, nothing is asked or revoked', async () => {
    const elastiCache = await startAuditedElastiCache();

    const ended = await audit(elastiCache, '--region', REGION_THAT_IS_DOWN, '--mode', 'enforce');

    expectRefusal(
      ended,
      1,
      /which account\? STS did not say .*SignatureDoesNotMatch.*Say --account, or check your cred/,
    );
    expect(elastiCache.everyCall()).toEqual([]);
  });

  test('--verify: waits until what was revoked is gone, and says so', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 2 });

    const running = audit(elastiCache, '--mode', 'enforce', '--verify', '--timeout', '60', '--format', 'json');
    await expect.poll(() => elastiCache.audits()).toContain(`RevokeCacheSecurityGroupIngress ${REGION}`);
    await expect
      .poll(() => elastiCache.standing())
      .toEqual([expect.any(String), REVOKING, `web-1 of ${STRANGER}: revoking`]);
    elastiCache.clock.advance(TRANSITION);
    const { exitCode, stdout } = await running;

    expect(exitCode).toBe(2);
    expect(reportIn(stdout).findings.map(({ outcome, verifiedGone }) => [outcome, verifiedGone])).toEqual([
      ['revoked', true],
      ['revoked', true],
      ['allowed', undefined],
    ]);
  });

  test('--verify: says so as well when it is not gone in time', async () => {
    const elastiCache = await startAuditedElastiCache();
    const time = holdTime();
    const running = audit(elastiCache, '--mode', 'enforce', '--verify', '--timeout', '2', '--format', 'json');
    await expect.poll(() => elastiCache.standing()).toContain(REVOKING);

    await time.pass(2_000);
    const { stdout } = await running;

    expect(reportIn(stdout).findings).toContainEqual(
      expect.objectContaining({ outcome: 'revoked', verifiedGone: false }),
    );
  });

  test('--help tells its exit codes, an example, and what is so without an option', async () => {
    await expectHelp('audit');

    const { stdout } = await runCli(['audit', '--help']);
    expect(stdout).toMatch(/default:\s+unlimited/);
    expect(stdout).not.toMatch(/default:\s+(null|false|\[\])/);
  });
});

describe('ingress-guard audit, of caches', () => {
  /** Audits at an account in which replication group `sessions` may be reached from 10.0.0.0/16. */
  const auditAt = ({ environment }: GuardedCacheHere, ...options: string[]) =>
    runCli(['audit', '--format', 'json', ...options], { environment });

  test('judges who reaches them, revokes the denied rules and keeps their text', async () => {
    const account = await startGuardedCacheHere();
    await account.letIn('10.0.1.0/24');
    await account.letIn('10.1.0.0/16', 'for a test');

    const { exitCode, stdout } = await auditAt(account);

    const report = reportIn(stdout);
    expect(exitCode).toBe(2);
    expect(report).toMatchObject({
      complete: true,
      regions: [{ status: 'judged', caches: 1, securityGroups: 1, cacheSecurityGroups: 1, grants: 2 }],
      counts: { judged: 2, allowed: 1, denied: 1, outcomes: { allowed: 1, revoked: 1 } },
      apiCalls: { DescribeCacheClusters: 2, DescribeSecurityGroupRules: 2, RevokeSecurityGroupIngress: 1 },
    });
    expect(report.findings[0]).toMatchObject({
      grant: { target: { cacheName: 'sessions', ports: [6379] }, source: { kind: 'cidr', cidr: '10.1.0.0/16' } },
      status: 'listed',
      securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'for a test' },
    });
    expect(await account.rules()).toMatchObject([{ CidrIpv4: '10.0.1.0/24' }]);
  });

  test('revokes none unless it is told to', async () => {
    const account = await startGuardedCacheHere();
    await account.letIn('10.1.0.0/16');

    const { exitCode, stdout } = await auditAt(account, '--mode', 'report-only');

    expect(reportIn(stdout).counts.outcomes).toEqual({ 'would-revoke': 1 });
    expect(exitCode).toBe(2);
    expect(account.callsToEc2()).toEqual(['DescribeSecurityGroupRules']);
  });

  test('counts revocations of both kinds under one limit', async () => {
    const account = await startGuardedCacheHere();
    const administrator = administratorOf(account.aws.url);
    await administrator.create();
    await administrator.authorize('web', STRANGER);
    await account.letIn('10.1.0.0/16');

    const { stdout } = await auditAt(account, '--max-revocations', '1');

    expect(reportIn(stdout).counts.outcomes).toEqual({ held: 2 });
    expect(await account.rules()).toHaveLength(1);
    expect(await administrator.grants()).toEqual([`web of ${STRANGER}: authorized`]);
  });

  test.each([
    [[], undefined, 'held'],
    [['--shared', 'hold'], 'revoke', 'held'],
    [['--shared', 'revoke'], undefined, 'revoked'],
    [[], 'revoke', 'revoked'],
  ])('%j, with INGRESS_GUARD_SHARED %j: a rule that others may need is %s', async (options, shared, outcome) => {
    const account = await startGuardedCacheHere();
    const { ec2, groupId } = account;
    const SubnetId = 'subnet-0123456789abcdef0';
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [groupId] }));
    await authorize(ec2, groupId, { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.1.0.0/16' }] });
    const environment = { ...account.environment, INGRESS_GUARD_SHARED: shared };

    const { exitCode, stdout } = await auditAt({ ...account, environment }, ...options);

    expect(reportIn(stdout).counts.outcomes).toEqual({ [outcome]: 1 });
    expect(exitCode).toBe(2);
  });

  test('refuses what INGRESS_GUARD_SHARED cannot mean, before anything is asked', async () => {
    const account = await startGuardedCacheHere();
    const environment = { ...account.environment, INGRESS_GUARD_SHARED: 'release' };

    expectRefusal(
      await auditAt({ ...account, environment }),
      1,
      /INGRESS_GUARD_SHARED is `release`: set it to hold or revoke/,
    );
    expect(account.guardsCalls()).toEqual([]);
  });

  test('ends with 1, and judges what else there is, when the rules cannot be listed', async () => {
    const account = await startGuardedCacheHere({ deniedActions: ['DescribeSecurityGroupRules'] });
    await account.letIn('10.1.0.0/16');

    const { exitCode, stdout } = await auditAt(account);

    expect(exitCode).toBe(1);
    expect(reportIn(stdout)).toMatchObject({
      complete: false,
      notJudged: [
        {
          what: 'the security groups that guard caches, or some of them',
          why: expect.stringMatching(/not authorized/i),
        },
      ],
    });
  });

  test('--verify: says of each rule that was revoked whether EC2 still lists it', async () => {
    const account = await startGuardedCacheHere();
    await account.letIn('10.1.0.0/16');

    const gone = await auditAt(account, '--verify', '--timeout', '60');

    expect(reportIn(gone.stdout).findings).toMatchObject([{ outcome: 'revoked', verifiedGone: true }]);
    expect(account.callsToEc2()).toEqual([
      'DescribeSecurityGroupRules',
      'DescribeSecurityGroupRules',
      'RevokeSecurityGroupIngress',
      'DescribeSecurityGroupRules',
    ]);
  });

  test('--requests-per-second: is kept to by the calls to EC2, too', async () => {
    const account = await startGuardedCacheHere();
    for (const range of ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16']) await account.letIn(range);
    const started = performance.now();

    const { stdout } = await auditAt(account, '--requests-per-second', '2');

    // Four calls to EC2; a timer may fire a moment before its time.
    expect(performance.now() - started).toBeGreaterThan(990);
    expect(reportIn(stdout).counts.outcomes).toEqual({ revoked: 3 });
  });
});

describe('--out', () => {
  test('writes the report there, and on standard error where it is', async () => {
    const elastiCache = await startAuditedElastiCache();
    const { folder } = await folderWith({});
    const file = join(folder, 'report.json');

    const { exitCode, stdout, stderr } = await audit(elastiCache, '--format', 'json', '--out', file);

    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(`written to ${file}. `), stderr).toBe(true);
    expect(reportIn(await readFile(file, 'utf8')).counts.denied).toBe(1);
  });

  test.each([
    ['a folder that is not there', 'nowhere/report.json', /nowhere\/report\.json cannot be written: /],
    ['a folder', '.', / cannot be written: it is a directory/],
  ])('refuses %s before anything is done', async (_, out, message) => {
    const elastiCache = await startAuditedElastiCache();
    const { folder } = await folderWith({});

    const ended = await audit(elastiCache, '--mode', 'enforce', '--out', join(folder, out));

    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toContain('    at ');
    expect(elastiCache.everyCall()).toEqual([]);
  });
});
