/** How long one try of a call for an allowlist may take, in milliseconds. */
export interface Patience {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
}

/** A function that waits until its own time is up is killed, and the last good allowlist never gets its turn. */
export const FUNCTION: Patience = { connectionTimeout: 1_000, requestTimeout: 2_000 };
/** A command has no such end, and its machine may be busy or far away. */
export const COMMAND: Patience = { connectionTimeout: 10_000, requestTimeout: 10_000 };

/** For the SDK clients that fetch an allowlist. The SDK waits forever by default. */
export function clientConfig(patience: Patience) {
  // The time for a request ends when its answer begins; that of the socket also ends an answer that does not go on.
  const socketTimeout = patience.requestTimeout;
  return { maxAttempts: 2, requestHandler: { ...patience, socketTimeout, throwOnRequestTimeout: true } };
}
