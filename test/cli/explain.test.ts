import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, STRANGER, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { startAppConfig, startSsm } from '../support/scripted/remote-allowlists.ts';
import { folderWith } from '../support/tools/folder.ts';

const ALLOWLIST = `version: 1
rules:
  - id: web-to-sessions
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: [web, web-*]
    ownerIds: [self]
    expires: 2027-01-31
    reason: SEC-1234, session store of the shop
  - id: batch-to-queue
    cacheSecurityGroups: [queue]
    ec2SecurityGroups: [batch]
    ownerIds: ["${STRANGER}"]
    regions: [eu-west-1]
`;
const NOW = ['--at', '2026-11-23'];
const VPC_ALLOWLIST = `version: 1
rules:
  - id: office-to-sessions
    caches: [sessions]
    cidrs: [10.0.0.0/16]
    securityGroupIds: [sg-0a, sg-0b]
    ports: [6379]
    reason: SEC-7
`;

const grant = (changes: Readonly<Record<string, string>> = {}) =>
  Object.entries({
    account: ACCOUNT,
    region: 'us-east-1',
    'cache-security-group-name': 'sessions',
    'ec2-security-group-name': 'web',
    'ec2-security-group-owner-id': ACCOUNT,
    ...changes,
  }).flatMap(([name, value]) => [`--${name}`, value]);

