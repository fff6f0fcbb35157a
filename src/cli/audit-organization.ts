import pMap from 'p-map';
import type { LocatedAllowlist } from '../allowlist/loaded-allowlist.ts';
import type { ClientConfig } from '../aws/kept.ts';
import { type MemberAccount, memberAccount } from '../aws/member-account.ts';
import { memberSessions } from '../aws/sts/member-sessions.ts';
import { explainFailure } from '../aws/why-not-judged.ts';
import type { Deadline } from '../enforcement/deadline.ts';
import type { Mixed, Mode, Shared } from '../enforcement/mode.ts';
import type { AccountResult, ActResult } from '../organization/account-result.ts';
import { actInAccount } from '../organization/act-account.ts';
import { closeRun } from '../organization/close-run.ts';
import { type HowToJudgeAccount, judgeAccount } from '../organization/judge-account.ts';
import {
  accountPathsOf,
  accountsToJudge,
  type Manifest,
  ManifestError,
  makeManifest,
  type OrganizationAccount,
  unitsWithoutAccounts,
} from '../organization/manifest.ts';
import { type SettledRun, settleRun } from '../organization/settle-run.ts';
import type { Place } from '../policy/place.ts';
import { type AuditReport, toAuditReport } from '../report/audit-report.ts';
import { VERSION } from '../report/version.ts';
import { count } from '../report/wording.ts';
import { confirmAudit } from './confirm.ts';
import { finishFirst } from './finish-first.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './one-line.ts';
import { startProgress } from './progress.ts';
import { sayEndedEarly, sayRevoked } from './say-revoked.ts';
import { keepHeapSmall } from './small-heap.ts';
import { lookUpWhoMade } from './who-made.ts';

/** What an audit of an organization is asked for. */
export interface OrganizationAudit {
  /** Ask AWS Organizations for the accounts. If not, those that are named are all. */
  readonly organization?: true;
  readonly organizationalUnits?: readonly string[];
  readonly accounts?: readonly string[];
  readonly roleName?: string;
  readonly accountsAtOnce: number;
  readonly requestsPerSecond: number;
  readonly maxRevocationsPerRun: number;
  readonly mode: Mode;
  readonly shared: Shared;
  readonly mixed: Mixed;
  readonly maxRevocations: number;
  readonly yes?: true;
  readonly whoMade?: true;
}

/** What it takes besides. */
export interface AuditedFrom {
  readonly located: LocatedAllowlist;
  readonly regions: readonly string[];
  /** The region whose STS, Organizations and EC2 are asked about accounts. */
  readonly homeRegion: string;
  /** The account of the credentials at hand. It is audited with them; the others by the role. */
  readonly account: string;
  readonly time: Deadline;
}

/** As the members' template calls them: stack/spoke.cjs. */
const READ_ROLE = 'ingress-guard-read';
const REVOKE_ROLE = 'ingress-guard-revoke';
const ACTED_ON_AT_ONCE = 4;

/**
 * Audits many accounts as the state machine of a hub does, in one process: evaluates all of them, settles the limits, revokes if asked
 * to, and reports every account and region of the manifest.
 *
 * @throws {CommandError} if it is not known which accounts there are: then nothing is evaluated.
 */
export async function auditOrganization(options: OrganizationAudit, from: AuditedFrom, io: Io): Promise<AuditReport> {
  const { located, time } = from;
  const { mode, shared, mixed, maxRevocations, maxRevocationsPerRun } = options;
  keepHeapSmall();
  const startedAt = time.now();
  const manifest = await listTargets(options, from, startedAt);
  const members = reachMembers(options, from, manifest.run);
  const allowlist = located.compiled.withAccountPaths(accountPathsOf(manifest));
  const how = { ...time, allowlist, mode, shared, mixed, maxRevocations };
  const what = `${count(accountsToJudge(manifest).length, 'account')}, ${from.regions.join(', ')}`;
  await confirmAudit(options, what, maxRevocationsPerRun, io);
  using _interrupt = mode === 'enforce' ? finishFirst(io) : undefined;
  const results = await judgeAll(manifest, members, how, options.accountsAtOnce, io);
  const soFar = { manifest, results, failures: [] };
  const limits = { mode, allowlist: located.compiled, maxRevocations, maxRevocationsPerRun };
  const acted = await actOnDue(settleRun(soFar, limits), manifest.run, members, how, io);
  const closed = closeRun(soFar, acted, limits);
  sayEndedEarly(closed.findings, io);
  const apiCalls = { ...closed.apiCalls };
  const { configOf } = members;
  const whoMade =
    options.whoMade && (await lookUpWhoMade(closed.findings, { configOf, timeUp: time.timeUp, made: apiCalls }));
  return toAuditReport({
    ...closed,
    ...whoMade,
    apiCalls,
    accounts: manifest.accounts,
    expectedPlaces: closed.places.map(({ account, region }) => ({ account, region })),
    version: VERSION,
    startedAt,
    finishedAt: time.now(),
    mode,
    maxRevocations,
    allowlist: located.allowlist,
    allowlistSha256: located.sha256,
  });
}

