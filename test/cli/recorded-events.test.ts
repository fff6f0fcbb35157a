import { readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { folderWith } from '../support/tools/folder.ts';

// Reported from the field: files as people have them. Their ids are invented.
const NO_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};
const RECORDED = resolve(import.meta.dirname, '../recorded');
const FOLDER = join(RECORDED, 'folder-of-logs');
/** The event of a security group that is in most of them. */
const EVENT_ID = '11111111-1111-1111-1111-111111111111';
const READ = { outcome: 'ignored', reason: 'the security group guards no cache', eventId: EVENT_ID };

const OWN = withChanges(sampleEvent('authorize-ingress'), {
  'detail.requestParameters.eC2SecurityGroupOwnerId': ACCOUNT,
});
const GRANT = JSON.stringify(OWN);

/** What replays these, in an account whose one cache is guarded by another security group than that of the events. */
async function replay(...paths: readonly string[]) {
  await startGuardedCacheHere();
  const { stdout, ...ended } = await runCli([
    'replay',
    ...paths,
    '--allowlist',
    await allowlistFile(),
    '--format',
    'json',
  ]);
  return { ...ended, lines: jsonLines(stdout) };
}

describe('a folder of logs', () => {
  test('is replayed, whatever its files are called', async () => {
    const { exitCode, stderr, lines } = await replay(FOLDER);

    const names = (await readdir(FOLDER)).sort();
    expect(names).toHaveLength(4);
    expect(lines).toMatchObject(names.map((name) => ({ ...READ, file: join(FOLDER, name), line: 1 })));
    expect(stderr).toBe('4 ignored\n');
    expect(exitCode).toBe(0);
  });

  test.each([
    ['learn', ['learn'], /there are no grants to learn from/],
    ['what-if', ['what-if', 'ALLOWLIST', 'ALLOWLIST', '--grants'], /there is no grant in/],
  ])('is read by %s, which says that events of security groups do not say what there is', async (_, argv, message) => {
    const allowlist = await allowlistFile();

    const ended = await runCli([...argv.map((one) => (one === 'ALLOWLIST' ? allowlist : one)), FOLDER]);

    expect(ended.stderr).toMatch(/^4 events of security groups passed over/);
    expect(ended.stderr).toMatch(message);
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
  });

  test('is read by explain, which looks up what they point to, and says where it could not', async () => {
    stubEnvironment(NO_CREDENTIALS);

    const ended = await runCli(['explain', FOLDER, '--allowlist', await allowlistFile()]);

    expect(ended.stderr).toMatch(
      /^\d events? of security groups passed over: .*\nsgr-\w+ cannot be looked up in us-east-1: /m,
    );
    expect(ended.stderr).toMatch(/there is no grant in/);
    expect([ended.exitCode, ended.stdout]).toEqual([1, '']);
  });

  test('is where explain, learn and what-if find the grants of every file', async () => {
    const { folder } = await folderWith({ 'grants/a.log': GRANT, 'grants/b': gzipSync(GRANT), 'grants/C.JSON': GRANT });
    const grants = join(folder, 'grants');
    const allowlist = ['--allowlist', await allowlistFile()];

    const explained = await runCli(['explain', grants, ...allowlist]);
    const learnt = await runCli(['learn', grants]);
    const changed = await runCli(['what-if', await allowlistFile(), await allowlistFile(), '--grants', grants]);

    expect(explained.stdout.match(/^allowed/gm)).toHaveLength(3);
    expect(learnt.stdout).toContain('cacheSecurityGroups: [sessions]');
    expect(changed.stdout).toMatch(/1 still allowed/);
    for (const { exitCode, stderr } of [explained, learnt, changed]) expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('names each file that it cannot read, with why, and ends with 1', async () => {
    const { folder } = await folderWith({
      'a.json': GRANT,
      'b.zip': 'PK\x03\x04',
      'c.csv': '"eventversion","eventname"\n"1.08","AuthorizeCacheSecurityGroupIngress"\n',
      'd.json': '',
      'README.md': '# Logs\n\nof the shop\n',
      '.DS_Store': '',
      'e_CloudTrail-Digest_us-east-1.json.gz': '',
    });
    await symlink(FOLDER, join(folder, 'f'));

    const { exitCode, stderr, lines } = await replay(folder);

    expect(
      lines
        .map((line) => line as { file: string; problems?: string[] })
        .map(({ file, problems }) => [file.slice(folder.length + 1), problems?.[0]]),
    ).toEqual([
      ['README.md', 'not JSON: `# Logs`; not read up to line 4'],
      ['a.json', undefined],
      ['b.zip', 'a zip file: unpack it first'],
      ['c.csv', 'not JSON: `"eventversion","eventname"`; not read up to line 3'],
      ['d.json', 'empty: there is nothing to read'],
      ['f', 'a link to a folder: name that folder'],
    ]);
    expect(stderr.replaceAll(`${folder}/`, '').split('\n')).toEqual([
      'passed over, digests of CloudTrail: e_CloudTrail-Digest_us-east-1.json.gz',
      'passed over, hidden: .DS_Store',
      '5 rejected, 1 allowed',
      '',
    ]);
    expect(exitCode).toBe(1);
  });

  test('without any file is an error, never the answer that there is no event', async () => {
    const { folder } = await folderWith({ '.hidden': '' });
    const allowlist = ['--allowlist', await allowlistFile()];

    const ended = await runCli(['replay', folder, ...allowlist]);

    expect(ended).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `passed over, hidden: ${folder}/.hidden\ningress-guard: ${folder} holds no file to read\n`,
    });
  });
});

