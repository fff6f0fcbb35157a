import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { listAccounts } from '../src/aws/organizations/list-accounts.ts';
import { runStore } from '../src/aws/s3/run-store.ts';
import { explainFailure } from '../src/aws/why-not-judged.ts';
import { accountsToJudge, type Manifest, makeManifest, unitsWithoutAccounts } from '../src/organization/manifest.ts';
import { hereOf } from './shared/here.ts';
import { readExcludedAccounts, readOrganizationalUnits, readRunsBucket } from './shared/organization-settings.ts';
import { policyReader } from './shared/policy.ts';
import { recordFailedRun } from './shared/record-failed-run.ts';
import { findManifest, storeManifest } from './shared/run-files.ts';
import { readRun } from './shared/run-payload.ts';
import { readRegions } from './shared/settings.ts';
import { ThrottledError } from './shared/throttled-error.ts';
import { timeOf } from './shared/time-of.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

/** What the function needs after the list, to store the manifest and to return, in milliseconds. */
const RESERVE = 5_000;

/** What the state machine goes on with. */
interface Targets {
  readonly run: string;
  /** Those that are to be evaluated. */
  readonly accounts: readonly string[];
}

/**
 * Lists what a run of the organization is to evaluate, once, and stores the manifest before anything else is done. Throws if the list is not
 * whole or the allowlist is not valid: then nothing is evaluated and nothing revoked. Throws `ThrottledError` to be invoked again.
 */
export const handler = middy<unknown, Targets>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(recordFailedRun(logger, metrics))
  .handler(async (event, context) => {
    const run = readRun(event);
    const store = runStore(readRunsBucket(process.env), run);
    // Once: accounts are evaluated by it from now on, and the run is closed by it.
    const before = await findManifest(store, run);
    if (before !== undefined) return toTargets(before);
    const { allowlistSha256 } = await readPolicy();
    const organizationalUnits = readOrganizationalUnits(process.env);
    const scope = {
      organizationalUnits,
      excludedAccounts: readExcludedAccounts(process.env),
      regions: readRegions(process.env),
    };
    const listed = await listAccounts(hereOf(context).region, timeOf(context, RESERVE).timeUp).catch(againIfThrottled);
    const manifest = makeManifest({ run, startedAt: new Date().toISOString(), allowlistSha256 }, listed, scope);
    const kept = await storeManifest(store, manifest);
    const empty = unitsWithoutAccounts(listed, organizationalUnits);
    if (empty.length > 0) logger.warn('no account is under these organizational units', { organizationalUnits: empty });
    return toTargets(kept);
  });

function toTargets(manifest: Manifest): Targets {
  return { run: manifest.run, accounts: accountsToJudge(manifest).map(({ account }) => account) };
}

function againIfThrottled(error: unknown): never {
  if (explainFailure(error).why !== 'throttled') throw error;
  throw new ThrottledError((error as Error).message, { cause: error });
}
