/**
 * For the SDK clients that fetch an allowlist. The SDK waits for ever by default; a function that does is killed, and the
 * last good allowlist never comes to its turn.
 */
export const CLIENT_CONFIG = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};
