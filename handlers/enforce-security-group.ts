import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { parseSecurityGroupEvent } from '../src/cloudtrail/parse-security-group-event.ts';
import { cacheIndexReader } from '../src/enforcement/cache-index.ts';
import type { EventOutcome } from '../src/enforcement/enforce-event.ts';
import { enforceSecurityGroupEvent } from '../src/enforcement/enforce-security-group-event.ts';
import { guardedAccount } from './shared/guarded-account.ts';
import { throwIfItFailed } from './shared/outcome-error.ts';
import { policyReader } from './shared/policy.ts';
import { recordSecurityGroupOutcome } from './shared/record-security-group-outcome.ts';
import { readMaxRevocations, readShared } from './shared/settings.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

// It takes several times as long to load as ElastiCache's client, and most events are about groups that guard no cache.
const loadEc2 = () => import('../src/ec2/rule-keeper.ts');

/** Which security groups guard caches, as far as it was read no longer than a minute ago. */
const cacheIndex = cacheIndexReader(
  async (region) => (await import('../src/elasticache/cache-lister.ts')).listCaches(region),
  () => new Date(),
);

/** What the function needs after AWS's last answer, to log it and to return, in milliseconds. */
const RESERVE = 1_000;

/**
 * Looks at the rules of VPC security groups that an event points to, judges whom they let reach which caches, and revokes the
 * rules that make a grant that the allowlist does not allow.
 *
 * Throws when the event cannot be judged by (`rejected`), or a rule could not be judged or revoked, or is not listed yet
 * (`failed`): Lambda then tries again, and at last puts the event into the dead-letter queue.
 */
export const handler = middy<unknown, EventOutcome>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(recordSecurityGroupOutcome(logger, metrics))
  .handler(async (event, context) => {
    const deadline = new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE);
    const { outcome, error } = await enforceSecurityGroupEvent(parseSecurityGroupEvent(event), {
      guardedAccount: guardedAccount(context),
      cacheIndex,
      readPolicy: async () => ({
        ...(await readPolicy()),
        shared: readShared(process.env),
        maxRevocations: readMaxRevocations(process.env),
      }),
      now: () => new Date(),
      async *listRules(region, securityGroupIds) {
        yield* (await loadEc2()).listRules(region, securityGroupIds);
      },
      guardsSomethingElse: async (rule) => (await loadEc2()).guardsSomethingElse(rule),
      revokeRule: async (rule) => (await loadEc2()).revokeRule(rule, deadline),
    });
    throwIfItFailed(outcome, error);
    return outcome;
  });
