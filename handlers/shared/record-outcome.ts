import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { EventOutcome } from '../../src/enforcement/enforce-event.ts';
import { HEARTBEAT } from '../../src/policy/outcome.ts';
import { OutcomeError, UNKNOWN } from './outcome-error.ts';

/**
 * Middleware that writes one `decision` line and the metrics of one event, however it ended:
 * `Outcomes` (a count, by outcome) and `Exposure` (how long the grant had stood, by outcome).
 */
export function recordOutcome(logger: Logger, metrics: Metrics): MiddlewareObj<unknown, EventOutcome> {
  const record = (outcome: EventOutcome, error?: Error): void => {
    metrics.addDimension('outcome', outcome.outcome);
    metrics.addMetric('Outcomes', MetricUnit.Count, 1);
    if (outcome.exposureMs !== undefined) {
      metrics.addMetric('Exposure', MetricUnit.Milliseconds, outcome.exposureMs);
    }
    if (outcome.reason === HEARTBEAT) {
      // An alarm goes off when this stays away. Apart, because outcomes are of grants.
      metrics.singleMetric().addMetric('Heartbeat', MetricUnit.Count, 1);
      logger.debug('heartbeat', { ...outcome });
    } else if (error === undefined) logger.info('decision', { ...outcome });
    else logger.error('decision', { ...outcome, error });
  };
  return {
    after: ({ response }) => {
      if (response != null) record(response);
    },
    onError: ({ error }) => {
      if (error instanceof OutcomeError) record(error.outcome, error);
      // Not one of ours: a defect. Nothing of the event is known here, and the grant may stand.
      else record(UNKNOWN, error ?? undefined);
    },
  };
}
