import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAuditReport } from '../../src/report/report-schema.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { metricsOf, startAuditGrants } from '../support/functions/audit-grants-function.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';

const BUCKET = 'audit-reports';

let server: FauxqsServer;
let url: string;
let s3: S3Client;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  server.createBucket(BUCKET);
  url = `http://127.0.0.1:${server.port}`;
  s3 = new S3Client({ region: REGION, endpoint: url, credentials });
});
afterAll(async () => {
  s3.destroy();
  await server.stop();
});

async function audit(environment: Record<string, string>, context?: Partial<Context>) {
  const elastiCache = await startAuditedElastiCache();
  const invoke = await startAuditGrants({
    AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
    AWS_ENDPOINT_URL_S3: url,
    ...environment,
  });
  return { ...(await invoke({}, context)), elastiCache };
}

async function read(key: string) {
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
  return { text: (await Body?.transformToString()) ?? '', contentType: ContentType };
}

describe('the report of an audit', () => {
  test('is stored as JSON and as HTML, by date, account and region, where a bucket is set', async () => {
    const { result } = await audit({ INGRESS_GUARD_REPORT_BUCKET: BUCKET });

    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    const day = result?.startedAt.slice(0, 10).replaceAll('-', '/');
    const name = `audits/${day}/${ACCOUNT}/${REGION}/${result?.startedAt.replaceAll(/[:.]/g, '-')}`;
    expect(result?.storedAs).toEqual([`${name}.json`, `${name}.html`]);
    expect(Contents.map(({ Key }) => Key)).toEqual([`${name}.html`, `${name}.json`]);
  });

  test('is whole there: with the findings that the function does not return', async () => {
    const { result } = await audit({ INGRESS_GUARD_REPORT_BUCKET: BUCKET });

    const [json, html] = await Promise.all((result?.storedAs ?? []).map(read));
    const { report, problems } = parseAuditReport(JSON.parse(json?.text ?? ''));
    expect(problems).toBeUndefined();
    expect(report?.findings).toMatchObject([
      { grant: strangersGrant, outcome: 'revoked', revocationRequestId: expect.any(String) },
      { outcome: 'allowed' },
    ]);
    expect(report?.counts).toEqual(result?.counts);
    expect(json?.contentType).toBe('application/json');
    expect(html?.text).toMatch(/^<!doctype html>/i);
    expect(html?.text).toContain(STRANGER);
    expect(html?.contentType).toBe('text/html; charset=utf-8');
  });

  test('is stored nowhere where no bucket is set', async () => {
    const before = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));

    const { result } = await audit({ INGRESS_GUARD_REPORT_BUCKET: '' });

    const after = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(result?.storedAs).toEqual([]);
    expect(after.KeyCount).toBe(before.KeyCount);
  });
});

describe('a bucket that is not there', () => {
  test('makes the audit throw and name it, once everything else was done', async () => {
    const { error, decisions, metrics, entries, elastiCache } = await audit({ INGRESS_GUARD_REPORT_BUCKET: 'nobody' });

    expect(error?.message).toMatch(/^the report could not be stored in bucket `nobody`: NoSuchBucket: /);
    expect(await elastiCache.standing()).toContain(`web of ${STRANGER}: revoking`);
    expect(decisions).toMatchObject([{ outcome: 'revoked' }]);
    expect(metricsOf(metrics)).toMatchObject({ GrantsRevoked: 1, AuditFinished: 1, AuditFailed: 1 });
    expect(entries.map(({ message }) => message)).toEqual(expect.arrayContaining(['audit', 'audit-failed']));
  });
});

describe('an S3 that does not answer', () => {
  test('makes the audit throw in time to say so', async () => {
    await using silent = await startScriptedEndpoint('silence');
    // Lambda says that a minute is left when the audit begins, and 1.2 seconds when the report is to be stored.
    const remaining = [60_000, 1_200];
    const context = { getRemainingTimeInMillis: () => remaining.shift() ?? 0 };

    const { error, metrics } = await audit(
      { INGRESS_GUARD_REPORT_BUCKET: BUCKET, AWS_ENDPOINT_URL_S3: silent.url },
      context,
    );

    expect(error?.message).toMatch(/^the report could not be stored in bucket `audit-reports`: AbortError: /);
    expect(metricsOf(metrics)).toMatchObject({ GrantsRevoked: 1, AuditFailed: 1 });
  });
});
