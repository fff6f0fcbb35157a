import { describe, expect, test } from 'vitest';
import { parseAllowlistText } from '../../src/allowlist/parse-allowlist-text.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { expectHelp, expectRefusal, jsonLines, runCli } from '../support/commands/run-cli.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { startElastiCacheWithGrants } from '../support/local-aws/elasticache-with-grants.ts';
import { startGuardedCacheHere } from '../support/local-aws/guarded-cache-here.ts';
import { folderWith } from '../support/tools/folder.ts';

const allowing = (ownerIds: string) => `version: 1
rules:
  - { id: all, cacheSecurityGroups: ["*"], ec2SecurityGroups: ["*"], ownerIds: ${ownerIds} }
`;
const ALLOWING = allowing('["*"]');
const DENYING = allowing('[self]');
const decision = (outcome: string) => JSON.stringify({ message: 'decision', outcome, grant: strangersGrant });

describe('ingress-guard undo', () => {
  test('restores a grant that was revoked', async () => {
    const { administrator, clock, calls } = await startElastiCacheWithGrants();
    await administrator.revoke('web', STRANGER);
    clock.advance(60_000);
    calls.length = 0;
    const { allowlist } = await folderWith({ allowlist: ALLOWING });

    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin: decision('revoked') });

    expect(ended).toEqual({
      exitCode: 0,
      stdout: `restored: sessions <- web of ${STRANGER} (${ACCOUNT}, ${REGION})\n`,
      stderr: '',
    });
    expect(calls.map(({ action, error }) => [action, error])).toEqual([
      ['AuthorizeCacheSecurityGroupIngress', undefined],
    ]);
  });

  test.each([
    [
      'an event that was tried again',
      { message: 'decision', outcome: 'failed', error: { message: 'EC2 does not list it yet' } },
    ],
    [
      'an event that was rejected',
      { message: 'decision', outcome: 'rejected', problems: ['requestParameters is missing'] },
    ],
    [
      'an audit that did not see everything',
      { findings: [], complete: false, notJudged: [{ region: REGION, what: 'caches', why: 'denied' }] },
    ],
  ])('passes over what was not evaluated, because nothing was revoked by it: %s', async (_, notJudged) => {
    const { administrator, clock } = await startElastiCacheWithGrants();
    await administrator.revoke('web', STRANGER);
    clock.advance(60_000);
    const { allowlist } = await folderWith({ allowlist: ALLOWING });
    const stdin = `${JSON.stringify(notJudged)}\n${decision('revoked')}\n`;

    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin });

    expect(ended).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^restored: sessions <- web/),
      stderr: '',
    });
  });

  test('finds a grant that is there already just as good', async () => {
    await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: ALLOWING });

    const { exitCode, stdout } = await runCli(['undo', '-', '--allowlist', allowlist, '--format', 'json'], {
      stdin: decision('revoked'),
    });

    expect(jsonLines(stdout)).toEqual([{ result: 'already-there', grant: strangersGrant }]);
    expect(exitCode).toBe(0);
  });

  test('refuses while the allowlist denies the grant, and prints a rule that would allow it for a while', async () => {
    const { calls } = await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: DENYING });

    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin: decision('revoked') });

    expectRefusal(ended, 2, /would take it away again/);
    expect(calls).toEqual([]);
    const rule = ended.stderr.slice(ended.stderr.indexOf('  - id:'));
    const { compiled, allowlist: mended } = parseAllowlistText(`${DENYING}${rule}`, 'mended');
    expect(mended.rules.at(-1)?.expires).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(decide(strangersGrant, compiled, new Date()).effect).toBe('allow');
    expect(decide(strangersGrant, compiled, new Date(Date.now() + 30 * 86_400_000)).effect).toBe('deny');
  });

  test.each([
    ['a grant that was not revoked', decision('would-revoke')],
    ['a recorded event, which does not say what became of it', JSON.stringify(sampleEvent('authorize-ingress'))],
  ])('restores nothing for %s', async (_, stdin) => {
    const { calls } = await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: ALLOWING });

    expectRefusal(
      await runCli(['undo', '-', '--allowlist', allowlist], { stdin }),
      1,
      /names no grant that was revoked/,
    );
    expect(calls).toEqual([]);
  });

  test('says what ElastiCache says when it cannot', async () => {
    const { administrator } = await startElastiCacheWithGrants();
    const { allowlist } = await folderWith({ allowlist: ALLOWING });
    await administrator.revoke('web', STRANGER);

    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin: decision('revoked') });

    expectRefusal(ended, 1, /could not be restored: .*revoking/);
  });

  test('has help with an example', () => expectHelp('undo'));
});

