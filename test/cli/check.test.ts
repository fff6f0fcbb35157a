import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ALLOWLIST, allowlistFile } from '../support/functions/enforce-ingress-function.ts';

const WITH_WARNINGS = `version: 1
rules:
  - id: everybody
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: ["*"]
    ownerIds: [self]
    expires: 2020-01-31
`;
const INVALID = `version: 1
rules:
  - id: web
    cacheSecurityGroups: []
    ec2SecurityGroup: [web]
    ec2SecurityGroups: [web]
    ownerIds: [012345678901]
`;

describe('ingress-guard check', () => {
  test('says that an allowlist is valid, and nothing else', async () => {
    const file = await allowlistFile();

    expect(await runCli(['check', file])).toEqual({
      exitCode: 0,
      stdout: `${file}: valid, 1 rule, 0 warnings\n`,
      stderr: '',
    });
  });

  test('warns with file, line and column, and is content', async () => {
    const file = await allowlistFile(WITH_WARNINGS);

    const { exitCode, stdout, stderr } = await runCli(['check', file]);

    expect(stdout.split('\n')).toEqual([
      `${file}:3:3: warning: the allowlist allows nothing, so every grant is denied: all its rules have expired`,
      `${file}:5:24: warning: rule \`everybody\` allows every EC2 security group of its owners`,
      `${file}:7:14: warning: rule \`everybody\` expired on 2020-01-31 and allows nothing any more`,
      `${file}: valid, 1 rule, 3 warnings`,
      '',
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('tells every mistake at once with its place and its mend, and ends with 3', async () => {
    const file = await allowlistFile(INVALID);

    const { exitCode, stdout, stderr } = await runCli(['check', file]);

    expect(stdout.split('\n')).toEqual([
      `${file}:4:26: error: rules[0].cacheSecurityGroups: is empty: name at least one of the cache security groups, or remove it`,
      `${file}:5:5: error: rules[0]: unknown key \`ec2SecurityGroup\`: did you mean \`ec2SecurityGroups\`?`,
      `${file}:7:16: error: rules[0].ownerIds[0]: owner id \`012345678901\` is a number here and has lost its leading zero: put it in quotes`,
      `${file}: not valid, 3 errors`,
      '',
    ]);
    expect([exitCode, stderr]).toEqual([3, '']);
  });

  test('answers in JSON, one object: what is valid, with its hash', async () => {
    const file = await allowlistFile();

    const { exitCode, stdout } = await runCli(['check', file, '--format', 'json']);

    expect(jsonLines(stdout)).toEqual([
      {
        file,
        valid: true,
        rules: 1,
        sha256: createHash('sha256').update(ALLOWLIST).digest('hex'),
        problems: [],
        warnings: [],
      },
    ]);
    expect(exitCode).toBe(0);
  });

  test('answers in JSON, one object: what is not valid, and warnings', async () => {
    const invalid = await runCli(['check', await allowlistFile(INVALID), '--format', 'json']);
    const warned = await runCli(['check', await allowlistFile(WITH_WARNINGS), '--format', 'json']);

    expect(jsonLines(invalid.stdout)).toMatchObject([
      {
        valid: false,
        problems: [
          { line: 4, column: 26 },
          { line: 5, column: 5 },
          { line: 7, column: 16 },
        ],
        warnings: [],
      },
    ]);
    expect(invalid.exitCode).toBe(3);
    expect(jsonLines(warned.stdout)).toMatchObject([
      { valid: true, problems: [], warnings: [{ line: 3 }, { line: 5 }, { line: 7 }] },
    ]);
  });

  test('reads standard input for -, also in the UTF-16 of PowerShell', async () => {
    for (const stdin of [ALLOWLIST, Buffer.from(`\uFEFF${ALLOWLIST}`, 'utf16le')]) {
      expect(await runCli(['check', '-'], { stdin })).toMatchObject({
        exitCode: 0,
        stdout: '-: valid, 1 rule, 0 warnings\n',
      });
    }
    expect(await runCli(['check', '-'], { stdin: '' })).toMatchObject({
      exitCode: 3,
      stdout: expect.stringMatching(/^-:1:1: error: the document: must be an allowlist/),
    });
  });

  test('takes the file of INGRESS_GUARD_ALLOWLIST, else ./allowlist.yaml', async () => {
    const file = await allowlistFile();

    const named = await runCli(['check'], { environment: { INGRESS_GUARD_ALLOWLIST: file } });
    const unnamed = await runCli(['check'], { environment: { INGRESS_GUARD_ALLOWLIST: '' } });

    expect(named.stdout).toBe(`${file}: valid, 1 rule, 0 warnings\n`);
    expect(unnamed.stdout).toBe('allowlist.yaml: valid, 2 rules, 0 warnings\n');
  });

  test('colours what it says on a terminal, and only there', async () => {
    const argv = ['check', await allowlistFile(INVALID)];

    expect((await runCli(argv, { isTTY: true })).stdout).toContain('\u001b[');
    expect((await runCli(argv)).stdout).not.toContain('\u001b');
  });

  test('ends with 1 when there is nothing to check, or it does not know what is asked', async () => {
    const file = await allowlistFile();

    expectRefusal(
      await runCli(['check', `${file}.missing`]),
      1,
      /^ingress-guard: .*missing.*: there is no such file\n$/,
    );
    expectRefusal(await runCli(['check', '/']), 1, /^ingress-guard: .* it is a directory\n$/);
    expectRefusal(await runCli(['check', file, '--format', 'xml']), 1, /--format/);
    expectRefusal(await runCli(['check', file, file]), 1, /it takes 1 argument at most, and .* is one more/);
    expectRefusal(await runCli(['chekc', file]), 1, /there is no command `chekc`: did you mean `check`\?/);
  });

  test('has a --help with an example', async () => {
    await expectHelp('check');
  });
});
