import pThrottle from 'p-throttle';
import type { Grant } from '../policy/grant.ts';
import { meaningOf } from './api-errors.ts';
import { type AroundEachTry, elastiCacheClients } from './clients.ts';
import { type GrantPage, listGrants } from './list-grants.ts';
import { readGrantStatus } from './read-grant-status.ts';
import { type Revocation, revokeIngress } from './revoke-ingress.ts';

/** The calls that an audit makes, in any region, within a rate. */
export interface AuditCalls {
  readonly listGrants: (region: string) => AsyncIterable<GrantPage>;
  readonly isNotApplicable: (error: unknown) => boolean;
  readonly revoke: (grant: Grant) => Promise<Revocation>;
  readonly readStatus: (grant: Grant) => Promise<string | undefined>;
  /** How many were made so far, by operation, retries included. */
  readonly made: Readonly<Record<string, number>>;
}

/** How long one revocation may take, with its retries, so that a busy group does not eat up the others' time. */
const REVOCATION_MS = 60_000;

/**
 * @param requestsPerSecond how many calls a region gets at most; ElastiCache's own limit is not documented, and the SDK's
 * adaptive mode finds it. Infinity leaves it to that.
 * @param deadline when every call must have ended.
 */
export function auditCalls({ requestsPerSecond, deadline }: { requestsPerSecond: number; deadline: Date }): AuditCalls {
  const made: Record<string, number> = {};
  const clientFor = elastiCacheClients({}, () => {
    const inRate = rateLimit(requestsPerSecond);
    return (operation, tryOnce) =>
      inRate(operation, () => {
        made[operation] = (made[operation] ?? 0) + 1;
        return tryOnce();
      });
  });
  const timeLeft = (): AbortSignal => AbortSignal.timeout(Math.max(1, deadline.getTime() - Date.now()));
  return {
    made,
    listGrants: (region) => listGrants(clientFor(region), timeLeft()),
    isNotApplicable: (error) => meaningOf(error) === 'no-ec2-classic',
    revoke: (grant) =>
      revokeIngress(clientFor(grant.region), grant, new Date(Math.min(deadline.getTime(), Date.now() + REVOCATION_MS))),
    readStatus: (grant) => readGrantStatus(clientFor(grant.region), grant, timeLeft()),
  };
}

function rateLimit(perSecond: number): AroundEachTry {
  if (!Number.isFinite(perSecond)) return (_, tryOnce) => tryOnce();
  const turn = pThrottle({ limit: perSecond, interval: 1000 })(async () => {});
  return async (_, tryOnce) => {
    await turn();
    return await tryOnce();
  };
}
