import { RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { EnableSecurityHubCommand, GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import type { Context } from 'aws-lambda';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { metricsOf, startAuditGrants } from '../support/functions/audit-grants-function.ts';
import { ALLOWLIST, allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import { MANAGEMENT, MEMBER, OTHER_MEMBER } from '../support/local-aws/organization.ts';
import { startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';

const GENERATOR = 'elasticache-ingress-guard-test';
const SECURITY_HUB_CALLS = ['BatchImportFindings', 'GetFindings'];

/** An account whose audits import findings, if nothing else is said. */
async function startAudited({ enabled = true, denied = 1 } = {}) {
  const elastiCache = await startAuditedElastiCache({ denied });
  const client = new SecurityHubClient({ region: REGION, endpoint: elastiCache.url, credentials });
  onTestFinished(() => client.destroy());
  if (enabled) await client.send(new EnableSecurityHubCommand({}));
  return {
    elastiCache,
    audit: async (environment: Record<string, string> = {}, context: Partial<Context> = {}) => {
      const invoke = await startAuditGrants({
        AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
        AWS_ENDPOINT_URL_SECURITYHUB: elastiCache.url,
        INGRESS_GUARD_MODE: 'report-only',
        INGRESS_GUARD_SECURITY_HUB: GENERATOR,
        ...environment,
      });
      return await invoke({}, context);
    },
    findings: async () => (await client.send(new GetFindingsCommand({}))).Findings ?? [],
    made: () => elastiCache.calls.map(({ action }) => action).filter((action) => SECURITY_HUB_CALLS.includes(action)),
  };
}

const messagesOf = (entries: readonly Record<string, unknown>[]) => entries.flatMap(({ message }) => message ?? []);

describe('a scheduled audit of one account', () => {
  test('imports what it denies, and archives it once it has revoked it', async () => {
    const { audit, findings } = await startAudited({ denied: 2 });

    const first = await audit();
    expect(await findings()).toMatchObject([
      { RecordState: 'ACTIVE', GeneratorId: `${GENERATOR}/${ACCOUNT}/${REGION}`, AwsAccountId: ACCOUNT },
      { RecordState: 'ACTIVE' },
    ]);
    expect(metricsOf(first.metrics)).toMatchObject({
      FindingsImported: 2,
      FindingsArchived: 0,
      SecurityHubFailures: 0,
    });

    const second = await audit({ INGRESS_GUARD_MODE: 'enforce' });
    expect((await findings()).map(({ RecordState }) => RecordState)).toEqual(['ARCHIVED', 'ARCHIVED']);
    expect(metricsOf(second.metrics)).toMatchObject({ FindingsImported: 0, FindingsArchived: 2, GrantsRevoked: 2 });
  });

  test('neither archives nor changes what a stack of the same name in another region found', async () => {
    const { audit, findings } = await startAudited();
    const place = { INGRESS_GUARD_REGIONS: REGION };
    const allowsAll = await allowlistFile(ALLOWLIST.replace('ownerIds: [self]', `ownerIds: [self, "${STRANGER}"]`));
    const stackIn = (region: string) => ({ invokedFunctionArn: `arn:aws:lambda:${region}:${ACCOUNT}:function:audit` });
    await audit(place, stackIn(OTHER_REGION));

    const { metrics } = await audit({ ...place, INGRESS_GUARD_ALLOWLIST: allowsAll }, stackIn(REGION));

    expect(metricsOf(metrics)).toMatchObject({ GrantsDenied: 0, FindingsArchived: 0 });
    expect(await findings()).toMatchObject([{ RecordState: 'ACTIVE' }]);
    await audit(place, stackIn(REGION));
    expect(await findings()).toHaveLength(2);
  });

  test('has said, counted and stored all before it asks Security Hub', async () => {
    const { audit, findings } = await startAudited();

    const { entries } = await audit();
    const order = entries.map((entry) => ('AuditFinished' in entry ? 'counted' : entry.message));
    expect(order.indexOf('counted')).toBeLessThan(order.indexOf('security-hub'));
    expect(order.indexOf('audit')).toBeLessThan(order.indexOf('security-hub'));
    expect(await findings()).toHaveLength(1);

    const { audit: again, made } = await startAudited();
    const { error } = await again({ INGRESS_GUARD_REPORT_BUCKET: 'nobody', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' });
    expect(error?.message).toMatch(/^the report could not be stored/);
    expect(made()).toEqual([]);
  });

  test('asks nothing of Security Hub without the setting', async () => {
    const { audit, made } = await startAudited();

    const { metrics } = await audit({ INGRESS_GUARD_SECURITY_HUB: '' });

    expect(made()).toEqual([]);
    expect(metricsOf(metrics)).not.toHaveProperty('SecurityHubFailures');
  });

  test('says once that Security Hub is not enabled, and what to do, and ends well', async () => {
    const { audit } = await startAudited({ enabled: false });

    const { result, error, entries, metrics } = await audit({ INGRESS_GUARD_REGIONS: `${REGION},${OTHER_REGION}` });

    expect(error).toBeUndefined();
    expect(result).toMatchObject({ complete: true, counts: { denied: 2 } });
    expect(entries.filter(({ message }) => message === 'security-hub-not-enabled')).toMatchObject([
      {
        level: 'WARN',
        count: 2,
        places: expect.arrayContaining([`${ACCOUNT} ${REGION}`, `${ACCOUNT} ${OTHER_REGION}`]),
        whatToDo: expect.stringContaining('enable Security Hub there'),
      },
    ]);
    expect(metricsOf(metrics)).toMatchObject({ AuditFinished: 1, SecurityHubFailures: 0 });
  });

  test('ends well if Security Hub does not answer: the log says where, and a metric counts it', async () => {
    const { audit } = await startAudited();

    const { result, error, entries, metrics } = await audit({ AWS_ENDPOINT_URL_SECURITYHUB: 'http://127.0.0.1:1' });

    expect(error).toBeUndefined();
    expect(result).toMatchObject({ complete: true, counts: { outcomes: { 'would-revoke': 1 } } });
    expect(entries.filter(({ message }) => message === 'security-hub-failed')).toMatchObject([
      {
        level: 'ERROR',
        places: [{ account: ACCOUNT, region: REGION, problem: expect.stringContaining('ECONNREFUSED') }],
      },
    ]);
    expect(metricsOf(metrics)).toMatchObject({ AuditFinished: 1, SecurityHubFailures: 1 });
  });

  test('leaves to the next audit what there is no time for', async () => {
    const { audit, made } = await startAudited();

    const { entries, metrics } = await audit({}, { getRemainingTimeInMillis: () => 2_000 });

    expect(made()).toEqual([]);
    expect(messagesOf(entries)).toContain('security-hub-not-reached');
    expect(metricsOf(metrics)).toMatchObject({ SecurityHubFailures: 1 });
  });

  test('has no finding of a grant that the allowlist allows', async () => {
    const { audit, findings } = await startAudited();

    await audit();

    for (const { Title } of await findings()) expect(Title).toContain(STRANGER);
  });
});

describe('an audit of an organization', () => {
  const RUN = '2026-11-29T01';
  const START = { INGRESS_GUARD_MODE: 'report-only', INGRESS_GUARD_REVOKE_ROLE: '' };
  const IMPORTS = { ...START, INGRESS_GUARD_SECURITY_HUB: GENERATOR };

  async function startRun() {
    const started = await startOrganizationFunctions();
    const hubOf = (account: string, region = REGION) => {
      const hub = started.aws.accounts.find(account)?.region(region)?.securityHub;
      if (hub === undefined) throw new Error(`there is no Security Hub in ${region} of ${account}`);
      return hub;
    };
    const statesOf = (account: string) =>
      hubOf(account)
        .list()
        .map(({ RecordState }) => RecordState);
    const made = () =>
      started.calls.filter(({ action }) => SECURITY_HUB_CALLS.includes(action)).map(({ principal }) => principal.arn);
    const end = (run = RUN) => started.invoke('closeRun', { run, status: 'SUCCEEDED' }, IMPORTS);
    return { ...started, hubOf, statesOf, made, end };
  }

  test('imports into each account with its own role, when the run has ended', async () => {
    const { hubOf, statesOf, made, end, openCache, run } = await startRun();
    for (const account of [MEMBER, OTHER_MEMBER]) hubOf(account).isEnabled = true;
    const cache = await openCache(MEMBER, '0.0.0.0/0');

    const { closed } = await run(RUN, IMPORTS);
    expect(made()).toEqual([]);
    const ended = await end();

    expect(ended.result).toEqual(closed.result);
    expect(hubOf(MEMBER).list()).toMatchObject([
      {
        AwsAccountId: MEMBER,
        RecordState: 'ACTIVE',
        FindingProviderFields: { Severity: { Label: 'CRITICAL' } },
        Resources: [{ Id: `arn:aws:ec2:${REGION}:${MEMBER}:security-group/${cache.groupId}` }, { Type: 'Other' }],
      },
    ]);
    expect(statesOf(OTHER_MEMBER)).toEqual([]);
    for (const arn of made())
      expect(arn).toMatch(/:assumed-role\/ingress-guard-findings\/ingress-guard-2026-11-29T01$/);
  });

  test('names the accounts without a role and without Security Hub, and imports into the others', async () => {
    const { hubOf, statesOf, end, openCache, run } = await startRun();
    hubOf(MEMBER).isEnabled = true;
    await openCache(MEMBER, '0.0.0.0/0');
    await run(RUN, IMPORTS);

    const { error, entries, metrics } = await end();

    expect(error).toBeUndefined();
    expect(statesOf(MEMBER)).toEqual(['ACTIVE']);
    const line = (message: string) => entries.filter((entry) => entry.message === message);
    expect(line('security-hub')).toMatchObject([{ imported: 1, places: 1 }]);
    expect(line('security-hub-not-enabled')).toMatchObject([{ count: 5 }]);
    expect(line('security-hub-failed')).toMatchObject([
      { count: 2, places: [{ account: MANAGEMENT, problem: expect.stringContaining('ingress-guard-findings') }, {}] },
    ]);
    expect(metricsOf(metrics)).toMatchObject({ FindingsImported: 1, SecurityHubFailures: 2 });
  });

  test('archives what is gone by the next run, and nothing of an account that the run could not look at', async () => {
    const { aws, hubOf, statesOf, end, openCache, run } = await startRun();
    for (const account of [MEMBER, OTHER_MEMBER]) hubOf(account).isEnabled = true;
    const cache = await openCache(MEMBER, '0.0.0.0/0');
    await openCache(OTHER_MEMBER, '192.0.2.0/24');
    await run('first', IMPORTS);
    await end('first');
    expect([statesOf(MEMBER), statesOf(OTHER_MEMBER)]).toEqual([['ACTIVE'], ['ACTIVE']]);

    const input = { GroupId: cache.groupId, SecurityGroupRuleIds: [cache.ruleId] };
    await cache.ec2.send(new RevokeSecurityGroupIngressCommand(input));
    aws.accounts.find(OTHER_MEMBER)?.roles.delete('ingress-guard-read');
    await run('second', IMPORTS);
    await end('second');

    expect(statesOf(MEMBER)).toEqual(['ARCHIVED']);
    expect(hubOf(OTHER_MEMBER).list()).toMatchObject([
      { RecordState: 'ACTIVE', Compliance: { Status: 'FAILED' } },
      { RecordState: 'ACTIVE', Compliance: { Status: 'NOT_AVAILABLE' } },
    ]);
  });

  test('asks nothing of Security Hub without the setting', async () => {
    const { made, openCache, run, invoke } = await startRun();
    await openCache(MEMBER, '0.0.0.0/0');
    await run(RUN, START);

    await invoke('closeRun', { run: RUN, status: 'SUCCEEDED' }, START);

    expect(made()).toEqual([]);
  });
});
