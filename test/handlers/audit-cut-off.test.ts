import { expect, onTestFinished, test, vi } from 'vitest';
import { metricsOf, startAuditGrants } from '../support/functions/audit-grants-function.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startGuardingGroup, strangers } from '../support/scripted/guarding-group.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { replaceFile } from '../support/tools/folder.ts';

const ALLOWS_ALL = VPC_ALLOWLIST.replace('[10.0.0.0/16]', '[0.0.0.0/0]');
/** So many revocations an audit makes at once. */
const AT_ONCE = 4;

function holdTheWallClock() {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  return { jump: (ms: number) => void vi.setSystemTime(Date.now() + ms) };
}

test('an audit that is frozen in the midst of its revocations, and thawed after its time, begins no other', async () => {
  const clock = holdTheWallClock();
  let calls = 0;
  await using group = await startGuardingGroup({
    ranges: strangers(9),
    onRevoke() {
      if (++calls === AT_ONCE) clock.jump(3_600_000);
    },
  });
  const invoke = await startAuditGrants({
    ...group.environment,
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
  });

  const { result, decisions } = await invoke({});

  const failed = decisions.filter(({ outcome }) => outcome === 'failed');
  expect(group.revoked.length).toBeLessThan(2 * AT_ONCE);
  expect(decisions.filter(({ outcome }) => outcome === 'revoked').length).toBe(group.revoked.length);
  expect(failed).toHaveLength(9 - group.revoked.length);
  expect(failed[0]?.problem).toContain('there was no time left to revoke it');
  expect(result?.counts.outcomes).toMatchObject({ failed: failed.length });
});

test('an audit revokes no more once the allowlist is another one', async () => {
  const clock = holdTheWallClock();
  const file = await allowlistFile(VPC_ALLOWLIST);
  await using group = await startGuardingGroup({
    ranges: strangers(9),
    onRevoke() {
      replaceFile(file, ALLOWS_ALL);
      // A file is looked at again after a second.
      clock.jump(1_000);
    },
  });
  const invoke = await startAuditGrants({ ...group.environment, INGRESS_GUARD_ALLOWLIST: file });

  const { decisions } = await invoke({});
  const again = await invoke({});

  expect(group.revoked.length).toBeLessThan(2 * AT_ONCE);
  expect(decisions.find(({ outcome }) => outcome === 'failed')?.problem).toContain('the allowlist changed');
  expect(again.result?.counts.outcomes).toEqual({ allowed: 9 });
});

test('an audit that dies after its revocations has reported and counted each of them', async () => {
  await using group = await startGuardingGroup({ ranges: strangers(3) });
  const invoke = await startAuditGrants({
    ...group.environment,
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
  });
  const printed: string[] = [];

  await invoke({}, {}, (line) => printed.push(line));
  // What had been printed when the audit came to its end: its last lines may never have been.
  const end = printed.findIndex((line) => line.includes('"message":"audit"'));
  const entries = printed.slice(0, end).map((line) => JSON.parse(line) as Record<string, unknown>);

  expect(entries.filter(({ outcome }) => outcome === 'revoked')).toHaveLength(3);
  expect(metricsOf(entries.filter((entry) => '_aws' in entry) as never)).toMatchObject({
    GrantsRevoked: 3,
    FoundByAudit: 3,
  });
});

test('an audit of regions that never answer ends in its time, and names each as not evaluated', async () => {
  await using silent = await startScriptedEndpoint('silence');
  const regions = ['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1', 'eu-central-1'];
  const invoke = await startAuditGrants({
    AWS_ENDPOINT_URL_EC2: silent.url,
    AWS_ENDPOINT_URL_ELASTICACHE: silent.url,
    INGRESS_GUARD_REGIONS: regions.join(','),
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
  });
  // A second more than the function keeps to report and to return.
  const end = Date.now() + 11_000;

  const { result, entries, metrics } = await invoke({}, { getRemainingTimeInMillis: () => end - Date.now() });

  const [summary] = entries.filter(({ message }) => message === 'audit');
  expect(result?.complete).toBe(false);
  expect(result?.regions.map(({ region, status }) => [region, status])).toEqual(regions.map((one) => [one, 'failed']));
  expect(new Set(result?.notJudged.map(({ region }) => region))).toEqual(new Set(regions));
  expect(new Set(result?.notJudged.map(({ why }) => why))).toEqual(
    new Set(['there was no time left to list the rest']),
  );
  expect(summary).toMatchObject({ level: 'ERROR', complete: false });
  expect(metricsOf(metrics)).not.toHaveProperty('AuditFinished');
});
