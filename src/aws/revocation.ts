import type { MiddlewareStack } from '@smithy/types';

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

/** The part of a command of the SDK that is used here. */
interface SdkCommand<Input extends object, Output extends object> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

/** The time that a revocation has. */
export interface TimeToRevoke {
  readonly abortSignal: AbortSignal;
  readonly ms: number;
  /** Makes a command send nothing once the time is up. */
  limit<Input extends object, Output extends object, Command extends SdkCommand<Input, Output>>(
    command: Command & SdkCommand<Input, Output>,
  ): Command;
}

/**
 * Revokes until a deadline at the latest. The signal ends what is under way. It fires by a timer, and after Lambda has frozen
 * and thawed a process, timers fire late and in no order. So each try looks at the wall clock first: a decision of long ago
 * must not be acted on.
 *
 * @param whose the service that is asked, for the error.
 * @throws {RevocationTimedOutError} once the deadline has passed; and what `revoke` throws.
 */
export async function revokeInTime<Result>(
  deadline: Date,
  whose: string,
  revoke: (time: TimeToRevoke) => Promise<Result>,
): Promise<Result> {
  const ms = Math.max(1, deadline.getTime() - Date.now());
  const timedOut = () => new RevocationTimedOutError(`${whose} gave no final answer within ${ms} ms`);
  // AbortSignal.timeout costs twice as much, and keeps its timer until the time is up.
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  const limit: TimeToRevoke['limit'] = (command) => {
    command.middlewareStack.add(
      (next) => async (call) => {
        if (Date.now() >= deadline.getTime()) throw timedOut();
        return await next(call);
      },
      // The last step before the request leaves, inside the retries and after the wait for a turn.
      { step: 'deserialize', priority: 'low', name: 'revokeInTime' },
    );
    return command;
  };
  try {
    return await revoke({ ms, abortSignal: abort.signal, limit });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw timedOut();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
