import { describe, expect, test } from 'vitest';
import { expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, STRANGER, strangersGrant } from '../support/examples/grants.ts';
import { folderWith } from '../support/tools/folder.ts';

const UNIT = 'ou-ab12-11111111';
const PATH = `o-ab12cd34ef/r-ab12/${UNIT}/`;
const ELSEWHERE = 'o-ab12cd34ef/r-ab12/ou-ab12-22222222/';
const ALLOWLIST = `version: 1
rules:
  - id: office
    caches: [sessions]
    cidrs: [10.0.0.0/16]
    accounts: ["${STRANGER}"]
    organizationalUnits: [${UNIT}]
`;
const WHY = `the organizational units of account ${ACCOUNT} are not known, and allowlist rule \`office\` asks for them`;
const REACH = ['--account', ACCOUNT, '--region', 'us-east-1', '--cache-name', 'sessions', '--port', '6379'];

const explain = async (...more: readonly string[]) => {
  const { allowlist } = await folderWith({ allowlist: ALLOWLIST });
  return {
    allowlist,
    ended: await runCli(['explain', ...REACH, '--cidr', '10.0.3.0/24', ...more, '--allowlist', allowlist]),
  };
};

describe('ingress-guard explain --account-path', () => {
  test('says in which organizational units the account is', async () => {
    const inside = await explain('--account-path', PATH);
    const outside = await explain('--account-path', ELSEWHERE);

    expect(inside.ended.stdout).toContain('allowed by rule `office`');
    expect(outside.ended.stdout).toContain(`✗ account \`${ACCOUNT}\`: ${STRANGER}, ${UNIT}`);
    expect([inside, outside].map(({ ended }) => ended.exitCode)).toEqual([0, 2]);
  });

  test('is asked for where the units decide, and the command ends with 1', async () => {
    const { ended } = await explain();
    const json = await explain('--format', 'json');

    expect(ended.stdout).toContain(`not known: ${WHY}. Name them with --account-path\n`);
    expect(jsonLines(json.ended.stdout)).toMatchObject([{ dependsOnUnits: WHY }]);
    expect(ended.exitCode).toBe(1);
  });

  test.each(['ou-ab12-11111111', '', 'r-ab12/*'])(
    'must be a path as AWS Organizations writes it: not %j',
    async (path) => {
      const { ended } = await explain('--account-path', path);

      expectRefusal(ended, 1, /it must be a path as AWS Organizations writes it, such as o-ab12cd34ef\/r-ab12\//);
    },
  );

  test('is refused for grants in several accounts', async () => {
    const grants = [strangersGrant, { ...strangersGrant, account: STRANGER }];
    const files = await folderWith({
      allowlist: ALLOWLIST,
      report: JSON.stringify({ findings: grants.map((grant) => ({ grant })) }),
    });

    const ended = await runCli(['explain', files.report, '--account-path', PATH, '--allowlist', files.allowlist]);

    expectRefusal(ended, 1, /--account-path is of one account, and the grants are in 2: leave it out/);
  });
});

describe('ingress-guard test', () => {
  const run = async (path: string) => {
    const grant = `{ account: "${ACCOUNT}", region: us-east-1, cacheName: sessions, ports: [6379], cidr: 10.0.3.0/24${path} }`;
    const files = await folderWith({
      allowlist: ALLOWLIST,
      cases: `cases:\n  - { name: the office, grant: ${grant}, expect: allow }\n`,
    });
    return { files, ended: await runCli(['test', files.cases, '--allowlist', files.allowlist]) };
  };

  test('takes the path of the account as a part of the grant', async () => {
    const inside = await run(`, accountPath: ${PATH}`);
    const outside = await run(`, accountPath: ${ELSEWHERE}`);

    expect(inside.ended).toMatchObject({ exitCode: 0, stdout: '✓ the office\n\n1 passed, 0 failed\n' });
    expect(outside.ended.stdout).toContain('should be allowed, and is denied: rule `office` covers');
  });

  test('fails a case that the units decide, and says how to give them', async () => {
    const { ended } = await run('');

    expect(ended.stdout).toContain(`cannot be decided: ${WHY}. Add them to the grant: \`accountPath: o-`);
    expect(ended.exitCode).toBe(1);
  });

  test('refuses a path that is none, with its place', async () => {
    const { files, ended } = await run(', accountPath: ou-ab12-11111111');

    expectRefusal(
      ended,
      1,
      new RegExp(`^ingress-guard: ${files.cases}:2:\\d+: cases.0..grant.accountPath: It must be a path`),
    );
  });
});

describe('a report of an organization', () => {
  const grant = {
    kind: 'vpc',
    account: ACCOUNT,
    region: 'us-east-1',
    target: { cacheName: 'sessions', ports: [6379], securityGroupId: 'sg-0a', securityGroupRuleId: 'sgr-0a' },
    source: { kind: 'cidr', cidr: '10.0.3.0/24' },
  };
  const report = (path: string | undefined) =>
    JSON.stringify({ targets: [{ account: ACCOUNT, region: 'us-east-1', path }], findings: [{ grant }] });
  const whatIf = async (path: string | undefined) => {
    const files = await folderWith({ old: 'version: 1\nrules: []\n', new: ALLOWLIST, report: report(path) });
    return await runCli(['what-if', files.old, files.new, '--grants', files.report]);
  };

  test('says to what-if in which organizational units its accounts are', async () => {
    expect((await whatIf(PATH)).stdout).toContain('0 newly revoked, 1 newly allowed, 0 still allowed, 0 still denied');
    expect((await whatIf(ELSEWHERE)).stdout).toContain(
      '0 newly revoked, 0 newly allowed, 0 still allowed, 1 still denied',
    );
  });

  test('without them leaves what-if undecided, which ends with 1', async () => {
    const ended = await whatIf(undefined);

    expect(ended.stdout).toMatch(
      /^not evaluated {2}sessions:6379 .* are not known, and allowlist rule `office` asks for them\. The report/,
    );
    expect(ended.exitCode).toBe(1);
  });

  test('says so to explain', async () => {
    const files = await folderWith({ allowlist: ALLOWLIST, report: report(PATH) });

    const ended = await runCli(['explain', files.report, '--allowlist', files.allowlist]);

    expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('allowed by rule `office`') });
  });
});
