import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import type { EventOutcome, GrantOutcome } from '../../src/enforcement/enforce-event.ts';
import { HEARTBEAT, type Outcome } from '../../src/policy/outcome.ts';
import { OutcomeError, UNKNOWN } from './outcome-error.ts';

/**
 * Middleware that writes a `decision` line and the metrics of each grant that an event is about, however it ended:
 * `Outcomes` (a count, by outcome) and `Exposure` (how long the grant had stood, by outcome).
 *
 * Of what is ignored nobody hears, not even in a metric: most changes of an account's security groups have nothing to do with
 * caches.
 */
export function recordSecurityGroupOutcome(logger: Logger, metrics: Metrics): MiddlewareObj<unknown, EventOutcome> {
  const measure = (outcome: Outcome, exposureMs: number | undefined): void => {
    metrics.singleMetric().addDimension('outcome', outcome).addMetric('Outcomes', MetricUnit.Count, 1);
    if (exposureMs === undefined) return;
    metrics.singleMetric().addDimension('outcome', outcome).addMetric('Exposure', MetricUnit.Milliseconds, exposureMs);
  };
  const record = ({ grants, ...rest }: EventOutcome, error?: Error): void => {
    const whole = grants === undefined ? rest : withoutGrant(rest);
    if (whole.reason === HEARTBEAT) {
      // An alarm goes off when this stays away.
      metrics.singleMetric().addMetric('SecurityGroupHeartbeat', MetricUnit.Count, 1);
      logger.debug('heartbeat', { ...whole });
      return;
    }
    if (whole.outcome === 'ignored') {
      logger.debug('decision', { ...whole });
      return;
    }
    const each: EventOutcome[] = (grants ?? [{}]).map((grant) => ({ ...whole, ...grant }));
    for (const one of each) {
      measure(one.outcome, one.exposureMs);
      if (one.outcome === 'failed' || one.outcome === 'rejected')
        logger.error('decision', { ...one, ...(error && { error }) });
      else logger.info('decision', { ...one });
    }
    // Every grant that could be judged came well, and yet the whole did not: something could not be judged.
    if (error !== undefined && each.every(({ outcome }) => outcome !== whole.outcome)) {
      measure(whole.outcome, whole.exposureMs);
      logger.error('decision', { ...whole, error });
    }
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
  const { grant, decision, securityGroupRule, remark, problem, revocationRequestId, ...rest } = outcome;
  return rest;
}
