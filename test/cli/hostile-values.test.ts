import { describe, expect, test } from 'vitest';
import { ALLOWLIST, allowlistFile } from '../support/enforce-ingress-function.ts';
import { folderWith } from '../support/folder.ts';
import { ACCOUNT } from '../support/grants.ts';
import { type Ended, expectRefusal, runCli } from '../support/run-cli.ts';

const ESCAPE = '\u001b[2J';
const EVIL = `a${ESCAPE}\nforged: 1 passed\u202e\u2028b`;
const SHOWN = 'a?[2J?forged: 1 passed??b';
const json = JSON.stringify;

/** Holds an answer to what a terminal and a log may be given. */
function expectHarmless({ stdout, stderr }: Ended): void {
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(/^forged/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028\u202e]/);
    expect(text.length).toBeLessThan(2_000);
  }
}

const grantOf = (ec2SecurityGroupName: string) => ({
  account: ACCOUNT,
  region: 'us-east-1',
  cacheSecurityGroupName: 'sessions',
  ec2SecurityGroupName,
  ec2SecurityGroupOwnerId: ACCOUNT,
});

describe('what somebody else wrote makes no line of its own and is cut where it is long:', () => {
  const problems = [EVIL, 'x'.repeat(10_000)];

  test.each([
    ['the problems of an event that was rejected', json({ outcome: 'rejected', problems })],
    ['problems that are no texts', json({ outcome: 'rejected', problems: [{ toString: null }, ...problems] })],
    [
      'what an audit did not see',
      json({ findings: [], complete: false, notJudged: [{ region: EVIL, why: problems[1] }] }),
    ],
    [
      'what an audit did not see, which is no text',
      json({ findings: [], complete: false, notJudged: [{ region: EVIL, why: { toString: 1 } }] }),
    ],
  ])('%s', async (_, stdin) => {
    for (const command of ['explain', 'learn', 'undo']) {
      const ended = await runCli([command, '-'], {
        stdin,
        environment: { INGRESS_GUARD_ALLOWLIST: await allowlistFile() },
      });

      expectHarmless(ended);
      expectRefusal(ended, 1, /^ingress-guard: -: .*a\?\[2J\?forged/);
    }
  });

  test('a report that is no JSON', async () => {
    const { report } = await folderWith({ report: EVIL });

    const ended = await runCli(['audit', '--from-report', report]);

    expectHarmless(ended);
    expectRefusal(ended, 1, /cannot be read: Unexpected token/);
  });

  test('the names of cases, and the rules that they expect', async () => {
    const cases = [
      { name: EVIL, grant: grantOf('web'), expect: 'allow' },
      { name: 'büro', grant: grantOf('web'), expect: 'allow', rule: EVIL },
      { name: 'x'.repeat(10_000), grant: grantOf('web'), expect: 'allow' },
    ];

    const ended = await runCli(['test', '-', '--allowlist', await allowlistFile()], { stdin: json({ cases }) });

    expectHarmless(ended);
    expect(ended.stdout).toContain(`✓ ${SHOWN}\n✗ büro\n    should be allowed by rule \`${SHOWN}\``);
  });

  test('the reason of a rule', async () => {
    const allowlist = await allowlistFile(`${ALLOWLIST}    reason: ${json(`für ${EVIL}`)}\n`);
    const stdin = json({
      grant: {
        ...grantOf('web'),
        target: { cacheSecurityGroupName: 'sessions' },
        source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: ACCOUNT },
      },
    });

    const ended = await runCli(['explain', '-', '--allowlist', allowlist], { stdin });

    expectHarmless(ended);
    expect(ended.stdout).toMatch(/: für a\?\[2J\?forged/);
  });
});

describe('an argument that would be no single line', () => {
  test.each([
    ['an unknown command', [EVIL]],
    ['an unknown option', ['check', `--${EVIL}`]],
    ['a file', ['check', EVIL]],
    ['a value', ['audit', '--region', EVIL]],
    ['one that is too long', ['check', 'x'.repeat(10_000)]],
  ])('is refused, and shown cut and printable: %s', async (_, argv) => {
    const ended = await runCli(argv);

    expectHarmless(ended);
    expectRefusal(
      ended,
      1,
      /^ingress-guard: the argument `[ -~]{1,80}` has control characters in it, or more than 4096/,
    );
  });

  test.each(['INGRESS_GUARD_ALLOWLIST', 'INGRESS_GUARD_MODE', 'AWS_REGION', 'AWS_DEFAULT_REGION'])(
    'is refused in the variable that stands for one: %s',
    async (name) => {
      const ended = await runCli(['audit', '--help'], { environment: { [name]: EVIL } });

      expectHarmless(ended);
      expectRefusal(ended, 1, new RegExp(`^ingress-guard: ${name} \`[ -~]{1,80}\` has control characters in it`));
    },
  );

  test('is none for its letters: those of every alphabet are taken', async () => {
    const { 'büro/список.yaml': file } = await folderWith({ 'büro/список.yaml': ALLOWLIST });

    expect(await runCli(['check', file])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${file}: valid`),
    });
  });
});
