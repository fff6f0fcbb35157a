import pThrottle from 'p-throttle';
import type { Place } from '../policy/place.ts';
import type { AroundEachTry } from './clients.ts';
import { type AwsAtPlace, connector } from './connect.ts';
import type { Closable, HowToConnect } from './kept.ts';

/** How fast and until when an audit makes its calls. */
export interface AuditPace extends Pick<HowToConnect, 'credentialsFor' | 'revokingCredentialsFor'> {
  /**
   * How many calls each service gets at most at a place; AWS's own limits are not documented for every call, and the SDK's
   * adaptive mode finds them. Infinity leaves it to that.
   */
  readonly requestsPerSecond: number;
  /** When every call must have ended. */
  readonly deadline: Date;
}

/** The calls that an audit makes, at any place. */
export interface AuditConnector extends Disposable {
  readonly connect: (place: Place) => AwsAtPlace;
  /** How many were made so far, by operation, retries included. */
  readonly made: Readonly<Record<string, number>>;
  /**
   * Closes the connections. They would stay open until AWS closes them, and an audit of an organization has a few for each of 8,500
   * places; a function may have 1,024 open files (Lambda quotas). A later call opens them again.
   */
  [Symbol.dispose](): void;
}

/** How long one revocation may take, with its retries, so that one that takes long does not eat up the others' time. */
const REVOCATION_MS = 60_000;

/** See `connector`. Its calls keep within a pace, and are counted. */
export function auditConnector({ requestsPerSecond, deadline, ...credentials }: AuditPace): AuditConnector {
  const made: Record<string, number> = {};
  const left = deadline.getTime() - Date.now();
  const timeUp = left > 0 ? AbortSignal.timeout(left) : AbortSignal.abort();
  const clients: Closable[] = [];
  const connect = connector({
    ...credentials,
    onClient: (client) => clients.push(client),
    aroundEachTry: () => countedAndPaced(made, requestsPerSecond, timeUp),
  });
  const revokeBy = (): Date => new Date(Math.min(deadline.getTime(), Date.now() + REVOCATION_MS));
  return {
    made,
    connect: (place) => connect(place, { timeUp, revokeBy }),
    [Symbol.dispose]() {
      for (const client of clients) client.destroy();
    },
  };
}

/** Waits until a try is within the rate, and counts it. */
function countedAndPaced(made: Record<string, number>, perSecond: number, timeUp: AbortSignal): AroundEachTry {
  const turn = turns(perSecond, timeUp);
  return async (operation, tryOnce) => {
    await turn();
    // The SDK would not make the call any more, and what is not made must not be counted.
    timeUp.throwIfAborted();
    made[operation] = (made[operation] ?? 0) + 1;
    return await tryOnce();
  };
}

/** Waits until one more call is within the rate; throws when the time is up. */
function turns(perSecond: number, timeUp: AbortSignal): () => Promise<void> {
  if (!Number.isFinite(perSecond) || timeUp.aborted) return async () => {};
  return pThrottle({ limit: perSecond, interval: 1000, signal: timeUp })(async () => {});
}
