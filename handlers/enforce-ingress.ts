import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { keptByPlace, prepareRevocation } from '../src/aws/kept.ts';
import { parseEvent } from '../src/cloudtrail/parse-event.ts';
import { enforceEvent } from '../src/enforcement/enforce-event.ts';
import type { EventOutcome } from '../src/enforcement/event-outcome.ts';
import type { ClassicGrant } from '../src/policy/classic/grant.ts';
import { withOutcomeMessage } from './shared/chat-message.ts';
import { membersOfOrganization } from './shared/members.ts';
import { throwIfItFailed } from './shared/outcome-error.ts';
import { policyReader } from './shared/policy.ts';
import { recordOutcome } from './shared/record-outcome.ts';
import { grantReporter } from './shared/report-grants.ts';
import { timeOf } from './shared/time-of.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readPolicy = policyReader(logger, metrics);

const members = membersOfOrganization();

/** Loading the SDK takes longer than all the rest, so allowed grants do without; and without the calls of audits. */
const revokerAt = keptByPlace(members.how, async (config) => {
  const { elastiCacheClient, revokeIngress } = await import('../src/aws/elasticache/revoking.ts');
  const client = elastiCacheClient(config);
  const prepare = async (grant: ClassicGrant, deadline: Date) => {
    const place = { account: grant.account, region: grant.region };
    const about = { place, target: { kind: 'cacheSecurityGroup' }, client, revokeBy: () => deadline } as const;
    return await prepareRevocation(members.how, about, elastiCacheClient, (revoker) =>
      revokeIngress(revoker, grant, deadline),
    );
  };
  return { client, prepare };
});

/** What the function needs after ElastiCache's last answer, to log it and to return, in milliseconds. */
const RESERVE = 1_000;

/**
 * Judges the grant that an AuthorizeCacheSecurityGroupIngress event reports, and revokes it when no rule allows it.
 * Throws when the event cannot be judged by (`rejected`) or the grant could not be judged or revoked (`failed`):
 * Lambda then tries again, and at last puts the event into the dead-letter queue.
 */
export const handler = middy<unknown, EventOutcome>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(withOutcomeMessage())
  .use(recordOutcome(logger, metrics, { heartbeatMetric: 'Heartbeat', reportsIgnored: true }))
  .handler(async (event, context) => {
    const time = timeOf(context, RESERVE);
    const parsed = parseEvent(event);
    const account = 'grant' in parsed ? parsed.grant.account : undefined;
    const { outcome, error } = await enforceEvent(parsed, {
      ...time,
      ...members.begin(event, context, parsed.call.eventId),
      readPolicy: async () => await members.withAccountPath(await readPolicy(time.timeUp), account, time.timeUp),
      reporter: grantReporter(logger, metrics, context),
      toRevokeGrant: async (grant) => {
        const { prepare } = await revokerAt(grant);
        return await prepare(grant, time.deadline);
      },
    });
    throwIfItFailed(outcome, error);
    return outcome;
  });
