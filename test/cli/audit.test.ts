import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import {
  type AuditedElastiCache,
  OTHER_REGION,
  REGION_THAT_IS_DOWN,
  startAuditedElastiCache,
} from '../support/audited-elasticache.ts';
import { stubEnvironment } from '../support/aws-environment.ts';
import { allowlistFile } from '../support/enforce-ingress-function.ts';
import { folderWith } from '../support/folder.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/grants.ts';
import { TRANSITION } from '../support/local-endpoint.ts';
import { type Ended, expectHelp, runCli } from '../support/run-cli.ts';

/** Audits at an ElastiCache, with the allowlist of these tests. */
async function audit({ url }: Pick<AuditedElastiCache, 'url'>, ...options: string[]): Promise<Ended> {
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: url });
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
  test('is 0 when everything was judged and is allowed', async () => {
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

  test('is 1 when something could not be judged, even if disallowed grants were found', async () => {
    const elastiCache = await startAuditedElastiCache();

    const { exitCode, stdout } = await audit(elastiCache, '--region', REGION, REGION_THAT_IS_DOWN, '--format', 'json');

    expect(exitCode).toBe(1);
    expect(reportIn(stdout)).toMatchObject({
      complete: false,
      counts: { denied: 1, notJudged: 1 },
      notJudged: [{ region: REGION_THAT_IS_DOWN, what: 'all of it' }],
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
    const { exitCode, stdout } = await audit(elastiCache, '--mode', 'enforce', '--timeout', '1', '--format', 'json');

    expect(exitCode).toBe(1);
    expect(reportIn(stdout)).toMatchObject({ complete: true, counts: { outcomes: { failed: 1, revoked: 1 } } });
  });

  test('is 3 when the allowlist is not valid, and nothing is asked', async () => {
    const elastiCache = await startAuditedElastiCache();
    const broken = await allowlistFile('version: 1\nrule: []\n');

    const { exitCode, stdout, stderr } = await audit(elastiCache, '--mode', 'enforce', '--allowlist', broken);

    expect([exitCode, stdout]).toEqual([3, '']);
    expect(stderr).toContain(`${broken}:2:1: `);
    expect(elastiCache.audits()).toEqual([]);
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
      expected: { regions },
      regions: regions.map((region) => ({ region, status: 'judged', grants: 2 })),
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

    const { exitCode, stdout } = await audit(elastiCache, '--timeout', '1', '--format', 'json');

    expect(exitCode).toBe(1);
    expect(reportIn(stdout).notJudged).toEqual([
      { region: REGION, what: 'all of it', why: 'there was no time left to list the rest' },
    ]);
  });

  test('in an account without EC2-Classic: says so, and ends with 0', async () => {
    const elastiCache = await startAuditedElastiCache({ vpcOnly: true });

    const { exitCode, stdout } = await audit(elastiCache, '--format', 'json');

    expect(exitCode).toBe(0);
    expect(reportIn(stdout)).toMatchObject({ complete: true, regions: [{ status: 'not-applicable' }] });
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
      counts: { cacheSecurityGroups: 304, grants: 10, judged: 10, allowed: 2, denied: 8, notJudged: 1 },
      regions: [
        { region: REGION, status: 'judged' },
        { region: REGION_THAT_IS_DOWN, status: 'failed', problem: expect.stringContaining('SignatureDoesNotMatch') },
        { region: OTHER_REGION, status: 'judged' },
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
      ['allowed', undefined],
      ['revoked', true],
      ['revoked', true],
    ]);
  });

  test('--verify: says so as well when it is not gone in time', async () => {
    const elastiCache = await startAuditedElastiCache();

    const { stdout } = await audit(elastiCache, '--mode', 'enforce', '--verify', '--timeout', '2', '--format', 'json');

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

describe('--out', () => {
  test('writes the report there, and on standard error where it is', async () => {
    const elastiCache = await startAuditedElastiCache();
    const { folder } = await folderWith({});
    const file = join(folder, 'report.json');

    const { exitCode, stdout, stderr } = await audit(elastiCache, '--format', 'json', '--out', file);

    expect([exitCode, stdout, stderr]).toEqual([2, '', `written to ${file}\n`]);
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
    expect(elastiCache.audits()).toEqual([]);
  });
});
