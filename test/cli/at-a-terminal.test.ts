import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { runCli } from '../support/commands/run-cli.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { cleanReport, incompleteReport, troubledReport } from '../support/examples/audit-reports.ts';
import { ACCOUNT, REGION, STRANGER } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { startAuditedElastiCache } from '../support/scripted/audited-elasticache.ts';
import { eventOfRules, ruleIdAt, startGuardingGroup, strangers } from '../support/scripted/guarding-group.ts';
import { found, startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { holdTime } from '../support/time/held-time.ts';
import { folderWith } from '../support/tools/folder.ts';

const AUDIT = ['audit', '--region', REGION, '--account', ACCOUNT];
const ENFORCE = [...AUDIT, '--mode', 'enforce'];

describe('ingress-guard audit --mode enforce', () => {
  async function auditAt(where: { readonly stdin?: string; readonly isTTY?: boolean }, ...options: string[]) {
    const elastiCache = await startAuditedElastiCache();
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: elastiCache.url });
    const ended = await runCli([...ENFORCE, '--allowlist', await allowlistFile(), ...options], where);
    const revocations = elastiCache.audits().filter((call) => call.startsWith('Revoke'));
    return { ...ended, revocations: revocations.length };
  }

  test.each(['n\n', '\n', 'yesterday\n', ''])('asks at a terminal, and revokes nothing on %j', async (answer) => {
    const { exitCode, stdout, stderr, revocations } = await auditAt({ stdin: answer, isTTY: true });

    expect(stderr).toBe(
      `Revoke the grants that no rule allows (at most 10, or none) in account ${ACCOUNT}, ${REGION}? [y/N] ingress-guard: nothing was revoked\n`,
    );
    expect([exitCode, stdout, revocations]).toEqual([1, '', 0]);
  });

  test('revokes on a yes', async () => {
    expect(await auditAt({ stdin: 'y\n', isTTY: true })).toMatchObject({ exitCode: 2, revocations: 1 });
  });

  test('does not ask with --yes, nor where there is no terminal', async () => {
    const ended = [await auditAt({ isTTY: true }, '--yes'), await auditAt({})];

    for (const { exitCode, stderr, revocations } of ended) {
      expect([exitCode, revocations]).toEqual([2, 1]);
      expect(stderr).not.toContain('[y/N]');
    }
  });

  test('refuses to ask who has sent the allowlist through standard input', async () => {
    const { exitCode, stderr, revocations } = await auditAt({ stdin: VPC_ALLOWLIST, isTTY: true }, '--allowlist', '-');

    expect(stderr).toMatch(/no one can answer: add --yes, or name a file/);
    expect([exitCode, revocations]).toEqual([1, 0]);
  });

  test('says what it revoked when it was revoked, while others are still to come', async () => {
    const command: { current?: ReturnType<typeof startCommand> } = {};
    const said: string[] = [];
    await using group = await startGuardingGroup({
      ranges: strangers(5),
      onRevoke: () => said.push(command.current?.stderr() ?? ''),
    });
    stubEnvironment(group.environment);

    command.current = startCommand([...ENFORCE, '--allowlist', await allowlistFile(VPC_ALLOWLIST)]);
    await command.current.exitCode;

    expect(said[0]).toBe('');
    expect(said[4]).toMatch(/^revoked: sessions:6379 <- .*sgr-/m);
    expect(command.current.stderr().match(/^revoked: /gm)).toHaveLength(5);
  });

  test('says what it could not revoke', async () => {
    await startElastiCacheWithGrants({ deniedActions: ['RevokeCacheSecurityGroupIngress'] });

    const { stderr, exitCode } = await runCli([...ENFORCE, '--allowlist', await allowlistFile()]);

    expect(stderr).toMatch(new RegExp(`^not revoked: sessions <- web of ${STRANGER} .*AccessDenied`, 'm'));
    expect(exitCode).toBe(1);
  });

  test('says that it is not known whether a rule is revoked if a proxy answered', async () => {
    await using group = await startGuardingGroup({
      ranges: strangers(1),
      inPlaceOf: (action) =>
        action === 'RevokeSecurityGroupIngress' ? { status: 200, xml: '<html>Sign in</html>' } : undefined,
    });
    stubEnvironment(group.environment);

    const { stderr, exitCode } = await runCli([...ENFORCE, '--allowlist', await allowlistFile(VPC_ALLOWLIST)]);

    expect(stderr).toMatch(/^not known whether revoked: sessions:6379 <- .*EC2 gave no final answer/m);
    expect(stderr).not.toMatch(/^not revoked: /m);
    expect(exitCode).toBe(1);
  });
});

describe('ingress-guard replay --enforce', () => {
  test.each(['text', 'json'])(
    'says what it revoked while others of its event are still to come: %s',
    async (format) => {
      const command: { current?: ReturnType<typeof startCommand> } = {};
      const said: string[] = [];
      await using group = await startGuardingGroup({
        ranges: strangers(6),
        onRevoke: () => said.push(`${command.current?.stdout()}${command.current?.stderr()}`),
      });
      stubEnvironment(group.environment);
      const { events } = await folderWith({ events: JSON.stringify(eventOfRules(0, 1, 2, 3, 4, 5)) });
      const options = ['--enforce', '--yes', '--account', ACCOUNT, '--format', format];

      command.current = startCommand(['replay', events, ...options, '--allowlist', await allowlistFile(VPC_ALLOWLIST)]);
      await command.current.exitCode;

      expect(said).toHaveLength(6);
      expect(said[5]).toContain(ruleIdAt(0));
    },
  );
});

