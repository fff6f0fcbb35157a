import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { type RunStore, runStore } from '../src/aws/s3/run-store.ts';
import { type ClosedRun, closeRun } from '../src/organization/close-run.ts';
import type { Manifest } from '../src/organization/manifest.ts';
import { withStackInstances } from '../src/organization/member-events.ts';
import type { RunSoFar } from '../src/organization/run-so-far.ts';
import { settleRun } from '../src/organization/settle-run.ts';
import { revocationIdOfGrant } from '../src/policy/revocation-id.ts';
import { type AuditReport, toAuditReport } from '../src/report/audit-report.ts';
import { VERSION } from '../src/report/version.ts';
import { withAuditMessage } from './shared/chat-message.ts';
import { hereOf } from './shared/here.ts';
import { importFindingsIfAsked } from './shared/import-findings-if-asked.ts';
import { linesOf } from './shared/lines-of.ts';
import { readMaxRevocationsPerRun, readRunsBucket, readStackSet } from './shared/organization-settings.ts';
import { policyReader, type ReadPolicy } from './shared/policy.ts';
import { readFailuresOf } from './shared/read-failures.ts';
import { recordAudit, reportFinding } from './shared/record-audit.ts';
import { recordFailedRun } from './shared/record-failed-run.ts';
import {
  beginToClose,
  readActed,
  readClosed,
  readManifest,
  readResults,
  readSettledFile,
  type Settled,
  writeClosed,
  writeSettled,
} from './shared/run-files.ts';
import { readRun } from './shared/run-payload.ts';
import { type RunSummary, toRunSummary, withFewPlaces } from './shared/run-summary.ts';
import { readMaxRevocations } from './shared/settings.ts';
import { storeReportIfAsked } from './shared/store-report-if-asked.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

/** What the run stores of its report. */
const REPORT = 'report.json';

/** Which accounts the state machine has to act on. */
interface ToAct {
  readonly toAct: readonly string[];
}

/**
 * Settles the limits of a run between its two steps (`settle: true`), or closes it: reports every target of the manifest. A run is
 * closed once, no matter who asks: the state machine, or, if that failed or took too long, the event that it ended.
 */
export const handler = middy<unknown, ToAct | RunSummary>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(recordFailedRun(logger, metrics))
  .use(withAuditMessage())
  .handler(async (event, context) => {
    const run = readRun(event);
    const store = runStore(readRunsBucket(process.env), run);
    const isToSettle = (event as { settle?: unknown }).settle === true;
    if (!isToSettle) {
      const closed = await readClosed(store);
      if (closed !== undefined) {
        if (isOfEndedRun(event)) await importReport(run, store, context);
        return closed;
      }
    }
    const manifest = await readManifest(store, run);
    const before = await readSettledFile(store);
    // Once: what accounts act on by now must not be settled in another way.
    if (isToSettle && before !== undefined) return toActOf(before);
    const failures = readFailuresOf(event) ?? before?.failures ?? [];
    const { results, unreadable } = await readResults(store, manifest);
    const soFar = { manifest, results, failures: [...failures, ...unreadable] };
    if (isToSettle) return await settleNow(soFar, store);
    const summary = await close(soFar, store, context);
    if (isOfEndedRun(event)) await importReport(run, store, context);
    return summary;
  });

/** Whether the event says that the run has ended: then no one waits for the function, and what takes long can be done. */
function isOfEndedRun(event: unknown): boolean {
  return typeof (event as { status?: unknown }).status === 'string';
}

/** Imports what the stored report says into Security Hub of each account, if the settings ask for it. */
async function importReport(run: string, store: RunStore, context: Context): Promise<void> {
  const readReport = async () => (await store.get(REPORT)) as AuditReport;
  await importFindingsIfAsked(readReport, context, { run, lines: linesOf(logger, context), metrics });
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}

async function settleNow(run: RunSoFar, store: RunStore): Promise<ToAct> {
  const settled = settleRun(run, howToSettle(await readPolicy()));
  const { toAct, due, isOverLimit } = settled.settlement;
  const kept = await writeSettled(store, settled, run.failures);
  logger.info('settled', { run: run.manifest.run, accounts: toAct.length, due, isOverLimit });
  return toActOf(kept);
}

function toActOf({ toAct }: Pick<Settled, 'toAct'>): ToAct {
  return { toAct: toAct.map(({ account }) => account) };
}

async function close(soFar: RunSoFar, store: RunStore, context: Context): Promise<RunSummary> {
  const { manifest } = soFar;
  const policy = await readPolicy();
  const how = howToSettle(policy);
  await beginToClose(store);
  const acted = await readActed(store, manifest);
  const closed = closeRun(soFar, acted, how);
  const targets = await withStacks(closed, context);
  const report = toReport({ ...closed, targets }, manifest, policy);
  // The step that revokes has reported what it did, when it did it.
  const outcomes = acted.flatMap((one) => Object.entries(one.outcomes));
  const reported = new Set(outcomes.flatMap(([id, outcome]) => ('findings' in outcome ? id : [])));
  const lines = linesOf(logger, context);
  for (const finding of report.findings) {
    if (finding.outcome === 'allowed' || reported.has(revocationIdOfGrant(finding.grant))) continue;
    await reportFinding(finding, policy, lines, metrics);
  }
  if (closed.refused.length > 0) logger.error('results refused', { refused: closed.refused });
  recordAudit(withFewPlaces(report), lines, metrics);
  await store.put('targets.json', { accounts: manifest.accounts, targets });
  await store.put(REPORT, report);
  const storedAs = await storeReportIfAsked(report, context);
  const summary = toRunSummary(manifest.run, report, { targets }, storedAs);
  metrics.addMetric('TargetsNotWatched', MetricUnit.Count, summary.notWatched);
  metrics.publishStoredMetrics();
  await writeClosed(store, summary);
  return summary;
}

function howToSettle({ mode, allowlist }: ReadPolicy) {
  return {
    mode,
    allowlist,
    maxRevocations: readMaxRevocations(process.env),
    maxRevocationsPerRun: readMaxRevocationsPerRun(process.env),
  };
}

/** The targets, with what CloudFormation says of their stacks. That it cannot be asked is no reason not to report. */
async function withStacks({ targets }: ClosedRun, context: Context): Promise<ClosedRun['targets']> {
  const stackSet = readStackSet(process.env);
  if (stackSet === undefined) return targets;
  try {
    const { listStackInstances } = await import('../src/aws/cloudformation/list-stack-instances.ts');
    // The other half is for the report, which has to be stored however long CloudFormation takes.
    const timeUp = AbortSignal.timeout(Math.floor(context.getRemainingTimeInMillis() / 2));
    return withStackInstances(targets, await listStackInstances(hereOf(context).region, stackSet, timeUp));
  } catch (error) {
    logger.error('the stacks of the members could not be listed', { stackSet, error: error as Error });
    return targets;
  }
}

function toReport(
  closed: ClosedRun,
  { startedAt, allowlistSha256, accounts }: Manifest,
  { mode, loaded }: ReadPolicy,
): AuditReport {
  return toAuditReport({
    ...closed,
    accounts,
    expectedPlaces: closed.places.map(({ account, region }) => ({ account, region })),
    version: VERSION,
    startedAt: new Date(startedAt),
    finishedAt: new Date(),
    mode,
    maxRevocations: readMaxRevocations(process.env),
    allowlist: loaded.allowlist,
    allowlistSha256,
  });
}
