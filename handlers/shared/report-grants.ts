import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { EventOutcome, Reporter } from '../../src/enforcement/event-outcome.ts';
import type { Outcome } from '../../src/policy/outcome.ts';
import { type Lines, linesOf } from './lines-of.ts';
import { roomForALine } from './room.ts';

/** The outcomes that an invocation has reported already. By its context: AWS can thaw an older one next to the current. */
const reported = new WeakMap<Context, Set<Outcome>>();

/** The outcomes of grants that an invocation has reported one by one. */
export function outcomesReportedBy(context: Context): ReadonlySet<Outcome> {
  return reported.get(context) ?? new Set();
}

/** Writes a `decision` line and the metrics of each grant of an invocation when its outcome is known. */
export function grantReporter(logger: Logger, metrics: Metrics, context: Context): Reporter {
  const lines = linesOf(logger, context);
  const outcomes = new Set<Outcome>();
  reported.set(context, outcomes);
  return {
    async reportGrant(outcome, error) {
      outcomes.add(outcome.outcome);
      writeOutcome(lines, metrics, outcome, error);
      await roomForALine();
    },
    countGrants: (outcome, count) => measure(metrics, { outcome }, count),
  };
}

/**
 * Writes a `decision` line and its metrics, at once: `Outcomes` (a count, by outcome) and `Exposure` (how long the grant had stood, by
 * outcome).
 */
export function writeOutcome(lines: Lines, metrics: Metrics, one: EventOutcome, error?: unknown): void {
  measure(metrics, one, 1);
  if (one.outcome === 'failed' || one.outcome === 'rejected') {
    lines.error('decision', { ...one, ...(error !== undefined && { error: error as Error }) });
  } else if (one.outcome === 'pending') lines.warn('decision', { ...one });
  else lines.info('decision', { ...one });
}

/** Published at once, so that nothing of one grant is counted with the next. */
function measure(
  metrics: Metrics,
  { outcome, exposureMs }: Pick<EventOutcome, 'outcome' | 'exposureMs'>,
  count: number,
): void {
  metrics.addDimension('outcome', outcome);
  metrics.addMetric('Outcomes', MetricUnit.Count, count);
  if (exposureMs !== undefined) metrics.addMetric('Exposure', MetricUnit.Milliseconds, exposureMs);
  metrics.publishStoredMetrics();
}
