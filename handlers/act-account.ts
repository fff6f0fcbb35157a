import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { callCounter } from '../src/aws/call-counter.ts';
import { memberAccount } from '../src/aws/member-account.ts';
import { runStore } from '../src/aws/s3/run-store.ts';
import { memberSessions } from '../src/aws/sts/member-sessions.ts';
import { policyConfirmation } from '../src/enforcement/confirm-policy.ts';
import type { ActResult } from '../src/organization/account-result.ts';
import { actInAccount, joinTries } from '../src/organization/act-account.ts';
import { revocationIdOfGrant } from '../src/policy/revocation-id.ts';
import { hereOf } from './shared/here.ts';
import { linesOf } from './shared/lines-of.ts';
import { readExcludedAccounts, readReadRole, readRevokeRole, readRunsBucket } from './shared/organization-settings.ts';
import { policyReader } from './shared/policy.ts';
import { reportFinding } from './shared/record-audit.ts';
import { ACTED, readActedIn, readSettled, refuseIfClosed, withAccountPaths } from './shared/run-files.ts';
import { readAccount, readRun } from './shared/run-payload.ts';
import { readMaxRevocations, readMixed, readShared, SettingsError } from './shared/settings.ts';
import { timeOf } from './shared/time-of.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

/** What the function needs after the last revocation, to store its outcomes and to return, in milliseconds. */
const RESERVE = 10_000;

/** What the state machine keeps of an account. The rest is stored. */
interface ActedAccount {
  readonly account: string;
  readonly status: 'acted';
  readonly due: number;
}

/**
 * Revokes in one account what the run settled, evaluated again as it is now, and stores the outcomes. Each is in the log as soon as it
 * is known. Throws if the run settled nothing, if it is closed, if the
 * settings exclude the account by now, or if the outcomes could not be stored.
 */
export const handler = middy<unknown, ActedAccount>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event, context) => {
    const [run, account] = [readRun(event), readAccount(event)];
    const time = timeOf(context, RESERVE);
    const { region: homeRegion } = hereOf(context);
    const store = runStore(readRunsBucket(process.env), run);
    await refuseIfClosed(store, run);
    refuseIfExcluded(account);
    const { loaded, ...policy } = await withAccountPaths(await readPolicy(), store, run);
    const { due, namesOfRun } = await readSettled(store, account);
    const counter = callCounter();
    const sessions = memberSessions({
      region: homeRegion,
      readRole: readReadRole(process.env),
      revokeRole: readRevokeRole(process.env),
      purpose: () => run,
      aroundEachTry: counter.count,
      timeUp: time.timeUp,
    });
    using member = memberAccount({
      ...time,
      account,
      homeRegion,
      credentials: sessions.read(account),
      revokingCredentialsFor: sessions.revoke,
      counter,
    });
    const meant = new Set(due);
    const confirmPolicy = policyConfirmation(policy, readPolicy);
    const join = (tried: ActResult) =>
      store.update(ACTED(account), (kept) => joinTries(readActedIn(kept, run, account), tried));
    const lines = linesOf(logger, context);
    const result = await actInAccount({
      ...policy,
      ...time,
      ...member,
      run,
      account,
      due,
      namesOfRun,
      shared: readShared(process.env),
      mixed: readMixed(process.env),
      maxRevocations: readMaxRevocations(process.env),
      before: readActedIn(await store.get(ACTED(account)), run, account),
      // What a closed run revokes is in no report.
      confirmPolicy: async () => {
        await Promise.all([confirmPolicy(), refuseIfClosed(store, run)]);
      },
      keep: (made) =>
        join(made).catch((error: unknown) => {
          // It is tried again with all of them, at the end.
          logger.warn('a revocation could not be stored', { run, account, error: error as Error });
        }),
      report: (finding) => {
        // All else was seen before, and is reported when the run is closed.
        if (meant.has(revocationIdOfGrant(finding.grant))) return reportFinding(finding, policy, lines, metrics);
      },
    });
    await join(result);
    return { account, status: 'acted', due: due.length };
  });

/** Someone can have excluded it since the accounts were listed. */
function refuseIfExcluded(account: string): void {
  if (!readExcludedAccounts(process.env).includes(account)) return;
  throw new SettingsError(`account ${account} is excluded in the settings, so nothing is revoked there`);
}