describe('ingress-guard undo, of the rule of a security group', () => {
  const RULE = { ipProtocol: 'tcp', fromPort: 6379, toPort: 6379, description: 'of the shop' };
  const revoked = (groupId: string, changes: object = {}) => ({
    outcome: 'revoked',
    grant: vpcGrant({ kind: 'cidr', cidr: '10.1.0.0/16' }, { securityGroupId: groupId }),
    securityGroupRule: RULE,
    ...changes,
  });
  const allowingCaches = (cidr: string) => `version: 1
rules: [{ id: office, caches: ["*"], cidrs: [${cidr}] }]
`;

  /** Undoes what is on standard input, by an allowlist that allows these addresses. */
  async function undo(decision: unknown, cidr = '10.0.0.0/8', ...options: string[]) {
    const { allowlist } = await folderWith({ allowlist: allowingCaches(cidr) });
    return await runCli(['undo', '-', '--allowlist', allowlist, ...options], { stdin: JSON.stringify(decision) });
  }

  test('restores what an audit revoked, with its description, and says that the id is a new one', async () => {
    const account = await startGuardedCacheHere();
    const ruleId = await account.letIn('10.1.0.0/16');
    const report = await runCli(['audit', '--format', 'json'], { environment: account.environment });
    expect(await account.rules()).toEqual([]);

    const { exitCode, stdout, stderr } = await undo(JSON.parse(report.stdout));

    expect(
      stdout,
    ).toBe(`restored: sessions:6379 <- 10.1.0.0/16 by ${ruleId} of ${account.groupId} (${ACCOUNT}, ${REGION})
    the rule: tcp, port 6379, "of the shop". Its id is a new one.
`);
    expect([exitCode, stderr]).toEqual([0, '']);
    const [rule, ...more] = await account.rules();
    expect(rule).toMatchObject({ CidrIpv4: '10.1.0.0/16', FromPort: 6379, ToPort: 6379, Description: 'of the shop' });
    expect(rule?.SecurityGroupRuleId).not.toBe(ruleId);
    expect(more).toEqual([]);
  });

  test('restores a rule once, however many grants it made', async () => {
    const { groupId, rules, callsToEc2 } = await startGuardedCacheHere();
    const other = vpcGrant({ kind: 'cidr', cidr: '10.1.0.0/16' }, { cacheName: 'queue', securityGroupId: groupId });
    const findings = [revoked(groupId), revoked(groupId, { grant: other }), revoked(groupId)];

    const { exitCode, stdout } = await undo({ findings }, '10.0.0.0/8', '--format', 'json');

    expect(jsonLines(stdout)).toMatchObject([
      { result: 'restored', grants: [{ target: { cacheName: 'sessions' } }, other], securityGroupRule: RULE },
    ]);
    expect(callsToEc2()).toEqual(['AuthorizeSecurityGroupIngress']);
    expect(await rules()).toHaveLength(1);
    expect(exitCode).toBe(0);
  });

  test('finds a rule that is there already just as good', async () => {
    const { groupId, letIn } = await startGuardedCacheHere();
    await letIn('10.1.0.0/16');

    const { exitCode, stdout } = await undo(revoked(groupId));

    expect(stdout).toMatch(/^already-there: sessions:6379/);
    expect(exitCode).toBe(0);
  });

  test('refuses while the allowlist denies any grant of the rule, and prints a rule that would allow it', async () => {
    const { groupId, callsToEc2 } = await startGuardedCacheHere();
    const wide = { ...RULE, fromPort: 0, toPort: 65_535 };
    const [one, other] = ['sessions', 'queue'].map((cacheName) =>
      vpcGrant({ kind: 'cidr', cidr: '10.1.0.0/16' }, { cacheName, securityGroupId: groupId }),
    );
    const findings = [one, other].map((grant) => revoked(groupId, { grant, securityGroupRule: wide }));
    const { allowlist } = await folderWith({
      allowlist: 'version: 1\nrules:\n  - { id: office, caches: [sessions], cidrs: [10.0.0.0/8] }\n',
    });

    const stdin = JSON.stringify({ findings });
    const ended = await runCli(['undo', '-', '--allowlist', allowlist], { stdin });

    expectRefusal(ended, 2, /denies this grant, and Ingress Guard would take it away again:\n {2}queue:6379 <- /);
    expect(callsToEc2()).toEqual([]);
    const rule = ended.stderr.slice(ended.stderr.indexOf('  - id:'));
    const { compiled } = parseAllowlistText(`version: 1\nrules:\n${rule}`, 'mended');
    expect(decide(other as Grant, compiled, new Date()).effect).toBe('allow');
    expect(decide(other as Grant, compiled, new Date(Date.now() + 30 * 86_400_000)).effect).toBe('deny');
  });

  test('has no rule to propose for a security group that is nobody’s', async () => {
    const grant = vpcGrant({ kind: 'securityGroup', securityGroupId: 'sg-0c' });

    const ended = await undo(revoked('sg-0a', { grant }));

    expectRefusal(
      ended,
      2,
      /No rule can allow one of these: the owner of the group is not known\..*\nNothing was restored\.\n$/,
    );
  });

  test.each<[string, object, RegExp]>([
    [
      'does not say what the rule said',
      { securityGroupRule: undefined },
      /does not say what the rule said \(securityGroupRule\)/,
    ],
    [
      'says it in no way that can be read',
      { securityGroupRule: { ipProtocol: 'tcp; rm' } },
      /does not say what the rule said/,
    ],
    [
      'speaks of a rule for other ports',
      { securityGroupRule: { ...RULE, fromPort: 22, toPort: 22 } },
      /does not open these ports/,
    ],
    ['tells of a rule that was not revoked', { outcome: 'held' }, /names no grant that was revoked/],
  ])('restores nothing by a decision that %s', async (_, changes, message) => {
    const { groupId, callsToEc2 } = await startGuardedCacheHere();

    expectRefusal(await undo(revoked(groupId, changes)), 1, message);
    expect(callsToEc2()).toEqual([]);
  });

  test('restores nothing by a report that says two things of one rule', async () => {
    const { groupId, callsToEc2 } = await startGuardedCacheHere();
    const findings = [revoked(groupId), revoked(groupId, { securityGroupRule: { ...RULE, ipProtocol: '-1' } })];

    expectRefusal(await undo({ findings }), 1, /says in two ways what rule sgr-0123456789abcdef0 said/);
    expect(callsToEc2()).toEqual([]);
  });

  test('says what EC2 says when it cannot', async () => {
    await startGuardedCacheHere();

    expectRefusal(await undo(revoked('sg-0123456789abcdef0')), 1, /could not be restored: .*sg-0123456789abcdef0/);
  });
});
