import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { jsonLines } from '../support/commands/run-cli.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { ACCOUNT, REGION, vpcGrant } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { ec2Answer } from '../support/scripted/ec2-answers.ts';
import { eventOfRules, ruleIdAt, startGuardingGroup, strangers } from '../support/scripted/guarding-group.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { folderWith } from '../support/tools/folder.ts';

/** The rules with this outcome, as a report or an outcome has them. */
const idsOf = (findings: readonly unknown[], outcome: string) =>
  (findings as Finding[]).filter((one) => one.outcome === outcome).map((one) => one.grant.target.securityGroupRuleId);

interface Finding {
  readonly outcome: string;
  readonly grant: { readonly target: { readonly securityGroupRuleId: string } };
}

/** A group with so many denied rules; a command is interrupted in the second revocation. */
async function startGroup(rules: number) {
  const command: { current?: ReturnType<typeof startCommand> } = {};
  let calls = 0;
  const group = await startGuardingGroup({
    ranges: strangers(rules),
    onRevoke() {
      if (++calls === 2) command.current?.interrupt();
    },
  });
  stubEnvironment(group.environment);
  const allowlist = await allowlistFile(VPC_ALLOWLIST);
  return {
    group,
    start(...argv: string[]) {
      command.current = startCommand([...argv, '--allowlist', allowlist, '--format', 'json']);
      return command.current;
    },
  };
}

describe('a command that is interrupted in the midst of its changes', () => {
  test('replay --enforce revokes nothing more, and reports what it revoked and what is left', async () => {
    const { group, start } = await startGroup(6);
    await using _ = group;
    const { events } = await folderWith({
      events: [eventOfRules(0, 1, 2), eventOfRules(3, 4, 5)].map((event) => JSON.stringify(event)).join('\n'),
    });

    const command = start('replay', events, '--enforce', '--yes', '--account', ACCOUNT);

    expect(await command.exitCode).toBe(1);
    const [first, ...others] = jsonLines(command.stdout()) as { grants: Finding[] }[];
    expect(group.revoked).toEqual([ruleIdAt(0), ruleIdAt(1)]);
    expect(idsOf(first?.grants ?? [], 'revoked')).toEqual(group.revoked);
    expect(idsOf(first?.grants ?? [], 'failed')).toEqual([ruleIdAt(2)]);
    expect(others).toEqual([]);
    expect(command.stderr()).toContain('nothing more is changed');
  });

  test('audit --mode enforce revokes nothing more, and reports', async () => {
    const { group, start } = await startGroup(9);
    await using _ = group;

    const command = start('audit', '--mode', 'enforce', '--account', ACCOUNT, '--region', REGION);

    expect(await command.exitCode).toBe(1);
    const [{ findings }] = jsonLines(command.stdout()) as [{ findings: Finding[] }];
    expect(group.revoked.length).toBeLessThan(6);
    expect(idsOf(findings, 'revoked').toSorted()).toEqual(group.revoked.toSorted());
    expect(idsOf(findings, 'failed')).toHaveLength(9 - group.revoked.length);
    const { length } = group.revoked;
    expect(command.stderr()).toContain(`ended early: ${length} grants revoked, ${9 - length} grants not revoked`);
  });

  test('undo restores nothing more, and reports what it restored', async () => {
    let command: ReturnType<typeof startCommand> | undefined;
    await using endpoint = await startScriptedEndpoint((action) => {
      command?.interrupt();
      return ec2Answer(action, '<return>true</return>');
    });
    stubEnvironment({ AWS_ENDPOINT_URL_EC2: endpoint.url });
    const decisions = ['10.0.1.0/24', '10.0.2.0/24'].map((cidr, index) => ({
      outcome: 'revoked',
      grant: vpcGrant({ kind: 'cidr', cidr }, { securityGroupRuleId: ruleIdAt(index) }),
      securityGroupRule: { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379 },
    }));
    const { decision } = await folderWith({ decision: decisions.map((one) => JSON.stringify(one)).join('\n') });

    command = startCommand(['undo', decision, '--allowlist', await allowlistFile(VPC_ALLOWLIST), '--format', 'json']);

    expect(await command.exitCode).toBe(1);
    expect(jsonLines(command.stdout())).toMatchObject([{ result: 'restored' }]);
    expect(endpoint.actions).toHaveLength(1);
    expect(command.stderr()).toContain('1 revocation is not undone');
  });
});

/** For a command in a process of its own. */
const environmentOf = ({ environment }: { readonly environment: NodeJS.ProcessEnv }): NodeJS.ProcessEnv => ({
  ...process.env,
  ...environment,
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
});

