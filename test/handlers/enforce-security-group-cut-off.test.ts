import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startEnforceSecurityGroup, VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { lambdaContext } from '../support/functions/lambda-context.ts';
import type { Invocation } from '../support/functions/lambda-function.ts';
import {
  eventOfAttachment,
  eventOfRules,
  ruleIdAt,
  startGuardingGroup,
  strangers,
} from '../support/scripted/guarding-group.ts';
import { replaceFile } from '../support/tools/folder.ts';

const ALLOWS_ALL = VPC_ALLOWLIST.replace('[10.0.0.0/16]', '[0.0.0.0/0]');
const REVOKE = 'RevokeSecurityGroupIngress';

/** The wall clock alone, which a test moves: what timers and sockets do after AWS thaws a process. */
function holdTheWallClock() {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  return { jump: (ms: number) => void vi.setSystemTime(Date.now() + ms) };
}

const idsOf = (lines: Invocation<unknown>['decisions'], outcome: string): unknown[] =>
  lines
    .filter((line) => line.outcome === outcome)
    .map(({ grant }) => (grant as { target: { securityGroupRuleId: string } }).target.securityGroupRuleId);

describe('a function that is frozen in the midst of its revocations, and thawed after its time', () => {
  test('revokes nothing more, by whatever allowlist, and names what is left', async () => {
    const clock = holdTheWallClock();
    const file = await allowlistFile(VPC_ALLOWLIST);
    const ranges = strangers(6);
    const revoked: string[] = [];
    await using group = await startGuardingGroup({
      ranges,
      onRevoke(id) {
        if (revoked.push(id) === 2) clock.jump(3_600_000);
      },
    });
    const invoke = await startEnforceSecurityGroup({ ...group.environment, INGRESS_GUARD_ALLOWLIST: file });

    const { error, decisions } = await invoke(eventOfRules(...ranges.keys()));

    expect(group.revoked).toEqual([ruleIdAt(0), ruleIdAt(1)]);
    expect(idsOf(decisions, 'failed')).toEqual([2, 3, 4, 5].map(ruleIdAt));
    expect(decisions.at(-1)?.problem).toContain('there was no time left to revoke it');
    expect(error?.message).toContain('there was no time left to revoke it');
  });

  test('revokes nothing where it was frozen before the first: also not by a look of before', async () => {
    const clock = holdTheWallClock();
    await using group = await startGuardingGroup({
      ranges: strangers(1),
      caches(listing) {
        if (listing === 2) clock.jump(3_600_000);
        return ['sessions'];
      },
    });
    const invoke = await startEnforceSecurityGroup({
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
    });

    const { error } = await invoke(eventOfRules(0));

    expect(error?.message).toContain('there was no time left');
    expect(group.actions).not.toContain(REVOKE);
  });
});

describe('an allowlist that changes while rules are revoked', () => {
  test('revokes no more of them by the one of before, and the next try evaluates by the new one', async () => {
    const clock = holdTheWallClock();
    const file = await allowlistFile(VPC_ALLOWLIST);
    await using group = await startGuardingGroup({
      ranges: strangers(3),
      onRevoke() {
        replaceFile(file, ALLOWS_ALL);
        // A file is looked at again after a second.
        clock.jump(1_000);
      },
    });
    const invoke = await startEnforceSecurityGroup({ ...group.environment, INGRESS_GUARD_ALLOWLIST: file });

    const { error, decisions } = await invoke(eventOfRules(0, 1, 2));
    const again = await invoke(eventOfRules(1, 2));

    expect(group.revoked).toEqual([ruleIdAt(0)]);
    expect(idsOf(decisions, 'revoked')).toEqual([ruleIdAt(0)]);
    expect(idsOf(decisions, 'failed')).toEqual([ruleIdAt(1), ruleIdAt(2)]);
    expect(error?.message).toContain('the allowlist changed after the grant was evaluated');
    expect(again.result?.outcome).toBe('allowed');
  });

  test('revokes nothing more where it cannot be read any more', async () => {
    // Nothing is kept of what a cold start could not read, so the setting is what changes.
    await using group = await startGuardingGroup({
      ranges: strangers(2),
      onRevoke: () => vi.stubEnv('INGRESS_GUARD_MODE', 'perhaps'),
    });
    const invoke = await startEnforceSecurityGroup({
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
    });

    const { error } = await invoke(eventOfRules(0, 1));

    expect(group.revoked).toEqual([ruleIdAt(0)]);
    expect(error?.message).toContain('INGRESS_GUARD_MODE');
  });
});

