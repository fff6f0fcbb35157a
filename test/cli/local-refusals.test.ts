import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startCommand } from '../support/commands/run-command.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';

describe('ingress-guard local that cannot start', () => {
  /** What it said, having said nothing else and left nothing running. */
  async function refusal(...argv: readonly string[]) {
    const command = startCommand(['local', '--port', '0', ...argv]);
    const exitCode = await command.exitCode;
    expect(command.stdout()).toBe('');
    return { exitCode, said: command.stderr() };
  }

  test('says in one line that the port is in use, and ends with 1', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };

    const { exitCode, said } = await refusal('--port', String(port), '--no-enforcer');

    expect(exitCode).toBe(1);
    expect(said).toMatch(new RegExp(`^ingress-guard: .*\\b${port}\\b.*in use.*\\n$`));
  });

  test('says that members need an organization, and ends with 1', async () => {
    const { exitCode, said } = await refusal('--accounts', '2', '--no-enforcer');

    expect(exitCode).toBe(1);
    expect(said).toMatch(/^ingress-guard: --accounts .*add --organization\n$/);
  });

  test.each([
    ['is not there', join(tmpdir(), 'nowhere', 'allowlist.yaml')],
    ['is a directory', tmpdir()],
  ])('says in one line that the allowlist %s, and ends with 1', async (_, file) => {
    const { exitCode, said } = await refusal('--allowlist', file);

    expect(exitCode).toBe(1);
    expect(said).toMatch(/^ingress-guard: .+\n$/);
    expect(said).toContain(file);
  });

  test.each(['version: 2\nrules: []', 'rules: {', '', 'version: 1\nrules: [{ id: a }]'])(
    'says what is wrong with the allowlist, and ends with 3: %j',
    async (text) => {
      const file = await allowlistFile(text);

      const { exitCode, said } = await refusal('--allowlist', file);

      expect(exitCode).toBe(3);
      expect(said).toContain(file);
      expect(said).not.toContain('    at ');
    },
  );

  test.each([
    ['--port', '65536'],
    ['--port', 'http'],
    ['--port', '-1'],
    ['--account', '12345'],
    ['--quota', '1.5'],
    ['--transition-ms', '1s'],
    ['--creating-ms', '-1'],
    ['--mode', 'destroy'],
    ['--throttle', '1.1'],
    ['--cut-after', 'often'],
    ['--speed', '0'],
    ['--seed', ''],
    ['--colour', 'red'],
  ])('names the option that is wrong, and ends with 1: %s %s', async (option, value) => {
    const { exitCode, said } = await refusal(option, value);

    expect(exitCode).toBe(1);
    expect(said).toMatch(new RegExp(`^ingress-guard: .*${option}\\b`));
  });
});

test('ingress-guard local --help tells every option, and has an example', async () => {
  const { stdout, exitCode } = startCommand(['local', '--help']);

  expect(await exitCode).toBe(0);
  expect(stdout()).toMatch(/Example:\n {2}\$ ingress-guard local /);
  for (const option of ['--port', '--allowlist', '--mode', '--no-enforcer', '--no-auth', '--vpc-only', '--seed']) {
    expect(stdout()).toContain(option);
  }
});