describe('a command that takes longer than a second', () => {
  /** Starts a command against an AWS that answers when the test says so. */
  async function startHeld(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
    let calls = 0;
    const endpoint = await startScriptedEndpoint(async (action) => {
      calls++;
      await mayAnswer;
      return found(action);
    });
    stubEnvironment({ AWS_ENDPOINT_URL_ELASTICACHE: endpoint.url, AWS_ENDPOINT_URL_EC2: endpoint.url });
    const allowlist = await allowlistFile();
    const time = holdTime();
    const command = startCommand([...argv, '--allowlist', allowlist], environment, { isTTY: true });
    await expect.poll(() => calls).toBeGreaterThan(0);
    return {
      ...command,
      pass: time.pass,
      async end() {
        answer();
        await command.exitCode;
        await endpoint[Symbol.asyncDispose]();
      },
    };
  }

  test('shows how far it is at a terminal, on standard error, and not before', async () => {
    const command = await startHeld(AUDIT);

    await command.pass(500);
    const before = command.stderr();
    await command.pass(500);
    const after = command.stderr();
    await command.end();

    expect(before).toBe('');
    expect(after).toMatch(/0 of 1 regions, \d+ API calls/);
  });

  test('also when it replays', async () => {
    const { events } = await folderWith({ events: JSON.stringify(eventOfRules(0)) });
    const command = await startHeld(['replay', events]);

    await command.pass(1000);
    const shown = command.stderr();
    await command.end();

    expect(shown).toMatch(/% of the events/);
  });

  test('shows nothing on a terminal that cannot move its cursor', async () => {
    const command = await startHeld(AUDIT, { TERM: 'dumb' });

    await command.pass(2000);
    const shown = command.stderr();
    await command.end();

    expect(shown).toBe('');
  });
});

describe('colours', () => {
  const commands = async (): Promise<readonly (readonly string[])[]> => {
    const { report, events } = await folderWith({
      report: JSON.stringify(troubledReport()),
      events: JSON.stringify(sampleEvent('authorize-ingress')),
    });
    const allowlist = ['--allowlist', await allowlistFile()];
    return [
      ['check', await allowlistFile('version: 2')],
      ['explain', events, ...allowlist],
      ['replay', events, ...allowlist],
      ['audit', '--from-report', report],
    ];
  };
  const coloured = async (environment: NodeJS.ProcessEnv) =>
    (await Promise.all((await commands()).map((argv) => runCli(argv, { environment, isTTY: true })))).map(
      ({ stdout }) => stdout.includes('\u001b'),
    );

  test('are there on a terminal', async () => {
    expect(await coloured({})).toEqual([true, true, true, true]);
    expect(await coloured({ NO_COLOR: '', TERM: 'xterm-256color' })).toEqual([true, true, true, true]);
  });

  test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('are not there with %o', async (environment) => {
    expect(await coloured(environment)).toEqual([false, false, false, false]);
  });
});

describe('--out', () => {
  test.each([
    ['✗', troubledReport()],
    ['?', incompleteReport()],
    ['✓', cleanReport()],
  ])('prints the verdict of the report that it writes: %s', async (_, audited) => {
    const { folder, report } = await folderWith({ report: JSON.stringify(audited) });
    const { stdout } = await runCli(['audit', '--from-report', report]);
    const verdict = (stdout.split('\n')[0] as string).slice(2);

    const { stderr } = await runCli(['audit', '--from-report', report, '--format', 'html', '--out', `${folder}/out`]);

    expect(stderr.startsWith(`written to ${folder}/out. ${verdict}`), stderr).toBe(true);
  });
});

describe('an audit whose report no one reads', () => {
  /** Runs it as a process of its own, on a pipe that is closed before anything is written. */
  async function auditIntoNothing(environment: Readonly<Record<string, string>>, ...options: string[]) {
    stubEnvironment(environment);
    const argv = [...AUDIT, '--allowlist', await allowlistFile(), ...options];
    const child = spawn(process.execPath, ['src/cli/main.ts', ...argv], { env: process.env });
    child.stdout.destroy();
    const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return { said, exitCode };
  }

  test('ends with the exit code of what it found, and says that on standard error', async () => {
    const { url } = await startAuditedElastiCache();
    const { url: clean } = await startAuditedElastiCache({ denied: 0 });

    const revoked = await auditIntoNothing({ AWS_ENDPOINT_URL_ELASTICACHE: url }, '--mode', 'enforce');
    const fine = await auditIntoNothing({ AWS_ENDPOINT_URL_ELASTICACHE: clean }, '--format', 'json');

    expect(revoked.said).toMatch(
      /^revoked: sessions <- web of \d+ .*\n.*the report was not read to its end\. .*revoked/m,
    );
    expect(revoked.exitCode).toBe(2);
    expect(fine.said).toMatch(/^ingress-guard: the report was not read to its end\. /);
    expect(fine.exitCode).toBe(0);
  });

  test('ends with 1 when a revocation failed', async () => {
    const { environment } = await startElastiCacheWithGrants({ deniedActions: ['RevokeCacheSecurityGroupIngress'] });

    const { said, exitCode } = await auditIntoNothing(environment, '--mode', 'enforce');

    expect(said).toMatch(/^not revoked: /m);
    expect(exitCode).toBe(1);
  });
});
