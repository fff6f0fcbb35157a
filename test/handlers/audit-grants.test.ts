import { CreateNetworkInterfaceCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { metricsOf, startAuditGrants } from '../support/functions/audit-grants-function.ts';
import { startGuardedCache } from '../support/functions/enforce-security-group-function.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';
import { OTHER_REGION, REGION_THAT_IS_DOWN, startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';

const DESCRIBE = 'DescribeCacheSecurityGroups';
const REVOKE = 'RevokeCacheSecurityGroupIngress';
const ALLOWED = `web of ${ACCOUNT}: authorized`;
/** What EventBridge invokes the function with; it says nothing that an audit needs. */
const scheduled = { 'detail-type': 'Scheduled Event', detail: {} };

describe('a scheduled audit', () => {
  test('revokes every grant that no rule allows, and leaves the others', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 2 });
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });

    const { result, error } = await invoke(scheduled);

    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      complete: true,
      mode: 'enforce',
      expected: { regions: [REGION], places: [{ account: ACCOUNT, region: REGION }] },
      counts: { cacheSecurityGroups: 2, grants: 3, judged: 3, allowed: 1, denied: 2, outcomes: { revoked: 2 } },
      apiCalls: { [DESCRIBE]: 1, [REVOKE]: 2 },
      storedAs: [],
    });
    expect(await elastiCache.standing()).toEqual([
      ALLOWED,
      `web of ${STRANGER}: revoking`,
      `web-1 of ${STRANGER}: revoking`,
    ]);
  });

  test('writes one decision line for each denied grant, and one audit line', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 2 });
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });

    const { decisions, entries } = await invoke(scheduled);

    const requestIds = elastiCache.calls.filter(({ action }) => action === REVOKE).map(({ requestId }) => requestId);
    expect(decisions).toHaveLength(2);
    expect(decisions[0]).toMatchObject({
      level: 'INFO',
      outcome: 'revoked',
      grant: strangersGrant,
      decision: { effect: 'deny', reasons: [{ rule: 'web-to-sessions', misses: ['ownerId'] }] },
      mode: 'enforce',
      foundBy: 'audit',
      allowlistSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      revocationRequestId: requestIds[0],
    });
    expect(entries.filter(({ message }) => message === 'audit')).toMatchObject([
      { level: 'INFO', complete: true, counts: { denied: 2 }, notJudged: [], regions: [{ status: 'judged' }] },
    ]);
  });

  test('counts what it checked, denied, revoked and found, and that it finished', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 2 });
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });

    const { metrics } = await invoke(scheduled);

    expect(metricsOf(metrics)).toEqual({
      GrantsChecked: 3,
      GrantsDenied: 2,
      GrantsRevoked: 2,
      GrantsHeld: 0,
      GrantsFailed: 0,
      FoundByAudit: 2,
      NotJudged: 0,
      AuditFinished: 1,
    });
  });

  test('finds nothing any more when it runs again: nothing is revoked twice', async () => {
    const elastiCache = await startAuditedElastiCache();
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });
    await invoke(scheduled);

    const { result, metrics } = await invoke(scheduled);

    expect(result?.counts.outcomes).toEqual({ allowed: 1, 'already-gone': 1 });
    expect(metricsOf(metrics)).toMatchObject({ GrantsDenied: 1, GrantsRevoked: 0, FoundByAudit: 0, AuditFinished: 1 });
    expect(elastiCache.audits()).toEqual([`${DESCRIBE} ${REGION}`, `${REVOKE} ${REGION}`, `${DESCRIBE} ${REGION}`]);
  });
});

describe('INGRESS_GUARD_MODE', () => {
  test.each([undefined, '', 'report-only'])('%j: nothing is revoked, and each denied grant is told', async (mode) => {
    const elastiCache = await startAuditedElastiCache({ denied: 12 });
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
      INGRESS_GUARD_MODE: mode,
    });

    const { result, decisions, metrics } = await invoke(scheduled);

    expect(result).toMatchObject({ mode: 'report-only', counts: { outcomes: { 'would-revoke': 12 } } });
    expect(decisions).toHaveLength(12);
    expect(metricsOf(metrics)).toMatchObject({ GrantsDenied: 12, GrantsRevoked: 0, GrantsHeld: 0, AuditFinished: 1 });
    expect(elastiCache.audits()).toEqual([`${DESCRIBE} ${REGION}`]);
  });
});

