import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { expectRefusal, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import { MANAGEMENT, MEMBER, OTHER_MEMBER, OUTSIDER } from '../support/local-aws/organization.ts';

type Started = Awaited<ReturnType<typeof startOrganizationFunctions>>;

/** Audits with the credentials of a function of the hub. */
async function audit(started: Started, ...options: string[]) {
  stubEnvironment(await started.functionEnvironment('cli'));
  const allowlist = await allowlistFile(VPC_ALLOWLIST);
  const ended = await runCli(['audit', '--allowlist', allowlist, '--format', 'json', ...options], {
    environment: { AWS_REGION: REGION },
  });
  return { ...ended, report: () => JSON.parse(ended.stdout) as AuditReport };
}

const outcomesOf = ({ findings }: AuditReport) => findings.map(({ grant, outcome }) => [grant.account, outcome]);
const placesOf = ({ regions }: AuditReport) => regions.map(({ account, region, status }) => [account, region, status]);

describe('ingress-guard audit of an organization', () => {
  test('evaluates every account, names the one that it cannot reach, and ends with 1', async () => {
    const started = await startOrganizationFunctions();
    await started.openCache(MEMBER, '0.0.0.0/0');

    const { exitCode, report } = await audit(started, '--organization');

    expect(exitCode).toBe(1);
    expect(placesOf(report())).toEqual([
      [MANAGEMENT, REGION, 'failed'],
      [ACCOUNT, REGION, 'judged'],
      [MEMBER, REGION, 'judged'],
      [OTHER_MEMBER, REGION, 'judged'],
    ]);
    expect(report().notJudged).toMatchObject([
      { account: MANAGEMENT, region: REGION, why: expect.stringContaining('the member role cannot be assumed') },
    ]);
    expect(outcomesOf(report())).toEqual([[MEMBER, 'would-revoke']]);
  });

  test('keeps to --requests-per-second in each region of an account', async () => {
    const started = await startOrganizationFunctions();
    let calls = 0;
    started.aws.events.on('call', ({ action, principal }) => {
      if (action.includes('Cache') && principal.accountId === MEMBER) calls++;
    });
    const began = performance.now();

    await audit(started, '--accounts', MEMBER, '--requests-per-second', '2');

    expect(calls).toBeGreaterThan(2);
    // From before the first call to after the last one: on a busy machine it takes longer, never shorter. A timer may fire a moment before
    // its time.
    expect(performance.now() - began).toBeGreaterThan(Math.floor((calls - 1) / 2) * 990);
  });

  test('reports every target with the name of its account and its place in the organization', async () => {
    const started = await startOrganizationFunctions();
    await started.openCache(MEMBER, '0.0.0.0/0');

    const { report } = await audit(started, '--organization');

    const { organization, targets = [] } = report();
    expect(organization).toBe('o-localaws01');
    expect(targets).toMatchObject([
      { account: MANAGEMENT, region: REGION, status: 'not-judged', why: 'member-role-missing' },
      { account: ACCOUNT, name: 'hub', status: 'judged' },
      { account: MEMBER, name: 'shop', status: 'judged', counts: { denied: 1 } },
      { account: OTHER_MEMBER, name: 'blog', status: 'judged', counts: { denied: 0 } },
    ]);
    expect(targets.find(({ account }) => account === MEMBER)?.path).toMatch(
      /^o-localaws01\/r-[^/]+\/ou-root-workloads\/ou-root-production\/$/,
    );
  });

  test.each([
    ['text', /100000000001 \(management\)/, /4 places in 4 accounts: 3 evaluated, 1 not evaluated/],
    ['html', /4 places in 4 accounts: 3 evaluated, 1 not evaluated/, /blog/],
    ['csv', /^target,333333333333,us-east-1,.*,blog,o-localaws01\/r-/m, /^target,100000000001,/m],
  ])('reports every target as %s', async (format, ...parts) => {
    const started = await startOrganizationFunctions();
    await started.openCache(OTHER_MEMBER, '0.0.0.0/0');

    const { stdout } = await audit(started, '--organization', '--format', format);

    for (const part of parts) expect(stdout).toMatch(part);
  });

  test('evaluates only accounts under the units that are named, in all regions that there are', async () => {
    const started = await startOrganizationFunctions();
    await started.openCache(MEMBER, '10.0.3.0/24');

    const unit = ['--organizational-units', 'ou-root-workloads'];
    const { exitCode, report } = await audit(started, '--organization', ...unit, '--all-regions');

    expect(exitCode).toBe(0);
    expect(placesOf(report())).toEqual(
      [MEMBER, OTHER_MEMBER].flatMap((one) => [OTHER_REGION, REGION].map((region) => [one, region, 'judged'])),
    );
  });

  test('revokes within the limits if asked to, by a session for each revocation', async () => {
    const started = await startOrganizationFunctions();
    const [open, other] = [await started.openCache(MEMBER, '0.0.0.0/0'), await started.openCache(ACCOUNT, '0.0.0.0/0')];

    const { exitCode, report } = await audit(started, '--accounts', MEMBER, ACCOUNT, '--mode', 'enforce');

    expect(exitCode).toBe(2);
    expect(outcomesOf(report())).toEqual([
      [ACCOUNT, 'revoked'],
      [MEMBER, 'revoked'],
    ]);
    expect([await open.rules(), await other.rules()]).toEqual([[], []]);
  });

  test('revokes nothing if more is due in all accounts than a run may make', async () => {
    const started = await startOrganizationFunctions();
    const open = await started.openCache(MEMBER, '0.0.0.0/0');

    const limit = ['--mode', 'enforce', '--max-revocations-per-run', '0'];
    const { report } = await audit(started, '--accounts', MEMBER, ...limit);

    expect(outcomesOf(report())).toEqual([[MEMBER, 'held']]);
    expect(await open.rules()).toHaveLength(1);
  });

  test('asks AWS Organizations nothing where accounts are named', async () => {
    const started = await startOrganizationFunctions();

    await audit(started, '--accounts', MEMBER);

    expect(started.functionsCalls().filter((call) => call.includes('ListAccounts'))).toEqual([]);
  });

  test('takes another role if one is named', async () => {
    const started = await startOrganizationFunctions();

    const { exitCode, report } = await audit(started, '--accounts', MEMBER, '--role-name', 'no-such-role');

    expect(exitCode).toBe(1);
    expect(report().notJudged[0]?.why).toContain('role no-such-role of account');
  });

  test.each<[string, string[], RegExp]>([
    ['an account that is not there', ['--organization', '--accounts', OUTSIDER], /has no account 999999999999/],
    [
      'a unit without accounts',
      ['--organization', '--organizational-units', 'ou-typo'],
      /no account is under ou-typo: check --organizational-units/,
    ],
    [
      'a unit without accounts next to one that has some',
      ['--organization', '--organizational-units', 'ou-root-workloads', 'ou-typo'],
      /no account is under ou-typo: check --organizational-units/,
    ],
    [
      'units of no organization',
      ['--organizational-units', 'ou-root-workloads'],
      /--organizational-units needs --organization/,
    ],
    ['a role for no other account', ['--role-name', 'audit'], /--role-name needs --organization or --accounts/],
    [
      'accounts at once of one account',
      ['--accounts-at-once', '5'],
      /--accounts-at-once needs --organization or --accounts/,
    ],
    [
      'a limit of the whole run of one account',
      ['--max-revocations-per-run', '1'],
      /--max-revocations-per-run needs --organization or --accounts/,
    ],
    [
      'units of accounts that are named',
      ['--accounts', MEMBER, '--organizational-units', 'ou-root-workloads'],
      /--organizational-units needs --organization/,
    ],
    [
      'credentials of another account than was said',
      ['--organization', '--account', MEMBER],
      /the credentials are of account \d{12}, and --account says 222222222222/,
    ],
    ['a wait for what was revoked', ['--organization', '--verify'], /--verify waits in one account/],
  ])('refuses %s', async (_, options, message) => {
    const started = await startOrganizationFunctions();

    const ended = await audit(started, ...options);

    expectRefusal(ended, 1, message);
  });
});
