import { ApiError } from '../api-error.ts';
import type { Parameters } from '../parameters.ts';
import type { Region } from '../region.ts';
import type { SecurityHub } from './hub.ts';

/**
 * Security Hub of the place of a call.
 *
 * @throws {ApiError} InvalidAccessException if the account has not enabled it there. The words are seen in many public reports.
 */
export function readSecurityHub({ accountId, securityHub }: Region): SecurityHub {
  if (securityHub.isEnabled) return securityHub;
  throw new ApiError('InvalidAccessException', `Account ${accountId} is not subscribed to AWS Security Hub`, 401);
}

/** A member of the body. `undefined` if it is not there. */
export function readMember(parameters: Parameters, name: string): unknown {
  const written = parameters.get(name);
  return written === undefined ? undefined : JSON.parse(written);
}

/** An error about what a call says. */
export function invalidInput(message: string): ApiError {
  return new ApiError('InvalidInputException', message);
}
