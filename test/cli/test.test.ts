import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ALLOWLIST, allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { folderWith } from '../support/tools/folder.ts';

const RULES = `${ALLOWLIST}  - id: batch-until-january
    cacheSecurityGroups: [queue]
    ec2SecurityGroups: [batch]
    ownerIds: [self]
    expires: 2027-01-31
`;
const grant = (into: string, from: string, owner = '111122223333') =>
  `{ account: "111122223333", region: us-east-1, cacheSecurityGroupName: ${into}, ec2SecurityGroupName: ${from}, ec2SecurityGroupOwnerId: "${owner}" }`;

const HOLDS = `cases:
  - name: web reaches the sessions
    grant: ${grant('Sessions', 'web')}
    expect: allow
    rule: web-to-sessions
  - name: a stranger does not
    grant: ${grant('sessions', 'web', '444455556666')}
    expect: deny
`;
const FAILS = `cases:
  - name: everybody reaches the sessions
    grant: ${grant('sessions', 'web', '444455556666')}
    expect: allow
  - name: web is kept out
    grant: ${grant('sessions', 'web')}
    expect: deny
  - name: it is another rule
    grant: ${grant('sessions', 'web')}
    expect: allow
    rule: other
  - name: this one holds
    grant: ${grant('sessions', 'web')}
    expect: allow
`;

