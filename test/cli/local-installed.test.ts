import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { expect, inject, onTestFinished, test } from 'vitest';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { send, toRequest } from '../support/local-aws/local-endpoint.ts';
import { type Answer, expectSuccess } from '../support/scripted/answers.ts';
import { eventually } from '../support/time/eventually.ts';
import { openSocket } from '../support/wire/raw-socket.ts';
import { signInHeaders } from '../support/wire/sign.ts';

const GRANT = {
  CacheSecurityGroupName: 'default',
  EC2SecurityGroupName: 'web',
  EC2SecurityGroupOwnerId: '999988887777',
};

const installed = inject('installed');

interface Started {
  readonly process: ChildProcess;
  readonly url: string;
  readonly stderr: () => string;
}

/** Runs the installed command until it is ready, with nothing of our own environment but the path. */
async function startLocal(...options: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, [installed.command, 'local', '--port', '0', ...options], {
    env: { PATH: process.env.PATH },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  await eventually(() => written.stdout + (child.exitCode ?? '')).toMatch(/^ready .*\n$/);
  return { process: child, url: written.stdout.trim().replace('ready ', ''), stderr: () => written.stderr };
}

async function authorize(url: string): Promise<Answer> {
  return send(url, await signInHeaders(url, toRequest('AuthorizeCacheSecurityGroupIngress', GRANT)));
}

/** The exit code, or the signal that ended it. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [exitCode, killedBy] = await exited;
  return killedBy ?? exitCode;
}

test('the installed command runs a local AWS that revokes, and ends with 0 at Ctrl-C', async () => {
  const local = await startLocal('--allowlist', await allowlistFile(), '--mode', 'enforce', '--transition-ms', '50');

  expectSuccess(await authorize(local.url), 'AuthorizeCacheSecurityGroupIngress');
  await eventually(local.stderr).toContain('enforceIngress: revoked');

  expect(await end(local.process, 'SIGINT')).toBe(0);
  await expect(openSocket(local.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('the installed command ends with 0 when it is asked to, whatever is still under way', async () => {
  const allowlist = await allowlistFile();
  const tenMinutes = ['--slow', '1', '--slow-ms', '600000'];
  const waiting = await startLocal('--allowlist', allowlist, '--mode', 'enforce');
  const slow = await startLocal('--no-enforcer', '--no-auth', ...tenMinutes);
  // One has a try under way in a minute, an open connection that says nothing, and one that says half of something.
  await rm(allowlist);
  await authorize(waiting.url);
  await eventually(waiting.stderr).toContain('outcome');
  await openSocket(waiting.url);
  (await openSocket(waiting.url)).write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\na');
  // The other has an answer under way that is due in ten minutes.
  const unanswered = await openSocket(slow.url);
  const [body, expectation] = [toRequest('DescribeCacheSecurityGroups').body, 'Expect: 100-continue'];
  unanswered.write(`POST / HTTP/1.1\r\nHost: a\r\n${expectation}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await once(unanswered, 'data');

  expect(await end(waiting.process, 'SIGTERM')).toBe(0);
  expect(await end(slow.process, 'SIGINT')).toBe(0);
});
