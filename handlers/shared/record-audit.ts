import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { Policy } from '../../src/enforcement/event-outcome.ts';
import type { Finding } from '../../src/policy/finding.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import type { AuditReport } from '../../src/report/audit-report.ts';
import { type Lines, linesOf } from './lines-of.ts';
import { roomForALine } from './room.ts';

/**
 * Writes one `decision` line for a grant that is not simply allowed, as the event path does, when its outcome is known: the audit may
 * never end. So are `GrantsRevoked` and `FoundByAudit` counted.
 *
 * `FoundByAudit` counts the grants that an audit, not an event, took away: what the event path misses. ElastiCache lists no
 * times, so a grant younger than its event's delay can be among them.
 *
 * @returns resolves when there is room for another.
 */
export async function reportFinding(
  finding: Finding,
  { mode, allowlistSha256 }: Pick<Policy, 'mode' | 'allowlistSha256'>,
  lines: Lines,
  metrics: Metrics,
): Promise<void> {
  const { grant, decision, outcome, problem, heldBecause, revocationRequestId, securityGroupRule, remark } = finding;
  if (outcome === 'allowed') return;
  const details = {
    schemaVersion: OUTCOME_SCHEMA_VERSION,
    outcome,
    grant,
    decision,
    mode,
    allowlistSha256,
    foundBy: 'audit',
    revocationRequestId,
    securityGroupRule,
    remark,
    problem,
    heldBecause,
  };
  if (outcome === 'failed') lines.error('decision', { ...details, problem: problem ?? '' });
  else lines.info('decision', details);
  if (outcome === 'revoked') {
    for (const name of COUNTED_AT_ONCE) metrics.addMetric(name, MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  }
  await roomForALine();
}

const COUNTED_AT_ONCE = ['GrantsRevoked', 'FoundByAudit'] as const;

/** Writes the metrics of an audit that came to its end, and one `audit` line. */
export function recordAudit(report: AuditReport, lines: Lines, metrics: Metrics): void {
  const { notJudged, complete, counts } = report;
  const add = (name: string, value: number): void => void metrics.addMetric(name, MetricUnit.Count, value);
  add('GrantsChecked', counts.judged);
  add('GrantsDenied', counts.denied);
  add('GrantsHeld', counts.outcomes.held ?? 0);
  add('GrantsFailed', counts.outcomes.failed ?? 0);
  // Those that were revoked are counted already. Zero says that an audit looked.
  for (const name of COUNTED_AT_ONCE) add(name, 0);
  add('NotJudged', notJudged.length);
  // An alarm fires when this stays away.
  if (complete) add('AuditFinished', 1);
  const summary = {
    complete,
    counts,
    regions: report.regions,
    notJudged: notJudged.slice(0, 20),
    apiCalls: report.apiCalls,
  };
  if (complete) lines.info('audit', summary);
  else lines.error('audit', summary);
}

/**
 * Middleware that writes one `audit-failed` line and the metric `AuditFailed` when the function throws: nothing was judged,
 * because there was nothing valid to judge by, or the report could not be stored.
 */
export function recordFailedAudit(logger: Logger, metrics: Metrics): MiddlewareObj {
  return {
    onError: ({ error, context }) => {
      metrics.addMetric('AuditFailed', MetricUnit.Count, 1);
      linesOf(logger, context).error('audit-failed', { error: error as Error });
    },
  };
}
