import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { auditConnector } from '../src/aws/audit-connector.ts';
import { runAudit } from '../src/enforcement/audit.ts';
import { policyConfirmation } from '../src/enforcement/confirm-policy.ts';
import { toAuditReport } from '../src/report/audit-report.ts';
import { VERSION } from '../src/report/version.ts';
import { type AuditSummary, toAuditSummary } from './shared/audit-summary.ts';
import { withAuditMessage } from './shared/chat-message.ts';
import { hereOf } from './shared/here.ts';
import { importFindingsIfAsked } from './shared/import-findings-if-asked.ts';
import { linesOf } from './shared/lines-of.ts';
import { policyReader } from './shared/policy.ts';
import { recordAudit, recordFailedAudit, reportFinding } from './shared/record-audit.ts';
import { readMaxRevocations, readMixed, readRegions, readRequestsPerSecond, readShared } from './shared/settings.ts';
import { storeReportIfAsked } from './shared/store-report-if-asked.ts';
import { timeOf } from './shared/time-of.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

/** What the function needs after the last call, to write its report and to return, in milliseconds. */
const RESERVE = 10_000;

/**
 * Judges every grant of the regions it is given, revokes what no rule allows, within the limit on revocations, and
 * reports. What it could not judge or finish is in the report; the next run goes on. Throws only if there is nothing
 * valid to judge by, or if the report could not be stored.
 */
export const handler = middy<unknown, AuditSummary>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .use(recordFailedAudit(logger, metrics))
  .use(withAuditMessage())
  .handler(async (_event, context) => {
    const time = timeOf(context, RESERVE);
    const { loaded, ...policy } = await readPolicy();
    const { account } = hereOf(context);
    const lines = linesOf(logger, context);
    using aws = auditConnector({
      requestsPerSecond: readRequestsPerSecond(process.env),
      deadline: time.deadline,
    });
    const run = await runAudit({
      ...policy,
      ...time,
      places: readRegions(process.env).map((region) => ({ account, region })),
      connect: aws.connect,
      shared: readShared(process.env),
      mixed: readMixed(process.env),
      maxRevocations: readMaxRevocations(process.env),
      confirmPolicy: policyConfirmation(policy, readPolicy),
      report: (finding) => reportFinding(finding, policy, lines, metrics),
    });
    const report = toAuditReport({
      ...run,
      version: VERSION,
      allowlist: loaded.allowlist,
      allowlistSha256: loaded.sha256,
      apiCalls: aws.made,
    });
    recordAudit(report, lines, metrics);
    const storedAs = await storeReportIfAsked(report, context);
    await importFindingsIfAsked(() => report, context, { lines, metrics });
    return toAuditSummary(report, storedAs);
  });
