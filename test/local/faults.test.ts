import {
  AuthorizeCacheSecurityGroupIngressCommand,
  CreateCacheSecurityGroupCommand,
  ElastiCacheClient,
} from '@aws-sdk/client-elasticache';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drawFaults, type FaultSettings, NO_FAULTS } from '../../src/local/faults.ts';
import { REGION, STRANGER } from '../support/examples/grants.ts';
import { type StartedAws, startAws } from '../support/local-aws/local-aws.ts';
import { credentials } from '../support/local-aws/local-elasticache.ts';
import { expectError, expectSuccess } from '../support/scripted/answers.ts';
import { eventually } from '../support/time/eventually.ts';

const AUTHORIZE = 'AuthorizeCacheSecurityGroupIngress';
const GRANT = {
  CacheSecurityGroupName: 'default',
  EC2SecurityGroupName: 'web',
  EC2SecurityGroupOwnerId: STRANGER,
};

/** A local AWS with these faults; the default cache security group is there for calls to change. */
function startWithFaults(faults: Partial<FaultSettings>): Promise<StartedAws> {
  return startAws({ faults: drawFaults({ ...NO_FAULTS, ...faults }) });
}

/** Who may reach the default cache security group, by the endpoint's own account. */
function grants({ aws }: StartedAws): unknown[] {
  return [...(aws.list(REGION)[0]?.EC2SecurityGroups ?? [])];
}

/** What became of one call: its status, or that the connection was cut. */
async function fate(started: StartedAws): Promise<number | 'cut'> {
  return started.call('DescribeCacheSecurityGroups').then(
    ({ status }) => status,
    () => 'cut',
  );
}

describe('a fault that always happens', () => {
  test('throttle: every call is answered Throttling and has no effect', async () => {
    const started = await startWithFaults({ throttle: 1 });

    const answer = await started.call(AUTHORIZE, GRANT);

    expectError(answer, 400, 'Throttling');
    expect([grants(started), started.events]).toEqual([[], []]);
  });

  test('server-error: every call is answered 500 or 503, both come, and none has an effect', async () => {
    const started = await startWithFaults({ serverError: 1 });
    const seen = new Set<number>();

    for (let calls = 0; calls < 20; calls++) {
      const answer = await started.call(AUTHORIZE, GRANT);
      expectError(answer, answer.status, answer.status === 500 ? 'InternalFailure' : 'ServiceUnavailable');
      seen.add(answer.status);
    }

    expect([...seen].sort()).toEqual([500, 503]);
    expect([grants(started), started.events]).toEqual([[], []]);
  });

  test('cut-before: every connection is cut, and no call has an effect', async () => {
    const started = await startWithFaults({ cutBefore: 1 });

    await expect(started.call(AUTHORIZE, GRANT)).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect([grants(started), started.events]).toEqual([[], []]);
  });

  test('cut-after: every connection is cut, and the call had its effect', async () => {
    const started = await startWithFaults({ cutAfter: 1 });

    await expect(started.call(AUTHORIZE, GRANT)).rejects.toMatchObject({ code: 'ECONNRESET' });

    expect(grants(started)).toMatchObject([{ Status: 'authorizing', EC2SecurityGroupName: 'web' }]);
    expect(started.events).toMatchObject([{ detail: { eventName: AUTHORIZE } }]);
  });

  test('slow: the answer, and the effect, come as late as was asked for', async () => {
    const started = await startWithFaults({ slow: 1, slowMs: 5000 });

    const called = started.call(AUTHORIZE, GRANT);
    await eventually(() => started.clock.sleeping).toEqual([5000]);
    await started.clock.advance(4999);
    const before = grants(started);
    await started.clock.advance(1);

    expectSuccess(await called, AUTHORIZE);
    expect([before.length, grants(started).length]).toEqual([0, 1]);
  });

  test('a signature is looked at first: whoever is not let in meets no fault', async () => {
    const started = await startWithFaults({ throttle: 1 });

    const answer = await started.call(AUTHORIZE, GRANT, 'mars-north-1');

    expectError(answer, 403, 'SignatureDoesNotMatch');
  });
});

