import { describe, expect, test } from 'vitest';
import { auditConnector } from '../../src/aws/audit-connector.ts';
import { NoFinalAnswerError } from '../../src/aws/revocation.ts';
import type { ClassicGrant } from '../../src/policy/classic/grant.ts';
import { ACCOUNT, REGION, strangersGrant } from '../support/examples/grants.ts';
import { madeAtOnce } from '../support/examples/to-revoke.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { OTHER_REGION, startEndpoint } from '../support/local-aws/local-endpoint.ts';
import { accepted, described, error, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { holdTime } from '../support/time/held-time.ts';
import { collect } from '../support/tools/collect.ts';

const DESCRIBE = 'DescribeCacheSecurityGroups';
const REVOKE = 'RevokeCacheSecurityGroupIngress';
const unlimited = Number.POSITIVE_INFINITY;

/** The calls of an audit that has this much time, at an endpoint. */
function callsTo(url: string, { requestsPerSecond = unlimited, patienceMs = 600_000 } = {}) {
  stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: url });
  const { connect, made } = auditConnector({ requestsPerSecond, deadline: new Date(Date.now() + patienceMs) });
  return { made, at: (region: string) => connect({ account: ACCOUNT, region }) };
}

const inRegion = (region: string): ClassicGrant => ({ ...strangersGrant, region });

describe('the calls of an audit', () => {
  test('go to the region that they are about', async () => {
    const endpoint = await startEndpoint();
    const calls = callsTo(endpoint.url);

    await collect(calls.at(REGION).listGrants());
    await collect(calls.at(OTHER_REGION).listGrants());
    await madeAtOnce(calls.at(OTHER_REGION).toRevokeGrant(inRegion(OTHER_REGION)));
    await calls.at(OTHER_REGION).readStatus(inRegion(OTHER_REGION));

    expect(endpoint.calls.map(({ action, region }) => `${action} ${region}`)).toEqual([
      `${DESCRIBE} ${REGION}`,
      `${DESCRIBE} ${OTHER_REGION}`,
      `${REVOKE} ${OTHER_REGION}`,
      `${DESCRIBE} ${OTHER_REGION}`,
    ]);
  });

  test('leave no connection open once the audit has no more to ask, whoever it asked', async () => {
    await using endpoint = await startScriptedEndpoint(described('authorized'));
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url });
    {
      using aws = auditConnector({ requestsPerSecond: unlimited, deadline: new Date(Date.now() + 600_000) });
      for (const region of [REGION, OTHER_REGION])
        await collect(aws.connect({ account: ACCOUNT, region }).listGrants());
      expect(await endpoint.connections()).toBe(2);
    }

    // The endpoint sees a moment later that they were closed.
    await expect.poll(() => endpoint.connections()).toBe(0);
  });

  test('list, revoke, and tell what a grant is then', async () => {
    await using endpoint = await startScriptedEndpoint(described('authorized'), accepted, described('revoking'));
    const calls = callsTo(endpoint.url);

    const [page] = await collect(calls.at(REGION).listGrants());
    const revocation = await madeAtOnce(calls.at(REGION).toRevokeGrant(strangersGrant));
    const status = await calls.at(REGION).readStatus(strangersGrant);

    expect(page?.grants).toEqual([{ status: 'authorized', grant: strangersGrant }]);
    expect(revocation.result).toBe('revoked');
    expect(status).toBe('revoking');
  });

  test('are counted by operation, with every try', async () => {
    await using endpoint = await startScriptedEndpoint(
      described('authorized'),
      'cut',
      error(500, 'InternalFailure'),
      accepted,
      described('revoking'),
    );
    const calls = callsTo(endpoint.url);

    const before = { ...calls.made };
    await collect(calls.at(REGION).listGrants());
    await madeAtOnce(calls.at(REGION).toRevokeGrant(strangersGrant));
    await calls.at(REGION).readStatus(strangersGrant);

    expect(before).toEqual({});
    expect(calls.made).toEqual({ [DESCRIBE]: 2, [REVOKE]: 3 });
    expect(endpoint.actions).toHaveLength(5);
  });
});

