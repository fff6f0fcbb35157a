import { describe, expect, test } from 'vitest';
import type { RunSummary } from '../../handlers/shared/run-summary.ts';
import { drawFaults, NO_FAULTS } from '../../src/local/faults.ts';
import type { Target } from '../../src/policy/target.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { allowlistFile } from '../support/functions/enforce-ingress-function.ts';
import { VPC_ALLOWLIST } from '../support/functions/enforce-security-group-function.ts';
import { startOrganizationFunctions } from '../support/functions/organization-functions.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import { MANAGEMENT, MEMBER, ORGANIZATION, OTHER_MEMBER } from '../support/local-aws/organization.ts';

const RUN = '2026-11-29T01';
type Started = Awaited<ReturnType<typeof startOrganizationFunctions>>;

const allTargetsOf = ({ stored }: Started) => (stored(`runs/${RUN}/targets.json`) as { targets: Target[] }).targets;
const targetsOf = (started: Started) =>
  allTargetsOf(started).map((target) => [
    target.account,
    target.region,
    target.status,
    ...('why' in target ? [target.why] : []),
  ]);
const findingsOf = ({ stored }: Started) =>
  (stored(`runs/${RUN}/report.json`) as AuditReport).findings.map(({ grant, outcome, heldBecause }) => [
    grant.account,
    outcome,
    ...(heldBecause === undefined ? [] : [heldBecause]),
  ]);
const inBoth = (account: string, ...state: readonly string[]) => [
  [account, OTHER_REGION, ...state],
  [account, REGION, ...state],
];
const NOT_THERE = inBoth(MANAGEMENT, 'not-judged', 'member-role-missing');

