import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/local/clock.ts';
import { startLocalAws } from '../../src/local/local-aws.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import {
  accountNumber,
  accountOf,
  findingOf,
  judgedRegion,
  manifestWith,
  RUN,
  resultOf,
} from '../support/examples/organization.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { invokeAndMeasure } from '../support/functions/invoke-and-measure.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { eventOfAttachment, startGuardingGroup, strangers } from '../support/scripted/guarding-group.ts';

const CACHES = Array.from({ length: 500 }, (_, i) => `cache-${i}`);
const allowed = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}/32`);

test.each([
  { of: 'a few denied rules', ranges: [...strangers(20), ...allowed(480)], lines: { held: 10_000, allowed: 50 } },
  { of: 'denied rules alone', ranges: strangers(500), lines: { held: 250_000 } },
])(
  'an event of 500 rules and 500 caches ends within 512 MB, with a line for each denied grant: $of',
  async ({ ranges, lines }) => {
    await using group = await startGuardingGroup({ ranges, caches: () => CACHES });
    const environment = {
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST.replace('[sessions]', "['*']")),
    };

    const ended = await invokeAndMeasure('enforce-security-group', eventOfAttachment('cache-0'), environment);

    expect(ended).toMatchObject({ exitCode: 0, complained: '', lines });
    expect(ended.outcome).toMatchObject({ outcome: 'held', grantsLeftOut: 249_950 });
    expect(ended.peakMegabytes).toBeLessThan(512);
  },
);

const REGIONS = Array.from({ length: 17 }, (_, i) => `eu-west-${i + 1}`);

/** A bucket of the local AWS with these files of a run. */
async function startBucket(files: Readonly<Record<string, unknown>>) {
  const settings = { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 0, creatingMs: 0, credentials };
  const aws = await startLocalAws(settings, systemClock());
  onTestFinished(() => aws.close());
  const { objects } = aws.accounts.buckets.put('runs', ACCOUNT);
  for (const [name, value] of Object.entries(files)) {
    const about = { contentType: 'application/json', etag: `"${name}"`, lastModified: Date.now() };
    objects.set(`runs/${RUN}/${name}`, { body: JSON.stringify(value), ...about });
  }
  return {
    url: aws.url,
    read: (name: string): unknown => JSON.parse(objects.get(`runs/${RUN}/${name}`)?.body ?? '{}'),
  };
}

test('a run of 500 accounts and 17 regions, with a denied rule and 20 caches in each, is closed within 300 MB', async () => {
  const accounts = Array.from({ length: 500 }, (_, n) => accountNumber(n + 1));
  const names = Array.from({ length: 20 }, (_, i) => `team-${i}-sessions`);
  const results = accounts.map((account, n) =>
    resultOf(account, {
      regions: REGIONS.map((region) => judgedRegion(account, region, names)),
      findings: REGIONS.map((region, i) => {
        const finding = findingOf(account, `sgr-0${String(n * REGIONS.length + i).padStart(16, '0')}`);
        return { ...finding, grant: { ...finding.grant, region } };
      }),
    }),
  );
  const bucket = await startBucket({
    'manifest.json': manifestWith({ accounts: accounts.map((account) => accountOf(account)), regions: REGIONS }),
    ...Object.fromEntries(results.map((result) => [`${result.account}.json`, result])),
  });

  const ended = await invokeAndMeasure(
    'close-run',
    { run: RUN },
    {
      AWS_ENDPOINT_URL_S3: bucket.url,
      INGRESS_GUARD_RUNS_BUCKET: 'runs',
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
    },
  );

  expect(ended).toMatchObject({ exitCode: 0, complained: '', lines: { 'would-revoke': 8_500 } });
  const { complete, counts } = bucket.read('report.json') as AuditReport;
  expect({ complete, denied: counts.denied }).toEqual({ complete: true, denied: 8_500 });
  expect(ended.peakMegabytes).toBeLessThan(300);
});
