/** What came of a revocation that did not fail. */
export interface Revocation {
  readonly result: 'revoked' | 'already-gone' | 'not-applicable';
  /** AWS's id of the Revoke call: what support asks for, and what CloudTrail can be searched by. */
  readonly requestId: string | undefined;
}

/** The time ran out before AWS accepted a revocation, or said that there is nothing to revoke. */
export class RevocationTimedOutError extends Error {
  override name = 'RevocationTimedOutError';
}

/** AWS's id of the call that an error of the SDK is the answer to. */
export function requestIdOf(error: unknown): string | undefined {
  return (error as { $metadata?: { requestId?: string } }).$metadata?.requestId;
}
