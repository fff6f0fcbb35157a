import pThrottle from 'p-throttle';
import type { ClassicGrant } from '../policy/grant.ts';
import { meaningOf } from './api-errors.ts';
import { elastiCacheClients } from './clients.ts';
import { type GrantPage, listGrants } from './list-grants.ts';
import { readGrantStatus } from './read-grant-status.ts';
import { type Revocation, revokeIngress } from './revoke-ingress.ts';

/** The calls that an audit makes, in any region, within a rate. */
export interface AuditCalls {
  readonly listGrants: (region: string) => AsyncIterable<GrantPage>;
  readonly isNotApplicable: (error: unknown) => boolean;
  readonly revoke: (grant: ClassicGrant) => Promise<Revocation>;
  readonly readStatus: (grant: ClassicGrant) => Promise<string | undefined>;
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
  const left = deadline.getTime() - Date.now();
  const timeUp = left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort();
  const clientFor = elastiCacheClients({}, () => {
    const turn = turns(requestsPerSecond, timeUp);
    return async (operation, tryOnce) => {
      await turn();
      // The SDK would not make the call any more, and what is not made must not be counted.
      timeUp.throwIfAborted();
      made[operation] = (made[operation] ?? 0) + 1;
      return await tryOnce();
    };
  });
  return {
    made,
    listGrants: (region) => listGrants(clientFor(region), timeUp),
    isNotApplicable: (error) => meaningOf(error) === 'no-ec2-classic',
    revoke: (grant) =>
      revokeIngress(clientFor(grant.region), grant, new Date(Math.min(deadline.getTime(), Date.now() + REVOCATION_MS))),
    readStatus: (grant) => readGrantStatus(clientFor(grant.region), grant, timeUp),
  };
}

/** Waits until one more call is within the rate; throws when the time is up. */
function turns(perSecond: number, timeUp: AbortSignal): () => Promise<void> {
  if (!Number.isFinite(perSecond) || timeUp.aborted) return async () => {};
  return pThrottle({ limit: perSecond, interval: 1000, signal: timeUp })(async () => {});
}
