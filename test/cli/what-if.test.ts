import { describe, expect, test } from 'vitest';
import { sampleEvent } from '../events/sample-events.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, STRANGER, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { folderWith } from '../support/tools/folder.ts';

const allowlist = (owners: string, more = '') => `version: 1
rules:
  - id: web-to-sessions
    cacheSecurityGroups: [sessions]
    ec2SecurityGroups: [web]
    ownerIds: [${owners}]
${more}`;
const OLD = allowlist(`self, "${STRANGER}"`);
const NEW = allowlist(
  'self',
  `  - { id: batch, cacheSecurityGroups: [queue], ec2SecurityGroups: [batch], ownerIds: [self] }\n`,
);

const grant = (into: string, from: string, owner: string) => ({
  ...strangersGrant,
  target: { cacheSecurityGroupName: into },
  source: { ec2SecurityGroupName: from, ec2SecurityGroupOwnerId: owner },
});
const REVOKED = strangersGrant;
const ALLOWED = grant('queue', 'batch', ACCOUNT);
const GRANTS = [REVOKED, ALLOWED, grant('sessions', 'web', ACCOUNT), grant('queue', 'x', ACCOUNT), REVOKED];
const asReport = (grants: readonly unknown[]) => JSON.stringify({ findings: grants.map((one) => ({ grant: one })) });

async function whatIf(before: string, after: string, grants: string, ...options: string[]) {
  const files = await folderWith({ old: before, new: after, grants });
  return { files, ended: await runCli(['what-if', files.old, files.new, '--grants', files.grants, ...options]) };
}

