/** The time ran out before AWS accepted a revocation, or said that there is nothing to revoke. */
export class RevocationTimedOutError extends Error {
  override name = 'RevocationTimedOutError';
}

/** AWS's id of the call that an error of the SDK is the answer to. */
export function requestIdOf(error: unknown): string | undefined {
  return (error as { $metadata?: { requestId?: string } }).$metadata?.requestId;
}
