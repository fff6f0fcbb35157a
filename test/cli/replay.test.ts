import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { startElastiCacheWithGrants } from '../support/elasticache-with-grants.ts';
import { allowlistFile } from '../support/enforce-ingress-function.ts';
import { folderWith } from '../support/folder.ts';
import { ACCOUNT, STRANGER, strangersGrant } from '../support/grants.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/run-cli.ts';

const STRANGERS = sampleEvent('authorize-ingress');
const OWN = withChanges(STRANGERS, { 'detail.requestParameters.eC2SecurityGroupOwnerId': ACCOUNT });
const IGNORED = sampleEvent('revoke-ingress');
const REJECTED = withChanges(STRANGERS, { 'detail.requestParameters.eC2SecurityGroupName': undefined });
const lines = (...events: readonly unknown[]) => `${events.map((event) => JSON.stringify(event)).join('\n')}\n`;
const record = (event: unknown) => (event as { detail: unknown }).detail;
const outcomes = (stdout: string) => jsonLines(stdout).map((line) => (line as { outcome: string }).outcome);

/** What replays these events by the allowlist of the handler's tests. */
async function replay(events: string, ...options: string[]) {
  return runCli(['replay', '-', '--allowlist', await allowlistFile(), ...options], { stdin: events });
}

describe('ingress-guard replay', () => {
  test('says what would become of each event, and for a person leaves out what is ignored', async () => {
    const { exitCode, stdout, stderr } = await replay(lines(STRANGERS, OWN, IGNORED));

    expect(stdout).toBe(
      `would-revoke   sessions <- web of ${STRANGER} (${ACCOUNT}, us-east-1) at 2026-11-03T09:14:06.000Z
               rule \`web-to-sessions\` covers the cache security group and EC2 security group but not owner id \`${STRANGER}\`
allowed        sessions <- web of ${ACCOUNT} (${ACCOUNT}, us-east-1) at 2026-11-03T09:14:06.000Z
               rule \`web-to-sessions\`
`,
    );
    expect(stderr).toBe('1 would-revoke, 1 allowed, 1 ignored\n');
    expect(exitCode).toBe(2);
  });

  test('answers in JSON, a line for each event: what the function’s decision line says, and the file', async () => {
    const { exitCode, stdout } = await replay(lines(STRANGERS, IGNORED), '--format', 'json');

    expect(jsonLines(stdout)).toMatchObject([
      {
        outcome: 'would-revoke',
        grant: strangersGrant,
        decision: { effect: 'deny', reasons: [{ rule: 'web-to-sessions' }] },
        mode: 'report-only',
        allowlistSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        eventId: '3d2c5a1e-64f0-4a0e-8b58-6f8f2a7c1001',
        grantedBy: { type: 'IAMUser' },
        file: '-',
      },
      { outcome: 'ignored', reason: 'another call: `RevokeCacheSecurityGroupIngress`', file: '-' },
    ]);
    expect(exitCode).toBe(2);
  });

  test('ends with 0 when every grant is allowed, and when there is none', async () => {
    expect(await replay(lines(OWN, IGNORED))).toMatchObject({ exitCode: 0, stderr: '1 allowed, 1 ignored\n' });
    expect(await replay('')).toEqual({ exitCode: 0, stdout: '', stderr: 'no event\n' });
  });

  test('tells of what it cannot judge, goes on, and ends with 1', async () => {
    const { exitCode, stdout, stderr } = await replay(`${lines(OWN, REJECTED)}not JSON\n${lines(STRANGERS)}`);

    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      expect.stringMatching(/^allowed /),
      'rule `web-to-sessions`',
      'rejected       -',
      'ec2SecurityGroupName is missing',
      'rejected       -',
      expect.stringMatching(/^line 3 is not JSON: /),
      expect.stringMatching(/^would-revoke /),
      expect.stringMatching(/^rule /),
      '',
    ]);
    expect(stderr).toBe('1 allowed, 2 rejected, 1 would-revoke\n');
    expect(exitCode).toBe(1);
  });

  test('reads files, folders and standard input, of every kind, in order', async () => {
    const { folder, single } = await folderWith({
      'logs/a/1.json.gz': gzipSync(JSON.stringify({ Records: [record(STRANGERS), record(OWN)] })),
      'logs/b/lookup.json': JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(record(IGNORED)) }] }),
      'logs/c.jsonl': lines(OWN),
      'logs/README.md': 'no events',
      single: JSON.stringify(STRANGERS, null, 2),
    });

    const argv = [
      'replay',
      single,
      join(folder, 'logs'),
      '-',
      '--allowlist',
      await allowlistFile(),
      '--format',
      'json',
    ];
    const { stdout } = await runCli(argv, { stdin: JSON.stringify([IGNORED]) });

    expect(
      jsonLines(stdout).map((line) => [(line as { file: string }).file, (line as { outcome: string }).outcome]),
    ).toEqual([
      [single, 'would-revoke'],
      [join(folder, 'logs/a/1.json.gz'), 'would-revoke'],
      [join(folder, 'logs/a/1.json.gz'), 'allowed'],
      [join(folder, 'logs/b/lookup.json'), 'ignored'],
      [join(folder, 'logs/c.jsonl'), 'allowed'],
      ['-', 'ignored'],
    ]);
  });

  test('goes on with the next file when one is damaged, and ends with 1', async () => {
    const packed = gzipSync(lines(...Array.from({ length: 50 }, () => OWN)));
    const { folder } = await folderWith({ 'a.json.gz': packed.subarray(0, -9), 'b.json': JSON.stringify(OWN) });

    const { exitCode, stdout } = await runCli([
      'replay',
      folder,
      '--allowlist',
      await allowlistFile(),
      '--format',
      'json',
    ]);

    expect(jsonLines(stdout).slice(-2)).toMatchObject([
      {
        outcome: 'rejected',
        file: join(folder, 'a.json.gz'),
        problems: ['cannot be read to its end: unexpected end of file'],
      },
      { outcome: 'allowed', file: join(folder, 'b.json') },
    ]);
    expect(exitCode).toBe(1);
  });

  test('rejects events of another account than --account', async () => {
    const { stdout, exitCode } = await replay(lines(OWN), '--account', '9999-8888-7777', '--format', 'json');

    expect(jsonLines(stdout)).toMatchObject([
      { outcome: 'rejected', problems: [`the grant is in account ${ACCOUNT}, and this stack guards 999988887777`] },
    ]);
    expect(exitCode).toBe(1);
  });

  test('takes the allowlist of INGRESS_GUARD_ALLOWLIST, else ./allowlist.yaml', async () => {
    const { events } = await folderWith({ events: lines(OWN) });
    const environment = { INGRESS_GUARD_ALLOWLIST: await allowlistFile('version: 1\nrules: []') };

    expect((await runCli(['replay', events], { environment })).exitCode).toBe(2);
    expect((await runCli(['replay', events])).exitCode).toBe(0);
  });

  test('shows how far it is at a terminal, on standard error', async () => {
    const { events } = await folderWith({ events: lines(OWN) });

    const { stdout, stderr } = await runCli(['replay', events, '--format', 'json'], { isTTY: true });

    expect(stderr).toMatch(/% of the events/);
    expect(outcomes(stdout)).toEqual(['allowed']);
  });

  test('ends with 1 when there is nothing to read, and before it judges anything', async () => {
    const { events, folder } = await folderWith({ events: lines(OWN) });
    const missing = join(folder, 'missing');

    expectRefusal(await runCli(['replay', missing]), 1, /missing cannot be read: there is no such file/);
    expectRefusal(await runCli(['replay', events, missing]), 1, /missing cannot be read: there is no such file/);
    expectRefusal(await runCli(['replay', events, '--allowlist', missing]), 1, /missing cannot be read/);
    expectRefusal(await runCli(['replay', '-', '--allowlist', '-']), 3, /standard input/);
    expectRefusal(await runCli(['replay']), 1, /missing required argument 'events'/);
  });

  test('ends with 3 when the allowlist is not valid, and judges nothing', async () => {
    const { events, allowlist } = await folderWith({ events: lines(OWN), allowlist: 'version: 1' });

    expectRefusal(await runCli(['replay', events, '--allowlist', allowlist]), 3, /rules: must be a list of rules/);
  });

  test('has a --help with an example', async () => {
    await expectHelp('replay');
  });
});