describe('INGRESS_GUARD_REGIONS', () => {
  test.each([
    ['one region', OTHER_REGION, [OTHER_REGION]],
    ['several, with spaces, one of them twice', ` ${REGION} , ${OTHER_REGION},${REGION}`, [REGION, OTHER_REGION]],
    ['nothing: the function’s own', '', [REGION]],
  ])('%s', async (_, written, regions) => {
    const elastiCache = await startAuditedElastiCache();
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
      INGRESS_GUARD_REGIONS: written,
    });

    const { result } = await invoke(scheduled);

    expect(result?.expected).toEqual({ regions, places: regions.map((region) => ({ account: ACCOUNT, region })) });
    expect(result?.counts).toMatchObject({ grants: 2 * regions.length, outcomes: { revoked: regions.length } });
    for (const region of [REGION, OTHER_REGION]) {
      const stranger = regions.includes(region) ? 'revoking' : 'authorized';
      expect(await elastiCache.standing(region)).toEqual([ALLOWED, `web of ${STRANGER}: ${stranger}`]);
    }
  });

  test('that does not answer: what it is not is told, and what the others are', async () => {
    const elastiCache = await startAuditedElastiCache();
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
      INGRESS_GUARD_REGIONS: `${REGION_THAT_IS_DOWN},${REGION}`,
    });

    const { result, error, metrics, entries } = await invoke(scheduled);

    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      complete: false,
      regions: [
        {
          account: ACCOUNT,
          region: REGION_THAT_IS_DOWN,
          status: 'failed',
          problem: expect.stringContaining('SignatureDoesNotMatch'),
        },
        { account: ACCOUNT, region: REGION, status: 'judged' },
      ],
      notJudged: [
        { account: ACCOUNT, region: REGION_THAT_IS_DOWN, what: 'its cache security groups' },
        {
          account: ACCOUNT,
          region: REGION_THAT_IS_DOWN,
          what: 'the security groups that guard caches, or some of them',
        },
      ],
      counts: { outcomes: { revoked: 1 } },
    });
    expect(metricsOf(metrics)).toMatchObject({ GrantsRevoked: 1, NotJudged: 2 });
    expect(metricsOf(metrics)).not.toHaveProperty('AuditFinished');
    expect(entries.filter(({ message }) => message === 'audit')).toMatchObject([{ level: 'ERROR', complete: false }]);
  });

  test('in an account without EC2-Classic: judged, and the audit is finished', async () => {
    const elastiCache = await startAuditedElastiCache({ vpcOnly: true });
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });

    const { result, metrics } = await invoke(scheduled);

    expect(result).toMatchObject({
      complete: true,
      regions: [
        { account: ACCOUNT, region: REGION, status: 'judged', ec2Classic: false, caches: 0, securityGroups: 0 },
      ],
    });
    expect(metricsOf(metrics)).toMatchObject({ GrantsChecked: 0, NotJudged: 0, AuditFinished: 1 });
  });
});

describe('INGRESS_GUARD_MAX_REVOCATIONS', () => {
  const audit = async (denied: number, written: string | undefined) => {
    const elastiCache = await startAuditedElastiCache({ denied });
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
      INGRESS_GUARD_MAX_REVOCATIONS: written,
    });
    return {
      ...(await invoke(scheduled)),
      revocations: elastiCache.audits().filter((call) => call.startsWith(REVOKE)),
    };
  };

  test.each([
    ['not set: 10 are revoked', undefined, 10, { revoked: 10 }, 10],
    ['not set: of 11 none is', undefined, 11, { held: 11 }, 10],
    ['exactly as many as are denied', '3', 3, { revoked: 3 }, 3],
    ['one less', '2', 3, { held: 3 }, 2],
    ['0', '0', 1, { held: 1 }, 0],
    ['unlimited', 'unlimited', 12, { revoked: 12 }, null],
  ])('%s', async (_, written, denied, outcomes, maxRevocations) => {
    const { result, metrics, revocations, decisions } = await audit(denied, written);

    expect(result?.counts.outcomes).toEqual({ allowed: 1, ...outcomes });
    expect(result?.maxRevocations).toBe(maxRevocations);
    const { revoked = 0, held = 0 } = outcomes as { revoked?: number; held?: number };
    expect(metricsOf(metrics)).toMatchObject({ GrantsRevoked: revoked, GrantsHeld: held, FoundByAudit: revoked });
    expect(revocations).toHaveLength(revoked);
    expect(new Set(decisions.map(({ outcome }) => outcome))).toEqual(new Set(Object.keys(outcomes)));
  });
});

describe('INGRESS_GUARD_REQUESTS_PER_SECOND', () => {
  test('is kept to', async () => {
    const elastiCache = await startAuditedElastiCache({ denied: 2 });
    const invoke = await startAuditGrants({
      AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url,
      INGRESS_GUARD_REQUESTS_PER_SECOND: '2',
    });
    const started = performance.now();

    const { result } = await invoke(scheduled);

    // Five calls; a timer may fire a moment before its time.
    expect(performance.now() - started).toBeGreaterThan(1_990);
    expect(result?.apiCalls).toMatchObject({ [DESCRIBE]: 1, [REVOKE]: 2 });
  });
});

