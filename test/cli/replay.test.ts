import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CreateNetworkInterfaceCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { type GuardedCacheHere, startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { authorize, createGroup, tcp } from '../support/local-aws/local-ec2.ts';
import { folderWith } from '../support/tools/folder.ts';

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

  test('answers in JSON, a line for each event: what the function’s decision line says, and where the event is', async () => {
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
        line: 1,
      },
      { outcome: 'ignored', reason: 'another call: `RevokeCacheSecurityGroupIngress`', file: '-', line: 2 },
    ]);
    expect(exitCode).toBe(2);
  });

  test('ends with 0 when every grant is allowed, and when there is none', async () => {
    expect(await replay(lines(OWN, IGNORED))).toMatchObject({ exitCode: 0, stderr: '1 allowed, 1 ignored\n' });
    expect(await replay('{"Records":[]}')).toEqual({ exitCode: 0, stdout: '', stderr: 'no event\n' });
  });

  test('tells of what it cannot judge, goes on, and ends with 1', async () => {
    const { exitCode, stdout, stderr } = await replay(`${lines(OWN, REJECTED)}not JSON\n${lines(STRANGERS)}`);

    expect(stdout.split('\n').map((line) => line.trim())).toEqual([
      expect.stringMatching(/^allowed /),
      'rule `web-to-sessions`',
      'rejected       -:2',
      'ec2SecurityGroupName is missing',
      'rejected       -:3',
      'not JSON: `not JSON`',
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
      [join(folder, 'logs/README.md'), 'rejected'],
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
        problems: ['cannot be read to its end: what gzip packed is cut off'],
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

  test('ends with 1 when there is nothing to read, and before it judges anything', async () => {
    const { events, folder } = await folderWith({ events: lines(OWN) });
    const missing = join(folder, 'missing');

    expectRefusal(await runCli(['replay', missing]), 1, /missing cannot be read: there is no such file/);
    expectRefusal(await runCli(['replay', events, missing]), 1, /missing cannot be read: there is no such file/);
    expectRefusal(await runCli(['replay', events, '--allowlist', missing]), 1, /missing cannot be read/);
    expectRefusal(await runCli(['replay', '-', '--allowlist', '-']), 3, /standard input/);
    expectRefusal(await runCli(['replay']), 1, /<events> is missing: files or folders of recorded events/);
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

  test('refuses where there is no one to ask, and without an account', async () => {
    const { calls } = await startElastiCacheWithGrants();

    expectRefusal(await replay(lines(STRANGERS), ...ENFORCE), 1, /there is no one to ask: add --yes if you mean it/);
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

describe('ingress-guard replay, of events of security groups', () => {
  const ENFORCE = ['--enforce', '--account', ACCOUNT, '--yes'];
  const AUTHORIZE = 'AuthorizeSecurityGroupIngress';

  /** Replays events by the allowlist of the account, which lets 10.0.0.0/16 reach `sessions`. */
  async function replayAt(account: GuardedCacheHere, events: readonly unknown[], ...options: string[]) {
    const { INGRESS_GUARD_ALLOWLIST } = account.environment;
    const argv = ['replay', '-', '--allowlist', INGRESS_GUARD_ALLOWLIST, ...options];
    return await runCli(argv, { stdin: lines(...events) });
  }

  test('rejects events of a second account, whose groups would seem to guard no cache, where no --account is given', async () => {
    const account = await startGuardedCacheHere();
    await account.letIn('10.0.1.0/24');
    const own = await account.eventOf(AUTHORIZE);
    const foreign = JSON.parse(JSON.stringify(own).replaceAll(ACCOUNT, STRANGER));

    const { exitCode, stdout } = await replayAt(account, [own, foreign, own], '--format', 'json');

    expect(jsonLines(stdout)).toMatchObject([
      { outcome: 'allowed' },
      { outcome: 'rejected', problems: [expect.stringMatching(/of account [0-9]{12}.*Name it with --account$/)] },
      { outcome: 'allowed' },
    ]);
    expect(exitCode).toBe(1);
  });

  test('says what would become of the rules as they are now, and revokes none', async () => {
    const account = await startGuardedCacheHere();
    const allowed = await account.letIn('10.0.1.0/24');
    const events = [await account.eventOf(AUTHORIZE)];
    const denied = await account.letIn('0.0.0.0/0');
    events.push(await account.eventOf(AUTHORIZE));

    const { exitCode, stdout, stderr } = await replayAt(account, events);

    const by = (id: string) => `by ${id} of ${account.groupId} (${ACCOUNT}, us-east-1) at `;
    expect(stdout.split('\n').map((line) => line.replace(/ at .*Z$/, ' at '))).toEqual([
      `allowed        sessions:6379 <- 10.0.1.0/24 ${by(allowed)}`,
      '               rule `office`',
      `would-revoke   sessions:6379 <- 0.0.0.0/0 ${by(denied)}`,
      '               rule `office` covers the cache but not CIDR `0.0.0.0/0` (nearest: 10.0.0.0/16)',
      '',
    ]);
    expect(stderr).toBe('1 allowed, 1 would-revoke\n');
    expect(exitCode).toBe(2);
    expect(await account.rules()).toHaveLength(2);
  });

  test('revokes with --enforce what is denied, and nothing else', async () => {
    const account = await startGuardedCacheHere();
    await account.letIn('10.0.1.0/24');
    await account.letIn('0.0.0.0/0');

    const { exitCode, stdout } = await replayAt(account, [await account.eventOf(AUTHORIZE)], ...ENFORCE);

    expect(stdout).toMatch(/^revoked {8}sessions:6379 <- 0\.0\.0\.0\/0 by /);
    expect(exitCode).toBe(2);
    expect(await account.rules()).toMatchObject([{ CidrIpv4: '10.0.1.0/24' }]);
  });

  test('could not evaluate an event that waits for a cache that is being created, and says what to do', async () => {
    const account = await startGuardedCacheHere({ creatingMs: 3_600_000 });
    const denied = await account.letIn('0.0.0.0/0');

    const { exitCode, stdout, stderr } = await replayAt(account, [await account.eventOf(AUTHORIZE)]);

    expect(stdout).toContain(`pending        sessions:6379 <- 0.0.0.0/0 by ${denied}`);
    expect(stdout).toContain('cache `sessions` is being created and has no port yet. Replay the event later');
    expect(stderr).toBe('1 pending\n');
    expect(exitCode).toBe(1);
  });

  test('tells of each grant of an event about several', async () => {
    const account = await startGuardedCacheHere();
    const ranges = ['10.0.1.0/24', '10.1.0.0/16'].map((CidrIp) => ({ CidrIp }));
    await authorize(account.ec2, account.groupId, tcp(6379, { IpRanges: ranges }));
    const events = [await account.eventOf(AUTHORIZE)];

    const [text, json] = [await replayAt(account, events), await replayAt(account, events, '--format', 'json')];

    expect(text.stdout.split('\n').filter((_, i) => i % 2 === 0)).toEqual([
      expect.stringMatching(/^allowed {8}sessions:6379 <- 10\.0\.1\.0\/24 /),
      expect.stringMatching(/^would-revoke {3}sessions:6379 <- 10\.1\.0\.0\/16 /),
      '',
    ]);
    expect(jsonLines(json.stdout)).toMatchObject([
      { outcome: 'would-revoke', file: '-', grants: [{ outcome: 'allowed' }, { outcome: 'would-revoke' }] },
    ]);
  });

  test('ignores events of groups that guard no cache, and asks once in a run which do', async () => {
    const account = await startGuardedCacheHere();
    const other = await createGroup(account.ec2, 'other');
    const events: unknown[] = [];
    for (const CidrIp of ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/16']) {
      await authorize(account.ec2, other, tcp(6379, { IpRanges: [{ CidrIp }] }));
      events.push(await account.eventOf(AUTHORIZE));
    }

    const { exitCode, stdout, stderr } = await replayAt(account, events);

    expect([exitCode, stdout, stderr]).toEqual([0, '', '3 ignored\n']);
    expect(account.guardsCalls().toSorted()).toEqual(['DescribeCacheClusters', 'DescribeServerlessCaches']);
  });

  test('says of an event whose rule is gone since that it is', async () => {
    const account = await startGuardedCacheHere();
    const gone = withChanges(sampleEvent('authorize-security-group-ingress'), {
      'detail.requestParameters.groupId': account.groupId,
      'detail.responseElements.securityGroupRuleSet.items.0.groupId': account.groupId,
    });

    const { exitCode, stdout } = await replayAt(account, [gone], '--format', 'json');

    expect(outcomes(stdout)).toEqual(['already-gone']);
    expect(exitCode).toBe(0);
  });

  test('holds a rule that others may need, unless --shared or INGRESS_GUARD_SHARED says to revoke it', async () => {
    const account = await startGuardedCacheHere();
    const { ec2, groupId } = account;
    await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: 'subnet-0123456789abcdef0', Groups: [groupId] }));
    await authorize(ec2, groupId, { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.1.0.0/16' }] });
    const events = [await account.eventOf(AUTHORIZE)];

    const held = await replayAt(account, events, ...ENFORCE);
    const standing = await account.rules();
    const revoked = await replayAt(account, events, ...ENFORCE, '--shared', 'revoke');

    expect(held.stdout).toMatch(/^held .*\n +the rule opens more than cache ports/);
    expect(standing).toHaveLength(1);
    expect(revoked.stdout).toMatch(/^revoked /);
    expect(await account.rules()).toEqual([]);
    expect([held.exitCode, revoked.exitCode]).toEqual([2, 2]);
  });

  test('revokes none of a group that was attached if more are denied than --max-revocations', async () => {
    const account = await startGuardedCacheHere();
    for (const range of ['10.1.0.0/16', '10.2.0.0/16']) await account.letIn(range);
    const events = [await account.eventOf('CreateReplicationGroup')];

    const { stdout } = await replayAt(account, events, ...ENFORCE, '--max-revocations', '1', '--format', 'json');

    expect(jsonLines(stdout)).toMatchObject([{ outcome: 'held', grants: [{ outcome: 'held' }, { outcome: 'held' }] }]);
    expect(await account.rules()).toHaveLength(2);
  });

  test('fails, and says what it asked and why, when AWS cannot be asked; a region is asked once', async () => {
    const account = await startGuardedCacheHere({ deniedActions: ['DescribeCacheClusters'] });
    await account.letIn('0.0.0.0/0');
    const events = Array(3).fill(await account.eventOf(AUTHORIZE));

    const { exitCode, stdout, stderr } = await replayAt(account, events);

    expect(
      stdout.match(
        /\n {15}Error: an event of a security group is evaluated by what its rules say now, and ElastiCache in us-east-1 could not be asked: /g,
      ),
    ).toHaveLength(3);
    expect(stderr).toBe('3 failed\n');
    expect(exitCode).toBe(1);
    expect(account.guardsCalls().filter((action) => action === 'DescribeCacheClusters')).toHaveLength(1);
  });

  test('refuses what INGRESS_GUARD_SHARED cannot mean', async () => {
    const environment = { INGRESS_GUARD_SHARED: 'release' };

    expectRefusal(
      await runCli(['replay', '-'], { environment }),
      1,
      /INGRESS_GUARD_SHARED is `release`: set it to hold or revoke/,
    );
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
