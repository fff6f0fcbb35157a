import { describe, expect, test } from 'vitest';
import { toGitHub } from '../../../src/cli/ci/github.ts';
import { runCli } from '../../support/commands/run-cli.ts';
import { ALLOWLIST, allowlistFile } from '../../support/functions/enforce-ingress-function.ts';
import { folderWith } from '../../support/tools/folder.ts';
import { CASES, HOSTILE_CASES, INVALID, UNREADABLE, WITH_WARNINGS } from './examples.ts';

const FORMAT = ['--format', 'github'];

describe('--format github', () => {
  test('annotates each mistake and each warning of an allowlist at its line', async () => {
    const [invalid, warned] = [await allowlistFile(INVALID), await allowlistFile(WITH_WARNINGS)];

    const wrong = await runCli(['check', invalid, ...FORMAT]);
    const doubtful = await runCli(['check', warned, ...FORMAT]);

    expect(wrong.stdout.split('\n')).toEqual([
      `::error file=${invalid},line=4,col=26::rules[0].cacheSecurityGroups: is empty: name at least one of the cache security groups, or remove it`,
      `::error file=${invalid},line=5,col=24::rules[0].ec2SecurityGroups: is empty: name at least one of the EC2 security groups, or remove it`,
      `Checked ${invalid}: not valid, 2 errors`,
      '',
    ]);
    expect([wrong.exitCode, wrong.stderr]).toEqual([3, '']);
    expect(doubtful.stdout).toContain(
      `::warning file=${warned},line=5,col=24::rule \`everybody\` allows every EC2 security group of its owners\n`,
    );
    expect(doubtful.stdout).toMatch(/\nChecked .*: valid, 1 rule, \d warnings?\n$/);
    expect(doubtful.exitCode).toBe(0);
  });

  test('annotates the case that fails at the line where it begins, and no case that holds', async () => {
    const { cases } = await folderWith({ cases: CASES });

    const { stdout, exitCode } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    expect(stdout.split('\n')).toEqual([
      `::error file=${cases},line=6,col=5::web is kept out: should be denied, and rule \`web-to-sessions\` allows it`,
      '1 passed, 1 failed',
      '',
    ]);
    expect(exitCode).toBe(1);
  });

  test('annotates with --coverage the allowlist rule that no case reaches, and is content', async () => {
    const { cases } = await folderWith({ cases: CASES.replace('expect: deny', 'expect: allow') });
    const allowlist = await allowlistFile(`${ALLOWLIST}  - id: batch
    cacheSecurityGroups: [queue]
    ec2SecurityGroups: [batch]
    ownerIds: [self]
`);

    const ended = await runCli(['test', cases, '--allowlist', allowlist, '--coverage', ...FORMAT]);

    expect(ended.stdout).toMatch(
      /^::warning file=.*,line=\d+,col=5::no case reaches rule `batch`\n2 passed, 0 failed\n$/,
    );
    expect(ended.stdout).toContain(`file=${allowlist},`);
    expect(ended.exitCode).toBe(0);
  });

  test.each([
    ['cases: [', 1, /^::error file=[^,]+,line=1,col=9::the list in \[ \] is not closed: add \]\n/],
    [
      CASES.replace('expect: deny', 'expects: deny'),
      1,
      /^::error file=[^,]+,line=6,col=5::cases\[1\]\.expect: must be/,
    ],
  ])('annotates what keeps cases from being read: %j', async (text, code, expected) => {
    const { cases } = await folderWith({ cases: text });

    const { stdout, exitCode } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    expect(stdout).toMatch(expected);
    expect(stdout).toMatch(/\nNo case was run: not all could be read\n$/);
    expect(exitCode).toBe(code);
  });

  test('annotates the allowlist where it is the allowlist that keeps cases from being run, and ends with 3', async () => {
    const { cases } = await folderWith({ cases: CASES });
    const allowlist = await allowlistFile(INVALID);

    const { stdout, exitCode } = await runCli(['test', cases, '--allowlist', allowlist, ...FORMAT]);

    expect(stdout).toContain(`::error file=${allowlist},line=4,col=26::`);
    expect(exitCode).toBe(3);
  });

  test.each(UNREADABLE)('annotates an allowlist or cases that are %s', async (_, path, why) => {
    const file = await path();
    const allowlist = await allowlistFile();

    for (const argv of [
      ['check', file],
      ['test', file, '--allowlist', allowlist],
    ]) {
      const { exitCode, stdout, stderr } = await runCli([...argv, ...FORMAT]);

      const [annotation, ...rest] = stdout.split('\n');
      expect(annotation).toMatch(new RegExp(`^::error file=[^,]+,line=1,col=1::.*${why.source}`));
      expect(annotation).toContain(`file=${file},`);
      expect(rest).toEqual(['Nothing was checked', '']);
      expect(stderr).toMatch(why);
      expect(exitCode).toBe(1);
    }
  });

  test('names a file as GitHub does, so that it finds it among those of a pull request', async () => {
    const { stdout } = await runCli(['check', './guard/.././none.yaml', ...FORMAT]);

    expect(stdout).toMatch(/^::error file=none\.yaml,line=1,/);
  });

  test('names no file where none was read, and the place in the message', async () => {
    const { stdout } = await runCli(['check', '-', ...FORMAT], { stdin: INVALID });

    expect(stdout).toMatch(/^::error::standard input:4:26: rules\[0\]/);
  });

  test('lets no name in a case write a command of its own', async () => {
    const { cases } = await folderWith({ cases: HOSTILE_CASES });

    const { stdout } = await runCli(['test', cases, '--allowlist', await allowlistFile(), ...FORMAT]);

    const commands = stdout.split(/[\r\n]+/).filter((line) => line.trimStart().startsWith('::'));
    expect(commands).toEqual([
      expect.stringMatching(/^::error file=[^,]+,line=2,col=5::a\?::set-env name=PATH::b%250A/),
    ]);
  });

  test('escapes what would end a property', () => {
    const wrong = { kind: 'case-failed', message: '100% of it' } as const;
    const results = [{ name: 'a', at: { line: 1, column: 2 }, wrong }];

    expect(toGitHub([{ file: 'C:a,b%.yaml', name: 'a', results }], 'done')).toBe(
      '::error file=C%3Aa%2Cb%25.yaml,line=1,col=2::100%25 of it\ndone\n',
    );
  });
});