/** How accounts are reached: the own one with the credentials at hand, the others by sessions of their roles. */
interface Members {
  reach(account: string): MemberAccount;
  /** To look only. */
  readonly configOf: (place: Place) => ClientConfig;
}

function reachMembers(
  { mode, roleName, requestsPerSecond }: OrganizationAudit,
  { account: own, homeRegion, time }: AuditedFrom,
  run: string,
): Members {
  const sessions = memberSessions({
    region: homeRegion,
    readRole: roleName ?? READ_ROLE,
    revokeRole: mode === 'enforce' ? (roleName ?? REVOKE_ROLE) : undefined,
    purpose: () => run,
    timeUp: time.timeUp,
  });
  return {
    reach(account) {
      const isOwn = account === own;
      const credentials = isOwn ? undefined : sessions.read(account);
      const revoking = isOwn ? {} : { revokingCredentialsFor: sessions.revoke };
      return memberAccount({ ...time, account, homeRegion, requestsPerSecond, credentials, ...revoking });
    },
    configOf: ({ account, region }) => ({
      region,
      ...(account !== own && { credentials: sessions.read(account) }),
    }),
  };
}

/** What is the same for every account. */
type HowToJudge = Deadline & Pick<HowToJudgeAccount, 'allowlist' | 'mode' | 'shared' | 'mixed' | 'maxRevocations'>;

async function judgeAll(
  manifest: Manifest,
  members: Members,
  how: HowToJudge,
  accountsAtOnce: number,
  io: Io,
): Promise<AccountResult[]> {
  const { run, regions, allowlistSha256 } = manifest;
  const accounts = accountsToJudge(manifest);
  const bar = startProgress(io, accounts.length, '{bar} {value} of {total} accounts');
  using _bar = { [Symbol.dispose]: bar.stop };
  return await pMap(
    accounts,
    async ({ account }) => {
      using member = members.reach(account);
      const explain = explainFailure;
      const result = await judgeAccount({ ...how, ...member, run, account, regions, allowlistSha256, explain });
      bar.advance();
      return result;
    },
    { concurrency: accountsAtOnce },
  );
}

/** Revokes what the run settled that may be revoked. */
async function actOnDue(
  { settlement, names: namesOfRun }: SettledRun,
  run: string,
  members: Members,
  how: HowToJudge,
  io: Io,
): Promise<ActResult[]> {
  return await pMap(
    settlement.toAct,
    async ({ account, due }) => {
      using member = members.reach(account);
      return await actInAccount({
        ...how,
        ...member,
        run,
        account,
        due,
        namesOfRun,
        // One run evaluates by what the file said when the run began.
        confirmPolicy: async () => {},
        report: (finding) => sayRevoked(io, finding),
      });
    },
    { concurrency: ACTED_ON_AT_ONCE },
  );
}

async function listTargets(
  { organization, organizationalUnits = [], accounts }: OrganizationAudit,
  { regions, homeRegion, located, time }: AuditedFrom,
  startedAt: Date,
): Promise<Manifest> {
  const named = accounts?.map((account): OrganizationAccount => ({ account, state: 'ACTIVE' }));
  const listed = organization ? await listAll(homeRegion, time.timeUp) : (named ?? []);
  const missing = (accounts ?? []).filter((account) => !listed.some((one) => one.account === account));
  if (missing.length > 0) {
    throw new CommandError(`the organization has no account ${missing.join(', ')}: check --accounts`);
  }
  const empty = organization ? unitsWithoutAccounts(listed, organizationalUnits) : [];
  if (empty.length > 0) {
    // It looks the same whether the unit is empty or its id has a typing error, and then all its accounts would be left out.
    throw new CommandError(`no account is under ${empty.join(', ')}: check --organizational-units`);
  }
  const meant = accounts === undefined ? listed : listed.filter(({ account }) => accounts.includes(account));
  const scope = { organizationalUnits, excludedAccounts: [], regions };
  const run = `cli-${startedAt.toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    return makeManifest({ run, startedAt: startedAt.toISOString(), allowlistSha256: located.sha256 }, meant, scope);
  } catch (error) {
    if (error instanceof ManifestError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

async function listAll(region: string, timeUp: AbortSignal): Promise<readonly OrganizationAccount[]> {
  const { listAccounts } = await import('../aws/organizations/list-accounts.ts');
  try {
    return await listAccounts(region, timeUp);
  } catch (error) {
    const why = oneLine((error as Error).message, 400);
    const toDo = 'Use credentials of the management account or of a delegated administrator, or name --accounts';
    throw new CommandError(`${why}. ${toDo}`, { cause: error });
  }
}
