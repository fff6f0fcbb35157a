import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { allowlistSource } from '../src/allowlist/allowlist-source.ts';
import { type CallRecord, parseEvent } from '../src/cloudtrail/parse-event.ts';
import { enforceGrant } from '../src/enforcement/enforce-grant.ts';
import type { Grant } from '../src/policy/grant.ts';
import { EnforcementFailedError, type EventOutcome, RejectedEventError } from './shared/event-outcome.ts';
import { recordOutcome } from './shared/record-outcome.ts';
import { readAllowlistLocation, readMode } from './shared/settings.ts';

const logger = new Logger({ serviceName: 'ingress-guard' });
const metrics = new Metrics({ namespace: 'IngressGuard', serviceName: 'ingress-guard' });
const readAllowlist = allowlistSource();

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
    const parsed = parseEvent(event);
    const { call } = parsed;
    if (parsed.kind === 'ignored') return { outcome: 'ignored', reason: parsed.reason, ...call };
    if (parsed.kind === 'rejected') throw new RejectedEventError(parsed.problems, call);
    const { account } = parsed.grant;
    const guarded = guardedAccount(context);
    if (guarded !== undefined && guarded !== account) {
      throw new RejectedEventError([`the grant is in account ${account}, and this stack guards ${guarded}`], call);
    }
    return await enforce(parsed.grant, call, context);
  });

async function enforce(grant: Grant, call: CallRecord, context: Context): Promise<EventOutcome> {
  let known: Omit<EventOutcome, 'outcome'> = { grant, ...call };
  try {
    const mode = readMode(process.env);
    const { compiled, sha256 } = await readAllowlist(readAllowlistLocation(process.env));
    known = { ...known, mode, allowlistSha256: sha256 };
    const enforcement = await enforceGrant(grant, {
      allowlist: compiled,
      mode,
      now: new Date(),
      revoke: async (denied) => {
        // Loading the SDK takes longer than all the rest, so allowed grants do without.
        const { revoke } = await import('../src/elasticache/revoker.ts');
        return await revoke(denied, new Date(Date.now() + context.getRemainingTimeInMillis() - RESERVE));
      },
    });
    known = { ...known, decision: enforcement.decision };
    if (enforcement.outcome === 'failed') throw enforcement.error;
    const exposureMs = call.eventTime && Math.max(0, Date.now() - call.eventTime.getTime());
    return { ...known, ...enforcement, exposureMs };
  } catch (error) {
    throw new EnforcementFailedError(known, error);
  }
}

/** The account this function runs in, the one it has the right to act in. Lambda always names it. */
function guardedAccount(context: Context): string | undefined {
  return context.invokedFunctionArn?.split(':')[4];
}
