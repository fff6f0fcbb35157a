import { expect, test } from 'vitest';
import type { Target } from '../../src/policy/target.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { startHub } from '../support/local-aws/hub.ts';
import { OTHER_REGION } from '../support/local-aws/local-endpoint.ts';
import { MANAGEMENT, MEMBER, ORGANIZATION, OTHER_MEMBER } from '../support/local-aws/organization.ts';

const RUN = '2026-11-29T01';
const [NO_ROLE, SUSPENDED, ONE_REGION, DENIED, EXCLUDED] = [
  '444444444444',
  '555555555555',
  '666666666666',
  '777777777777',
  '888888888888',
] as const;
const NINE = {
  ...ORGANIZATION,
  accounts: [
    ...ORGANIZATION.accounts,
    ...[NO_ROLE, SUSPENDED, ONE_REGION, DENIED, EXCLUDED].map((accountId) => ({
      accountId,
      name: `member ${accountId.charAt(0)}`,
      parentId: 'ou-root-workloads',
    })),
  ],
};
/** One account fewer to audit. */
const WITHOUT_MANAGEMENT = { organizationalUnits: 'ou-root-workloads' };

type Hub = Awaited<ReturnType<typeof startHub>>;
const targetsOf = ({ stored }: Hub) =>
  (stored(RUN, 'targets.json') as { targets: Target[] }).targets.map((target) => [
    target.account,
    target.region,
    target.status,
    ...('why' in target ? [target.why] : []),
  ]);
const findingsOf = ({ stored }: Hub) =>
  (stored(RUN, 'report.json') as AuditReport).findings.map(({ grant, outcome }) => [grant.account, outcome]);
const revocationsOf = ({ functionsCalls }: Hub) => functionsCalls().filter(({ action }) => action.startsWith('Revoke'));
const inBoth = (account: string, ...state: readonly string[]) => [
  [account, OTHER_REGION, ...state],
  [account, REGION, ...state],
];

test('the deployed audit has the right word for every account and region, and revokes after all are evaluated', async () => {
  const started = await startHub(NINE, { excludedAccounts: EXCLUDED }, { withoutSpoke: [NO_ROLE] });
  const open = await started.openUnseen(MEMBER, '0.0.0.0/0');
  const fine = await started.openUnseen(OTHER_MEMBER, '10.0.3.0/24');
  const faults = (account: string, what: object) =>
    Object.assign(started.aws.accounts.find(account) ?? {}, { faults: what });
  faults(SUSPENDED, { suspended: true });
  faults(ONE_REGION, { optOut: [OTHER_REGION] });
  faults(DENIED, { scp: { regions: [OTHER_REGION] } });

  const closed = await started.audit(RUN);
  await started.aws.idle();

  expect(closed).toMatchObject({ run: RUN, complete: false, counts: { outcomes: { revoked: 1, allowed: 1 } } });
  expect(targetsOf(started)).toEqual([
    ...inBoth(MANAGEMENT, 'not-judged', 'member-role-missing'),
    ...inBoth(ACCOUNT, 'judged'),
    ...inBoth(MEMBER, 'judged'),
    ...inBoth(OTHER_MEMBER, 'judged'),
    ...inBoth(NO_ROLE, 'not-judged', 'member-role-missing'),
    ...inBoth(SUSPENDED, 'not-applicable', 'account-not-active'),
    [ONE_REGION, OTHER_REGION, 'not-applicable', 'region-not-enabled'],
    [ONE_REGION, REGION, 'judged'],
    [DENIED, OTHER_REGION, 'not-judged', 'denied-by-service-control-policy'],
    [DENIED, REGION, 'judged'],
    ...inBoth(EXCLUDED, 'excluded'),
  ]);
  expect([await open.sources(), await fine.sources()]).toEqual([[], ['10.0.3.0/24']]);
  const calls = started.functionsCalls();
  expect(revocationsOf(started)).toMatchObject([{ name: 'actAccount', account: MEMBER, region: REGION }]);
  const lastJudged = calls.findLastIndex(({ name }) => name === 'judgeAccount');
  expect(calls.findIndex(({ action }) => action.startsWith('Revoke'))).toBeGreaterThan(lastJudged);
  // Seven accounts are evaluated, and one is acted in: a session to look, and one to revoke.
  const assumed = Map.groupBy(
    calls.filter(({ action }) => action === 'AssumeRole'),
    ({ name }) => name,
  );
  expect([...assumed].map(([name, made]) => [name, made.length])).toEqual([
    ['judgeAccount', 7],
    ['actAccount', 2],
  ]);
  // With the roles that the stack gives them, the functions may do all that they do.
  expect(started.output.filter((line) => line.includes('no identity-based policy allows'))).toEqual([]);
  expect(started.aws.deadLetters).toEqual([]);
});

