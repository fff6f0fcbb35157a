import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ApiCall, type EndpointSettings, startApiEndpoint } from '../../src/local/api-endpoint.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { ALLOWLIST, allowlistFile, startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { administratorOf } from '../support/local-aws/local-elasticache.ts';
import { ManualClock } from '../support/time/manual-clock.ts';

const OTHER_REGION = 'eu-west-1';
const OTHER_ACCOUNT = '777788889999';
const TRANSITION = 60_000;
/** `web` of a stranger was let into `sessions`. */
const strangersEvent = sampleEvent('authorize-ingress');
const ownEvent = withChanges(strangersEvent, { 'detail.requestParameters.eC2SecurityGroupOwnerId': ACCOUNT });
const grantedBy = { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/alice', sourceIPAddress: '203.0.113.24' };
const EVENT_ID = '3d2c5a1e-64f0-4a0e-8b58-6f8f2a7c1001';

let clock: ManualClock;
/** The calls of the function. */
let calls: ApiCall[];
let environment: Record<string, string | undefined>;

beforeEach(async () => {
  environment = { INGRESS_GUARD_ALLOWLIST: await allowlistFile(), INGRESS_GUARD_MODE: 'enforce' };
});

/** An ElastiCache in which both the stranger's grant and the account's own stand, in two regions. */
async function startElastiCache(settings: Partial<EndpointSettings> = {}): Promise<string> {
  clock = new ManualClock();
  const endpoint = await startApiEndpoint(
    { port: 0, accountId: ACCOUNT, regions: [REGION, OTHER_REGION], transitionMs: TRANSITION, ...settings },
    clock,
    (call) => calls.push(call),
  );
  onTestFinished(() => endpoint.close());
  calls = [];
  environment.AWS_ENDPOINT_URL_ELASTICACHE = endpoint.url;
  return endpoint.url;
}

async function startElastiCacheWithGrants(): Promise<string> {
  const url = await startElastiCache();
  for (const region of [REGION, OTHER_REGION]) {
    const administrator = administratorOf(url, region);
    await administrator.create();
    await administrator.authorize('web', STRANGER);
    await administrator.authorize('web', ACCOUNT);
  }
  clock.advance(TRANSITION);
  calls = [];
  return url;
}

describe('an event about a grant that no rule allows', () => {
  test('is revoked, and the line says which grant, why, who made it, for how long it stood and by which allowlist', async () => {
    const url = await startElastiCacheWithGrants();
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-03T09:14:09.500Z') });
    onTestFinished(() => void vi.useRealTimers());
    const invoke = await startEnforceIngress(environment);

    const { result, decisions } = await invoke(strangersEvent);

    const [call] = calls;
    expect(call?.action).toBe('RevokeCacheSecurityGroupIngress');
    expect(result).toMatchObject({ outcome: 'revoked', grant: strangersGrant, revocationRequestId: call?.requestId });
    expect(decisions).toHaveLength(1);
    expect(decisions[0]).toMatchObject({
      level: 'INFO',
      outcome: 'revoked',
      grant: strangersGrant,
      decision: { effect: 'deny', reasons: [{ rule: 'web-to-sessions', misses: ['ownerId'] }] },
      mode: 'enforce',
      eventId: EVENT_ID,
      grantedBy,
      revocationRequestId: call?.requestId,
      exposureMs: 3_500,
      allowlistSha256: createHash('sha256').update(ALLOWLIST).digest('hex'),
    });
    clock.advance(TRANSITION);
    expect(await administratorOf(url).grants()).toEqual([`web of ${ACCOUNT}: authorized`]);
  });

  test('is revoked in the region of the event, and nowhere else', async () => {
    const url = await startElastiCacheWithGrants();
    const event = withChanges(strangersEvent, { region: OTHER_REGION, 'detail.awsRegion': OTHER_REGION });
    const invoke = await startEnforceIngress(environment);

    const { result } = await invoke(event);

    expect(result?.outcome).toBe('revoked');
    expect(calls.map(({ region }) => region)).toEqual([OTHER_REGION]);
    expect(await administratorOf(url).grants()).toContain(`web of ${STRANGER}: authorized`);
  });

  test('is already gone when the event is delivered a second time', async () => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress(environment);

    const first = await invoke(strangersEvent);
    const meanwhile = await invoke(strangersEvent);
    clock.advance(TRANSITION);
    const after = await invoke(strangersEvent);

    expect([first, meanwhile, after].map(({ result }) => result?.outcome)).toEqual([
      'revoked',
      'already-gone',
      'already-gone',
    ]);
    expect(after.decisions[0]).toMatchObject({ outcome: 'already-gone', grant: strangersGrant, eventId: EVENT_ID });
  });

  test('would be revoked in report-only mode, and no call is made', async () => {
    const url = await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress({ ...environment, INGRESS_GUARD_MODE: 'report-only' });

    const { result, decisions } = await invoke(strangersEvent);

    expect(result).toMatchObject({ outcome: 'would-revoke', mode: 'report-only' });
    expect(decisions).toMatchObject([{ outcome: 'would-revoke', decision: { effect: 'deny' } }]);
    expect(calls).toEqual([]);
    expect(await administratorOf(url).grants()).toContain(`web of ${STRANGER}: authorized`);
  });

  test.each([undefined, ''])('is only reported when INGRESS_GUARD_MODE is %o', async (mode) => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress({ ...environment, INGRESS_GUARD_MODE: mode });

    const { result } = await invoke(strangersEvent);

    expect(result?.outcome).toBe('would-revoke');
    expect(calls).toEqual([]);
  });

  test('is not applicable where the account has no EC2-Classic', async () => {
    await startElastiCache({ vpcOnly: true });
    const invoke = await startEnforceIngress(environment);

    const { result, decisions } = await invoke(strangersEvent);

    expect(result?.outcome).toBe('not-applicable');
    expect(decisions).toMatchObject([{ outcome: 'not-applicable', decision: { effect: 'deny' } }]);
  });
});

