import type { CacheSecurityGroups } from '../cache-security-groups.ts';
import type { Parameters } from '../parameters.ts';

/**
 * One API operation: takes the parameters of a call and the state of the account in the call's region, and gives the
 * members of the result as a plain object; `undefined` if the operation answers with nothing.
 *
 * @throws {ApiError} what the API answers instead.
 */
export type Operation = (parameters: Parameters, groups: CacheSecurityGroups) => object | undefined;
