import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { jsonLines } from '../support/commands/run-cli.ts';
import { ACCOUNT, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { ALLOWLIST, allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { folderWith } from '../support/tools/folder.ts';

const installed = inject('installed');

interface Surroundings {
  /** What it can read, and then the end; or `open`, for the test to write. */
  readonly stdin?: string | 'open';
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the installed command between two pipes, with nothing of our own environment but the path. */
function start(argv: readonly string[], { stdin = '', cwd, environment }: Surroundings = {}) {
  const child = spawn(process.execPath, [installed.command, ...argv], {
    env: { PATH: process.env.PATH, ...environment },
    ...(cwd !== undefined && { cwd }),
  });
  child.stdin.on('error', () => {}); // It may end without having read all.
  if (stdin !== 'open') child.stdin.end(stdin);
  return child;
}

async function runBuilt(...how: Parameters<typeof start>) {
  const child = start(...how);
  const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, exitCode };
}

const EVENT = JSON.stringify(sampleEvent('authorize-ingress'));
const REPORT = JSON.stringify({ findings: [{ grant: strangersGrant }] });

describe('the installed command, in a pipe', () => {
  test('check', async () => {
    const { stdout, stderr, exitCode } = await runBuilt(['check', '-', '--format', 'json'], { stdin: ALLOWLIST });

    expect(jsonLines(stdout)).toMatchObject([{ valid: true, rules: 1 }]);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect((await runBuilt(['check', '-'], { stdin: 'rules: []' })).exitCode).toBe(3);
  });

  test('explain', async () => {
    const { stdout, stderr, exitCode } = await runBuilt(['explain', '-', '--allowlist', await allowlistFile()], {
      stdin: EVENT,
    });

    expect(stdout).toMatch(/^sessions <- web of \d{12} .*\ndenied: no rule of .* allows it\n/);
    expect([exitCode, stderr]).toEqual([2, '']);
  });

  test('test', async () => {
    const values = { account: ACCOUNT, region: 'us-east-1', cacheSecurityGroupName: 'sessions' };
    const grant = { ...values, ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: STRANGER };
    const argv = ['test', '-', '--allowlist', await allowlistFile()];
    const run = (expected: string) =>
      runBuilt(argv, { stdin: JSON.stringify({ cases: [{ name: 'a', grant, expect: expected }] }) });

    expect(await run('deny')).toEqual({ stdout: '✓ a\n\n1 passed, 0 failed\n', stderr: '', exitCode: 0 });
    expect((await run('allow')).exitCode).toBe(1);
  });

  test('replay, which answers at once: it does not wait for the end of what it reads', async () => {
    const child = start(['replay', '-', '--allowlist', await allowlistFile(), '--format', 'json'], { stdin: 'open' });
    child.stdin.write(`${EVENT}\n`);

    const [first] = await once(child.stdout, 'data');
    child.stdin.end(`${EVENT}\n`);
    const [rest, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);

    expect(jsonLines(`${first}${rest}`)).toMatchObject([{ outcome: 'would-revoke' }, { outcome: 'would-revoke' }]);
    expect(exitCode).toBe(2);
  });

  test('replay --enforce', async () => {
    const { environment, administrator } = await startElastiCacheWithGrants();
    const argv = ['replay', '-', '--enforce', '--yes', '--account', ACCOUNT, '--allowlist', await allowlistFile()];

    const { stdout, stderr, exitCode } = await runBuilt(argv, { stdin: EVENT, environment });

    expect(stdout).toMatch(/^revoked /);
    expect([exitCode, stderr]).toEqual([2, '1 revoked\n']);
    expect(await administrator.grants()).toContain(`web of ${STRANGER}: revoking`);
  });

  test('what-if', async () => {
    const { before, after } = await folderWith({ before: ALLOWLIST.replace('self', '"*"'), after: ALLOWLIST });

    const { stdout, stderr, exitCode } = await runBuilt(
      ['what-if', before, after, '--grants', '-', '--format', 'markdown'],
      { stdin: REPORT },
    );

    expect(stdout).toContain('**1 grant would newly be revoked**');
    expect([exitCode, stderr]).toEqual([2, '']);
  });

  test('learn, and what it has learnt is an allowlist', async () => {
    const { environment } = await startElastiCacheWithGrants();

    const learnt = await runBuilt(['learn'], { environment: { ...environment, AWS_REGION: 'us-east-1' } });
    const checked = await runBuilt(['check', '-'], { stdin: learnt.stdout });

    expect([learnt.exitCode, learnt.stderr]).toEqual([0, '']);
    expect(checked).toEqual({ stdout: '-: valid, 1 rule, 0 warnings\n', stderr: '', exitCode: 0 });
  });

  test('takes ./allowlist.yaml of where it is', async () => {
    const { folder } = await folderWith({ 'allowlist.yaml': `${ALLOWLIST}# here\n` });

    expect((await runBuilt(['check'], { cwd: folder })).stdout).toBe('allowlist.yaml: valid, 1 rule, 0 warnings\n');
    expect(await runBuilt(['check'], { cwd: '/' })).toMatchObject({ exitCode: 1, stdout: '' });
  });

  test('tells its version, and all its commands', async () => {
    const { stdout, exitCode } = await runBuilt(['--help']);

    expect((await runBuilt(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    for (const command of ['check', 'test', 'explain', 'replay', 'what-if', 'learn', 'local']) {
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
    expect(exitCode).toBe(0);
  });
});

describe('the installed command, when nobody reads on', () => {
  test.each(['stdout', 'stderr'] as const)('ends without a word: %s', async (stream) => {
    // Far more than a pipe holds.
    const { events } = await folderWith({ events: `${EVENT}\n`.repeat(2_000) });
    const child = start(['replay', events, '--allowlist', await allowlistFile(), '--format', 'json']);
    const other = text(stream === 'stdout' ? child.stderr : child.stdout);

    if (stream === 'stdout') await once(child.stdout, 'data');
    child[stream].destroy();
    const [exitCode, signal] = await once(child, 'exit');

    expect(await other).not.toMatch(/EPIPE|Error/);
    expect(signal).toBe(null);
    // Unless all was written by then, not every event was evaluated.
    expect([1, 2]).toContain(exitCode);
  });

  test('ends at Ctrl-C, as any program that has nothing to tidy up', async () => {
    const child = start(['replay', '-', '--allowlist', await allowlistFile(), '--format', 'json'], { stdin: 'open' });
    child.stdin.write(`${EVENT}\n`);
    await once(child.stdout, 'data');

    child.kill('SIGINT');

    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  });
});