describe('a run of an organization', () => {
  test('revokes in a member what the allowlist does not allow, and names the account without a role', async () => {
    const started = await startOrganizationFunctions();
    const open = await started.openCache(MEMBER, '0.0.0.0/0');
    const fine = await started.openCache(OTHER_MEMBER, '10.0.3.0/24');

    const { named, toAct, closed } = await started.run(RUN);

    expect(named).toEqual([MANAGEMENT, ACCOUNT, MEMBER, OTHER_MEMBER]);
    expect(toAct).toEqual([MEMBER]);
    expect(await open.rules()).toEqual([]);
    expect(await fine.rules()).toHaveLength(1);
    expect(targetsOf(started)).toEqual([
      ...NOT_THERE,
      ...[ACCOUNT, MEMBER, OTHER_MEMBER].flatMap((one) => inBoth(one, 'judged')),
    ]);
    expect(closed.result as RunSummary).toMatchObject({
      run: RUN,
      complete: false,
      counts: { denied: 1, notJudged: 2, outcomes: { revoked: 1, allowed: 1 } },
      targets: { judged: 6, 'not-judged': 2, 'not-applicable': 0, excluded: 0 },
      notWatched: 0,
    });
    const { organization, targets = [] } = started.stored(`runs/${RUN}/report.json`) as AuditReport;
    expect(organization).toBe(ORGANIZATION.id);
    expect(targets.map(({ account, region, status }) => [account, region, status])).toEqual(
      allTargetsOf(started).map(({ account, region, status }) => [account, region, status]),
    );
    for (const { path } of targets) expect(path).toMatch(new RegExp(`^${organization}/r-`));
    const metrics = Object.assign({}, ...closed.metrics);
    expect(metrics).toMatchObject({ NotJudged: 2, TargetsNotWatched: 0, GrantsChecked: 2 });
    expect(metrics).not.toHaveProperty('AuditFinished');
  });

  test('takes one session an account to evaluate it, one to act in it and one for each revocation', async () => {
    const started = await startOrganizationFunctions();
    await started.openCache(MEMBER, '0.0.0.0/0');

    await started.run(RUN);

    const calls = started.functionsCalls();
    const sessions = (name: string) => calls.filter((call) => call.startsWith(`${name} AssumeRole`));
    expect([sessions('judgeAccount').length, sessions('actAccount').length]).toEqual([4, 2]);
    const revoked = calls.flatMap((call, at) => (call.includes(' Revoke') ? [at] : []));
    expect(revoked.map((at) => calls[at])).toEqual([`actAccount RevokeSecurityGroupIngress ${MEMBER}`]);
    const lastJudged = calls.findLastIndex((call) => call.startsWith('judgeAccount'));
    expect(revoked.every((at) => at > lastJudged)).toBe(true);
    const names = started.calls.flatMap(({ action, parameters }) =>
      action === 'AssumeRole' ? parameters.get('RoleSessionName') : [],
    );
    expect(new Set(names)).toEqual(new Set([`ingress-guard-${RUN}`]));
  });

  test('revokes nothing anywhere if more is due than a run may make', async () => {
    const started = await startOrganizationFunctions();
    const caches = [await started.openCache(MEMBER, '0.0.0.0/0'), await started.openCache(OTHER_MEMBER, '0.0.0.0/0')];

    const { toAct } = await started.run(RUN, { INGRESS_GUARD_MAX_REVOCATIONS_PER_RUN: '1' });

    expect(toAct).toEqual([]);
    for (const cache of caches) expect(await cache.rules()).toHaveLength(1);
    expect(findingsOf(started)).toEqual([
      [MEMBER, 'held', 'limit'],
      [OTHER_MEMBER, 'held', 'limit'],
    ]);
  });

  test('knows the organizational units of accounts, which rules of the allowlist name', async () => {
    const started = await startOrganizationFunctions();
    const [member, other] = [
      await started.openCache(MEMBER, '10.0.3.0/24'),
      await started.openCache(OTHER_MEMBER, '10.0.3.0/24'),
    ];
    const allowlist = `${VPC_ALLOWLIST}    organizationalUnits: [ou-root-production]\n`;

    await started.run(RUN, { INGRESS_GUARD_ALLOWLIST: await allowlistFile(allowlist) });

    expect(findingsOf(started)).toEqual([
      [OTHER_MEMBER, 'revoked'],
      [MEMBER, 'allowed'],
    ]);
    expect([await member.rules(), await other.rules()].map((rules) => rules.length)).toEqual([1, 0]);
  });

  test('has the same findings of an account, whether or not the role of another is missing', async () => {
    const started = await startOrganizationFunctions();
    await started.openCache(MEMBER, '0.0.0.0/0');
    await started.openCache(OTHER_MEMBER, '192.0.2.0/24');
    const reportOnly = { INGRESS_GUARD_MODE: 'report-only', INGRESS_GUARD_REVOKE_ROLE: '' };
    const ofMember = (run: string) =>
      (started.stored(`runs/${run}/report.json`) as AuditReport).findings.filter(
        ({ grant }) => grant.account === MEMBER,
      );

    await started.run('whole', reportOnly);
    Object.assign(started.aws.accounts.find(OTHER_MEMBER) ?? {}, { faults: { roleMissing: true } });
    await started.run('in-part', reportOnly);

    expect(ofMember('in-part')).toEqual(ofMember('whole'));
    expect(ofMember('whole')).toHaveLength(1);
    // Who may not is not asked again.
    const refused = started.calls.filter(({ action, parameters }) => {
      return action === 'AssumeRole' && parameters.get('RoleArn')?.includes(OTHER_MEMBER);
    });
    expect(refused).toHaveLength(2);
  });

  test.each(['throttle', 'serverError'] as const)(
    'asks again what fails for a while (%s), and has the same findings as without',
    async (fault) => {
      const failing = new Set<string>();
      const faults = {
        ...drawFaults(NO_FAULTS),
        // Each of these fails once in the account, and is answered then.
        happens: (one: string, subject: string) =>
          one === fault && subject.includes(OTHER_MEMBER) && failing.delete(subject.split(' ')[0] ?? ''),
      };
      const started = await startOrganizationFunctions({ faults });
      await started.openCache(MEMBER, '0.0.0.0/0');
      await started.openCache(OTHER_MEMBER, '192.0.2.0/24');
      const reportOnly = { INGRESS_GUARD_MODE: 'report-only', INGRESS_GUARD_REVOKE_ROLE: '' };
      const reportOf = (run: string) => started.stored(`runs/${run}/report.json`) as AuditReport;

      await started.run('whole', reportOnly);
      for (const action of ['DescribeRegions', 'DescribeSecurityGroupRules']) failing.add(action);
      await started.run('in-trouble', reportOnly);

      const [before, after] = [reportOf('whole'), reportOf('in-trouble')];
      expect([...failing]).toEqual([]);
      expect(after.apiCalls?.DescribeRegions).toBe((before.apiCalls?.DescribeRegions ?? 0) + 1);
      expect(before.findings).toHaveLength(2);
      expect(JSON.stringify(after.findings)).toBe(JSON.stringify(before.findings));
      expect(after.targets?.map(({ status }) => status)).toEqual(before.targets?.map(({ status }) => status));
    },
  );

  test('revokes nothing in report-only mode', async () => {
    const started = await startOrganizationFunctions();
    const open = await started.openCache(MEMBER, '0.0.0.0/0');

    const { toAct } = await started.run(RUN, { INGRESS_GUARD_MODE: 'report-only', INGRESS_GUARD_REVOKE_ROLE: '' });

    expect(toAct).toEqual([]);
    expect(await open.rules()).toHaveLength(1);
    expect(findingsOf(started)).toEqual([[MEMBER, 'would-revoke']]);
    expect(started.functionsCalls().filter((call) => call.includes(' Revoke'))).toEqual([]);
  });

  test('is complete with accounts that are excluded or suspended, and regions that are not enabled', async () => {
    const started = await startOrganizationFunctions();
    const { accounts } = started.aws;
    Object.assign(accounts.find(MEMBER) ?? {}, { faults: { suspended: true } });
    Object.assign(accounts.find(OTHER_MEMBER) ?? {}, { faults: { optOut: [OTHER_REGION] } });

    const { named, closed } = await started.run(RUN, { INGRESS_GUARD_EXCLUDED_ACCOUNTS: MANAGEMENT });

    expect(named).toEqual([ACCOUNT, OTHER_MEMBER]);
    expect(targetsOf(started)).toEqual([
      ...inBoth(MANAGEMENT, 'excluded'),
      ...inBoth(ACCOUNT, 'judged'),
      ...inBoth(MEMBER, 'not-applicable', 'account-not-active'),
      [OTHER_MEMBER, OTHER_REGION, 'not-applicable', 'region-not-enabled'],
      [OTHER_MEMBER, REGION, 'judged'],
    ]);
    expect(closed.result).toMatchObject({ complete: true });
    expect(Object.assign({}, ...closed.metrics)).toMatchObject({ AuditFinished: 1, NotJudged: 0 });
    const calls = started.calls.filter(({ principal, region }) => {
      return principal.accountId === OTHER_MEMBER && region === OTHER_REGION;
    });
    expect(calls).toEqual([]);
  });

  test('names a region that a service control policy denies, and whose events are not watched', async () => {
    const started = await startOrganizationFunctions();
    const { accounts } = started.aws;
    Object.assign(accounts.find(MEMBER) ?? {}, { faults: { scp: { regions: [OTHER_REGION] } } });
    Object.assign(accounts.find(OTHER_MEMBER) ?? {}, { faults: { ruleDisabled: true } });

    const { closed } = await started.run(RUN);

    expect(targetsOf(started)).toEqual([
      ...NOT_THERE,
      ...inBoth(ACCOUNT, 'judged'),
      [MEMBER, OTHER_REGION, 'not-judged', 'denied-by-service-control-policy'],
      [MEMBER, REGION, 'judged'],
      ...inBoth(OTHER_MEMBER, 'judged'),
    ]);
    const notWatched = allTargetsOf(started).flatMap((target) =>
      'events' in target && target.events?.status === 'not-watched'
        ? [[target.account, target.region, target.events.why]]
        : [],
    );
    expect(notWatched).toEqual([
      [MEMBER, OTHER_REGION, 'not-readable'],
      [OTHER_MEMBER, OTHER_REGION, 'rule-disabled'],
      [OTHER_MEMBER, REGION, 'rule-disabled'],
    ]);
    expect(Object.assign({}, ...closed.metrics)).toMatchObject({ TargetsNotWatched: 3 });
  });
});