describe('an event about a grant that a rule allows', () => {
  test('is allowed by the rule that the line names, and no call is made', async () => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress(environment);

    const { result, decisions } = await invoke(ownEvent);

    expect(result).toMatchObject({ outcome: 'allowed', decision: { effect: 'allow', rule: 'web-to-sessions' } });
    expect(decisions).toMatchObject([
      { outcome: 'allowed', decision: { effect: 'allow', rule: 'web-to-sessions' }, eventId: EVENT_ID, grantedBy },
    ]);
    expect(calls).toEqual([]);
  });
});

describe('an event that tells of no new grant', () => {
  test.each([
    ['a call that failed', sampleEvent('authorize-ingress-failed')],
    ['a call that was denied', sampleEvent('authorize-ingress-access-denied')],
    ['another call', sampleEvent('revoke-ingress')],
  ])('is ignored, with the reason: %s', async (_, event) => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress(environment);

    const { result, decisions } = await invoke(event);

    expect(result).toMatchObject({ outcome: 'ignored', reason: expect.any(String) });
    expect(decisions).toMatchObject([{ outcome: 'ignored', reason: result?.reason }]);
    expect(calls).toEqual([]);
  });
});

describe('an event that cannot be judged by', () => {
  test('is rejected with its problems: it throws, so that Lambda tries again', async () => {
    await startElastiCacheWithGrants();
    const event = withChanges(strangersEvent, { 'detail.requestParameters.eC2SecurityGroupName': undefined });
    const invoke = await startEnforceIngress(environment);

    const { error, decisions } = await invoke(event);

    expect(error).toMatchObject({ name: 'RejectedEventError' });
    expect(decisions).toMatchObject([
      { level: 'ERROR', outcome: 'rejected', problems: ['ec2SecurityGroupName is missing'], eventId: EVENT_ID },
    ]);
    expect(calls).toEqual([]);
  });

  test('is rejected when it is about another account than the function’s own', async () => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress(environment);
    const invokedFunctionArn = `arn:aws:lambda:${REGION}:${OTHER_ACCOUNT}:function:enforceIngress`;

    const { error, decisions } = await invoke(strangersEvent, { invokedFunctionArn });

    expect(error).toMatchObject({ name: 'RejectedEventError' });
    expect(decisions).toMatchObject([
      {
        outcome: 'rejected',
        problems: [`the grant is in account ${ACCOUNT}, and this stack guards ${OTHER_ACCOUNT}`],
      },
    ]);
    expect(calls).toEqual([]);
  });

  test.each([[undefined], [null], ['text'], [42], [[]], [{}]])('is rejected whatever it is: %j', async (event) => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress(environment);

    const { error, decisions } = await invoke(event);

    expect(error).toMatchObject({ name: 'RejectedEventError' });
    expect(decisions).toMatchObject([{ outcome: 'rejected' }]);
    expect(calls).toEqual([]);
  });
});

describe('every event', () => {
  test.each([
    ['allowed', ownEvent],
    ['revoked', strangersEvent],
    ['ignored', sampleEvent('revoke-ingress')],
    ['rejected', {}],
  ])('ends in one line and one metric with its outcome: %s', async (outcome, event) => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress(environment);

    const { lines, decisions, metrics } = await invoke(event);

    expect(lines).toHaveLength(2);
    expect(decisions).toMatchObject([{ outcome }]);
    expect(metrics).toMatchObject([
      {
        outcome,
        Outcomes: 1,
        _aws: { CloudWatchMetrics: [{ Namespace: 'IngressGuard', Dimensions: [['service', 'outcome']] }] },
      },
    ]);
  });

  test('has metrics of its own: nothing of one event is counted with the next', async () => {
    await startElastiCacheWithGrants();
    const invoke = await startEnforceIngress(environment);

    const first = await invoke(strangersEvent);
    const second = await invoke(sampleEvent('revoke-ingress'));

    expect(first.metrics[0]).toMatchObject({ outcome: 'revoked', Exposure: first.result?.exposureMs });
    expect(second.metrics[0]).toMatchObject({ outcome: 'ignored', Outcomes: 1 });
    expect(second.metrics[0]).not.toHaveProperty('Exposure');
    expect(second.decisions[0]).not.toHaveProperty('grant');
  });
});
