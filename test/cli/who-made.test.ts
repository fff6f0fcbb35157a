import { ModifySecurityGroupRulesCommand } from '@aws-sdk/client-ec2';
import { describe, expect, test, vi } from 'vitest';
import type { EndpointSettings } from '../../src/local/api-endpoint.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { runCli } from '../support/commands/run-cli.ts';
import { startCommand } from '../support/commands/run-command.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { stubEnvironment } from '../support/functions/aws-environment.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { authorize, tcp } from '../support/local-aws/local-ec2.ts';
import { ALLOWS_EVERYTHING, MEMBER, TRUSTS_EVERYONE } from '../support/local-aws/organization.ts';
import { startScriptedEndpoint } from '../support/scripted/scripted-endpoint.ts';

const LOCAL_USER = `arn:aws:iam::${ACCOUNT}:user/local`;

async function start(settings: Partial<EndpointSettings> = {}) {
  const account = await startGuardedCacheHere(settings);
  const environment = { ...account.environment, INGRESS_GUARD_MODE: 'report-only' };
  stubEnvironment({ ...environment, AWS_ENDPOINT_URL_CLOUDTRAIL: account.aws.url });
  const run = (...options: string[]) => runCli(['audit', ...options], { environment });
  return {
    ...account,
    run,
    audit: async (...options: string[]) => {
      const ended = await run('--format', 'json', ...options);
      return { ...ended, report: JSON.parse(ended.stdout) as AuditReport };
    },
    lookUps: () => account.guardsCalls().filter((action) => action === 'LookupEvents').length,
  };
}

const makersOf = ({ findings }: AuditReport) => findings.map(({ madeBy }) => madeBy);

