import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  HttpRequest,
  HttpResponse,
  RequestHandler,
} from '@smithy/types';
import { type Place, placeKey } from '../policy/place.ts';
import type { AroundEachTry } from './clients.ts';
import { endedBy } from './ended-by.ts';
import type { PreparedRevocation, Revocation } from './revocation.ts';

/** How clients are made. What is not said is as the AWS SDK has it: its own chain of credentials, and any number of calls. */
export interface HowToConnect {
  /** The credentials for a place, if not those of the SDK's own chain. Nothing of one place is ever used for another. */
  readonly credentialsFor?: (place: Place) => AwsCredentialIdentityProvider | undefined;
  /** The credentials for one revocation, for a client that makes nothing else. Without them, it is made with those for the place. */
  readonly revokingCredentialsFor?: (
    place: Place,
    target: RevocationTarget,
  ) => AwsCredentialIdentityProvider | undefined;
  /** Makes what goes around each try of the calls to one service at one place. */
  readonly aroundEachTry?: () => AroundEachTry;
  /** What carries the requests to a place, if not the network. */
  readonly requestHandlerFor?: (place: Place) => RequestHandler<HttpRequest, HttpResponse>;
  /** Is given each client that is kept, so that its connections can be closed when no more calls are made. */
  readonly onClient?: (client: Closable) => void;
}

/** A client of the SDK, whose connections can be closed. */
export interface Closable {
  destroy(): void;
}

/** What one Revoke call is about: the one thing that a session for it may change. */
export type RevocationTarget =
  | { readonly kind: 'securityGroup'; readonly securityGroupId: string }
  | { readonly kind: 'cacheSecurityGroup' };

/** What bounds the calls of one piece of work. */
export interface Within {
  /** Aborted when calls that change nothing must have ended. */
  readonly timeUp?: AbortSignal;
  /** By when a revocation that begins now must have ended. A minute from then if no one says. */
  readonly revokeBy?: () => Date;
}

const REVOCATION_MS = 60_000;

/** By when a revocation that begins now must have ended, if no one says. */
export function inAMinute(): Date {
  return new Date(Date.now() + REVOCATION_MS);
}

/** What a client is made of, for a place. */
export interface ClientConfig {
  readonly region: string;
  readonly credentials?: AwsCredentialIdentityProvider;
  readonly requestHandler?: RequestHandler<HttpRequest, HttpResponse>;
}

/**
 * For more places than an account has regions. A function of a hub gets events of every account in every region, and the clients of
 * 8,500 places would not fit into its memory.
 */
const MOST_PLACES = 100;

/**
 * Gives what was made for a place, and makes it for the first call, because a client takes long to load. The same one each
 * time for the same place, so that connections and the rate that was learnt are kept: for the 100 places that were asked last.
 */
export function keptByPlace<Value extends { readonly client: Closable }>(
  { credentialsFor, requestHandlerFor, aroundEachTry, onClient }: HowToConnect,
  make: (config: ClientConfig, aroundEachTry: AroundEachTry | undefined) => Promise<Value>,
): (place: Place) => Promise<Value> {
  const kept = new Map<string, Promise<Value>>();
  const makeAt = async (place: Place): Promise<Value> => {
    const credentials = credentialsFor?.(place);
    const requestHandler = requestHandlerFor?.(place);
    const config = {
      region: place.region,
      ...(credentials && { credentials }),
      ...(requestHandler && { requestHandler }),
    };
    const made = await make(config, aroundEachTry?.());
    onClient?.(made.client);
    return made;
  };
  return (place) => {
    const key = placeKey(place);
    const value = kept.get(key) ?? makeAt(place);
    // A Map is in the order of insertion: the first is the one that was not asked for the longest time.
    kept.delete(key);
    kept.set(key, value);
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_PLACES) break;
      // Its connections are not closed: a call may still be under way.
      kept.delete(oldest);
    }
    return value;
  };
}

/** What is prepared to be revoked, and where. */
interface ToRevoke<Client> extends Required<Pick<Within, 'revokeBy'>> {
  readonly place: Place;
  readonly target: RevocationTarget;
  /** The client of the place. */
  readonly client: Client;
}

/**
 * Prepares a revocation at a place. If there are credentials for it, a client that is made for it and nothing else makes it; else
 * that of the place does. STS can take half a minute to give these credentials. So they are there before anyone looks for the last time.
 *
 * @param make makes such a client.
 * @throws why the credentials could not be had, also once the time of the revocation is up. Then it is known that nothing was revoked.
 */
export async function prepareRevocation<Client extends Closable>(
  { revokingCredentialsFor, aroundEachTry }: HowToConnect,
  { place, target, client, revokeBy }: ToRevoke<Client>,
  make: (config: ClientConfig, aroundEachTry: AroundEachTry | undefined) => Client,
  revoke: (client: Client, deadline: Date) => Promise<Revocation>,
): Promise<PreparedRevocation> {
  const credentials = revokingCredentialsFor?.(place, target);
  if (credentials === undefined) return { revoke: () => revoke(client, revokeBy()), [Symbol.dispose]() {} };
  const session = await sessionInTime(credentials, revokeBy());
  const own = make({ region: place.region, credentials: async () => session }, aroundEachTry?.());
  return { revoke: () => revoke(own, revokeBy()), [Symbol.dispose]: () => own.destroy() };
}

async function sessionInTime(
  credentials: AwsCredentialIdentityProvider,
  deadline: Date,
): Promise<AwsCredentialIdentity> {
  const ms = Math.max(1, deadline.getTime() - Date.now());
  try {
    return await endedBy(AbortSignal.timeout(ms), credentials);
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
    throw new Error(`STS gave no session to revoke with within ${ms} ms`, { cause: error });
  }
}
