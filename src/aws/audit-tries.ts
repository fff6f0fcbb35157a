import pThrottle from 'p-throttle';
import type { AroundEachTry } from './clients.ts';

/** How an audit makes its calls to one service. */
export interface AuditTries {
  /** Aborted when every call must have ended. */
  readonly timeUp: AbortSignal;
  /** How many were made so far, by operation, retries included. */
  readonly made: Readonly<Record<string, number>>;
  /** What goes around each try of a region's calls: it waits until that is within the rate, and counts it. */
  readonly aroundEachTry: () => AroundEachTry;
  /** By when one revocation that begins now must have ended, so that one that takes long does not eat up the others' time. */
  readonly revocationDeadline: () => Date;
}

/** How long one revocation may take, with its retries. */
const REVOCATION_MS = 60_000;

/**
 * @param requestsPerSecond how many calls a region gets at most; AWS's own limits are not documented for every call, and the
 * SDK's adaptive mode finds them. Infinity leaves it to that.
 * @param deadline when every call must have ended.
 */
export function auditTries({ requestsPerSecond, deadline }: AuditPace): AuditTries {
  const made: Record<string, number> = {};
  const left = deadline.getTime() - Date.now();
  const timeUp = left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort();
  return {
    timeUp,
    made,
    aroundEachTry() {
      const turn = turns(requestsPerSecond, timeUp);
      return async (operation, tryOnce) => {
        await turn();
        // The SDK would not make the call any more, and what is not made must not be counted.
        timeUp.throwIfAborted();
        made[operation] = (made[operation] ?? 0) + 1;
        return await tryOnce();
      };
    },
    revocationDeadline: () => new Date(Math.min(deadline.getTime(), Date.now() + REVOCATION_MS)),
  };
}

export interface AuditPace {
  readonly requestsPerSecond: number;
  readonly deadline: Date;
}

/** Waits until one more call is within the rate; throws when the time is up. */
function turns(perSecond: number, timeUp: AbortSignal): () => Promise<void> {
  if (!Number.isFinite(perSecond) || timeUp.aborted) return async () => {};
  return pThrottle({ limit: perSecond, interval: 1000, signal: timeUp })(async () => {});
}
