import { describe, expect, test } from 'vitest';
import { expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { folderWith } from '../support/tools/folder.ts';

describe('a command line that is wrong', () => {
  test.each([
    [['chekc'], 'there is no command `chekc`: did you mean `check`?'],
    [['nonsense'], 'there is no command `nonsense`: the commands are init, check, test, '],
    [['check', '--formt', 'json'], 'there is no option `--formt`: did you mean `--format`?'],
    [['check', '--colour=red'], 'there is no option `--colour`: See ingress-guard check --help'],
    [['check', '--format', 'pdf'], '--format is `pdf`: it must be text, json, github, junit or sarif'],
    [['check', 'a', 'b'], 'it takes 1 argument at most, and `b` is one more. See ingress-guard check --help'],
    [
      ['replay'],
      '<events> is missing: files or folders of recorded events; - for standard input. See ingress-guard replay --help',
    ],
    [['audit', '--region'], '--region <name...> lacks its value: the regions to look at (AWS_REGION). See '],
    [['what-if', 'a', 'b'], '--grants <file...> is missing: the standing grants'],
    [['check', 'appconfig:a'], 'the allowlist is appconfig:a: write appconfig:APPLICATION/ENVIRONMENT/PROFILE'],
    [['local', '--port', 'x'], '--port is `x`: it must be a whole number from 0 to 65535\n'],
  ])('is refused with what to write: %j', async (argv, message) => {
    const { exitCode, stdout, stderr } = await runCli(argv);

    expect(stderr.slice(0, `ingress-guard: ${message}`.length)).toBe(`ingress-guard: ${message}`);
    expect([exitCode, stdout]).toEqual([1, '']);
  });
});

describe('YAML that cannot be read', () => {
  test.each([
    ['rules: [a', 'the list in [ ] is not closed: add ]'],
    ['rules: {a: 1', 'the mapping in { } is not closed: add }'],
    ['rules: "a', 'a text in quotes is not closed: add "'],
    ["rules: 'a", "a text in quotes is not closed: add '"],
    ['rules: [a b: c]', undefined],
    ['version 1\nrules: []', 'a colon is missing, or a key goes over several lines: write `key: value` on one line'],
    ['rules:\n\t- a', 'a tab: indent with spaces'],
    ['rules: a: b', 'a list or mapping begins in the middle of a line: begin a new line, or put the text in quotes'],
    ['rules: @a', 'a text cannot begin with this character: put it in quotes'],
    ['rules: "\\q"', 'a backslash in double quotes that means nothing: write \\\\, or use single quotes'],
    ['rules: []]', 'this does not belong here: check the quotes, brackets and commas before it'],
    ['a: 1\na: 2', 'key `a` is there twice: keep one of them'],
  ])('is reported in words of its own: %j', async (text, message) => {
    const { exitCode, stdout } = await runCli(['check', '-'], { stdin: text });

    if (message !== undefined) expect(stdout).toContain(`error: ${message}\n`);
    expect(exitCode).toBe(3);
  });
});

describe('files that cannot be read', () => {
  test('are reported by what is wrong with them, without codes', async () => {
    const { folder, file } = await folderWith({ file: 'version: 1\nrules: []\n' });

    expectRefusal(await runCli(['check', `${file}/a`]), 1, /a cannot be read: a part of its path is a file, not a dir/);
    expectRefusal(await runCli(['check', folder]), 1, /cannot be read: it is a directory\n/);
    expectRefusal(await runCli(['check', `/${'x'.repeat(300)}`]), 1, /cannot be read: its name is too long\n/);
  });

  test('are reported with the place where a report stops being JSON', async () => {
    const { report, cut } = await folderWith({ report: '{\n  "schemaVersion": 1,\n}', cut: '{"a":' });

    expectRefusal(await runCli(['audit', '--from-report', report]), 1, /report:3:1: not JSON\. Name the report that/);
    expectRefusal(await runCli(['audit', '--from-report', cut]), 1, /cut: not JSON to its end: it is cut off\. /);
  });
});

test.each([
  [
    'http://127.0.0.1:1',
    /no connection to 127\.0\.0\.1:1 \(ECONNREFUSED\): check the network, proxies and AWS_ENDPOINT_URL/,
  ],
  ['not-a-url', /AWS_ENDPOINT_URL is no URL: write http:\/\/127\.0\.0\.1:4566, or unset it/],
])('an endpoint where no one answers is named: %s', async (endpoint, message) => {
  stubEnvironment({ AWS_ENDPOINT_URL: endpoint });

  expectRefusal(await runCli(['learn', '--region', 'us-east-1']), 1, message);
});

test('credentials that are not there are asked for', async () => {
  stubEnvironment({
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
  const allowlist = ['--allowlist', await allowlistFile()];
  const wanted = /AWS credentials: there are none: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/;

  expectRefusal(await runCli(['audit', '--region', 'us-east-1', ...allowlist]), 1, wanted);
  expectRefusal(await runCli(['learn', '--region', 'us-east-1']), 1, wanted);
  expectRefusal(await runCli(['check', 'ssm:/shop/allowlist']), 1, wanted);
});
