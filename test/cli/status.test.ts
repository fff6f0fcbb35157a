import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOneLine } from '../../src/cli/one-line.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, REGION, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { FORGED, hostileText } from '../support/examples/hostile.ts';
import { STACK } from '../support/local-aws/deployed-stack.ts';
import { startStackWithLogs } from '../support/local-aws/stack-with-logs.ts';

const RULE = vpcGrant({ kind: 'cidr', cidr: '0.0.0.0/0' });

const status = (...argv: string[]) => runCli(['status', ...argv], { environment: { AWS_REGION: REGION } });
const inJson = async () => {
  const { stdout, exitCode } = await status('--format', 'json');
  return { exitCode, document: jsonLines(stdout)[0] as Record<string, never> };
};

describe('ingress-guard status', () => {
  test('shows what is deployed, and a day in which nothing needs anyone', async () => {
    const { count, decide, here } = await startStackWithLogs();
    count('Outcomes', 3, { outcome: 'revoked' });
    count('Outcomes', 12, { outcome: 'allowed' });
    for (const exposureMs of [1000, 2000, 60_000]) decide({ outcome: 'revoked', grant: strangersGrant, exposureMs });

    const { exitCode, stdout, stderr } = await status();

    expect(
      stdout.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, 'TIME'),
    ).toBe(`${STACK}, account ${ACCOUNT}, ${REGION}: CREATE_COMPLETE

  mode        enforce
  allowlist   the packaged one
  audits of   ${REGION}

From TIME to TIME
  heartbeats  enforceIngress 96, enforceSecurityGroup 95, through CloudTrail 94
  audits      24 evaluated everything
  new grants  allowed 12, revoked 3
  exposure    p50 2.0 s, p99 1 min 0 s, of 3 revoked

Held, failed or rejected: none

Alarms: none is on, of ${here.alarms.list().length}
`);
    expect([stderr, exitCode]).toEqual(['', 0]);
  });

  test('shows what is held, failed or rejected, each with its reason, by the last decision about it', async () => {
    const { decide, clock } = await startStackWithLogs();
    decide(
      { outcome: 'held', grant: RULE, problem: 'others share the group', heldBecause: 'shared' },
      'AuditGrantsLogGroupName',
    );
    decide(
      { outcome: 'held', grant: RULE, problem: 'others share the group', heldBecause: 'shared' },
      'AuditGrantsLogGroupName',
    );
    decide({ outcome: 'failed', grant: strangersGrant, problem: 'throttled' }, 'EnforceIngressLogGroupName');
    await clock.advance(1);
    decide({ outcome: 'revoked', grant: strangersGrant }, 'EnforceIngressLogGroupName');
    decide({ outcome: 'rejected', eventId: 'the-event', problems: ['no account', 'no region'] });

    const { exitCode, document } = await inJson();
    const { stdout } = await status();

    expect(document.standing).toMatchObject([
      { outcome: 'rejected', what: 'event the-event', why: 'no account; no region', times: 1 },
      { outcome: 'held', why: 'others share the group', times: 2 },
    ]);
    expect(stdout).toContain('  held     ');
    expect(stdout).not.toContain('throttled');
    expect(exitCode).toBe(2);
  });

  test('shows the alarms that are on, and why', async () => {
    const { setAlarm } = await startStackWithLogs();
    setAlarm('HeldAlarm', 'ALARM', 'Threshold Crossed: 1 datapoint was greater than 0.0');

    const { stdout, exitCode } = await status();

    expect(stdout).toMatch(
      /Alarms that are on \(1 of \d+\):\n {2}\S+HeldAlarm\S* since .* UTC: Threshold Crossed: 1 datapoint/,
    );
    expect(exitCode).toBe(2);
  });

  test('counts what happened in the last day alone', async () => {
    const { count, decide, clock } = await startStackWithLogs();
    const before = clock.now() - 25 * 3_600_000;
    count('Outcomes', 7, { outcome: 'revoked' }, before);
    decide({ outcome: 'held', grant: RULE, problem: 'long ago' }, undefined, before);

    const { document } = await inJson();

    expect([document.outcomes, document.standing]).toEqual([{}, []]);
  });

  test.each(['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED', 'UPDATE_IN_PROGRESS'])(
    'needs someone where the stack is %s',
    async (state) => {
      const { here } = await startStackWithLogs();
      Object.assign(here.stacks.find(STACK) ?? {}, { status: state });

      const { stdout, exitCode } = await status();

      expect(stdout).toContain(`${REGION}: ${state}: run ingress-guard doctor\n`);
      expect(exitCode).toBe(2);
    },
  );

  test('needs someone where heartbeats or audits stay away', async () => {
    const { here } = await startStackWithLogs();
    here.metrics.delete({
      namespace: 'IngressGuard',
      name: 'AuditFinished',
      dimensions: { service: 'ingress-guard' },
    });

    const { stdout, exitCode } = await status();

    expect(stdout).toContain('  audits      0 evaluated everything: run ingress-guard doctor\n');
    expect(exitCode).toBe(2);
  });

  test('shows each mode, and which functions have it, where they differ', async () => {
    const { here } = await startStackWithLogs();
    Object.assign(here.functions.find('auditGrants') ?? {}, { environment: { INGRESS_GUARD_MODE: 'report-only' } });

    const { stdout } = await status();

    expect(stdout).toContain(
      '  mode        enforce in enforceIngress, enforceSecurityGroup; report-only in auditGrants\n',
    );
  });

  test('is also there as JSON, with all that was read', async () => {
    const { here } = await startStackWithLogs();

    const { document, exitCode } = await inJson();

    expect(document).toMatchObject({
      schemaVersion: 1,
      stack: { name: STACK, status: 'CREATE_COMPLETE' },
      account: ACCOUNT,
      region: REGION,
      modes: { enforce: ['enforceIngress', 'enforceSecurityGroup', 'auditGrants'] },
      signsOfLife: { enforceIngress: 96, enforceSecurityGroup: 95, throughCloudTrail: 94, audits: 24 },
      alarms: { on: [], withoutData: 0, all: here.alarms.list().length },
      unknown: [],
    });
    expect(exitCode).toBe(0);
  });

  test('promises its options, its exit codes and an example', async () => {
    await expectHelp('status');
  });
});