test('the deployed audit imports into each member, with the roles of the stack, when the run has ended', async () => {
  const started = await startHub(ORGANIZATION, { ...WITHOUT_MANAGEMENT, mode: 'report-only', securityHub: 'true' });
  const hubOf = (account: string) => started.aws.accounts.find(account)?.region(REGION)?.securityHub;
  for (const account of [MEMBER, OTHER_MEMBER]) Object.assign(hubOf(account) ?? {}, { isEnabled: true });
  await started.openUnseen(MEMBER, '0.0.0.0/0');

  await started.audit(RUN);
  await started.aws.idle();

  expect(hubOf(MEMBER)?.list()).toMatchObject([
    { AwsAccountId: MEMBER, GeneratorId: `ingress-guard-local/${ACCOUNT}/${REGION}`, RecordState: 'ACTIVE' },
  ]);
  expect(hubOf(OTHER_MEMBER)?.list()).toEqual([]);
  expect(started.output.filter((line) => line.includes('no identity-based policy allows'))).toEqual([]);
  expect(started.output.filter((line) => line.includes('"security-hub-failed"'))).toEqual([]);
  expect(started.aws.deadLetters).toEqual([]);
});

test('the deployed audit is started once an hour, and revokes nothing anywhere if more is due than a run may make', async () => {
  const started = await startHub(ORGANIZATION, { ...WITHOUT_MANAGEMENT, maxRevocationsPerRun: '1' });
  const { aws, hub } = started;
  const caches = [await started.openUnseen(MEMBER, '0.0.0.0/0'), await started.openUnseen(OTHER_MEMBER, '0.0.0.0/0')];
  const start = (id: string) => aws.startExecution(hub.starter, id, { scheduledTime: '2026-11-29T01:00:00Z' }).output;

  await start('first');
  // While it runs, the same start gives the same execution.
  await started.audit(RUN);
  await aws.idle();
  const made = started.functionsCalls().filter(({ name }) => name !== 'closeRun').length;
  await start('second');
  await aws.idle();

  expect(() => aws.startExecution(hub.audit, RUN, {})).toThrow('Execution Already Exists');
  expect(started.functionsCalls().filter(({ name }) => name !== 'closeRun')).toHaveLength(made);
  expect(findingsOf(started)).toEqual([
    [MEMBER, 'held'],
    [OTHER_MEMBER, 'held'],
  ]);
  expect(revocationsOf(started)).toEqual([]);
  for (const cache of caches) expect(await cache.sources()).toEqual(['0.0.0.0/0']);
});

test('a deployed audit that fails midway is closed by the event of that, with what it evaluated, and revokes nothing', async () => {
  const started = await startHub(ORGANIZATION, WITHOUT_MANAGEMENT, { withoutSpoke: [OTHER_MEMBER] });
  const { aws, hub, stored } = started;
  const open = await started.openUnseen(MEMBER, '0.0.0.0/0');
  const objects = aws.accounts.buckets.find(hub.bucketName)?.objects ?? new Map();
  const key = `runs/${RUN}/manifest.json`;
  // Nobody finds the manifest from the first evaluation on until the execution has failed of it.
  let manifest = objects.get(key);
  aws.events.on('call', ({ userAgent }) => {
    if (!userAgent.includes('app/judgeAccount') || !objects.has(key)) return;
    manifest = objects.get(key);
    objects.delete(key);
  });
  aws.events.on('output', ({ line }) => {
    if (line.startsWith('execution failed') && manifest !== undefined) objects.set(key, manifest);
  });

  await expect(started.audit(RUN)).rejects.toThrow(`run ${RUN} has no manifest`);
  await aws.idle();

  expect(stored(RUN, 'closed.json')).toMatchObject({ complete: false });
  expect(targetsOf(started)).toEqual([
    ...inBoth(MEMBER, 'judged'),
    ...inBoth(OTHER_MEMBER, 'not-judged', 'member-role-missing'),
  ]);
  expect(findingsOf(started)).toEqual([[MEMBER, 'failed']]);
  expect(revocationsOf(started)).toEqual([]);
  expect(await open.sources()).toEqual(['0.0.0.0/0']);
});

test('an event of a member whose role is missing is tried three times, and is then in the dead-letter queue', async () => {
  const started = await startHub(ORGANIZATION, {}, { speed: 1000 });
  const { aws } = started;
  const cache = await started.openUnseen(MEMBER, '10.0.3.0/24');
  Object.assign(aws.accounts.find(MEMBER) ?? {}, { faults: { roleMissing: true } });

  await cache.letIn('0.0.0.0/0');
  await aws.idle();

  expect(aws.deadLetters).toMatchObject([
    { functionName: 'enforceSecurityGroup', attempts: 3, event: { account: MEMBER } },
  ]);
  expect(aws.deadLetters[0]?.error.message).toContain(`role ingress-guard-read of account ${MEMBER}`);
  expect(await cache.sources()).toContain('0.0.0.0/0');
});