describe('ingress-guard replay --enforce', () => {
  const ENFORCE = ['--enforce', '--account', ACCOUNT];
  const ALL = [`web of ${ACCOUNT}: authorized`, `web of ${STRANGER}: authorized`];

  test('revokes what no rule allows, and nothing else', async () => {
    const { administrator, calls } = await startElastiCacheWithGrants();

    const { exitCode, stdout, stderr } = await replay(lines(STRANGERS, OWN), ...ENFORCE, '--yes', '--format', 'json');

    expect(outcomes(stdout)).toEqual(['revoked', 'allowed']);
    expect(stderr).toBe('1 revoked, 1 allowed\n');
    expect(exitCode).toBe(2);
    expect(calls.map(({ action }) => action)).toEqual(['RevokeCacheSecurityGroupIngress']);
    expect(await administrator.grants()).toEqual([ALL[0], `web of ${STRANGER}: revoking`]);
  });

  test('makes no call without --enforce', async () => {
    const { administrator, calls } = await startElastiCacheWithGrants();

    await replay(lines(STRANGERS), '--account', ACCOUNT, '--yes');

    expect(calls).toEqual([]);
    expect(await administrator.grants()).toEqual(ALL);
  });

  test('does not heed INGRESS_GUARD_MODE: only --enforce acts', async () => {
    const { calls } = await startElastiCacheWithGrants();
    const environment = { INGRESS_GUARD_MODE: 'enforce' };

    const { stderr } = await runCli(['replay', '-'], { environment, stdin: lines(STRANGERS) });

    expect(stderr).toBe('1 would-revoke\n');
    expect(calls).toEqual([]);
  });

  test('asks at a terminal, and does nothing but on a yes', async () => {
    const { administrator, calls } = await startElastiCacheWithGrants();
    const { events } = await folderWith({ events: lines(STRANGERS) });
    const ask = async (answer: string) =>
      runCli(['replay', events, '--allowlist', await allowlistFile(), ...ENFORCE], { stdin: answer, isTTY: true });

    for (const answer of ['n\n', '\n', 'yesterday\n', '']) {
      const ended = await ask(answer);
      expect(ended.stderr).toContain(
        `Revoke every grant in these events that no rule allows, in account ${ACCOUNT}? [y/N]`,
      );
      expect(ended.stderr).toMatch(/ingress-guard: nothing was revoked\n$/);
      expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
    }
    expect(calls).toEqual([]);
    expect((await ask('y\n')).exitCode).toBe(2);
    expect(await administrator.grants()).toContain(`web of ${STRANGER}: revoking`);
  });

  test('refuses where there is nobody to ask, and without an account', async () => {
    const { calls } = await startElastiCacheWithGrants();

    expectRefusal(await replay(lines(STRANGERS), ...ENFORCE), 1, /there is nobody to ask: say --yes if you mean it/);
    expectRefusal(await replay(lines(STRANGERS), '--enforce', '--yes'), 1, /--enforce needs --account/);
    expect(calls).toEqual([]);
  });

  test('ends with 1 when a revocation fails, and goes on', async () => {
    await startElastiCacheWithGrants({ deniedActions: ['RevokeCacheSecurityGroupIngress'] });

    const { exitCode, stdout } = await replay(lines(STRANGERS, OWN), ...ENFORCE, '--yes', '--format', 'json');

    expect(jsonLines(stdout)).toMatchObject([
      { outcome: 'failed', grant: strangersGrant, error: expect.stringMatching(/AccessDenied/) },
      { outcome: 'allowed' },
    ]);
    expect(exitCode).toBe(1);
  });

  test('touches nothing of another account', async () => {
    const { calls } = await startElastiCacheWithGrants();

    const { exitCode } = await replay(lines(STRANGERS), '--enforce', '--account', '999988887777', '--yes');

    expect(exitCode).toBe(1);
    expect(calls).toEqual([]);
  });
});

test('what replay answers can be read again: its decisions are grants to explain, what-if and learn', async () => {
  const { events, folder } = await folderWith({ events: lines(STRANGERS, OWN, IGNORED) });
  const allowlist = await allowlistFile();
  const { stdout } = await runCli(['replay', events, '--allowlist', allowlist, '--format', 'json']);
  const decisions = join(folder, 'decisions.jsonl');
  await writeFile(decisions, stdout);

  const change = await runCli(['what-if', allowlist, allowlist, '--grants', decisions, '--format', 'json']);

  expect(jsonLines(change.stdout)).toMatchObject([{ stillAllowed: 1, stillDenied: 1, unreadable: [] }]);
  expect(change.exitCode).toBe(0);
});