describe('status never takes for fine what it could not read', () => {
  test.each([
    [
      'ListStackResources',
      /mode {8}not known[\s\S]*Held, failed or rejected: not known[\s\S]*Alarms: not known/,
      'the resources of the stack',
    ],
    ['GetFunction', /mode {8}not known/, 'the functions'],
    ['GetMetricData', /heartbeats {2}not known\n {2}audits {6}not known\n {2}new grants {2}not known/, 'the metrics'],
    ['FilterLogEvents', /exposure {4}not known\n\nHeld, failed or rejected: not known/, 'the log '],
    ['DescribeAlarms', /Alarms: not known/, 'the alarms'],
  ])('without the permission for %s', async (action, shown, what) => {
    await startStackWithLogs({ deniedActions: [action] });

    const { stdout, exitCode } = await status();

    expect(stdout).toMatch(shown);
    expect(stdout).toMatch(new RegExp(`Not known:\\n  ${what}.*AccessDenied`));
    expect(exitCode).toBe(1);
  });

  test('where an alarm of the stack is not there, or a function is not', async () => {
    const { here } = await startStackWithLogs();
    const [first] = here.alarms.list();
    here.alarms.delete(first?.name ?? '');
    here.functions.delete('auditGrants');

    const { stdout, exitCode } = await status();

    expect(stdout).toContain(`  the alarms: there is no alarm ${first?.name}: deploy again\n`);
    expect(stdout).toContain('  the functions: there is no function auditGrants\n');
    expect(exitCode).toBe(1);
  });

  test('where nothing of the stack is there yet, or any more', async () => {
    const { here } = await startStackWithLogs();
    Object.assign(here.stacks.find(STACK) ?? {}, { resources: [] });

    const { stdout, exitCode } = await status();

    expect(stdout).toMatch(/mode {8}not known\n {2}allowlist {3}not known\n {2}audits of {3}not known/);
    expect(stdout).toMatch(/exposure {4}not known\n\nHeld, failed or rejected: not known\n\nAlarms: not known/);
    expect(stdout).toMatch(/the functions: the stack has none\n[\s\S]*the alarms: the stack has none\n/);
    expect(exitCode).toBe(1);
  });

  test('where a decision line is one of another version', async () => {
    const { decide } = await startStackWithLogs();
    decide({ schemaVersion: '2.0', outcome: 'held' });

    const { stdout, exitCode } = await status();

    expect(stdout).toContain('  1 decision lines, which another version wrote\n');
    expect(exitCode).toBe(1);
  });

  test('where there is no stack', async () => {
    await startStackWithLogs();

    expectRefusal(
      await status('--stage', 'other'),
      1,
      /there is no stack elasticache-ingress-guard-other in us-east-1/,
    );
  });
});

test('a decision does nothing to the terminal and writes no line of its own, whatever is in it', async () => {
  const { decide, setAlarm } = await startStackWithLogs();
  await fc.assert(
    fc.asyncProperty(hostileText, hostileText, async (one, other) => {
      decide({ outcome: 'held', grant: RULE, problem: one });
      decide({ outcome: 'rejected', eventId: other, problems: [one] });
      setAlarm('HeldAlarm', 'ALARM', other);

      const { stdout } = await status();

      for (const line of stdout.split('\n')) expect(isOneLine(line, 1000)).toBe(true);
      expect(stdout).not.toMatch(new RegExp(`^${FORGED}`, 'm'));
    }),
    { numRuns: 15 },
  );
});
