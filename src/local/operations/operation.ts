import type { CacheSecurityGroups } from '../cache-security-groups.ts';
import type { Parameters } from '../parameters.ts';

/** One API operation. */
export interface Operation {
  /** The parameters it knows; others are tolerated, as AWS does with what is left of old signatures. */
  readonly parameters: readonly string[];
  /** Whether CloudTrail calls it read-only. */
  readonly readOnly: boolean;
  /**
   * Takes the parameters of a call and the cache security groups of the call's region, and gives the members of the
   * result as a plain object; `undefined` if the operation answers with nothing.
   *
   * @throws {ApiError} what the API answers instead.
   */
  readonly run: (parameters: Parameters, groups: CacheSecurityGroups) => object | undefined;
}
