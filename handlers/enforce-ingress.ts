import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { parseEvent } from '../src/cloudtrail/parse-event.ts';
import { type EventOutcome, enforceEvent } from '../src/enforcement/enforce-event.ts';
import { guardedAccount } from './shared/guarded-account.ts';
import { throwIfItFailed } from './shared/outcome-error.ts';
import { policyReader } from './shared/policy.ts';
import { recordOutcome } from './shared/record-outcome.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

/** Loading the SDK takes longer than all the rest, so allowed grants do without. Kept, because asking again takes time too. */
let revoker: typeof import('../src/elasticache/revoker.ts') | undefined;

/** What the function needs after ElastiCache's last answer, to log it and to return, in milliseconds. */
const RESERVE = 1_000;

/**
 * Judges the grant that an AuthorizeCacheSecurityGroupIngress event tells of, and revokes it when no rule allows it.
 * Throws when the event cannot be judged by (`rejected`) or the grant could not be judged or revoked (`failed`):
 * Lambda then tries again, and at last puts the event into the dead-letter queue.
 */
export const handler = middy<unknown, EventOutcome>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics))
  .use(recordOutcome(logger, metrics))
  .handler(async (event, context) => {
    const { outcome, error } = await enforceEvent(parseEvent(event), {
      guardedAccount: guardedAccount(context),
      readPolicy,
      now: () => new Date(),
      revoke: async (grant) => {
        revoker ??= await import('../src/elasticache/revoker.ts');
        return await revoker.revoke(grant, new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE));
      },
    });
    throwIfItFailed(outcome, error);
    return outcome;
  });
