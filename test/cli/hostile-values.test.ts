import { describe, expect, test, vi } from 'vitest';
import { type Ended, expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, vpcGrant } from '../support/examples/grants.ts';
import { ALLOWLIST, allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { ec2Answer } from '../support/scripted/ec2-answers.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';
import { folderWith } from '../support/tools/folder.ts';

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
    for (const command of ['explain', 'learn']) {
      const ended = await runCli([command, '-'], {
        stdin,
        environment: { INGRESS_GUARD_ALLOWLIST: await allowlistFile() },
      });

      expectHarmless(ended);
      expectRefusal(ended, 1, /^ingress-guard: -:1: .*a\?\[2J\?forged/);
    }
  });

  test('a report that is no JSON', async () => {
    const { report } = await folderWith({ report: EVIL });

    const ended = await runCli(['audit', '--from-report', report]);

    expectHarmless(ended);
    expectRefusal(ended, 1, /not JSON/);
  });

  test('the names of cases, and the rules that they expect', async () => {
    const cases = [
      { name: EVIL, grant: grantOf('web'), expect: 'allow' },
      { name: 'büro', grant: grantOf('web'), expect: 'allow', rule: EVIL },
      { name: 'x'.repeat(10_000), grant: grantOf('web'), expect: 'allow' },
    ];

    const ended = await runCli(['test', '-', '--allowlist', await allowlistFile()], { stdin: json({ cases }) });

    expectHarmless(ended);
    expect(ended.stdout).toContain(`✓ ${SHOWN}\n✗ büro\n    -:1:`);
    expect(ended.stdout).toContain(`: should be allowed by rule \`${SHOWN}\``);
  });

  test('the description of a rule that was revoked', async () => {
    const { groupId } = await startGuardedCacheHere();
    await using taking = await startScriptedEndpoint(
      ec2Answer('AuthorizeSecurityGroupIngress', '<return>true</return>'),
    );
    const description = `für ${EVIL}`;
    const securityGroupRule = { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description };
    const grant = vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }, { securityGroupId: groupId });
    const stdin = json({ outcome: 'revoked', grant, securityGroupRule });
    const allowlist = await allowlistFile(VPC_ALLOWLIST);

    const refused = await runCli(['undo', '-', '--allowlist', allowlist], { stdin });
    vi.stubEnv('AWS_ENDPOINT_URL_EC2', taking.url);
    vi.resetModules();
    const restored = await runCli(['undo', '-', '--allowlist', allowlist], { stdin });

    expectHarmless(refused);
    expectRefusal(refused, 1, /could not be restored/);
    expectHarmless(restored);
    expect(restored.stdout).toContain(`"für ${SHOWN}"`);
  });

  test.each([
    ['a range of addresses', { cidr: `10.0.0.0/8${EVIL}` }, {}, /cidr `10\.0\.0\.0\/8a\?\[2J\?forged/],
    ['a security group', { securityGroupId: `sg-0a${EVIL}` }, {}, /securityGroupId `sg-0aa\?\[2J\?forged/],
    [
      'the owner of one',
      { kind: 'securityGroup', securityGroupId: 'sg-0a', securityGroupOwnerId: EVIL },
      {},
      /securityGroupOwnerId `a\?\[2J/,
    ],
    ['a prefix list', { kind: 'prefixList', prefixListId: 'x'.repeat(10_000) }, {}, /prefixListId `x{64}\.\.\.`/],
    ['the name of a cache', { kind: 'cidr', cidr: '10.0.0.0/8' }, { cacheName: EVIL }, /cacheName `a\?\[2J/],
    [
      'the id of a rule',
      { kind: 'cidr', cidr: '10.0.0.0/8' },
      { securityGroupRuleId: EVIL },
      /securityGroupRuleId `a\?\[2J/,
    ],
    [
      'a port',
      { kind: 'cidr', cidr: '10.0.0.0/8' },
      { ports: [EVIL] },
      /ports is not a list of numbers from 1 to 65535/,
    ],
  ])('%s in a grant', async (_, source, target, message) => {
    const grant = { ...vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/8' }, target as object), source };

    for (const command of ['explain', 'learn', 'undo']) {
      const stdin = json({ outcome: 'revoked', grant });
      const ended = await runCli([command, '-'], {
        stdin,
        environment: { INGRESS_GUARD_ALLOWLIST: await allowlistFile() },
      });

      expectHarmless(ended);
      expectRefusal(ended, 1, message);
    }
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

  test.each([
    'INGRESS_GUARD_ALLOWLIST',
    'INGRESS_GUARD_MODE',
    'INGRESS_GUARD_SHARED',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
  ])('is refused in the variable that stands for one: %s', async (name) => {
    const ended = await runCli(['audit', '--help'], { environment: { [name]: EVIL } });

    expectHarmless(ended);
    expectRefusal(ended, 1, new RegExp(`^ingress-guard: ${name} \`[ -~]{1,80}\` has control characters in it`));
  });

  test('is none for its letters: those of every alphabet are taken', async () => {
    const { 'büro/список.yaml': file } = await folderWith({ 'büro/список.yaml': ALLOWLIST });

    expect(await runCli(['check', file])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${file}: valid`),
    });
  });
});