describe('audit --who-made', () => {
  test('says who made a denied security group rule, when, and by which call', async () => {
    const { letIn, audit, eventOf } = await start();
    await letIn('0.0.0.0/0');
    const { detail } = await eventOf('AuthorizeSecurityGroupIngress');
    const { eventID, eventTime } = detail as { readonly eventID: string; readonly eventTime: string };

    const { report, exitCode } = await audit('--who-made');

    expect(makersOf(report)).toMatchObject([
      {
        eventName: 'AuthorizeSecurityGroupIngress',
        eventId: eventID,
        eventTime: new Date(eventTime).toISOString(),
        grantedBy: { type: 'IAMUser', arn: LOCAL_USER },
      },
    ]);
    expect(report.whoMade).toEqual({ lookedUp: 1, found: 1, leftOut: 0 });
    expect(report.apiCalls.LookupEvents).toBe(1);
    expect(exitCode).toBe(2);
  });

  test('names the last who edited a rule', async () => {
    const { letIn, audit, ec2, groupId } = await start();
    const SecurityGroupRuleId = await letIn('10.0.0.0/16');
    const SecurityGroupRule = { IpProtocol: 'tcp', FromPort: 6379, ToPort: 6379, CidrIpv4: '0.0.0.0/0' };
    const SecurityGroupRules = [{ SecurityGroupRuleId, SecurityGroupRule }];
    await ec2.send(new ModifySecurityGroupRulesCommand({ GroupId: groupId, SecurityGroupRules }));

    const { report } = await audit('--who-made');

    expect(makersOf(report)).toMatchObject([{ eventName: 'ModifySecurityGroupRules', grantedBy: { arn: LOCAL_USER } }]);
  });

  test.each([
    ['text', new RegExp(`sgr-[0-9a-f]+: made by ${LOCAL_USER}, \\d{4}-`)],
    ['html', new RegExp(`made \\d{4}-.* UTC</span> <code class="below">${LOCAL_USER}</code>`)],
    ['csv', new RegExp(`AuthorizeSecurityGroupIngress,${LOCAL_USER},,\\d{4}-`)],
    ['markdown', new RegExp(`\\| \`made by ${LOCAL_USER}, \\d{4}-`)],
    ['asff', new RegExp(`The security group rule was made by ${LOCAL_USER}, \\d{4}-`)],
    ['ocsf', new RegExp(`"made_by":\\{"eventName":"AuthorizeSecurityGroupIngress".*"arn":"${LOCAL_USER}"`)],
  ])('shows it as %s', async (format, words) => {
    const { letIn, run } = await start();
    await letIn('0.0.0.0/0');

    const { stdout } = await run('--who-made', '--format', format);

    expect(stdout).toMatch(words);
  });

  test('asks nothing of CloudTrail without the option, nor where no security group rule is denied', async () => {
    const { letIn, audit, lookUps } = await start();
    await letIn('10.0.4.0/24');

    const allowed = await audit('--who-made');
    await letIn('0.0.0.0/0');
    const { report } = await audit();

    expect(lookUps()).toBe(0);
    expect(allowed.report.whoMade).toEqual({ lookedUp: 0, found: 0, leftOut: 0 });
    expect(report.whoMade).toBeUndefined();
  });

  test('finds the rules of one security group with one look-up, and looks up only the most dangerous', async () => {
    const { audit, ec2, groupId, lookUps, letIn } = await start();
    const IpRanges = Array.from({ length: 24 }, (_, n) => ({ CidrIp: `203.0.113.${n}/32` }));
    await authorize(ec2, groupId, tcp(6379, { IpRanges }));
    await letIn('0.0.0.0/0');

    const { report } = await audit('--who-made');

    expect(lookUps()).toBe(1);
    expect(report.whoMade).toEqual({ lookedUp: 20, found: 20, leftOut: 5 });
    expect(report.findings.filter(({ madeBy }) => madeBy !== undefined).length).toBeGreaterThanOrEqual(20);
    expect(report.findings[0]).toMatchObject({ grant: { source: { cidr: '0.0.0.0/0' } }, madeBy: {} });
  });

  test('leaves verdict, exit code and all else as they are when these credentials may not look up events, and says so once', async () => {
    const { letIn, audit, run } = await start({ deniedActions: ['LookupEvents'] });
    await letIn('0.0.0.0/0');

    const asked = await audit('--who-made');
    const not = await audit();
    const { stdout } = await run('--who-made');

    const rest = ({ startedAt, durationMs, apiCalls, whoMade, ...report }: AuditReport) => report;
    expect(rest(asked.report)).toEqual(rest(not.report));
    expect(asked.exitCode).toBe(not.exitCode);
    expect(asked.stderr).toBe('');
    expect(asked.report.whoMade).toEqual({
      lookedUp: 1,
      found: 0,
      leftOut: 0,
      problem: `these credentials may not look up events in ${REGION} of account ${ACCOUNT} (allow cloudtrail:LookupEvents)`,
    });
    expect(stdout.match(/cloudtrail:LookupEvents/g)).toHaveLength(1);
  });

  test('says that no call is known where CloudTrail has none', async () => {
    const { letIn, run, audit, aws } = await start();
    await letIn('0.0.0.0/0');
    // Made more than 90 days ago.
    const { history } = aws.accounts.home;
    vi.spyOn(history, 'of').mockReturnValue([]);

    const { report } = await audit('--who-made');
    const { stdout } = await run('--who-made');

    expect(report.whoMade).toEqual({ lookedUp: 1, found: 0, leftOut: 0 });
    expect(stdout).toContain(
      'CloudTrail has no call of the last 90 days that made or edited 1 denied security group rule.',
    );
  });

  test.each([
    [
      'throttles',
      { status: 400, xml: '{"__type":"ThrottlingException","message":"Rate exceeded"}' },
      /throttles look-ups/,
    ],
    ['answers with what is no answer', { status: 200, xml: '<html>Sign in</html>' }, /CloudTrail did not answer/],
  ])('still reports all the rest where CloudTrail %s', async (_, answer, problem) => {
    const { letIn, audit } = await start();
    await letIn('0.0.0.0/0');
    await using cloudTrail = await startScriptedEndpoint(answer);
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', cloudTrail.url);

    const { report, exitCode } = await audit('--who-made');

    expect(exitCode).toBe(2);
    expect(report).toMatchObject({ complete: true, counts: { denied: 1 }, whoMade: { found: 0 } });
    expect(report.whoMade?.problem).toMatch(problem);
  });

  test('ends a look-up that is not answered when the command is interrupted, and writes the report', async () => {
    const { letIn, environment } = await start();
    await letIn('0.0.0.0/0');
    await using cloudTrail = await startScriptedEndpoint('silence');
    vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', cloudTrail.url);

    const command = startCommand(['audit', '--who-made', '--format', 'json'], {
      ...environment,
      INGRESS_GUARD_MODE: 'report-only',
    });
    await expect.poll(() => cloudTrail.actions).toContain('LookupEvents');
    command.interrupt();

    expect(await command.exitCode).toBe(2);
    expect(JSON.parse(command.stdout())).toMatchObject({
      complete: true,
      counts: { denied: 1 },
      whoMade: { found: 0, problem: expect.stringContaining('there was no time left') },
    });
  });

  test('looks into the account of each rule of an organization, with the role for it', async () => {
    const started = await startOrganizationFunctions();
    await started.openCache(MEMBER, '0.0.0.0/0');
    stubEnvironment(await started.functionEnvironment('cli'));
    const allowlist = await allowlistFile(VPC_ALLOWLIST);

    const { stdout } = await runCli(
      ['audit', '--organization', '--who-made', '--allowlist', allowlist, '--format', 'json'],
      { environment: { AWS_REGION: REGION } },
    );

    const { findings, whoMade } = JSON.parse(stdout) as AuditReport;
    // The stack's role for members may not look up events.
    expect(whoMade?.problem).toContain(`in ${REGION} of account ${MEMBER} (allow cloudtrail:LookupEvents)`);
    expect(findings).toMatchObject([{ grant: { account: MEMBER }, outcome: 'would-revoke' }]);
    expect(
      started.calls
        .filter(({ action }) => action === 'LookupEvents')
        .every(({ principal }) => principal.accountId === MEMBER),
    ).toBe(true);
  });

  test('says who made a rule in an account of an organization, by a role that may look up events', async () => {
    const started = await startOrganizationFunctions();
    await started.openCache(MEMBER, '0.0.0.0/0');
    const role = { name: 'OrganizationAccountAccessRole', trustPolicy: TRUSTS_EVERYONE, policies: [ALLOWS_EVERYTHING] };
    started.aws.accounts.find(MEMBER)?.roles.put(role);
    stubEnvironment(await started.functionEnvironment('cli'));
    const argv = ['audit', '--accounts', MEMBER, '--who-made', '--role-name', role.name, '--format', 'json'];

    const { stdout } = await runCli([...argv, '--allowlist', await allowlistFile(VPC_ALLOWLIST)], {
      environment: { AWS_REGION: REGION },
    });

    const { findings, whoMade } = JSON.parse(stdout) as AuditReport;
    expect(whoMade).toEqual({ lookedUp: 1, found: 1, leftOut: 0 });
    expect(findings).toMatchObject([
      { grant: { account: MEMBER }, madeBy: { eventName: 'AuthorizeSecurityGroupIngress' } },
    ]);
  });
});
