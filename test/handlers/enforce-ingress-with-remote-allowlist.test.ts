import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { ACCOUNT, strangersGrant } from '../support/examples/grants.ts';
import { ALLOWLIST, allowlistFile, startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { type RemoteStore, startAppConfig, startSsm } from '../support/scripted/remote-allowlists.ts';
import { jsonError } from '../support/scripted/scripted-json-endpoint.ts';

const strangersEvent = sampleEvent('authorize-ingress');
const ownEvent = withChanges(strangersEvent, { 'detail.requestParameters.eC2SecurityGroupOwnerId': ACCOUNT });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const NOBODY = 'version: 1\nrules: []\n';
const DENIED = jsonError(400, 'AccessDeniedException', 'no permission to read the allowlist');

/** The function in mode enforce, with its allowlist in this store, and an ElastiCache with the stranger's grant. */
async function startWith(store: RemoteStore) {
  const { environment, administrator, calls } = await startElastiCacheWithGrants();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date() });
  onTestFinished(() => void vi.useRealTimers());
  const settings = { INGRESS_GUARD_MODE: 'enforce', INGRESS_GUARD_ALLOWLIST: store.location };
  const invoke = await startEnforceIngress({ ...environment, ...store.environment, ...settings });
  const wait = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
  return { invoke, administrator, calls, wait };
}

describe.each([
  ['an SSM parameter', startSsm],
  ['AWS AppConfig', startAppConfig],
])('a function with its allowlist in %s', (_, startStore) => {
  test('judges by it, and its decision line says by which', async () => {
    const { invoke, calls } = await startWith(await startStore(ALLOWLIST));

    const revoked = await invoke(strangersEvent);
    const allowed = await invoke(ownEvent);

    expect(revoked.decisions).toMatchObject([{ outcome: 'revoked', allowlistSha256: sha256(ALLOWLIST) }]);
    expect(allowed.decisions).toMatchObject([{ outcome: 'allowed', allowlistSha256: sha256(ALLOWLIST) }]);
    expect(revoked.metrics[0]).not.toHaveProperty('AllowlistStale');
    expect(calls.map(({ action }) => action)).toEqual(['RevokeCacheSecurityGroupIngress']);
  });

  test('judges by the new one within a minute of a change', async () => {
    const store = await startStore(ALLOWLIST);
    const { invoke, wait } = await startWith(store);
    await invoke(ownEvent);

    store.hold(NOBODY);
    const before = await invoke(ownEvent);
    wait(60);
    const after = await invoke(ownEvent);

    expect(before.decisions).toMatchObject([{ outcome: 'allowed', allowlistSha256: sha256(ALLOWLIST) }]);
    expect(after.decisions).toMatchObject([{ outcome: 'revoked', allowlistSha256: sha256(NOBODY) }]);
  });

  test.each([
    ['fails', { instead: DENIED }, 'no permission to read the allowlist'],
    ['serves what is not valid', 'version: 1\nrules: [{}]\n', 'is not a valid allowlist'],
    ['serves half of it', ALLOWLIST.slice(0, 70), 'is not a valid allowlist'],
  ])(
    'judges by the last good one while its source %s, and says so with a metric and an error line',
    async (_, held, why) => {
      const store = await startStore(ALLOWLIST);
      const { invoke, calls, wait } = await startWith(store);
      await invoke(ownEvent);

      store.hold(held);
      wait(60);
      const { result, decisions, metrics, entries } = await invoke(ownEvent);

      expect(result?.outcome).toBe('allowed');
      expect(decisions).toMatchObject([{ outcome: 'allowed', allowlistSha256: sha256(ALLOWLIST) }]);
      expect(metrics).toMatchObject([{ AllowlistStale: 1 }, { Outcomes: 1 }]);
      // The alarm on it knows of no outcomes.
      expect(metrics[0]).not.toHaveProperty('outcome');
      expect(entries.filter(({ level }) => level === 'ERROR')).toMatchObject([
        {
          message: 'the last good allowlist stays in force',
          allowlistSha256: sha256(ALLOWLIST),
          error: { name: 'AllowlistError', message: expect.stringContaining(why) },
        },
      ]);
      expect(calls).toEqual([]);
    },
  );

  test('says it once an event, and no more when its source is well again', async () => {
    const store = await startStore(ALLOWLIST);
    const { invoke, wait } = await startWith(store);
    await invoke(ownEvent);
    store.hold({ instead: DENIED });
    wait(60);

    const [first, second] = [await invoke(ownEvent), await invoke(ownEvent)];
    store.hold(ALLOWLIST);
    const well = await invoke(ownEvent);

    for (const { metrics } of [first, second]) expect(metrics).toMatchObject([{ AllowlistStale: 1 }, { Outcomes: 1 }]);
    expect(well.metrics[0]).not.toHaveProperty('AllowlistStale');
    expect(well.entries.filter(({ level }) => level === 'ERROR')).toEqual([]);
  });

  test.each([
    ['fails', { instead: DENIED }],
    ['has none', undefined],
    ['serves what is not valid', 'version: 2\nrules: []\n'],
  ])('fails, and revokes nothing, when its source %s at a cold start; and judges once it is well', async (_, held) => {
    const store = await startStore(held);
    const { invoke, administrator, calls } = await startWith(store);

    const cold = await invoke(strangersEvent);
    const callsWhenCold = [...calls];
    store.hold(ALLOWLIST);
    const again = await invoke(strangersEvent);

    expect(cold.error).toMatchObject({
      name: 'EnforcementFailedError',
      message: expect.stringContaining(store.location),
    });
    expect(cold.decisions).toMatchObject([{ level: 'ERROR', outcome: 'failed', grant: strangersGrant }]);
    expect(cold.decisions[0]).not.toHaveProperty('decision');
    expect(callsWhenCold).toEqual([]);
    expect(again.result?.outcome).toBe('revoked');
    expect(await administrator.grants()).toContain(`web of ${strangersGrant.source.ec2SecurityGroupOwnerId}: revoking`);
  });
});

test('a file that is edited while the function runs is in force a second later; the last good one while it is broken', async () => {
  const { environment } = await startElastiCacheWithGrants();
  const file = await allowlistFile();
  vi.useFakeTimers({ toFake: ['Date'], now: new Date() });
  onTestFinished(() => void vi.useRealTimers());
  const invoke = await startEnforceIngress({ ...environment, INGRESS_GUARD_ALLOWLIST: file });
  await invoke(ownEvent);

  await writeFile(file, 'rules: [');
  vi.setSystemTime(Date.now() + 1_000);
  const broken = await invoke(ownEvent);
  await writeFile(file, NOBODY);
  const mended = await invoke(ownEvent);

  expect(broken.decisions).toMatchObject([{ outcome: 'allowed', allowlistSha256: sha256(ALLOWLIST) }]);
  expect(broken.metrics).toMatchObject([{ AllowlistStale: 1 }, { Outcomes: 1 }]);
  expect(mended.decisions).toMatchObject([{ outcome: 'would-revoke', allowlistSha256: sha256(NOBODY) }]);
});