describe('faults', () => {
  test('that never happen leave every call and every event alone', async () => {
    const faults = drawFaults(NO_FAULTS);
    const started = await startAws({ faults });

    for (let calls = 0; calls < 20; calls++) expect(await fate(started)).toBe(200);

    expect(started.events).toHaveLength(20);
    expect(new Set(Object.values(faults.injected))).toEqual(new Set([0]));
  });

  test('are the same for the same seed, and others for another', async () => {
    const rates = { throttle: 0.2, serverError: 0.2, cutBefore: 0.2, cutAfter: 0.2 };
    const runs: (number | 'cut')[][] = [];

    for (const seed of [7, 7, 8]) {
      const started = await startWithFaults({ ...rates, seed });
      const run: (number | 'cut')[] = [];
      for (let calls = 0; calls < 60; calls++) run.push(await fate(started));
      runs.push(run);
    }

    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
    expect(new Set(runs[0])).toEqual(new Set([200, 400, 500, 503, 'cut']));
  });

  test('are the same for the same call, whatever is called in between', async () => {
    const rates = { throttle: 0.3, cutBefore: 0.3, seed: 7 };
    const grantOf = (owner: number) => ({ ...GRANT, EC2SecurityGroupOwnerId: String(owner).padStart(12, '0') });
    const owners = Array.from({ length: 30 }, (_, owner) => owner);
    const fateOf = (started: StartedAws, owner: number) =>
      started.call(AUTHORIZE, grantOf(owner)).then(
        ({ status }) => status,
        () => 'cut',
      );
    const [inOrder, atOnce] = [await startWithFaults(rates), await startWithFaults(rates)];

    const first: unknown[] = [];
    for (const owner of owners) first.push(await fateOf(inOrder, owner));
    await fate(atOnce);
    const second = await Promise.all(owners.toReversed().map((owner) => fateOf(atOnce, owner)));

    expect(second.toReversed()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 400, 'cut']));
  });

  test.each([0, 0.3, 1])('happen about as often as was asked for, are counted and told: %d', (throttle) => {
    const told: unknown[] = [];
    const faults = drawFaults({ ...NO_FAULTS, throttle }, (...fault) => told.push(fault));

    const calls = Array.from({ length: 10_000 }, (_, call) => `call ${call % 100}`);
    const met = calls.filter((call) => faults.happens('throttle', call)).map((call) => ['throttle', call]);

    expect(met.length).toBeGreaterThanOrEqual(throttle * 9_500);
    expect(met.length).toBeLessThanOrEqual(throttle * 10_500);
    expect(told).toEqual(met);
    expect(faults.injected).toMatchObject({ throttle: met.length, serverError: 0 });
  });

  test('at 0.3 each do not keep an SDK that tries again from its aim', async () => {
    const rates = { throttle: 0.3, serverError: 0.3, cutBefore: 0.3 };
    const { aws } = await startWithFaults({ ...rates, seed: 3 });
    const retryStrategy = new ConfiguredRetryStrategy(40, () => 0);
    const sdk = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials, retryStrategy });
    onTestFinished(() => sdk.destroy());

    await sdk.send(new CreateCacheSecurityGroupCommand({ CacheSecurityGroupName: 'sessions', Description: 'a' }));
    for (const owner of ['111111111111', '222222222222', '333333333333']) {
      const grant = { ...GRANT, CacheSecurityGroupName: 'sessions', EC2SecurityGroupOwnerId: owner };
      await sdk.send(new AuthorizeCacheSecurityGroupIngressCommand(grant));
    }

    expect(aws.list(REGION)[1]?.EC2SecurityGroups).toHaveLength(3);
  });

  test('that cut after the effect have an SDK that tries again told that the grant is there already', async () => {
    const { aws } = await startWithFaults({ cutAfter: 1 });
    const retryStrategy = new ConfiguredRetryStrategy(3, () => 0);
    const sdk = new ElastiCacheClient({ region: REGION, endpoint: aws.url, credentials, retryStrategy });
    onTestFinished(() => sdk.destroy());

    const authorized = sdk.send(new AuthorizeCacheSecurityGroupIngressCommand(GRANT));

    await expect(authorized).rejects.toMatchObject({ name: 'AuthorizationAlreadyExistsFault' });
  });
});

describe('a local AWS that ends', () => {
  test('makes no call that is still being slow, and waits for none', async () => {
    const started = await startWithFaults({ slow: 1, slowMs: 600_000 });
    const called = started.call(AUTHORIZE, GRANT);
    const failed = expect(called).rejects.toMatchObject({ code: 'ECONNRESET' });
    await eventually(() => started.clock.sleeping).toEqual([600_000]);

    await started.aws.close();

    await failed;
    expect([started.clock.sleeping, grants(started), started.events]).toEqual([[], [], []]);
  });
});
