import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { EventOutcome, GrantOutcome } from '../../src/enforcement/event-outcome.ts';
import { CLOUDTRAIL_HEARTBEAT, HEARTBEAT } from '../../src/policy/outcome.ts';
import { linesOf } from './lines-of.ts';
import { OutcomeError, UNKNOWN } from './outcome-error.ts';
import { outcomesReportedBy, writeOutcome } from './report-grants.ts';

/** What differs from one function that takes events to the other. */
export interface HowToRecord {
  /** The metric that counts heartbeats. An alarm fires when it stays away. */
  readonly heartbeatMetric: string;
  /**
   * Whether an ignored event has a line and a metric. Not where most events are ignored: nearly all changes of an account's
   * security groups have nothing to do with caches.
   */
  readonly reportsIgnored: boolean;
}

/**
 * Middleware that writes the `decision` line and the metrics of an event, however it ended, as far as its grants were not reported one by
 * one (`grantReporter`).
 */
export function recordOutcome(
  logger: Logger,
  metrics: Metrics,
  how: HowToRecord,
): MiddlewareObj<unknown, EventOutcome> {
  const record = (whole: EventOutcome, context: Context, error?: Error): void => {
    if (whole.reason === HEARTBEAT || whole.reason === CLOUDTRAIL_HEARTBEAT) {
      // Apart, because outcomes are of grants.
      const metric = whole.reason === HEARTBEAT ? how.heartbeatMetric : 'CloudTrailHeartbeat';
      metrics.singleMetric().addMetric(metric, MetricUnit.Count, 1);
      logger.debug('heartbeat', { ...whole });
      return;
    }
    if (whole.outcome === 'ignored' && !how.reportsIgnored) {
      logger.debug('decision', { ...whole });
      return;
    }
    const reported = outcomesReportedBy(context);
    if (reported.size === 0) writeOutcome(linesOf(logger, context), metrics, whole, error);
    // Every grant that could be judged came well, and yet the whole did not: something could not be judged, or not yet.
    else if ((error !== undefined || whole.outcome === 'pending') && !reported.has(whole.outcome))
      writeOutcome(linesOf(logger, context), metrics, withoutGrants(whole), error);
  };
  return {
    after: (request) => {
      if (request.response == null) return;
      record(request.response, request.context);
      request.response = cutShort(request.response);
    },
    onError: ({ error, context }) => {
      if (error instanceof OutcomeError) record(error.outcome, context, error);
      // Not one of ours: a defect. Nothing of the event is known here, and the grant may stand.
      else writeOutcome(linesOf(logger, context), metrics, UNKNOWN, error ?? undefined);
    },
  };
}

/** Lambda hands on 256 KB and no more; the log has all. */
const MOST_GRANTS = 50;

function cutShort(outcome: EventOutcome): EventOutcome {
  const { grants = [] } = outcome;
  if (grants.length <= MOST_GRANTS) return outcome;
  const isAllowed = (grant: GrantOutcome): boolean => grant.outcome === 'allowed';
  const first = [...grants.filter((grant) => !isAllowed(grant)), ...grants.filter(isAllowed)].slice(0, MOST_GRANTS);
  const leftOut = grants.length - MOST_GRANTS + (outcome.grantsLeftOut ?? 0);
  return { ...outcome, grants: first, grantsLeftOut: leftOut };
}

/** What is of the event as a whole, and not of its grants. */
function withoutGrants(outcome: EventOutcome): EventOutcome {
  const { grants, grantsLeftOut, ...rest } = outcome;
  return rest;
}