describe('ingress-guard explain', () => {
  test('names the rule that allows, its line and its reason', async () => {
    const file = await allowlistFile(ALLOWLIST);

    expect(await runCli(['explain', ...grant(), ...NOW, '--allowlist', file])).toEqual({
      exitCode: 0,
      stdout:
        `sessions <- web of ${ACCOUNT} (${ACCOUNT}, us-east-1)\n` +
        `allowed by rule \`web-to-sessions\` (${file}:3): SEC-1234, session store of the shop\n`,
      stderr: '',
    });
  });

  test('tells the nearest rules part by part, nearest first, when none allows, and ends with 2', async () => {
    const file = await allowlistFile(ALLOWLIST);

    const argv = ['explain', ...grant({ 'ec2-security-group-owner-id': STRANGER }), ...NOW, '--allowlist', file];
    const { exitCode, stdout, stderr } = await runCli(argv);

    expect(stdout).toBe(`sessions <- web of ${STRANGER} (${ACCOUNT}, us-east-1)
denied: no rule of ${file} allows it

  nearest: rule \`web-to-sessions\` (${file}:3)
    ✓ cache security group \`sessions\`: sessions
    ✓ EC2 security group \`web\`: web, web-*
    ✗ owner id \`${STRANGER}\`: self
    ✓ day: until 2027-01-31

  nearest: rule \`batch-to-queue\` (${file}:9)
    ✗ cache security group \`sessions\`: queue
    ✗ EC2 security group \`web\`: batch
    ✓ owner id \`${STRANGER}\`: ${STRANGER}
    ✗ region \`us-east-1\`: eu-west-1
`);
    expect([exitCode, stderr]).toEqual([2, '']);
  });

  test('judges by the day that --at says', async () => {
    const argv = ['explain', ...grant(), '--allowlist', await allowlistFile(ALLOWLIST)];

    expect((await runCli([...argv, '--at', '2027-01-31T23:59:59.999Z'])).exitCode).toBe(0);
    const later = await runCli([...argv, '--at', '2027-02-01']);
    expect(later.exitCode).toBe(2);
    expect(later.stdout).toContain('✗ day: until 2027-01-31');
  });

  test('answers in JSON: an allow with its line, a deny with the nearest rules', async () => {
    const options = [...NOW, '--allowlist', await allowlistFile(ALLOWLIST), '--format', 'json'];

    const allowed = await runCli(['explain', ...grant(), ...options]);
    const denied = await runCli(['explain', ...grant({ 'ec2-security-group-owner-id': STRANGER }), ...options]);

    expect(jsonLines(allowed.stdout)).toEqual([
      {
        grant: { ...strangersGrant, source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: ACCOUNT } },
        decision: { effect: 'allow', rule: 'web-to-sessions' },
        line: 3,
      },
    ]);
    expect(jsonLines(denied.stdout)).toMatchObject([
      {
        grant: strangersGrant,
        decision: { effect: 'deny', reasons: [{ rule: 'web-to-sessions' }] },
        nearest: [
          { rule: 'web-to-sessions', misses: ['ownerId'], line: 3 },
          { rule: 'batch-to-queue', misses: ['cacheSecurityGroup', 'ec2SecurityGroup', 'region'], line: 9 },
        ],
      },
    ]);
  });

  test('reads grants from files and from -, an answer each: events, decisions, a report', async () => {
    const decision = { outcome: 'revoked', grant: strangersGrant };
    const { event, report, folder } = await folderWith({
      event: JSON.stringify(sampleEvent('authorize-ingress')),
      report: JSON.stringify({ findings: [{ grant: strangersGrant }, { grant: strangersGrant }] }),
    });
    const options = ['--allowlist', await allowlistFile(ALLOWLIST), '--format', 'json'];

    const { stdout, exitCode } = await runCli(['explain', event, '-', report, ...options], {
      stdin: `${JSON.stringify(decision)}\n`,
    });

    expect(jsonLines(stdout)).toMatchObject(Array(4).fill({ grant: strangersGrant }));
    expect(exitCode).toBe(2);
    expect(jsonLines((await runCli(['explain', folder, ...options])).stdout)).toHaveLength(3);
    expectRefusal(await runCli(['explain', '-', ...options], { stdin: '[]' }), 1, /there is no grant in -/);
  });

  test('ends with 2 if any of several grants is denied', async () => {
    const own = { ...strangersGrant, source: { ...strangersGrant.source, ec2SecurityGroupOwnerId: ACCOUNT } };
    const { one, other } = await folderWith({
      one: [strangersGrant, own].map((grant) => JSON.stringify({ grant })).join('\n'),
      other: JSON.stringify({ grant: own }),
    });
    const options = ['--allowlist', await allowlistFile(ALLOWLIST), ...NOW];

    expect((await runCli(['explain', one, ...options])).exitCode).toBe(2);
    expect((await runCli(['explain', other, ...options])).exitCode).toBe(0);
  });

  test('takes AWS_REGION, INGRESS_GUARD_ALLOWLIST and ./allowlist.yaml where they are not said', async () => {
    const withoutRegion = grant().filter((_, i) => i !== 2 && i !== 3);
    const named = { AWS_REGION: 'us-east-1', INGRESS_GUARD_ALLOWLIST: await allowlistFile(ALLOWLIST) };

    const { stdout } = await runCli(['explain', ...withoutRegion, ...NOW], { environment: named });
    const fallback = await runCli(['explain', ...withoutRegion], { environment: { AWS_DEFAULT_REGION: 'eu-west-1' } });

    expect(stdout).toContain(`${named.INGRESS_GUARD_ALLOWLIST}:3`);
    expect(fallback.stdout).toContain('(allowlist.yaml:5)');
    expect(fallback.stdout).toContain('eu-west-1');
  });

  test('reads decisions and reports of both kinds, and every grant of an event about several', async () => {
    const grants = [
      vpcGrant({ kind: 'cidr', cidr: '0.0.0.0/0' }),
      vpcGrant({ kind: 'prefixList', prefixListId: 'pl-0a' }),
    ];
    const outcome = { outcome: 'revoked', grant: grants[0], grants: grants.map((one) => ({ grant: one })) };
    const { report } = await folderWith({ report: JSON.stringify({ findings: [{ grant: strangersGrant }] }) });

    const options = ['--allowlist', await allowlistFile(VPC_ALLOWLIST), '--format', 'json'];
    const { stdout } = await runCli(['explain', '-', report, ...options], { stdin: JSON.stringify(outcome) });

    expect(jsonLines(stdout)).toMatchObject([...grants, strangersGrant].map((grant) => ({ grant })));
  });

  test('prints what a grant is called without what could move the cursor', async () => {
    const evil = { kind: 'classic', account: ACCOUNT, region: 'us-east-1', target: { cacheSecurityGroupName: 'a' } };
    const stdin = JSON.stringify({ grant: { ...evil, source: { ec2SecurityGroupName: '\u001b[2J' } } });

    const { stderr } = await runCli(['explain', '-'], { stdin });

    expect(stderr).toContain('ec2SecurityGroupName `?[2J` is not up to 255 ASCII characters');
  });

  test('ends with 1 when there is no grant to evaluate', async () => {
    const allowlist = ['--allowlist', await allowlistFile(ALLOWLIST)];
    const { bad } = await folderWith({ bad: '{"grant": {}}' });

    expectRefusal(
      await runCli(['explain', ...allowlist]),
      1,
      /which grant\? Name --cache-name or --cache-security-group-name and who reaches it, an id \(sgr-…\), or a file/,
    );
    expectRefusal(
      await runCli(['explain', ...grant({ account: '1' }), ...allowlist]),
      1,
      /--account `1` is not 12 digits/,
    );
    expectRefusal(await runCli(['explain', bad, ...allowlist]), 1, /bad:1: account is missing/);
    expectRefusal(await runCli(['explain', `${bad}.missing`, ...allowlist]), 1, /there is no such file/);
    expectRefusal(
      await runCli(['explain', '-', '-', ...allowlist], { stdin: '[]' }),
      1,
      /standard input \(-\) can be read only once/,
    );
    expectRefusal(await runCli(['explain', '-', ...allowlist]), 1, /-:1: empty: there is nothing to read/);
    expectRefusal(await runCli(['explain', ...grant(), '--at', 'today']), 1, /--at/);
  });

  test('ends with 3 when the allowlist is not valid', async () => {
    const file = await allowlistFile('version: 2\nrules: []');

    expectRefusal(
      await runCli(['explain', ...grant(), '--allowlist', file]),
      3,
      /is not a valid allowlist:\n.*:1:10: version/,
    );
  });

  test('has a --help with an example', async () => {
    await expectHelp('explain');
  });
});

