import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DescribeSecurityGroupRulesCommand, ModifySecurityGroupRulesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import type { Revocation } from '../../src/aws/revocation.ts';
import { revokeForSure, watchRule } from '../../src/cli/drill-watch.ts';
import { SHOP, startGuardedLocal } from '../support/commands/guarded-local.ts';
import { expectHelp, expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { type Surroundings, startCommand } from '../support/commands/run-command.ts';
import { REGION } from '../support/examples/grants.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { authorize, createGroup, ingressOf, tcp } from '../support/local-aws/local-ec2.ts';
import { eventually } from '../support/time/eventually.ts';

const DRILLED = '192.0.2.1/32';
/** Without events no function is started. */
const NO_EVENTS = ['--drop-event', '1'];

const environment = { AWS_REGION: REGION };
const drill = (argv: readonly string[], surroundings: Surroundings = {}) =>
  runCli(['drill', '--stage', 'local', ...argv], { ...surroundings, environment });
const start = (argv: readonly string[], surroundings?: Surroundings) =>
  startCommand(['drill', '--stage', 'local', ...argv], environment, surroundings);

describe('ingress-guard drill', () => {
  test('sees its rule revoked in mode enforce, and says how long each part took', async () => {
    const { groupId, letIn } = await startGuardedLocal(['--mode', 'enforce']);

    const { exitCode, stdout, stderr } = await drill([groupId, '--yes']);

    expect(stdout).toMatch(
      new RegExp(
        [
          `^opened: tcp port 6379 of ${groupId} to 192\\.0\\.2\\.1/32, as sgr-[0-9a-f]{17}`,
          // On a busy machine the function's call is made twice, and the second one finds the rule gone.
          '(?:revoked|already-gone): [\\d.]+ m?s after the call of \\d{4}-.* UTC',
          '  CloudTrail and EventBridge: [\\d.]+ m?s, from the call to the start of the function',
          '  Ingress Guard: [\\d.]+ m?s, from the start of the function to its decision',
          'gone: nothing is left of the rule\n$',
        ].join('\n'),
      ),
    );
    expect(stderr).toMatch(
      /^If this is killed, take it away: aws ec2 revoke-security-group-ingress .* sgr-[0-9a-f]{17}\n$/,
    );
    expect([await letIn(), exitCode]).toEqual([[SHOP], 0]);
  });

  test('sees would-revoke in mode report-only, and takes its rule away itself', async () => {
    const { groupId, letIn } = await startGuardedLocal(['--mode', 'report-only']);

    const { exitCode, stdout } = await drill([groupId], { stdin: 'y\n', isTTY: true });

    expect(stdout).toMatch(/\nwould-revoke: .* after the call of /);
    expect(stdout).toContain('taken away: by this drill\n');
    expect([await letIn(), exitCode]).toEqual([[SHOP], 0]);
  });

  test('asks first, and opens nothing without a yes', async () => {
    const { groupId, letIn } = await startGuardedLocal(NO_EVENTS);

    const { exitCode, stderr, stdout } = await drill([groupId], { stdin: '\n', isTTY: true });

    expect(stderr).toBe(
      `Open tcp port 6379 of ${groupId}, which guards sessions, to 192.0.2.1/32 in ${REGION}? [y/N] ingress-guard: nothing was opened\n`,
    );
    expect([await letIn(), stdout, exitCode]).toEqual([[SHOP], '', 1]);
    expectRefusal(await drill([groupId]), 1, /no one is at a terminal: add --yes/);
  });

  test('takes its rule away where no one sees it, and says which part was not seen', async () => {
    const { groupId, letIn } = await startGuardedLocal(['--mode', 'enforce', ...NO_EVENTS]);

    const { exitCode, stdout, stderr } = await drill([groupId, '--yes', '--timeout', '3']);

    expect(stdout).toContain('not seen: the log has no decision about the rule\ntaken away: by this drill\n');
    expect(stderr).toContain(
      'within 3 s the function was not started: CloudTrail or EventBridge brought no event. Run ingress-guard doctor',
    );
    expect([await letIn(), exitCode]).toEqual([[SHOP], 1]);
  });

  test('proves nothing where the allowlist allows the address, and says so', async () => {
    const { groupId, letIn } = await startGuardedLocal(
      ['--mode', 'enforce'],
      VPC_ALLOWLIST.replace('10.0.0.0/16', '10.0.0.0/16, 192.0.2.0/24'),
    );

    const { exitCode, stderr, stdout } = await drill([groupId, '--yes']);

    expect(stderr).toContain('the allowlist in force allows 192.0.2.1/32, so nothing is proved');
    expect(stdout).toContain('taken away: by this drill\n');
    expect([await letIn(), exitCode]).toEqual([[SHOP], 1]);
  });

  test('promises its options, its exit codes and an example', async () => {
    await expectHelp('drill');
  });
});

describe('drill opens nothing', () => {
  test('in a group that guards no cache, or on a port that no cache has, or for what is no group', async () => {
    const { ec2, groupId } = await startGuardedLocal(NO_EVENTS);
    const other = await createGroup(ec2, 'of-something-else');

    expectRefusal(await drill([other, '--yes']), 1, /guards no cache in us-east-1: .* Nothing was opened/);
    expectRefusal(
      await drill([groupId, '--yes', '--port', '22']),
      1,
      /no cache behind sg-\w+ listens on port 22: choose 6379\. Nothing was opened/,
    );
    expectRefusal(await drill(['default', '--yes']), 1, /`default` is not the id of a security group/);
    expect([await ingressOf(ec2, other), (await ingressOf(ec2, groupId)).length]).toEqual([[], 1]);
  });

  test('where the group has such a rule already, and leaves that one alone', async () => {
    const { ec2, groupId, letIn } = await startGuardedLocal(NO_EVENTS);
    await authorize(ec2, groupId, tcp(6379, { IpRanges: [{ CidrIp: DRILLED, Description: 'of someone else' }] }));

    expectRefusal(await drill([groupId, '--yes']), 1, /has a rule for 192\.0\.2\.1\/32 and this port already/);
    expect(await letIn()).toEqual([SHOP, DRILLED]);
  });

  test.each([
    ['AuthorizeSecurityGroupIngress', /EC2 did not open the port\. .* Nothing was opened/],
    ['DescribeCacheClusters', /ElastiCache in us-east-1 did not list the caches/],
  ])('without the permission for %s', async (action, message) => {
    const { groupId, letIn } = await startGuardedLocal(['--deny', action, ...NO_EVENTS]);
    const before = await letIn();

    expectRefusal(await drill([groupId, '--yes']), 1, message);
    expect(await letIn()).toEqual(before);
  });
});

describe('drill that is broken off', () => {
  test('by Ctrl-C while it waits takes its rule away', async () => {
    const { groupId, letIn } = await startGuardedLocal(['--mode', 'enforce', ...NO_EVENTS]);

    const command = start([groupId, '--yes']);
    await eventually(command.stdout).toContain('opened: ');
    command.interrupt();

    expect(await command.exitCode).toBe(1);
    expect(command.stdout()).toContain('taken away: by this drill\n');
    expect(command.stderr()).toContain('ended early: nothing is proved');
    expect(await letIn()).toEqual([SHOP]);
  });

  test('by a terminal that is closed takes its rule away', async () => {
    const { groupId, letIn } = await startGuardedLocal(['--mode', 'enforce', ...NO_EVENTS]);
    const command = `${process.execPath} src/cli/main.ts drill --stage local ${groupId} --yes`;
    // When it is killed, its pseudo-terminal is gone: the drill gets SIGHUP, and what it writes is refused with EIO.
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { env: { ...process.env, AWS_REGION: REGION } });
    const closed = once(terminal, 'close');
    let said = '';
    terminal.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await eventually(() => said).toContain('If this is killed');

    terminal.kill('SIGKILL');
    await closed;

    await eventually(letIn).toEqual([SHOP]);
  });

  test('revokes no rule that someone edited meanwhile, and says loudly that it is there', async () => {
    const { groupId, letIn, ec2 } = await startGuardedLocal(['--mode', 'enforce', ...NO_EVENTS]);
    const command = start([groupId, '--yes']);
    await eventually(command.stdout).toContain('opened: ');
    const [id] = /sgr-[0-9a-f]{17}/.exec(command.stdout()) ?? [];
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, CidrIpv4: '10.1.0.0/16' };
    await ec2.send(
      new ModifySecurityGroupRulesCommand({
        GroupId: groupId,
        SecurityGroupRules: [{ SecurityGroupRuleId: id, SecurityGroupRule }],
      }),
    );

    command.interrupt();

    expect(await command.exitCode).toBe(1);
    expect(command.stderr()).toContain(
      `THE RULE WAS EDITED: ${id} is not as this drill opened it, and was not revoked.`,
    );
    expect(await letIn()).toEqual([SHOP, '10.1.0.0/16']);
  });

  test('by Ctrl-C at the question opens nothing', async () => {
    const { groupId, letIn } = await startGuardedLocal(NO_EVENTS);

    const command = start([groupId], { stdin: 'open', isTTY: true });
    await eventually(command.stderr).toContain('[y/N]');
    command.interrupt();

    expect(await command.exitCode).toBe(1);
    expect([await letIn(), command.stdout()]).toEqual([[SHOP], '']);
  });
});