describe('settings that nobody can mean', () => {
  test.each([
    ['INGRESS_GUARD_MODE', 'Enforce', '`Enforce`: set it to report-only or enforce'],
    ['INGRESS_GUARD_REGIONS', 'us-east-1,', 'names ``: write regions such as us-east-1,eu-west-1'],
    ['INGRESS_GUARD_REGIONS', 'us-east-1,evil.example.com/', 'names `evil.example.com/`'],
    ['INGRESS_GUARD_MAX_REVOCATIONS', '-1', '`-1`: set it to a number, or unlimited'],
    ['INGRESS_GUARD_MAX_REVOCATIONS', '1e3', '`1e3`'],
    ['INGRESS_GUARD_MAX_REVOCATIONS', 'Infinity', '`Infinity`'],
    ['INGRESS_GUARD_MAX_REVOCATIONS', '10 ', '`10 `'],
    ['INGRESS_GUARD_REQUESTS_PER_SECOND', '0', 'is 0, and nothing could be asked'],
    ['INGRESS_GUARD_SHARED', 'Revoke', '`Revoke`: set it to hold or revoke'],
    ['INGRESS_GUARD_REQUESTS_PER_SECOND', 'fast', '`fast`: set it to a number, or unlimited'],
  ])('make it throw before anything is asked: %s=%j', async (name, value, message) => {
    const elastiCache = await startAuditedElastiCache();
    const invoke = await startAuditGrants({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url, [name]: value });

    const { error, metrics, entries } = await invoke(scheduled);

    expect(error).toMatchObject({ name: 'SettingsError', message: expect.stringContaining(`${name} `) });
    expect(error?.message).toContain(message);
    expect(metricsOf(metrics)).toEqual({ AuditFailed: 1 });
    expect(entries.filter((entry) => entry.message === 'audit-failed')).toMatchObject([
      { level: 'ERROR', error: { name: 'SettingsError', message: error?.message } },
    ]);
    expect(elastiCache.everyCall()).toEqual([]);
  });
});

describe('a scheduled audit of caches', () => {
  test('revokes each denied rule of the security groups that guard them, and says what it said', async () => {
    const account = await startGuardedCache({ vpcOnly: true });
    await authorize(account.ec2, account.groupId, tcp(6379, { IpRanges: [{ CidrIp: '10.0.0.0/24' }] }));
    const ANYBODY = { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'for a test' }] };
    const [rule] = await authorize(account.ec2, account.groupId, tcp(6379, ANYBODY));
    const invoke = await startAuditGrants(account.environment);

    const { result, error, decisions, metrics } = await invoke(scheduled);

    expect(error).toBeUndefined();
    expect(result).toMatchObject({
      complete: true,
      regions: [{ status: 'judged', ec2Classic: false, caches: 1, securityGroups: 1, grants: 2 }],
      counts: { judged: 2, allowed: 1, denied: 1, outcomes: { allowed: 1, revoked: 1 } },
      apiCalls: { DescribeCacheClusters: 2, DescribeSecurityGroupRules: 2, RevokeSecurityGroupIngress: 1 },
    });
    expect(decisions).toMatchObject([
      {
        outcome: 'revoked',
        grant: { target: { cacheName: 'sessions', securityGroupRuleId: rule?.SecurityGroupRuleId } },
        foundBy: 'audit',
        securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'for a test' },
      },
    ]);
    expect(metricsOf(metrics)).toMatchObject({ GrantsRevoked: 1, FoundByAudit: 1, AuditFinished: 1 });
    expect(await account.rules()).toMatchObject([{ CidrIpv4: '10.0.0.0/24' }]);
  });

  test.each([
    [undefined, 'held', 1],
    ['hold', 'held', 1],
    ['revoke', 'revoked', 0],
  ])('with INGRESS_GUARD_SHARED %j: a rule that others may need is %s', async (shared, outcome, standing) => {
    const account = await startGuardedCache();
    const { ec2, groupId } = account;
    const SubnetId = 'subnet-0123456789abcdef0';
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, Groups: [groupId] }));
    await authorize(ec2, groupId, { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] });
    const invoke = await startAuditGrants({ ...account.environment, INGRESS_GUARD_SHARED: shared });

    const { decisions, metrics } = await invoke(scheduled);

    expect(decisions).toMatchObject([{ outcome, remark: expect.stringContaining('all ports of all protocols') }]);
    if (outcome === 'held') expect(decisions[0]?.problem).toMatch(/also guards something other than caches/);
    expect(metricsOf(metrics)).toMatchObject({ GrantsHeld: standing, GrantsRevoked: 1 - standing });
    expect(await account.rules()).toHaveLength(standing);
  });
});
