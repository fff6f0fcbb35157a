import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';

const MOST_TRIES = 20;
const PAUSE_MS = 50;

/**
 * Tries a call again up to 20 times, whatever happens to others. The SDK's own strategies stop all retries of a client once too many of its
 * calls are tried again: of thousands of people who share a client, on a busy machine, some would give up at the first cut connection.
 */
export const PATIENT: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => tokenOf(0),
  async refreshRetryTokenForRetry(token: RetryToken, { errorType, error }: RetryErrorInfo) {
    if (errorType === 'CLIENT_ERROR' || token.getRetryCount() >= MOST_TRIES) throw error;
    return tokenOf(token.getRetryCount() + 1);
  },
  recordSuccess() {},
};

function tokenOf(retries: number) {
  return { getRetryCount: () => retries, getRetryDelay: () => PAUSE_MS, getRetryCost: () => undefined };
}