describe('the rule of a drill', () => {
  const answering = (...results: readonly Revocation['result'][]) => {
    let times = 0;
    const revoke = async (): Promise<Revocation> => {
      const result = results[Math.min(times++, results.length - 1)] as Revocation['result'];
      return { result, requestId: undefined };
    };
    return { revoke, times: () => times };
  };

  test('is revoked again where EC2 does not know it yet', async () => {
    const { revoke, times } = answering('already-gone', 'already-gone', 'revoked');

    expect([await revokeForSure(revoke, false, 0), times()]).toEqual(['revoked', 3]);
  });

  test('is revoked once where it was seen that it is gone', async () => {
    const { revoke, times } = answering('already-gone');

    expect([await revokeForSure(revoke, true, 0), times()]).toEqual(['already-gone', 1]);
  });
});

describe('what the log says of the rule of a drill', () => {
  const RULE_ID = 'sgr-0000000000000000a';
  async function watch(line: object) {
    const message = JSON.stringify({ message: 'decision', ...line });
    const logs = {
      filter: async ({ pattern }: { readonly pattern: string }) => ({
        lines: pattern.includes(RULE_ID) ? [{ message, timestamp: new Date() }] : [],
        isWhole: true,
      }),
      close: () => {},
    };
    const watched = { logs, logGroup: 'log', ruleId: RULE_ID, openedAt: new Date(), isListed: async () => true };
    return await watchRule(watched, AbortSignal.timeout(500));
  }

  test('is a decision about it', async () => {
    const grant = { target: { securityGroupRuleId: RULE_ID } };

    expect(await watch({ outcome: 'would-revoke', grant })).toMatchObject({ decision: { outcome: 'would-revoke' } });
  });

  test('is no decision about another rule in which someone wrote its id', async () => {
    const grant = { target: { securityGroupRuleId: 'sgr-0000000000000000b', description: `not ${RULE_ID}` } };

    expect(await watch({ outcome: 'would-revoke', grant })).not.toHaveProperty('decision');
  });
});