describe('ingress-guard test', () => {
  test('tells a hundred problems at most of a file of wrong cases', async () => {
    const stdin = JSON.stringify({ cases: Array.from({ length: 1_000 }, () => 1) });

    const ended = await runCli(['test', '-', '--allowlist', await allowlistFile()], { stdin });

    expectRefusal(ended, 1, /^ingress-guard: (-:1:\d+: cases\[\d+\]: .*\n){100}$/);
  });

  test('says that each case holds, and ends with 0', async () => {
    const { cases } = await folderWith({ cases: HOLDS });

    expect(await runCli(['test', cases, '--allowlist', await allowlistFile(RULES)])).toEqual({
      exitCode: 0,
      stdout: '✓ web reaches the sessions\n✓ a stranger does not\n\n2 passed, 0 failed\n',
      stderr: '',
    });
  });

  test('says of each case that fails where it is and how it fails, and ends with 1', async () => {
    const { cases } = await folderWith({ cases: FAILS });

    const { exitCode, stdout, stderr } = await runCli(['test', cases, '--allowlist', await allowlistFile(RULES)]);

    expect(stdout).toBe(`✗ everybody reaches the sessions
    ${cases}:2:5: should be allowed, and is denied: rule \`web-to-sessions\` covers the cache security group and EC2 security group but not owner id \`444455556666\`
✗ web is kept out
    ${cases}:5:5: should be denied, and rule \`web-to-sessions\` allows it
✗ it is another rule
    ${cases}:8:5: should be allowed by rule \`other\`, and is by rule \`web-to-sessions\`
✓ this one holds

1 passed, 3 failed
`);
    expect([exitCode, stderr]).toEqual([1, '']);
  });

  test('answers in JSON, a line each, and with --coverage one more', async () => {
    const { cases, more } = await folderWith({ cases: HOLDS, more: FAILS });
    const allowlist = await allowlistFile(RULES);

    const { stdout, exitCode } = await runCli([
      'test',
      cases,
      more,
      '--allowlist',
      allowlist,
      '--format',
      'json',
      '--coverage',
    ]);

    const results = jsonLines(stdout);
    expect(results.slice(0, 3)).toEqual([
      { file: cases, line: 2, column: 5, name: 'web reaches the sessions', rule: 'web-to-sessions', passed: true },
      { file: cases, line: 6, column: 5, name: 'a stranger does not', passed: true },
      {
        file: more,
        line: 2,
        column: 5,
        name: 'everybody reaches the sessions',
        passed: false,
        failure: expect.stringContaining('is denied'),
      },
    ]);
    expect(results.at(-1)).toEqual({ unreachedRules: ['batch-until-january'] });
    expect(results).toHaveLength(7);
    expect(exitCode).toBe(1);
  });

  test('tells with --coverage which rules no case reaches, or that there are none', async () => {
    const { cases } = await folderWith({ cases: HOLDS });
    const options = ['--coverage', '--allowlist'];

    const some = await runCli(['test', cases, ...options, await allowlistFile(RULES)]);
    const none = await runCli(['test', cases, ...options, await allowlistFile()]);

    expect(some.stdout).toMatch(/\n1 rule that no case reaches: batch-until-january\n$/);
    expect(none.stdout).toMatch(/\nevery rule is reached by a case\n$/);
    expect([some.exitCode, none.exitCode]).toEqual([0, 0]);
  });

  test.each([
    ['2027-01-31', 'allow'],
    ['2027-01-31T23:59:59Z', 'allow'],
    ['2027-02-01', 'deny'],
  ])('judges each case by its own day: on %s it is %s', async (at, expected) => {
    const stdin = `cases: [{ name: batch, grant: ${grant('queue', 'batch')}, expect: ${expected}, at: ${at} }]`;

    expect(await runCli(['test', '-', '--allowlist', await allowlistFile(RULES)], { stdin })).toMatchObject({
      exitCode: 0,
    });
  });

  test('holds an allowlist to cases of both kinds', async () => {
    const place = 'account: "111122223333", region: us-east-1';
    const reach = `${place}, cacheName: sessions, ports: [6379]`;
    const stdin = `cases:
  - { name: the VPC, grant: { ${reach}, cidr: 10.0.3.0/24 }, expect: allow, rule: vpc-to-sessions }
  - { name: everybody, grant: { ${reach}, cidr: 0.0.0.0/0 }, expect: deny }
  - { name: a group, grant: { ${reach}, securityGroupId: sg-0a, securityGroupOwnerId: "111122223333" }, expect: allow }
  - { name: by name, grant: { ${reach}, securityGroupId: sg-0c, securityGroupName: web, securityGroupOwnerId: "111122223333" }, expect: allow }
  - { name: by a cluster, grant: { ${reach.replace('sessions', 'sessions-ha')}, clusterNames: [sessions], cidr: 10.0.3.0/24 }, expect: allow }
  - { name: a prefix list, grant: { ${reach}, prefixListId: pl-0a, entries: [10.0.0.0/8] }, expect: allow }
  - { name: a part of the VPC, grant: { ${reach}, prefixListId: pl-0a, entries: [10.0.0.0/24] }, expect: allow }
  - { name: any prefix list, grant: { ${reach}, prefixListId: pl-0a }, expect: deny }
  - { name: web, grant: ${grant('sessions', 'web')}, expect: allow }
`;
    const allowlist = await allowlistFile(`${ALLOWLIST}  - id: vpc-to-sessions
    caches: [sessions]
    cidrs: [10.0.0.0/16]
    securityGroupIds: [sg-0a]
    securityGroupNames: [web]
`);

    const { exitCode, stdout } = await runCli(['test', '-', '--coverage', '--allowlist', allowlist], { stdin });

    expect(stdout).toBe(`✓ the VPC
✓ everybody
✓ a group
✓ by name
✓ by a cluster
✗ a prefix list
    -:7:5: should be allowed, and is denied: rule \`vpc-to-sessions\` covers the cache but not prefix list \`pl-0a\` (not covered: 10.0.0.0/8, of 1 entry)
✓ a part of the VPC
✗ any prefix list
    -:9:5: cannot be decided: the entries of the prefix list decide. Add them to the grant: \`entries: [10.0.0.0/24]\`
✓ web

7 passed, 2 failed
every rule is reached by a case
`);
    expect(exitCode).toBe(1);
  });

  test('reads cases in JSON, and from -', async () => {
    const values = { account: '111122223333', region: 'us-east-1', cacheSecurityGroupName: 'sessions' };
    const source = { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: '1111-2222-3333' };
    const stdin = JSON.stringify({ cases: [{ name: 'web', grant: { ...values, ...source }, expect: 'allow' }] });

    expect(await runCli(['test', '-', '--allowlist', await allowlistFile()], { stdin })).toMatchObject({
      exitCode: 0,
      stdout: '✓ web\n\n1 passed, 0 failed\n',
    });
  });

  test('takes the allowlist of INGRESS_GUARD_ALLOWLIST, else ./allowlist.yaml', async () => {
    const { cases } = await folderWith({ cases: HOLDS });
    const environment = { INGRESS_GUARD_ALLOWLIST: await allowlistFile('version: 1\nrules: []') };

    expect((await runCli(['test', cases], { environment })).exitCode).toBe(1);
    expect((await runCli(['test', cases])).exitCode).toBe(0);
  });

  test('holds for the allowlist of this checkout and its cases, which reach every rule', async () => {
    const { exitCode, stdout } = await runCli(['test', 'examples/allowlist.cases.yaml', '--coverage']);

    expect(stdout).toMatch(/passed, 0 failed\nevery rule is reached by a case\n$/);
    expect(exitCode).toBe(0);
    expect(await readFile('examples/allowlist.cases.yaml', 'utf8')).toContain('ingress-guard test');
  });

  test.each([
    [
      'a key that there is not',
      HOLDS.replace('expect: deny', 'expects: deny'),
      /:6:5: cases\[1\]\.expect: must be one of allow, deny: it is missing\n.*:8:5: cases\[1\]: unknown key `expects`: did you mean `expect`\?/,
    ],
    [
      'an account that is a number',
      HOLDS.replace('"111122223333"', '111122223333'),
      /:3:23: cases\[0\]\.grant\.account: must be a text: it is 111122223333, a number: put it in quotes/,
    ],
    [
      'an owner id that is none',
      HOLDS.replace('"444455556666"', '"4444"'),
      /:7:12: ec2SecurityGroupOwnerId `4444` is not 12 digits/,
    ],
    [
      'a grant of both kinds',
      HOLDS.replace('cacheSecurityGroupName: Sessions', 'cacheName: sessions'),
      /:3:12: ec2SecurityGroupName is of a cache security group, and cacheName of a cache/,
    ],
    [
      'ports that are texts',
      'cases: [{ name: a, expect: deny, grant: { account: "1", region: a, cacheName: a, ports: ["6379"] } }]',
      /:1:90: cases\[0\]\.grant\.ports\[0\]: must be a number: it is `6379`/,
    ],
    [
      'a source that is missing',
      'cases: [{ name: a, expect: deny, grant: { account: "111122223333", region: us-east-1, cacheName: a, ports: [1] } }]',
      /:1:41: the source is missing: one of a CIDR, a prefix list and a security group/,
    ],
    [
      'an expectation that there is not',
      HOLDS.replace('expect: deny', 'expect: maybe'),
      /:8:13: cases\[1\]\.expect: must be one of allow, deny: it is `maybe`/,
    ],
    [
      'a rule that denies',
      HOLDS.replace('expect: deny', 'expect: deny\n    rule: a'),
      /:9:11: cases\[1\]\.rule: only an `allow` has a rule/,
    ],
    [
      'a day that there is not',
      HOLDS.replace('expect: deny', 'expect: deny\n    at: tomorrow'),
      /:9:9: cases\[1\]\.at: is neither a day nor an instant/,
    ],
    ['no cases', 'cases: []', /:1:8: cases: must not be empty/],
    ['nothing', '', /:1:1: the document: /],
    ['no YAML', 'cases: [', /:\d:\d+: /],
    ['an anchor', 'cases: &a [*a]', /:1:8: anchor `&a`/],
  ])('ends with 1 and the place when the cases cannot be read: %s', async (_, text, message) => {
    const { cases } = await folderWith({ cases: text });

    const ended = await runCli(['test', cases, '--allowlist', await allowlistFile(RULES)]);

    expectRefusal(ended, 1, message);
    expect(ended.stderr).toContain(`${cases}:`);
  });

  test('ends with 1 when there is no such file, and when standard input is wanted twice', async () => {
    expectRefusal(
      await runCli(['test', '/nowhere/cases.yaml']),
      1,
      /\/nowhere\/cases\.yaml cannot be read: there is no such file/,
    );
    expectRefusal(await runCli(['test', '-', '--allowlist', '-'], { stdin: ALLOWLIST }), 1, /can be read only once/);
    expectRefusal(
      await runCli(['test']),
      1,
      /<cases> is missing: files of cases, YAML or JSON; - for standard input\. See ingress-guard test --help/,
    );
  });

  test('ends with 3 when the allowlist is not valid', async () => {
    const { cases } = await folderWith({ cases: HOLDS });

    expectRefusal(
      await runCli(['test', cases, '--allowlist', '-'], { stdin: 'rules: []' }),
      3,
      /standard input:1:1: version/,
    );
  });

  test('has a --help with an example', async () => {
    await expectHelp('test');
  });
});
