import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ApiCall, type EndpointSettings, startApiEndpoint } from '../../src/local/api-endpoint.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { ALLOWLIST, allowlistFile, startEnforceIngress } from '../support/functions/enforce-ingress-function.ts';
import { administratorOf } from '../support/local-aws/local-elasticache.ts';
import { error as answerError, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { ManualClock } from '../support/time/manual-clock.ts';

const strangersEvent = sampleEvent('authorize-ingress');
const settings: EndpointSettings = { port: 0, accountId: ACCOUNT, regions: [REGION], transitionMs: 60_000 };

/** An ElastiCache in which the stranger's grant stands, and the calls made to it since. */
async function startElastiCacheWithGrant(port = 0, onCall: (call: ApiCall) => void = () => {}) {
  const calls: string[] = [];
  const clock = new ManualClock();
  let ready = false;
  const endpoint = await startApiEndpoint({ ...settings, port }, clock, (call) => {
    if (!ready) return;
    calls.push(call.action);
    onCall(call);
  });
  onTestFinished(() => endpoint.close());
  const administrator = administratorOf(endpoint.url);
  await administrator.create();
  await administrator.authorize('web', STRANGER);
  clock.advance(settings.transitionMs);
  ready = true;
  return { endpoint, administrator, calls };
}

describe('an allowlist that cannot be used', () => {
  const broken: readonly [string, (file: string) => Promise<void>, RegExp][] = [
    ['is missing', (file) => rm(file), /cannot be read: there is no such file/],
    ['is no YAML', (file) => writeFile(file, 'version: 1\nrules: [\n'), /allowlist\.yaml:\d+:\d+: /],
    ['is empty', (file) => writeFile(file, ''), /is not a valid allowlist/],
    ['is cut off', (file) => writeFile(file, ALLOWLIST.slice(0, 60)), /allowlist\.yaml:\d+:\d+: /],
    [
      'has a misspelt key',
      (file) => writeFile(file, 'version: 1\nrule: []\n'),
      /:2:1: the document: unknown key `rule`/,
    ],
  ];

  test.each(broken)('revokes nothing when it %s, and works again once it is mended', async (_, breakIt, message) => {
    const { endpoint, administrator, calls } = await startElastiCacheWithGrant();
    const file = await allowlistFile();
    const invoke = await startEnforceIngress({
      INGRESS_GUARD_ALLOWLIST: file,
      INGRESS_GUARD_MODE: 'enforce',
      AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
    });
    await breakIt(file);

    const broken = await invoke(strangersEvent);
    const callsWhenBroken = [...calls];
    await writeFile(file, ALLOWLIST);
    const mended = await invoke(strangersEvent);

    expect(broken.error).toMatchObject({ name: 'EnforcementFailedError', message: expect.stringMatching(message) });
    expect(broken.decisions).toMatchObject([{ level: 'ERROR', outcome: 'failed', grant: strangersGrant }]);
    expect(broken.decisions[0]).not.toHaveProperty('decision');
    expect(callsWhenBroken).toEqual([]);
    expect(mended.result?.outcome).toBe('revoked');
    expect(await administrator.grants()).toEqual([`web of ${STRANGER}: revoking`]);
  });

  test('revokes nothing when it is there and cannot be read', async () => {
    const { endpoint, calls } = await startElastiCacheWithGrant();
    const folder = await mkdtemp(join(tmpdir(), 'ingress-guard-no-file-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const invoke = await startEnforceIngress({
      INGRESS_GUARD_ALLOWLIST: folder,
      INGRESS_GUARD_MODE: 'enforce',
      AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
    });

    const { error } = await invoke(strangersEvent);

    expect(error).toMatchObject({ name: 'EnforcementFailedError', message: expect.stringContaining(folder) });
    expect(calls).toEqual([]);
  });
});

describe('a mode that does not exist', () => {
  test.each(['Enforce', 'enforce ', 'dry-run', 'true'])('revokes nothing: %j', async (mode) => {
    const { endpoint, calls } = await startElastiCacheWithGrant();
    const invoke = await startEnforceIngress({
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
      INGRESS_GUARD_MODE: mode,
      AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
    });

    const { error, decisions } = await invoke(strangersEvent);

    expect(error).toMatchObject({
      name: 'EnforcementFailedError',
      message: expect.stringContaining(`INGRESS_GUARD_MODE is \`${mode}\`: set it to report-only or enforce`),
    });
    expect(decisions).toMatchObject([{ outcome: 'failed', grant: strangersGrant }]);
    expect(calls).toEqual([]);
  });
});

describe('an ElastiCache in trouble', () => {
  test('makes it fail when it is killed in the middle, and the next try revokes', async () => {
    let killed: Promise<void> | undefined;
    const first = await startElastiCacheWithGrant(0, () => {
      killed = first.endpoint.close();
    });
    const invoke = await startEnforceIngress({
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
      INGRESS_GUARD_MODE: 'enforce',
      AWS_ENDPOINT_URL_ELASTICACHE: first.endpoint.url,
    });

    const during = await invoke(strangersEvent);
    await killed;
    const second = await startElastiCacheWithGrant(Number(new URL(first.endpoint.url).port));
    const after = await invoke(strangersEvent);

    expect(during.error).toMatchObject({
      name: 'EnforcementFailedError',
      message: expect.stringMatching(
        /^it is not known whether the grant sessions .* was revoked: ElastiCache gave no final answer/,
      ),
    });
    expect(during.decisions).toMatchObject([
      { level: 'ERROR', outcome: 'failed', grant: strangersGrant, decision: { effect: 'deny' } },
    ]);
    expect(during.metrics).toMatchObject([{ outcome: 'failed', Outcomes: 1 }]);
    expect(after.result?.outcome).toBe('revoked');
    expect(await second.administrator.grants()).toEqual([`web of ${STRANGER}: revoking`]);
  });

  test('makes it fail with what AWS answered, which the line tells once', async () => {
    await using endpoint = await startScriptedEndpoint(answerError(403, 'AccessDenied', 'Not authorized to revoke.'));
    const invoke = await startEnforceIngress({
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(),
      INGRESS_GUARD_MODE: 'enforce',
      AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url,
    });

    const { error, decisions } = await invoke(strangersEvent);

    expect(error?.message).toBe(
      `the grant sessions <- web of ${STRANGER} (${ACCOUNT}, ${REGION}) (made by arn:aws:iam::${ACCOUNT}:user/alice, ` +
        'CloudTrail event 3d2c5a1e-64f0-4a0e-8b58-6f8f2a7c1001) was not revoked: Not authorized to revoke.',
    );
    expect(decisions).toMatchObject([
      { outcome: 'failed', error: { name: 'EnforcementFailedError', cause: { name: 'AccessDenied' } } },
    ]);
    expect(decisions[0]?.error).not.toHaveProperty('outcome');
  });
});