/** How a person asks whether these ports of cache `sessions` may be reached. */
const reach = (...who: readonly string[]) => [
  ...['--account', ACCOUNT, '--region', 'us-east-1', '--cache-name', 'Sessions', '--port', '6379'],
  ...who,
];

describe('ingress-guard explain, asked who reaches a cache', () => {
  test('names the rule that allows, and speaks of no rule of a security group, because nobody named one', async () => {
    const file = await allowlistFile(VPC_ALLOWLIST);

    expect(await runCli(['explain', ...reach('--cidr', '10.0.3.4/24'), '--allowlist', file])).toEqual({
      exitCode: 0,
      stdout:
        `sessions:6379 <- 10.0.3.0/24 (${ACCOUNT}, us-east-1)\n` +
        `allowed by rule \`office-to-sessions\` (${file}:3): SEC-7\n`,
      stderr: '',
    });
  });

  test('tells the nearest rules of caches part by part when none allows, and no others', async () => {
    const file = await allowlistFile(`${VPC_ALLOWLIST}${ALLOWLIST.slice(ALLOWLIST.indexOf('  - id'))}`);
    const group = ['--security-group-id', 'sg-0c', '--security-group-owner-id', STRANGER];

    const argv = ['explain', ...reach('6380', ...group), '--allowlist', file];
    const { exitCode, stdout, stderr } = await runCli(argv);

    expect(stdout).toBe(`sessions:6379,6380 <- sg-0c of ${STRANGER} (${ACCOUNT}, us-east-1)
denied: no rule of ${file} allows it

  nearest: rule \`office-to-sessions\` (${file}:3)
    ✓ cache \`sessions\`: sessions
    ✗ security group \`sg-0c\`: sg-0a, sg-0b
    ✗ owner id \`${STRANGER}\`: self
    ✗ ports 6379, 6380: 6379
`);
    expect([exitCode, stderr]).toEqual([2, '']);
  });

  test('answers in JSON, with a grant that names no rule', async () => {
    const options = ['--allowlist', await allowlistFile(VPC_ALLOWLIST), '--format', 'json'];

    const { stdout } = await runCli(['explain', ...reach('--prefix-list-id', 'pl-0a'), ...options]);

    expect(jsonLines(stdout)).toMatchObject([
      {
        grant: {
          target: { cacheName: 'sessions', ports: [6379] },
          source: { kind: 'prefixList', prefixListId: 'pl-0a' },
        },
        decision: { effect: 'deny' },
        nearest: [{ rule: 'office-to-sessions', misses: ['prefixList'], line: 3 }],
      },
    ]);
    expect(stdout).not.toContain('sgr-');
  });

  test('takes the names of the clusters of a replication group', async () => {
    const allowlist = ['--allowlist', await allowlistFile(VPC_ALLOWLIST)];
    const asked = reach('--cidr', '10.0.3.0/24', '--cache-name', 'sessions-ha', '--cluster-name', 'sessions', 'a');

    const { exitCode, stdout } = await runCli(['explain', ...asked, ...allowlist]);

    expect(stdout).toContain('allowed by rule `office-to-sessions`');
    expect(exitCode).toBe(0);
  });

  test('takes the name of a security group', async () => {
    const names = VPC_ALLOWLIST.replace('securityGroupIds: [sg-0a, sg-0b]', 'securityGroupNames: [web-*]');
    const allowlist = ['--allowlist', await allowlistFile(names)];
    const asked = (name: string) =>
      reach('--security-group-id', 'sg-0c', '--security-group-name', name, '--security-group-owner-id', ACCOUNT);

    const allowed = await runCli(['explain', ...asked('web-1'), ...allowlist]);
    const denied = await runCli(['explain', ...asked('Web-1'), ...allowlist]);

    expect(allowed.stdout).toContain(`sessions:6379 <- sg-0c (web-1) of ${ACCOUNT}`);
    expect(allowed.exitCode).toBe(0);
    expect(denied.stdout).toContain('✗ security group `sg-0c` (`Web-1`): web-*');
    expect(denied.exitCode).toBe(2);
  });

  test('needs the entries of a prefix list where these decide', async () => {
    const allowlist = ['--allowlist', await allowlistFile(VPC_ALLOWLIST), ...NOW];
    const explain = (...entries: readonly string[]) =>
      runCli(['explain', ...reach('--prefix-list-id', 'pl-0a', ...entries), ...allowlist]);

    const unknown = await explain();
    const inside = await explain('--entry', '10.0.3.0/24', '10.0.4.0/24');
    const outside = await explain('--entry', '10.0.3.0/24', '10.1.0.0/16');

    expect(unknown.stdout).toMatch(/not known: a rule of .* allows it if every entry .* Name the entries with --entry/);
    expect(inside.stdout).toContain('allowed by rule `office-to-sessions`');
    expect(outside.stdout).toContain('✗ prefix list `pl-0a` with 2 entries: none; cidrs: 10.0.0.0/16');
    expect([unknown, inside, outside].map(({ exitCode }) => exitCode)).toEqual([1, 0, 2]);
  });

  test('denies a security group whose owner nobody named', async () => {
    const allowlist = ['--allowlist', await allowlistFile(VPC_ALLOWLIST)];

    const { exitCode, stdout } = await runCli(['explain', ...reach('--security-group-id', 'sg-0a'), ...allowlist]);

    expect(stdout).toContain('sessions:6379 <- sg-0a of an unknown owner');
    expect(exitCode).toBe(2);
  });

  test.each([
    [['--cidr', '10.0.0.0/8', '--prefix-list-id', 'pl-0a'], /the source is said in several ways/],
    [[], /no source is named: add --cidr, --prefix-list-id, --security-group-id or --public-endpoint/],
    [['--cidr', '10.0.0/8'], /cidr `10\.0\.0\/8` is not a range of addresses/],
    [
      ['--cidr', '10.0.0.0/8', '--ec2-security-group-name', 'web'],
      /--ec2-security-group-name is of a cache security group, and --cache-name of a cache: a grant is about one of the two/,
    ],
    [['web'], /--port is `web`: it must be a whole number from 1 to 65535/],
    [['0', '--cidr', '10.0.0.0/8'], /must be a whole number from 1 to 65535/],
  ])('ends with 1 when that is no question: %j', async (who, message) => {
    expectRefusal(
      await runCli(['explain', ...reach(...who), '--allowlist', await allowlistFile(VPC_ALLOWLIST)]),
      1,
      message,
    );
  });
});

describe('an allowlist that is not a file', () => {
  test.each([
    ['an SSM parameter', startSsm],
    ['AppConfig', startAppConfig],
  ])('is read from where the function has it: %s', async (_, startStore) => {
    const { location, environment } = await startStore(ALLOWLIST);
    stubEnvironment(environment);

    const ended = await runCli(['explain', ...grant(), ...NOW, '--allowlist', location]);

    expect(ended).toEqual({ exitCode: 0, stdout: expect.stringContaining(`(${location}:`), stderr: '' });
  });

  test('is refused if nobody can tell what it is', async () => {
    expectRefusal(
      await runCli(['explain', ...grant(), ...NOW, '--allowlist', 'appconfig:guard']),
      1,
      /the allowlist is appconfig:guard: write appconfig:APPLICATION\/ENVIRONMENT\/PROFILE/,
    );
  });
});