describe('a command whose output no one reads on', () => {
  test('replay --enforce reports on standard error what it revoked, and revokes nothing more', async () => {
    const { promise: reading, resolve: readNoMore } = Promise.withResolvers<void>();
    await using group = await startGuardingGroup({
      ranges: strangers(9),
      async beforeRevoke() {
        readNoMore();
        await closed;
      },
    });
    const events = Array.from({ length: 9 }, (_, index) => JSON.stringify(eventOfRules(index)));
    const { file } = await folderWith({ file: events.join('\n') });
    const options = ['--enforce', '--yes', '--account', ACCOUNT, '--allowlist', await allowlistFile(VPC_ALLOWLIST)];
    const argv = ['src/cli/main.ts', 'replay', file, ...options];
    const child = spawn(process.execPath, argv, { env: environmentOf(group) });
    const closed = reading.then(async () => {
      child.stdout.destroy();
      await once(child.stdout, 'close');
    });

    const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);

    expect(group.revoked).toEqual([ruleIdAt(0)]);
    expect(said).toContain(ruleIdAt(0));
    expect(said).not.toMatch(/EPIPE|ERR_STREAM/);
    expect(exitCode).toBe(1);
  });
});

/** What is written there is refused, as by a full disk. Linux has it. */
const FULL = '/dev/full';

describe.skipIf(!existsSync(FULL))('a command whose output finds no room', () => {
  async function runIntoFull(argv: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    await using full = await open(FULL, 'w');
    const child = spawn(process.execPath, ['src/cli/main.ts', ...argv], { env, stdio: ['ignore', full.fd, 'pipe'] });
    const [said, [exitCode]] = await Promise.all([text(child.stderr as Readable), once(child, 'exit')]);
    return { said, exitCode };
  }

  const NO_ROOM = 'ingress-guard: standard output cannot be written: the disk is full\n';

  test.each(['text', 'json', 'github', 'junit', 'sarif'])('check --format %s says so, and fails', async (format) => {
    const { said, exitCode } = await runIntoFull(['check', await allowlistFile(), '--format', format]);

    expect([said, exitCode]).toEqual([NO_ROOM, 1]);
  });

  test.each(['junit', 'sarif'])(
    'check --format %s fails where a file has room for the beginning alone',
    async (format) => {
      const { folder } = await folderWith({});
      const allowlist = await allowlistFile(`version: 1\nrules:\n${'  - {}\n'.repeat(20)}`);
      // Files of at most 1 KiB: as on a disk that is nearly full.
      const command = `ulimit -f 1; exec "$0" src/cli/main.ts check "$1" --format ${format} > "$2"`;
      const child = spawn('bash', ['-c', command, process.execPath, allowlist, join(folder, 'document')]);

      const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);

      expect(said).toMatch(/^ingress-guard: standard output cannot be written: .+\n$/);
      expect(exitCode).toBe(1);
    },
  );

  test('audit says what it revoked, and fails', async () => {
    await using group = await startGuardingGroup({ ranges: strangers(2) });
    const options = ['--account', ACCOUNT, '--region', REGION, '--allowlist', await allowlistFile(VPC_ALLOWLIST)];

    const { said, exitCode } = await runIntoFull(['audit', '--mode', 'enforce', ...options], environmentOf(group));

    expect(group.revoked).toHaveLength(2);
    for (const id of group.revoked) expect(said).toContain(id);
    expect(said).toContain('the report was not written to its end. 2 disallowed grants found');
    expect(said).toContain(NO_ROOM);
    expect(said).not.toContain('    at ');
    expect(exitCode).toBe(1);
  });

  test('replay --enforce reports on standard error what it revoked, and revokes nothing more', async () => {
    await using group = await startGuardingGroup({ ranges: strangers(9) });
    const events = Array.from({ length: 9 }, (_, index) => JSON.stringify(eventOfRules(index)));
    const { file } = await folderWith({ file: events.join('\n') });
    const options = ['--enforce', '--yes', '--account', ACCOUNT, '--allowlist', await allowlistFile(VPC_ALLOWLIST)];

    const { said, exitCode } = await runIntoFull(['replay', file, ...options], environmentOf(group));

    expect(group.revoked).toEqual([ruleIdAt(0)]);
    expect(said).toContain(ruleIdAt(0));
    expect(said).toContain(NO_ROOM);
    expect(said).not.toContain('    at ');
    expect(exitCode).toBe(1);
  });
});