describe('a member that has a part of its stack only', () => {
  test('is evaluated without the role that revokes, and each revocation there fails with why; others go on', async () => {
    const started = await startOrganizationFunctions();
    const [open, other] = [
      await started.openCache(MEMBER, '0.0.0.0/0'),
      await started.openCache(OTHER_MEMBER, '0.0.0.0/0'),
    ];
    started.aws.accounts.find(MEMBER)?.roles.delete('ingress-guard-revoke');

    await started.run(RUN);

    expect(findingsOf(started)).toEqual([
      [MEMBER, 'failed'],
      [OTHER_MEMBER, 'revoked'],
    ]);
    const [failed] = (started.stored(`runs/${RUN}/report.json`) as AuditReport).findings;
    expect(failed?.problem).toContain(`role ingress-guard-revoke of account ${MEMBER} could not be assumed`);
    expect([(await open.rules()).length, (await other.rules()).length]).toEqual([1, 0]);
  });
});

describe('a step that is done again', () => {
  /** A run up to the step that revokes. */
  const startSettled = async () => {
    const started = await startOrganizationFunctions();
    const open = await started.openCache(MEMBER, '0.0.0.0/0');
    await started.invoke('listTargets', { run: RUN });
    for (const account of [ACCOUNT, MEMBER, OTHER_MEMBER]) await started.invoke('judgeAccount', { run: RUN, account });
    await started.invoke('closeRun', { run: RUN, settle: true });
    const revocations = () => started.functionsCalls().filter((call) => call.includes(' Revoke'));
    return { ...started, started, open, revocations };
  };
  const act = ({ invoke }: Started) => invoke('actAccount', { run: RUN, account: MEMBER, act: true });

  test('revokes nothing twice, and what the first try revoked is reported as revoked', async () => {
    const { started, revocations, invoke } = await startSettled();
    await act(started);

    const again = await act(started);
    await invoke('closeRun', { run: RUN, settle: false });

    expect(again.error).toBeUndefined();
    expect(revocations()).toHaveLength(1);
    expect(findingsOf(started)).toEqual([[MEMBER, 'revoked']]);
  });

  test('at the same time as the first try: what one of them revoked is reported as revoked', async () => {
    const { started, start, open, invoke } = await startSettled();
    const [first, second] = [await start('actAccount'), await start('actAccount')];

    const both = await Promise.all([first, second].map((one) => one({ run: RUN, account: MEMBER, act: true })));
    await invoke('closeRun', { run: RUN, settle: false });

    expect(both.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(await open.rules()).toEqual([]);
    expect(findingsOf(started)).toEqual([[MEMBER, 'revoked']]);
  });

  test('reports what was revoked before the function was killed', async () => {
    const { started, aws, bucket, invoke } = await startSettled();
    // As if nothing of the function went on once its revocation was stored.
    const key = `runs/${RUN}/${MEMBER}-acted.json`;
    const stored: string[] = [];
    aws.events.on('call', ({ action }) => {
      if (action === 'PutObject') stored.push(bucket.objects.get(key)?.body ?? '');
    });
    await act(started);
    Object.assign(bucket.objects.get(key) ?? {}, { body: stored[0] });

    await invoke('closeRun', { run: RUN, settle: false });

    expect(findingsOf(started)).toEqual([[MEMBER, 'revoked']]);
  });

  test('evaluates no account again once the run is settled: what was revoked would be missing', async () => {
    const { started, invoke } = await startSettled();
    await act(started);

    const late = await invoke('judgeAccount', { run: RUN, account: MEMBER, act: false });
    await invoke('closeRun', { run: RUN, settle: false });

    expect(late.error?.message).toBe(`run ${RUN} is settled, and no account is evaluated in it any more`);
    expect(findingsOf(started)).toEqual([[MEMBER, 'revoked']]);
  });

  test('lists the same accounts, and settles the same, whatever changed meanwhile', async () => {
    const { invoke, stored } = await startSettled();
    const before = [stored(`runs/${RUN}/manifest.json`), stored(`runs/${RUN}/settled.json`)];

    const listed = await invoke('listTargets', { run: RUN }, { INGRESS_GUARD_EXCLUDED_ACCOUNTS: MEMBER });
    const settled = await invoke(
      'closeRun',
      { run: RUN, settle: true },
      { INGRESS_GUARD_MAX_REVOCATIONS_PER_RUN: '0' },
    );

    expect(listed.result).toMatchObject({ accounts: expect.arrayContaining([MEMBER]) });
    expect(settled.result).toEqual({ toAct: [MEMBER] });
    expect([stored(`runs/${RUN}/manifest.json`), stored(`runs/${RUN}/settled.json`)]).toEqual(before);
  });

  test('revokes nothing in a run that is closed: its report would not have it', async () => {
    const { started, open, revocations, invoke } = await startSettled();
    await invoke('closeRun', { run: RUN, status: 'TIMED_OUT' });

    const late = await act(started);

    expect(late.error?.message).toBe(`run ${RUN} is closed, and nothing more is done in it: start another audit`);
    expect([revocations(), (await open.rules()).length]).toEqual([[], 1]);
    expect(findingsOf(started)).toEqual([[MEMBER, 'failed']]);
  });

  test('revokes nothing in an account that was excluded meanwhile', async () => {
    const { started, open, invoke } = await startSettled();
    const excluding = { INGRESS_GUARD_EXCLUDED_ACCOUNTS: MEMBER };

    const acted = await invoke('actAccount', { run: RUN, account: MEMBER }, excluding);
    await invoke('closeRun', { run: RUN, settle: false }, excluding);

    expect(acted.error?.message).toBe(`account ${MEMBER} is excluded in the settings, so nothing is revoked there`);
    expect(await open.rules()).toHaveLength(1);
    expect(findingsOf(started)).toEqual([[MEMBER, 'failed']]);
  });

  test.each(['settled.json', `${MEMBER}.json`])('reports what was revoked, though S3 lost %s', async (name) => {
    const { started, bucket, invoke } = await startSettled();
    await act(started);
    bucket.objects.delete(`runs/${RUN}/${name}`);

    await invoke('closeRun', { run: RUN, settle: false });

    expect(findingsOf(started)).toEqual([[MEMBER, 'revoked']]);
  });
});

describe('the end of a run', () => {
  test('is the same for whoever asks again, and counted once', async () => {
    const started = await startOrganizationFunctions();
    const { closed } = await started.run(RUN);

    const again = await started.invoke('closeRun', { run: RUN, status: 'SUCCEEDED' });

    expect(again.result).toEqual(closed.result);
    expect(again.metrics).toEqual([]);
  });

  test('comes from the manifest and what is stored, where the state machine failed midway', async () => {
    const started = await startOrganizationFunctions();
    await started.invoke('listTargets', { run: RUN });
    await started.invoke('judgeAccount', { run: RUN, account: MEMBER });

    const closed = await started.invoke('closeRun', { run: RUN, status: 'TIMED_OUT' });

    expect(closed.result).toMatchObject({ complete: false, targets: { judged: 2, 'not-judged': 6 } });
    expect(targetsOf(started)).toEqual([
      ...inBoth(MANAGEMENT, 'not-judged', 'no-result'),
      ...inBoth(ACCOUNT, 'not-judged', 'no-result'),
      ...inBoth(MEMBER, 'judged'),
      ...inBoth(OTHER_MEMBER, 'not-judged', 'no-result'),
    ]);
  });

  test.each<[string, Record<string, string>]>([
    ['limits the run to less', { INGRESS_GUARD_MAX_REVOCATIONS_PER_RUN: '0' }],
    ['ends enforcement', { INGRESS_GUARD_MODE: 'report-only' }],
  ])('reports what was revoked, though a deployment meanwhile %s', async (_, changes) => {
    const started = await startOrganizationFunctions();
    const open = await started.openCache(MEMBER, '0.0.0.0/0');
    await started.invoke('listTargets', { run: RUN });
    await started.invoke('judgeAccount', { run: RUN, account: MEMBER });
    await started.invoke('closeRun', { run: RUN, settle: true });
    await started.invoke('actAccount', { run: RUN, account: MEMBER });

    await started.invoke('closeRun', { run: RUN, settle: false }, changes);

    expect(await open.rules()).toEqual([]);
    expect(findingsOf(started)).toEqual([[MEMBER, 'revoked']]);
  });

  test.each([
    ['cut off', '{"run": "2026-'],
    ['null', 'null'],
    ['of another shape', '{"run": "2026-11-29T01"}'],
  ])('names the account whose result is %s, and reports the others', async (_, body) => {
    const started = await startOrganizationFunctions();
    await started.openCache(OTHER_MEMBER, '0.0.0.0/0');
    await started.invoke('listTargets', { run: RUN });
    for (const account of [ACCOUNT, MEMBER, OTHER_MEMBER]) await started.invoke('judgeAccount', { run: RUN, account });
    Object.assign(started.bucket.objects.get(`runs/${RUN}/${MEMBER}.json`) ?? {}, { body });

    const { toAct } = (await started.invoke('closeRun', { run: RUN, settle: true })).result as { toAct: string[] };
    const closed = await started.invoke('closeRun', { run: RUN, settle: false });

    expect(toAct).toEqual([OTHER_MEMBER]);
    expect(closed.result).toMatchObject({ complete: false, counts: { denied: 1 } });
    expect(targetsOf(started)).toEqual([
      ...inBoth(MANAGEMENT, 'not-judged', 'no-result'),
      ...inBoth(ACCOUNT, 'judged'),
      ...inBoth(MEMBER, 'not-judged', 'error'),
      ...inBoth(OTHER_MEMBER, 'judged'),
    ]);
  });

  test('is an error where the accounts could not be listed', async () => {
    const started = await startOrganizationFunctions({
      organization: { ...ORGANIZATION, delegatedAdministratorIds: [] },
    });

    const listed = await started.invoke('listTargets', { run: RUN });
    const closed = await started.invoke('closeRun', { run: RUN, status: 'FAILED' });

    expect(listed.error?.name).toBe('AccountsNotListedError');
    expect(closed.error?.message).toBe(
      `run ${RUN} has no manifest: its accounts were not listed, and nothing was evaluated or revoked`,
    );
    expect(started.bucket.objects.size).toBe(0);
  });

  test('is not begun by an account that the run settled nothing for', async () => {
    const started = await startOrganizationFunctions();
    const open = await started.openCache(MEMBER, '0.0.0.0/0');

    const acted = await started.invoke('actAccount', { run: RUN, account: MEMBER, act: true });

    expect(acted.error?.message).toBe(`the run settled nothing that may be revoked in account ${MEMBER}`);
    expect(await open.rules()).toHaveLength(1);
  });
});