describe('drill in trouble', () => {
  test('says loudly that the rule is still there if it cannot take it away, and how to do it', async () => {
    const { groupId, ec2 } = await startGuardedLocal(['--mode', 'report-only', '--deny', 'RevokeSecurityGroupIngress']);

    const { exitCode, stderr } = await drill([groupId, '--yes']);

    const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({}));
    const rule = SecurityGroupRules.find(({ CidrIpv4 }) => CidrIpv4 === DRILLED)?.SecurityGroupRuleId;
    expect(stderr).toContain(`THE RULE IS STILL THERE: ${rule} could not be revoked`);
    expect(stderr).toContain(
      `Run: aws ec2 revoke-security-group-ingress --region ${REGION} --group-id ${groupId} --security-group-rule-ids ${rule}\n`,
    );
    expect(exitCode).toBe(1);
  });

  test('does not say that nothing came where the log cannot be read', async () => {
    const { groupId, letIn } = await startGuardedLocal(['--mode', 'report-only', '--deny', 'FilterLogEvents']);

    const { exitCode, stderr } = await drill([groupId, '--yes', '--timeout', '5']);

    expect(stderr).toMatch(
      /the log .*EnforceSecurityGroupLogGroup.* could not be read: AccessDenied.* not known what was seen/,
    );
    expect(stderr).not.toContain('brought no event');
    expect([await letIn(), exitCode]).toEqual([[SHOP], 1]);
  });
});