describe('ingress-guard what-if', () => {
  test('tells what would newly be revoked and newly allowed, with why, and ends with 2', async () => {
    const { ended } = await whatIf(OLD, NEW, asReport(GRANTS));

    expect(ended.stdout).toBe(
      `newly revoked  sessions <- web of ${STRANGER} (${ACCOUNT}, us-east-1)
    rule \`web-to-sessions\` covers the cache security group and EC2 security group but not owner id \`${STRANGER}\`
newly allowed  queue <- batch of ${ACCOUNT} (${ACCOUNT}, us-east-1)
    rule \`batch\`
1 newly revoked, 1 newly allowed, 1 still allowed, 1 still denied
`,
    );
    expect([ended.exitCode, ended.stderr]).toEqual([2, '']);
  });

  test('ends with 0 when nothing would newly be revoked', async () => {
    const { ended } = await whatIf(OLD, OLD, asReport(GRANTS));

    expect(ended).toEqual({
      exitCode: 0,
      stdout: '0 newly revoked, 0 newly allowed, 2 still allowed, 2 still denied\n',
      stderr: '',
    });
  });

  test('answers in JSON, one object', async () => {
    const { ended } = await whatIf(OLD, NEW, asReport(GRANTS), '--format', 'json');

    expect(jsonLines(ended.stdout)).toMatchObject([
      {
        newlyRevoked: [
          { grant: REVOKED, before: { effect: 'allow', rule: 'web-to-sessions' }, after: { effect: 'deny' } },
        ],
        newlyAllowed: [{ grant: ALLOWED, before: { effect: 'deny' }, after: { effect: 'allow', rule: 'batch' } }],
        stillAllowed: 1,
        stillDenied: 1,
        unreadable: [],
      },
    ]);
    expect(ended.exitCode).toBe(2);
  });

  test('answers in Markdown, for a pull request', async () => {
    const { ended } = await whatIf(OLD, NEW, asReport(GRANTS), '--format', 'markdown');

    expect(ended.stdout).toBe(`### What this allowlist would change

**1 grant would newly be revoked**, 1 newly allowed; 1 stay allowed, 1 stay denied.

#### Newly revoked

| what is reached | by whom | owner          | account        | region      | allowed until now by |
| --------------- | ------- | -------------- | -------------- | ----------- | -------------------- |
| \`sessions\`      | \`web\`   | \`${STRANGER}\` | \`${ACCOUNT}\` | \`us-east-1\` | \`web-to-sessions\`    |

#### Newly allowed

| what is reached | by whom | owner          | account        | region      | allowed by |
| --------------- | ------- | -------------- | -------------- | ----------- | ---------- |
| \`queue\`         | \`batch\` | \`${ACCOUNT}\` | \`${ACCOUNT}\` | \`us-east-1\` | \`batch\`    |
`);
  });

  test('answers for grants of the rules of security groups, too, in every form', async () => {
    const vpcAllowlist = (cidr: string) =>
      `version: 1\nrules: [{ id: office, caches: [sessions], cidrs: ["${cidr}"] }]\n`;
    const grants = [
      vpcGrant({ kind: 'cidr', cidr: '10.1.0.0/16' }),
      vpcGrant({ kind: 'cidr', cidr: '2001:db8::/32' }, { ports: [6379, 6380] }),
      vpcGrant({ kind: 'prefixList', prefixListId: 'pl-0a', entries: ['192.0.2.0/24'] }),
      vpcGrant({ kind: 'securityGroup', securityGroupId: 'sg-0a' }),
    ];
    const answer = async (...options: string[]) =>
      (await whatIf(vpcAllowlist('10.0.0.0/8'), vpcAllowlist('2001::/16'), asReport(grants), ...options)).ended;

    const [text, markdown, json] = [
      await answer(),
      await answer('--format', 'markdown'),
      await answer('--format', 'json'),
    ];

    const by = 'by sgr-0123456789abcdef0 of sg-0aaaaaaaaaaaaaaaa';
    expect(text.stdout).toBe(`newly revoked  sessions:6379 <- 10.1.0.0/16 ${by} (${ACCOUNT}, us-east-1)
    rule \`office\` covers the cache but not CIDR \`10.1.0.0/16\`
newly allowed  sessions:6379,6380 <- 2001:db8::/32 ${by} (${ACCOUNT}, us-east-1)
    rule \`office\`
1 newly revoked, 1 newly allowed, 0 still allowed, 2 still denied
`);
    expect(markdown.stdout).toContain(
      `| \`sessions:6379\` | \`10.1.0.0/16\` by \`sgr-0123456789abcdef0\` |       | \`${ACCOUNT}\` | \`us-east-1\` | \`office\` `,
    );
    expect(jsonLines(json.stdout)).toMatchObject([
      { newlyRevoked: [{ grant: grants[0] }], newlyAllowed: [{ grant: grants[1] }], stillDenied: 2 },
    ]);
    expect([text, markdown, json].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
  });

  test('does not judge a grant of a prefix list by entries that the file does not hold, and ends with 1', async () => {
    const office = (who: string) => `version: 1\nrules: [{ id: office, caches: [sessions], ${who} }]\n`;
    const all = { kind: 'prefixList', prefixListId: 'pl-0a', entries: ['10.0.1.0/24', '10.0.2.0/24'] } as const;
    const [some, none] = [{ ...all, entryCount: 21 }, { kind: 'prefixList', prefixListId: 'pl-0a' } as const];
    const answer = async (source: typeof all | typeof some | typeof none) =>
      (await whatIf(office('prefixListIds: [pl-0a]'), office('cidrs: [10.0.1.0/24]'), asReport([vpcGrant(source)])))
        .ended;

    const [known, partly, unknown] = [await answer(all), await answer(some), await answer(none)];

    expect(known.stdout).toContain(
      'rule `office` covers the cache but not prefix list `pl-0a` (not covered: 10.0.2.0/24, of 2 entries)',
    );
    for (const one of [partly, unknown]) {
      expect(one.stdout).toMatch(
        /^not evaluated {2}sessions:6379 <- pl-0a by .* only by the entries of its prefix list/,
      );
    }
    expect([known, partly, unknown].map(({ exitCode }) => exitCode)).toEqual([2, 1, 1]);
  });

  test('passes over events of security groups, which do not say what there is, and says so', async () => {
    const recorded = [sampleEvent('authorize-security-group-ingress'), sampleEvent('authorize-ingress')];

    const { ended } = await whatIf(OLD, OLD, recorded.map((one) => JSON.stringify(one)).join('\n'));

    expect(ended.stdout).toMatch(/1 still allowed, 0 still denied\n$/);
    expect(ended.stderr).toMatch(/^1 event of security groups passed over: .* Replay them/);
    expect(ended.exitCode).toBe(0);
  });

  test('tells of an event whose grants could not all be judged', async () => {
    const { grant: one, ...failed } = { grant: strangersGrant, outcome: 'failed', error: 'EC2 does not answer' };
    const several = { ...failed, grant: one, grants: [{ grant: one, outcome: 'allowed' }] };
    const cut = { ...several, outcome: 'allowed', grantsLeftOut: 200 };

    const { ended } = await whatIf(OLD, OLD, [failed, several, cut].map((line) => JSON.stringify(line)).join('\n'));

    expect(ended.stdout.match(/could not be evaluated: EC2 does not answer/g)).toHaveLength(2);
    expect(ended.stdout.match(/an outcome that leaves grants out: read its decision lines instead/g)).toHaveLength(1);
    expect(ended.stdout).toMatch(/1 still allowed, 0 still denied\n$/);
    expect(ended.exitCode).toBe(1);
  });

  test('says in Markdown that nothing would be revoked', async () => {
    const { ended } = await whatIf(OLD, OLD, asReport(GRANTS), '--format', 'markdown');

    expect(ended.stdout).toContain('Nothing would newly be revoked; 0 newly allowed, 2 stay allowed, 2 stay denied.');
    expect(ended.stdout).not.toContain('|');
    expect(ended.stdout.endsWith('\n')).toBe(true);
  });

  test.each(['a|b', 'a\\|b', 'a`b', '`a', '\\', ' a ', '</td><img src=x>|', '[x](https://evil.example)'])(
    'lets no name out of its cell of Markdown: %j',
    async (name) => {
      const everyone = allowlist('"*"').replace('[web]', '["*"]');
      const { ended } = await whatIf(
        everyone,
        NEW,
        asReport([grant('sessions', name, STRANGER)]),
        '--format',
        'markdown',
      );

      const row = ended.stdout.split('\n').find((line) => line.includes(STRANGER)) as string;
      const cells = row.split('|').map((cell) => cell.trim());
      expect(cells).toHaveLength(8);
      const cell = cells[2] as string;
      // A code span holds anything but ` and |, and, for GitHub, no \ before one.
      if (cell.startsWith('`')) expect(cell).toBe(`\`${name}\``);
      else {
        expect(cell).toMatch(/^<code>([A-Za-z0-9]|&#\d+;)+<\/code>$/);
        expect(cell.slice(6, -7).replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))).toBe(name);
      }
    },
  );

  test('reads grants of recorded events, of decisions, and of standard input, each once', async () => {
    const event = JSON.stringify(sampleEvent('authorize-ingress'));
    const files = await folderWith({
      old: OLD,
      new: NEW,
      'events/a.json': event,
      'events/b.jsonl': `${event}\n${JSON.stringify(sampleEvent('revoke-ingress'))}\n`,
      decisions: `${JSON.stringify({ message: 'decision', outcome: 'allowed', grant: ALLOWED })}\n`,
    });
    const argv = [
      'what-if',
      files.old,
      files.new,
      '--format',
      'json',
      '--grants',
      `${files.folder}/events`,
      files.decisions,
      '-',
    ];

    const { stdout } = await runCli(argv, { stdin: asReport([REVOKED]) });

    expect(jsonLines(stdout)).toMatchObject([
      { newlyRevoked: [{ grant: REVOKED }], newlyAllowed: [{ grant: ALLOWED }], stillAllowed: 0, stillDenied: 0 },
    ]);
  });

  test('takes one of the allowlists from standard input', async () => {
    const files = await folderWith({ new: NEW, grants: asReport(GRANTS) });

    const { exitCode } = await runCli(['what-if', '-', files.new, '--grants', files.grants], { stdin: OLD });

    expect(exitCode).toBe(2);
    expectRefusal(
      await runCli(['what-if', '-', '-', '--grants', files.grants], { stdin: OLD }),
      1,
      /can be read only once/,
    );
  });

  test('judges both by the day that --at says', async () => {
    const ending = OLD.replace('ownerIds', 'expires: 2027-01-31\n    ownerIds');

    const before = await whatIf(OLD, ending, asReport([REVOKED]), '--at', '2027-01-31');
    const after = await whatIf(OLD, ending, asReport([REVOKED]), '--at', '2027-02-01');

    expect([before.ended.exitCode, after.ended.exitCode]).toEqual([0, 2]);
  });

  test('names the grants that it cannot judge, judges the others, and ends with 1', async () => {
    const report = asReport([REVOKED, { ...REVOKED, account: 'evil\u001b[2J' }]);

    const { ended } = await whatIf(OLD, NEW, report);
    const { ended: markdown } = await whatIf(OLD, NEW, report, '--format', 'markdown');
    const { ended: json } = await whatIf(OLD, NEW, report, '--format', 'json');

    expect(ended.stdout).toMatch(/not evaluated {2}.*grants:1: account `evil\?\[2J` is not 12 digits\n1 newly revoked/);
    expect(markdown.stdout).toMatch(/#### Not evaluated\n\n- <code>/);
    expect(jsonLines(json.stdout)).toMatchObject([
      { newlyRevoked: [{}], unreadable: [expect.stringContaining('12 digits')] },
    ]);
    for (const { exitCode } of [ended, markdown, json]) expect(exitCode).toBe(1);
  });

  test('is content with a report of an audit that found no grant', async () => {
    const { ended } = await whatIf(OLD, NEW, JSON.stringify({ complete: true, findings: [] }));

    expect(ended).toEqual({
      exitCode: 0,
      stdout: '0 newly revoked, 0 newly allowed, 0 still allowed, 0 still denied\n',
      stderr: '',
    });
  });

  test.each([
    ['eu-west-1', {}],
    ['eu-west-1 of 111122223333', { account: '111122223333' }],
  ])('ends with 1 for a report of an audit that did not see everything: %s', async (place, account) => {
    const notJudged = [{ ...account, region: 'eu-west-1', what: 'all', why: 'denied' }];

    const { ended } = await whatIf(OLD, NEW, JSON.stringify({ complete: false, notJudged, findings: [] }));

    const why = `this audit did not see everything: ${place}: all: denied`;
    expect(ended.stdout).toMatch(new RegExp(`not evaluated .*grants:1: ${why}\n`));
    expect(ended.exitCode).toBe(1);
  });

  test('reads the report that ingress-guard audit writes', async () => {
    const { environment } = await startElastiCacheWithGrants();
    const files = await folderWith({ old: OLD, new: NEW });
    const audit = await runCli(['audit', '--allowlist', files.old, '--region', 'us-east-1', '--format', 'json'], {
      environment,
    });

    const { stdout, exitCode } = await runCli(['what-if', files.old, files.new, '--grants', '-'], {
      stdin: audit.stdout,
    });

    expect(stdout).toContain(`newly revoked  sessions <- web of ${STRANGER}`);
    expect(stdout).toMatch(/1 newly revoked, 0 newly allowed, 1 still allowed, 0 still denied\n$/);
    expect(exitCode).toBe(2);
  });

  test('ends with 1 when there are no grants', async () => {
    const { ended, files } = await whatIf(OLD, NEW, '[]');

    expectRefusal(ended, 1, /there is no grant in .*grants/);
    expectRefusal(
      await runCli(['what-if', files.old, files.new]),
      1,
      /--grants <file\.\.\.> is missing: the standing grants/,
    );
    expectRefusal(
      await runCli(['what-if', files.old, '--grants', files.grants]),
      1,
      /<new> is missing: the allowlist as it would be/,
    );
    expectRefusal(
      await runCli(['what-if', files.old, '/nowhere', '--grants', files.grants]),
      1,
      /there is no such file/,
    );
  });

  test.each([
    ['old', 'version: 2\nrules: []', NEW],
    ['new', OLD, 'version: 2\nrules: []'],
  ])('ends with 3 when the %s allowlist is not valid, and names it', async (which, before, after) => {
    const { ended } = await whatIf(before, after, asReport(GRANTS));

    expectRefusal(ended, 3, new RegExp(`/${which} is not a valid allowlist:\\n.*${which}:1:10: version`));
  });

  test('has a --help with an example', async () => {
    await expectHelp('what-if');
  });
});
