import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { EventOutcome, GrantOutcome } from '../../src/enforcement/event-outcome.ts';
import { HEARTBEAT, type Outcome } from '../../src/policy/outcome.ts';
import { OutcomeError, UNKNOWN } from './outcome-error.ts';

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
 * Middleware that writes a `decision` line and the metrics of each grant that an event is about, however it ended:
 * `Outcomes` (a count, by outcome) and `Exposure` (how long the grant had stood, by outcome).
 */
export function recordOutcome(
  logger: Logger,
  metrics: Metrics,
  how: HowToRecord,
): MiddlewareObj<unknown, EventOutcome> {
  const record = (ended: EventOutcome, error?: Error): void => {
    const { grants, ...rest } = ended;
    const whole = grants === undefined ? rest : withoutGrant(rest);
    if (whole.reason === HEARTBEAT) {
      // Apart, because outcomes are of grants.
      metrics.singleMetric().addMetric(how.heartbeatMetric, MetricUnit.Count, 1);
      logger.debug('heartbeat', { ...whole });
      return;
    }
    if (whole.outcome === 'ignored' && !how.reportsIgnored) {
      logger.debug('decision', { ...whole });
      return;
    }
    const each: EventOutcome[] = (grants ?? [{}]).map((grant) => ({ ...whole, ...grant }));
    for (const one of each) write(one, error);
    // Every grant that could be judged came well, and yet the whole did not: something could not be judged, or not yet.
    if ((error !== undefined || whole.outcome === 'pending') && each.every(({ outcome }) => outcome !== whole.outcome))
      write(whole, error);
  };
  const write = (one: EventOutcome, error: Error | undefined): void => {
    measure(metrics, one.outcome, one.exposureMs);
    if (one.outcome === 'failed' || one.outcome === 'rejected') {
      logger.error('decision', { ...one, ...(error && { error }) });
    } else if (one.outcome === 'pending') logger.warn('decision', { ...one });
    else logger.info('decision', { ...one });
  };
  return {
    after: (request) => {
      if (request.response == null) return;
      record(request.response);
      request.response = cutShort(request.response);
    },
    onError: ({ error }) => {
      if (error instanceof OutcomeError) record(error.outcome, error);
      // Not one of ours: a defect. Nothing of the event is known here, and the grant may stand.
      else record(UNKNOWN, error ?? undefined);
    },
  };
}

/** Published at once, so that nothing of one grant is counted with the next. */
function measure(metrics: Metrics, outcome: Outcome, exposureMs: number | undefined): void {
  metrics.addDimension('outcome', outcome);
  metrics.addMetric('Outcomes', MetricUnit.Count, 1);
  if (exposureMs !== undefined) metrics.addMetric('Exposure', MetricUnit.Milliseconds, exposureMs);
  metrics.publishStoredMetrics();
}

/** Lambda hands on 256 KB and no more; the log has all. */
const MOST_GRANTS = 50;

function cutShort(outcome: EventOutcome): EventOutcome {
  const { grants = [] } = outcome;
  if (grants.length <= MOST_GRANTS) return outcome;
  const isAllowed = (grant: GrantOutcome): boolean => grant.outcome === 'allowed';
  const first = [...grants.filter((grant) => !isAllowed(grant)), ...grants.filter(isAllowed)].slice(0, MOST_GRANTS);
  return { ...outcome, grants: first, grantsLeftOut: grants.length - MOST_GRANTS };
}

/** What is of the event as a whole, and not of the gravest of its grants. */
function withoutGrant(outcome: EventOutcome): EventOutcome {
  const { grant, decision, securityGroupRule, remark, problem, heldBecause, revocationRequestId, ...rest } = outcome;
  return rest;
}
