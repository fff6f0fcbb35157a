import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { ThrottledError } from './throttled-error.ts';

/**
 * Middleware that writes one `audit-failed` line and the metric `AuditFailed` when a function ends a run by what it throws. One that was
 * throttled is invoked again.
 */
export function recordFailedRun(logger: Logger, metrics: Metrics): MiddlewareObj {
  return {
    onError: ({ error }) => {
      if (error instanceof ThrottledError) return;
      metrics.singleMetric().addMetric('AuditFailed', MetricUnit.Count, 1);
      logger.error('audit-failed', { error: error as Error });
    },
  };
}