describe('what was revoked', () => {
  test('is in a decision line and in the metrics before the next revocation begins', async () => {
    const lines: string[] = [];
    const linesAtRevocation: number[] = [];
    await using group = await startGuardingGroup({
      ranges: strangers(3),
      onRevoke: () => linesAtRevocation.push(lines.filter((line) => line.includes('"outcome":"revoked"')).length),
    });
    const invoke = await startEnforceSecurityGroup({
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
    });

    const { decisions, metrics, result } = await invoke(eventOfRules(0, 1, 2), {}, (line) => lines.push(line));

    // A line and its metrics each.
    expect(linesAtRevocation).toEqual([0, 2, 4]);
    expect(idsOf(decisions, 'revoked')).toEqual([0, 1, 2].map(ruleIdAt));
    expect(metrics).toHaveLength(3);
    expect(result?.grants?.map(({ outcome }) => outcome)).toEqual(['revoked', 'revoked', 'revoked']);
  });
});

describe('a function that is thawed next to the next event', () => {
  test('writes each line under the id of its own request, and counts each grant once', async () => {
    const meanwhile: (() => Promise<unknown>)[] = [];
    await using group = await startGuardingGroup({ ranges: strangers(2), beforeRevoke: () => meanwhile.shift()?.() });
    const invoke = await startEnforceSecurityGroup({
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
    });
    const { handler } = await import('../../handlers/enforce-security-group.ts');
    meanwhile.push(() => handler(eventOfRules(1), lambdaContext({ awsRequestId: 'second' })));

    const { decisions, metrics } = await invoke(eventOfRules(0), { awsRequestId: 'first' });

    const byRequest = decisions.map((line) => [line.function_request_id, idsOf([line], 'revoked')]);
    expect(metrics.map(({ outcome, Outcomes }) => [outcome, Outcomes])).toEqual([
      ['revoked', 1],
      ['revoked', 1],
    ]);
    expect(byRequest).toEqual([
      ['second', [ruleIdAt(1)]],
      ['first', [ruleIdAt(0)]],
    ]);
  });
});

describe('a cold start', () => {
  test('revokes nothing by the one listing of caches that it made', async () => {
    await using group = await startGuardingGroup({
      ranges: strangers(1),
      caches: (listing) => (listing === 1 ? ['sessions'] : []),
    });
    const invoke = await startEnforceSecurityGroup({
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
    });

    const { result } = await invoke(eventOfRules(0));

    expect(result?.outcome).toBe('ignored');
    expect(group.actions).not.toContain(REVOKE);
  });
});

describe('an event that names one rule', () => {
  test('has no other rule of the group evaluated or revoked, also not one of the same source', async () => {
    const [stranger = ''] = strangers(1);
    await using group = await startGuardingGroup({ ranges: [stranger, stranger, stranger] });
    const invoke = await startEnforceSecurityGroup({
      ...group.environment,
      INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST),
    });

    const { result, decisions } = await invoke(eventOfRules(1));

    expect(group.revoked).toEqual([ruleIdAt(1)]);
    expect(result).toMatchObject({ outcome: 'revoked', grant: { target: { securityGroupRuleId: ruleIdAt(1) } } });
    expect(decisions).toHaveLength(1);
  });
});

test('of many allowed grants fifty have a line, the others are counted, and each denied one has a line', async () => {
  const names = Array.from({ length: 60 }, (_, i) => `cache-${i}`);
  await using group = await startGuardingGroup({
    ranges: ['10.0.0.0/24', '10.0.1.0/24', ...strangers(1)],
    caches: () => names,
  });
  const invoke = await startEnforceSecurityGroup({
    ...group.environment,
    INGRESS_GUARD_MODE: 'report-only',
    INGRESS_GUARD_ALLOWLIST: await allowlistFile(VPC_ALLOWLIST.replace('[sessions]', "['*']")),
  });

  const { result, decisions, metrics } = await invoke(eventOfAttachment('cache-0'));

  const counted = metrics.map(({ outcome, Outcomes }) => [outcome, Outcomes]);
  expect(decisions.filter(({ outcome }) => outcome === 'allowed')).toHaveLength(50);
  expect(decisions.filter(({ outcome }) => outcome === 'would-revoke')).toHaveLength(60);
  expect(counted).toContainEqual(['allowed', 70]);
  expect(result).toMatchObject({ outcome: 'would-revoke', grantsLeftOut: 130 });
  expect(result?.grants).toHaveLength(50);
});
