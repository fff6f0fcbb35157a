import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { metricsOf, startAuditGrants } from '../support/functions/audit-grants-function.ts';
import { ALLOWLIST, allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';
import {
  type Answer,
  accepted,
  described,
  error,
  startScriptedAccount,
  startScriptedEndpoint,
} from '../support/scripted/scripted-endpoint.ts';
import { holdTime } from '../support/time/held-time.ts';

const DESCRIBE = 'DescribeCacheSecurityGroups';
const REVOKE = 'RevokeCacheSecurityGroupIngress';
const scheduled = {};

describe('an allowlist that cannot be used', () => {
  test.each([
    ['is missing', (file: string) => rm(file), /cannot be read: there is no such file/],
    ['is not valid', (file: string) => writeFile(file, 'version: 1\nrule: []\n'), /unknown key `rule`/],
  ])('makes the audit throw and revokes nothing when it %s; the next one goes on', async (_, breakIt, message) => {
    const elastiCache = await startAuditedElastiCache();
    const file = await allowlistFile();
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
      INGRESS_GUARD_ALLOWLIST: file,
    });
    await breakIt(file);

    const broken = await invoke(scheduled);
    const callsWhenBroken = elastiCache.everyCall();
    await writeFile(file, ALLOWLIST);
    const mended = await invoke(scheduled);

    expect(broken.error).toMatchObject({ name: 'AllowlistError', message: expect.stringMatching(message) });
    expect(broken.decisions).toEqual([]);
    expect(metricsOf(broken.metrics)).toEqual({ AuditFailed: 1 });
    expect(callsWhenBroken).toEqual([]);
    expect(mended.result?.counts.outcomes).toEqual({ allowed: 1, revoked: 1 });
  });
});

describe('a revocation that fails', () => {
  test('is an error line and a metric, and the audit succeeds', async () => {
    await using endpoint = await startScriptedAccount(
      described('authorized'),
      error(403, 'AccessDenied', 'Not authorized to revoke.'),
    );
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url });

    const { result, error: thrown, decisions, metrics } = await invoke(scheduled);

    expect(thrown).toBeUndefined();
    expect(result).toMatchObject({ complete: true, counts: { outcomes: { failed: 1 } } });
    expect(decisions).toMatchObject([
      { level: 'ERROR', outcome: 'failed', problem: 'AccessDenied: Not authorized to revoke.' },
    ]);
    expect(metricsOf(metrics)).toMatchObject({ GrantsFailed: 1, GrantsRevoked: 0, FoundByAudit: 0 });
  });
});

describe('the function’s time', () => {
  /** Lambda says that so much is left; the function keeps 10 seconds of it for its report. */
  const left = (ms: number) => {
    const end = Date.now() + ms;
    return { getRemainingTimeInMillis: () => Math.max(0, end - Date.now()) };
  };

  test('that runs out while it lists: the report says so, and the function ends by itself', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url });

    const { result, error: thrown, metrics } = await invoke(scheduled, left(10_300));

    expect(thrown).toBeUndefined();
    expect(result).toMatchObject({
      complete: false,
      notJudged: [
        {
          account: ACCOUNT,
          region: REGION,
          what: 'its cache security groups',
          why: 'there was no time left to list the rest',
        },
        { account: ACCOUNT, region: REGION, what: expect.stringMatching(/^the security groups that guard caches/) },
      ],
    });
    expect(metricsOf(metrics)).toMatchObject({ NotJudged: 2 });
    expect(metricsOf(metrics)).not.toHaveProperty('AuditFinished');
  });

  test('that runs out while it revokes: what is not revoked is failed', async () => {
    await using endpoint = await startScriptedAccount(described('authorized'), 'silence');
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url });
    const time = holdTime();
    const invocation = invoke(scheduled, left(10_500));
    await expect.poll(() => endpoint.actions).toContain(REVOKE);

    await time.pass(500);
    const { result, decisions } = await invocation;

    expect(result).toMatchObject({ complete: true, counts: { outcomes: { failed: 1 } } });
    expect(decisions).toMatchObject([{ problem: expect.stringMatching(/^NoFinalAnswerError: /) }]);
  });

  test('that is too short for anything: nothing is asked', async () => {
    await using endpoint = await startScriptedEndpoint(accepted);
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url });

    const { result } = await invoke(scheduled, left(9_000));

    expect(result).toMatchObject({ complete: false, apiCalls: {} });
    expect(endpoint.actions).toEqual([]);
  });
});

describe('what the function returns', () => {
  /** Lambda's limit for what it hands on to a destination. */
  const MOST_BYTES = 256 * 1024;

  /** A page of cache security groups whose names are long, with as many grants that nobody can read. */
  function unreadable(count: number): Answer {
    const group = (index: number) => `<CacheSecurityGroup>
      <EC2SecurityGroups><EC2SecurityGroup><EC2SecurityGroupOwnerId>me</EC2SecurityGroupOwnerId></EC2SecurityGroup></EC2SecurityGroups>
      <CacheSecurityGroupName>${'a'.repeat(200)}${index}</CacheSecurityGroupName><OwnerId>${ACCOUNT}</OwnerId>
    </CacheSecurityGroup>`;
    return {
      status: 200,
      xml: `<DescribeCacheSecurityGroupsResponse xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/">
  <DescribeCacheSecurityGroupsResult><CacheSecurityGroups>${Array.from({ length: count }, (_, index) => group(index)).join('')}</CacheSecurityGroups></DescribeCacheSecurityGroupsResult>
  <ResponseMetadata><RequestId>1f3a9c4e-0000-4000-8000-000000000003</RequestId></ResponseMetadata>
</DescribeCacheSecurityGroupsResponse>`,
    };
  }

  test('is the summary: the report without its findings', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 300 });
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });

    const { result } = await invoke(scheduled);

    expect(result).not.toHaveProperty('findings');
    expect(result?.counts).toMatchObject({ judged: 301, denied: 300, outcomes: { held: 300 } });
  });

  test('fits into what Lambda hands on, however much could not be evaluated and however many rules there are', async () => {
    await using endpoint = await startScriptedAccount(unreadable(2_000));
    const rules = Array.from({ length: 5_000 }, (_, index) => {
      const id = `${'r'.repeat(100)}-${index}`;
      return `  - { id: ${id}, cacheSecurityGroups: [a], ec2SecurityGroups: [b], ownerIds: [self], expires: 2020-01-01 }`;
    });
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(`version: 1\nrules:\n${rules.join('\n')}\n`),
    });

    const { result, lines, metrics } = await invoke(scheduled);

    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(MOST_BYTES);
    expect(result).toMatchObject({ complete: false, counts: { grants: 2_000, notJudged: 2_000 } });
    expect(result?.notJudged[0]).toMatchObject({ what: expect.stringContaining('aaa') });
    expect(result?.expiringRules[0]).toMatchObject({ expired: true });
    expect(metricsOf(metrics)).toMatchObject({ NotJudged: 2_000 });
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThan(MOST_BYTES);
  });

  test('says how many calls were made', async () => {
    const elastiCache = await startAuditedElastiCache({ empty: 250 });
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
      INGRESS_GUARD_MODE: 'report-only',
    });

    const { result } = await invoke(scheduled);

    expect(result?.apiCalls).toEqual({ [DESCRIBE]: 3, DescribeCacheClusters: 1, DescribeServerlessCaches: 1 });
  });
});
