import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { ec2Connector } from '../src/aws/ec2/connect.ts';
import { listGuardedCaches } from '../src/aws/guarded-caches.ts';
import { keptByPlace } from '../src/aws/kept.ts';
import { parseSecurityGroupEvent } from '../src/cloudtrail/parse-security-group-event.ts';
import { cacheIndexReader } from '../src/enforcement/cache-index.ts';
import { enforceSecurityGroupEvent } from '../src/enforcement/enforce-security-group-event.ts';
import type { EventOutcome } from '../src/enforcement/event-outcome.ts';
import { withOutcomeMessage } from './shared/chat-message.ts';
import { membersOfOrganization } from './shared/members.ts';
import { throwIfItFailed } from './shared/outcome-error.ts';
import { policyReader } from './shared/policy.ts';
import { recordOutcome } from './shared/record-outcome.ts';
import { grantReporter } from './shared/report-grants.ts';
import { readMaxRevocations, readMixed, readShared } from './shared/settings.ts';
import { timeOf } from './shared/time-of.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

const members = membersOfOrganization();

const connect = ec2Connector(members.how);
/** Every cache of a place. Of ElastiCache's calls this one only: what is loaded is waited for. */
const cachesAt = keptByPlace(members.how, async (config) => {
  const { elastiCacheClient, listCaches } = await import('../src/aws/elasticache/listing.ts');
  const client = elastiCacheClient(config);
  return { client, listCaches: (timeUp: AbortSignal) => listCaches(client, timeUp) };
});

/** Which security groups guard caches, as far as it was read no longer than a minute ago. */
const cacheIndex = cacheIndexReader(
  async (place, timeUp) => {
    const { listCaches } = await cachesAt(place);
    return await listGuardedCaches(() => listCaches(timeUp), connect(place, { timeUp }).readNodeGroups);
  },
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
  .use(withOutcomeMessage())
  .use(recordOutcome(logger, metrics, { heartbeatMetric: 'SecurityGroupHeartbeat', reportsIgnored: false }))
  .onError(({ event }) => members.forget(event))
  .handler(async (event, context) => {
    const time = timeOf(context, RESERVE);
    const within = { timeUp: time.timeUp, revokeBy: () => time.deadline };
    const parsed = parseSecurityGroupEvent(event);
    const account = 'account' in parsed ? parsed.account : undefined;
    const { outcome, error } = await enforceSecurityGroupEvent(parsed, {
      ...time,
      ...members.begin(event, context, parsed.call.eventId),
      cacheIndex,
      readPolicy: async () => ({
        ...(await members.withAccountPath(await readPolicy(time.timeUp), account, time.timeUp)),
        shared: readShared(process.env),
        mixed: readMixed(process.env),
        maxRevocations: readMaxRevocations(process.env),
      }),
      reporter: grantReporter(logger, metrics, context),
      connect: (place) => connect(place, within),
    });
    throwIfItFailed(outcome, error);
    return outcome;
  });
