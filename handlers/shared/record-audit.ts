import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';

/**
 * Writes the metrics of an audit, one `decision` line for each grant that is not simply allowed (as the event path does) and
 * one `audit` line.
 *
 * `FoundByAudit` counts the grants that an audit, not an event, took away: what the event path misses. ElastiCache lists no
 * times, so a grant younger than its event's delay can be among them.
 */
export function recordAudit(report: AuditReport, logger: Logger, metrics: Metrics): void {
  const { findings, notJudged, complete, counts, allowlist, mode } = report;
  const add = (name: string, value: number): void => void metrics.addMetric(name, MetricUnit.Count, value);
  add('GrantsChecked', counts.judged);
  add('GrantsDenied', counts.denied);
  add('GrantsRevoked', counts.outcomes.revoked ?? 0);
  add('GrantsHeld', counts.outcomes.held ?? 0);
  add('GrantsFailed', counts.outcomes.failed ?? 0);
  add('FoundByAudit', counts.outcomes.revoked ?? 0);
  add('NotJudged', notJudged.length);
  // An alarm goes off when this stays away.
  if (complete) add('AuditFinished', 1);
  for (const one of findings) {
    const { grant, decision, outcome, problem, heldBecause, revocationRequestId, securityGroupRule, remark } = one;
    if (outcome === 'allowed') continue;
    const details = {
      schemaVersion: OUTCOME_SCHEMA_VERSION,
      outcome,
      grant,
      decision,
      mode,
      allowlistSha256: allowlist.sha256,
      foundBy: 'audit',
      revocationRequestId,
      securityGroupRule,
      remark,
      problem,
      heldBecause,
    };
    if (outcome === 'failed') logger.error('decision', { ...details, problem: problem ?? '' });
    else logger.info('decision', details);
  }
  const summary = {
    complete,
    counts,
    regions: report.regions,
    notJudged: notJudged.slice(0, 20),
    apiCalls: report.apiCalls,
  };
  if (complete) logger.info('audit', summary);
  else logger.error('audit', summary);
}

/**
 * Middleware that writes one `audit-failed` line and the metric `AuditFailed` when the function throws: nothing was judged,
 * because there was nothing valid to judge by, or the report could not be stored.
 */
export function recordFailedAudit(logger: Logger, metrics: Metrics): MiddlewareObj {
  return {
    onError: ({ error }) => {
      metrics.addMetric('AuditFailed', MetricUnit.Count, 1);
      logger.error('audit-failed', { error: error as Error });
    },
  };
}