describe('a record', () => {
  test.each([
    'filter-log-events.json',
    'logs-subscription.json',
    'sqs-receive-message.json',
    'packed-twice.json.gz',
    'utf-16.json',
  ])('is read in %s', async (name) => {
    const { exitCode, lines } = await replay(join(RECORDED, name));

    expect(lines).toMatchObject([READ]);
    expect(exitCode).toBe(0);
  });

  test('is read in each of the shapes of three-shapes.jsonl', async () => {
    const { exitCode, lines } = await replay(join(RECORDED, 'three-shapes.jsonl'));

    expect(lines).toMatchObject(
      ['2024-08-01T12:23:55.000Z', '2021-05-07T17:42:22.000Z', '2024-10-14T14:11:38.000Z'].map((eventTime, i) => ({
        outcome: 'ignored',
        reason: 'the security group guards no cache',
        eventTime,
        line: i + 1,
      })),
    );
    expect(exitCode).toBe(0);
  });

  test('keeps the time that a pipeline wrote anew, and one whose time cannot be read is rejected', async () => {
    const at = (eventTime: string) =>
      JSON.stringify(withChanges(OWN, { 'detail.eventTime': eventTime, time: undefined }));
    const { events } = await folderWith({ events: `${at('2021-01-24 04:55:45.000')}\n${at('24/01/2021')}\n` });

    const { exitCode, lines } = await replay(events);

    expect(lines).toMatchObject([
      { outcome: 'allowed', eventTime: '2021-01-24T04:55:45.000Z' },
      { outcome: 'rejected', problems: ['eventTime `24/01/2021` is not a time such as 2026-11-03T09:14:06Z'] },
    ]);
    expect(exitCode).toBe(1);
  });

  test('is none in a scheduled event, which is ignored', async () => {
    const scheduled = { 'detail-type': 'Scheduled Event', source: 'aws.events', account: ACCOUNT, detail: {} };
    const { events } = await folderWith({ events: JSON.stringify(scheduled) });

    const { exitCode, lines } = await replay(events);

    expect(lines).toMatchObject([{ outcome: 'ignored', reason: 'another kind of event: `Scheduled Event`' }]);
    expect(exitCode).toBe(0);
  });

  test('that is none is named for what it is, with file and line, and replay ends with 1', async () => {
    const { events } = await folderWith({ events: `${GRANT}\n{"_raw":"Nov 3 09:14:06 sshd"}\n` });

    const { exitCode, stdout } = await runCli(['replay', events, '--allowlist', await allowlistFile()]);

    expect(stdout).toContain(`rejected       ${events}:2\n               no CloudTrail record: holds \`_raw\`\n`);
    expect(exitCode).toBe(1);
  });
});

describe('what Ingress Guard wrote', () => {
  test('is refused by replay, once a file, with what reads it', async () => {
    const findings = [1, 2, 3].map(() => ({ grant: {}, outcome: 'allowed' }));
    const { report, decisions } = await folderWith({
      report: JSON.stringify({ complete: true, findings }),
      decisions: findings.map((one) => JSON.stringify(one)).join('\n'),
    });

    const { exitCode, stderr, lines } = await replay(report, decisions);

    const problem =
      'decisions or a report of Ingress Guard, and no events: explain, learn, what-if and undo read these';
    expect(lines).toMatchObject(
      [report, decisions].map((file) => ({ outcome: 'rejected', problems: [problem], file })),
    );
    expect([exitCode, stderr]).toEqual([1, '2 rejected\n']);
  });

  test('is read by learn out of the log of the function', async () => {
    const decision = {
      message: 'decision',
      outcome: 'allowed',
      grant: {
        account: ACCOUNT,
        region: 'us-east-1',
        target: { cacheSecurityGroupName: 'sessions' },
        source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: ACCOUNT },
      },
    };
    const { log } = await folderWith({ log: JSON.stringify({ events: [{ message: JSON.stringify(decision) }] }) });

    const { exitCode, stdout } = await runCli(['learn', log]);

    expect(stdout).toContain('ec2SecurityGroups: [web]');
    expect(exitCode).toBe(0);
  });
});
