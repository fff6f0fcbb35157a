import type { MiddlewareStack } from '@smithy/types';
import { UnusableAnswerError } from './answers.ts';

/** What came of a revocation that did not fail. */
export interface Revocation {
  readonly result: 'revoked' | 'already-gone' | 'not-applicable';
  /** AWS's id of the Revoke call: what support asks for, and what CloudTrail can be searched by. */
  readonly requestId: string | undefined;
}

/** A revocation that has all that it needs. To dispose of it, made or not, closes the connection of a client of its own. */
export interface PreparedRevocation extends Disposable {
  /** Makes the Revoke call. */
  revoke(): Promise<Revocation>;
}

/**
 * AWS neither accepted a revocation nor said that there is nothing to revoke: the time ran out, the connection broke, something else
 * answered, or AWS failed amid the call. The call may have taken effect all the same.
 */
export class NoFinalAnswerError extends Error {
  override name = 'NoFinalAnswerError';
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
 * @throws {NoFinalAnswerError} once the deadline has passed, or if one of the tries had no answer; and what `revoke` throws.
 */
export async function revokeInTime<Result>(
  deadline: Date,
  whose: string,
  revoke: (time: TimeToRevoke) => Promise<Result>,
): Promise<Result> {
  const ms = Math.max(1, deadline.getTime() - Date.now());
  const timedOut = () => new NoFinalAnswerError(`${whose} gave no final answer within ${ms} ms`);
  // Then it may be revoked, whatever the tries after that were answered.
  let isAnyUnanswered = false;
  // AbortSignal.timeout costs twice as much, and keeps its timer until the time is up.
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), ms);
  const limit: TimeToRevoke['limit'] = (command) => {
    command.middlewareStack.add(
      (next) => async (call) => {
        if (Date.now() >= deadline.getTime()) throw timedOut();
        try {
          return await next(call);
        } catch (error) {
          isAnyUnanswered ||= isWithoutAnswer(error as FailedTry);
          throw error;
        }
      },
      // Inside the retries, after the signature and the wait for a turn, and around all that reads an answer.
      { step: 'finalizeRequest', priority: 'low', name: 'revokeInTime' },
    );
    return command;
  };
  try {
    return await revoke({ ms, abortSignal: abort.signal, limit });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw timedOut();
    if (!isAnyUnanswered) throw error;
    const why = `${whose} gave no final answer: ${(error as Error).message}`;
    throw new NoFinalAnswerError(why, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** An error of a connection, or of the SDK. */
interface FailedTry extends Error {
  readonly code?: string;
  readonly $response?: { readonly statusCode: number };
}

/** Of the errors of a connection, those that come after the request may have arrived. What begins with HPE is of Node's parser of HTTP. */
const BROKEN = /^(ECONNRESET|EPIPE|HPE_\w+)$/;

/** Of those of HTTP, 503 alone says that a call was not taken. AWS does not promise that one with InternalFailure (500) changed nothing. */
const OF_A_SERVER: readonly (number | undefined)[] = [500, 502, 504];

function isWithoutAnswer(failed: FailedTry): boolean {
  const { name, code = '', $response } = failed;
  const isBroken = name === 'TimeoutError' || BROKEN.test(code);
  return isBroken || failed instanceof UnusableAnswerError || OF_A_SERVER.includes($response?.statusCode);
}