describe('the rate', () => {
  /** Makes so many calls at once in a region. */
  const make = (calls: ReturnType<typeof callsTo>, count: number, region: string) =>
    Promise.all(Array.from({ length: count }, () => calls.at(region).readStatus(inRegion(region))));
  // A timer may fire a moment before its time.
  const ALMOST_A_SECOND = 990;

  test('is not gone over: what is too much waits for the next second', async () => {
    const endpoint = await startEndpoint();
    const calls = callsTo(endpoint.url, { requestsPerSecond: 3 });
    const started = performance.now();

    await make(calls, 4, REGION);

    expect(performance.now() - started).toBeGreaterThan(ALMOST_A_SECOND);
    expect(endpoint.calls).toHaveLength(4);
  });

  test('is that of each region: one does not wait for another', async () => {
    const endpoint = await startEndpoint();
    const time = holdTime();
    const calls = callsTo(endpoint.url, { requestsPerSecond: 1 });
    const two = make(calls, 2, REGION);

    await make(calls, 1, OTHER_REGION);
    await expect.poll(() => endpoint.calls).toHaveLength(2);
    await time.pass(1_000);
    await two;

    expect(endpoint.calls.map(({ region }) => region).sort()).toEqual([OTHER_REGION, REGION, REGION].sort());
  });

  test('counts a retry as a call', async () => {
    await using endpoint = await startScriptedEndpoint('cut', described('revoking'));
    const calls = callsTo(endpoint.url, { requestsPerSecond: 1 });
    const started = performance.now();

    await calls.at(REGION).readStatus(strangersGrant);

    expect(performance.now() - started).toBeGreaterThan(ALMOST_A_SECOND);
    expect(endpoint.actions).toHaveLength(2);
  });
});

describe('the deadline', () => {
  test('ends a listing that gets no answer', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const time = holdTime();
    const calls = callsTo(endpoint.url, { patienceMs: 300 });
    const listing = Promise.allSettled([collect(calls.at(REGION).listGrants())]);
    await expect.poll(() => endpoint.actions).toEqual([DESCRIBE]);

    await time.pass(300);

    expect(await listing).toMatchObject([{ reason: { name: 'AbortError' } }]);
    await expect.poll(endpoint.abandoned).toBe(1);
  });

  test('ends a revocation that gets no answer', async () => {
    await using endpoint = await startScriptedEndpoint('silence');
    const time = holdTime();
    const calls = callsTo(endpoint.url, { patienceMs: 300 });
    const revocation = Promise.allSettled([madeAtOnce(calls.at(REGION).toRevokeGrant(strangersGrant))]);
    await expect.poll(() => endpoint.actions).toEqual([REVOKE]);

    await time.pass(300);

    expect(await revocation).toMatchObject([{ reason: expect.any(NoFinalAnswerError) }]);
    await expect.poll(endpoint.abandoned).toBe(1);
    expect(endpoint.actions).toEqual([REVOKE]);
  });

  test('ends the wait between tries', async () => {
    // After a throttle the SDK waits half a second and more; after a 503 all its tries can be over in no time.
    await using endpoint = await startScriptedEndpoint(error(400, 'Throttling'));
    const calls = callsTo(endpoint.url, { patienceMs: 300 });

    await expect(calls.at(REGION).readStatus(strangersGrant)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('ends the wait for a turn: no call is made after it', async () => {
    await using endpoint = await startScriptedEndpoint(described('authorized'));
    const time = holdTime();
    const calls = callsTo(endpoint.url, { requestsPerSecond: 1, patienceMs: 300 });
    const looks = Array.from({ length: 4 }, () => calls.at(REGION).readStatus(strangersGrant));
    const ended = Promise.allSettled(looks);
    await Promise.any(looks);

    await time.pass(300);
    const settled = await ended;

    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    expect(endpoint.actions).toEqual([DESCRIBE]);
    expect(calls.made).toEqual({ [DESCRIBE]: 1 });
  });

  test('that has passed already lets nothing be asked', async () => {
    await using endpoint = await startScriptedEndpoint(accepted);
    const calls = callsTo(endpoint.url, { patienceMs: -1000 });

    await expect(collect(calls.at(REGION).listGrants())).rejects.toMatchObject({ name: 'AbortError' });
    await expect(calls.at(REGION).readStatus(strangersGrant)).rejects.toMatchObject({ name: 'AbortError' });

    expect(endpoint.actions).toEqual([]);
    expect(calls.made).toEqual({});
  });
});
