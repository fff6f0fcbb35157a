import { RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { folderWith } from '../support/tools/folder.ts';

const rule = (more = '') =>
  `version: 1\nrules:\n  - { id: vpc, caches: [sessions], cidrs: [10.0.0.0/16, "2001:db8::/32"]${more} }\n`;
const CACHE = ['--cache-name', 'sessions'];
const explain = async (allowlist: string, ...argv: string[]) =>
  runCli(['explain', ...argv, '--allowlist', await allowlistFile(allowlist)]);

describe('ingress-guard explain, with no more than the allowlist needs', () => {
  test('takes any account, any region, the default port and a bare address', async () => {
    const { exitCode, stdout } = await explain(rule(), ...CACHE, '--cidr', '10.0.3.7');

    expect(stdout).toMatch(/^sessions:6379 <- 10\.0\.3\.7\/32 \(any account, any region\)\nallowed by rule `vpc`/);
    expect(exitCode).toBe(0);
  });

  test('takes a bare IPv6 address', async () => {
    const { exitCode, stdout } = await explain(rule(), ...CACHE, '--cidr', '2001:db8::7');

    expect(stdout).toContain('2001:db8::7/128');
    expect(exitCode).toBe(0);
  });

  test('answers in JSON without what was not asked', async () => {
    const { stdout } = await explain(rule(), ...CACHE, '--cidr', '10.1.0.0/16', '--format', 'json');

    const [{ grant }] = jsonLines(stdout) as [{ grant: object }];
    expect(grant).not.toHaveProperty('account');
    expect(grant).not.toHaveProperty('region');
    expect(stdout).not.toContain('000000000000');
  });

  test.each([
    [', accounts: ["111122223333"]', [], /--account is missing: rule `vpc` depends on it/],
    [', regions: [us-east-1]', [], /--region is missing: rule `vpc` depends on it/],
    ['', ['--cidr', '10.0.0/8'], /--cidr `10\.0\.0\/8` is not a range of addresses/],
    ['', ['--account', '1'], /--account `1` is not 12 digits/],
    ['', ['--cluster-name', '_'], /--cluster-name is not a list of names of caches/],
    [
      '',
      ['--ec2-security-group-name', 'web'],
      /--ec2-security-group-name is of a cache security group, and --cache-name of a cache/,
    ],
  ])('asks for what decides, by the name of the option: %s %j', async (more, options, message) => {
    const given = options.includes('--cidr') ? [] : ['--cidr', '10.0.3.0/24'];

    expectRefusal(await explain(rule(more), ...CACHE, ...given, ...options), 1, message);
  });

  test('asks for the options of a cache security group by their names', async () => {
    expectRefusal(
      await explain(rule(), '--cache-security-group-name', 'sessions'),
      1,
      /this is no grant: --ec2-security-group-name is missing; --ec2-security-group-owner-id is missing\. See/,
    );
  });

  test('answers for each of several regions', async () => {
    const { exitCode, stdout } = await explain(
      rule(', regions: [us-east-1]'),
      ...[...CACHE, '--cidr', '10.0.3.7', '--region', 'us-east-1,eu-west-1'],
    );

    expect(stdout.match(/any account, (us-east-1|eu-west-1)/g)).toHaveLength(2);
    expect(exitCode).toBe(2);
  });
});

describe('ingress-guard explain, of a rule that there is', () => {
  test('looks the rule of an id up, and says what the allowlist says of it', async () => {
    const account = await startGuardedCacheHere();
    const allowed = await account.letIn('10.0.1.0/24');
    const denied = await account.letIn('192.0.2.0/24');
    const run = (...ids: string[]) => explain(rule(), ...ids, '--region', REGION);

    const one = await run(allowed);
    const both = await run(allowed, denied);

    expect(one.stdout).toMatch(/^sessions:6379 <- 10\.0\.1\.0\/24 .*\nallowed by rule `vpc`/);
    expect(one.exitCode).toBe(0);
    expect(both.stdout).toMatch(/^sessions:6379 <- 192\.0\.2\.0\/24 .*\ndenied: /m);
    expect(both.stdout).toContain(ACCOUNT);
    expect(both.exitCode).toBe(2);
  });

  test('looks the rules of an event up', async () => {
    const account = await startGuardedCacheHere();
    await account.letIn('192.0.2.0/24');
    const event = await account.eventOf('AuthorizeSecurityGroupIngress');
    const { file } = await folderWith({ file: JSON.stringify(event) });

    const { exitCode, stdout } = await explain(rule(), file);

    expect(stdout).toMatch(/^sessions:6379 <- 192\.0\.2\.0\/24 .*\ndenied: /);
    expect(exitCode).toBe(2);
  });

  test('passes over the rules of an event that are gone', async () => {
    const account = await startGuardedCacheHere();
    const id = await account.letIn('192.0.2.0/24');
    const event = await account.eventOf('AuthorizeSecurityGroupIngress');
    const { file } = await folderWith({ file: JSON.stringify(event) });
    await account.ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: account.groupId, SecurityGroupRuleIds: [id] }),
    );

    const { exitCode, stderr } = await explain(rule(), file);

    expect(stderr).toMatch(
      new RegExp(`^passed over: there is no security group rule ${id} in us-east-1\n.*there is no grant`),
    );
    expect(exitCode).toBe(1);
  });

  test('refuses an id that is not there, and one without a region', async () => {
    await startGuardedCacheHere();
    const id = 'sgr-0123456789abcdef0';

    expectRefusal(
      await explain(rule(), id, '--region', REGION),
      1,
      /there is no security group rule sgr-0123456789abc/,
    );
    expectRefusal(await explain(rule(), id), 1, /which region is sgr-0123456789abcdef0 in\? Say --region/);
  });
});
