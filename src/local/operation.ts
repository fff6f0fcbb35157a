import type { Parameters } from './parameters.ts';
import type { Region } from './region.ts';

/** One API operation. */
export interface Operation {
  /**
   * The parameters it knows; one that ends in a dot stands for all that begin so. Others are tolerated, as AWS does with
   * what is left of old signatures.
   */
  readonly parameters: readonly string[];
  /** Whether CloudTrail calls it read-only. */
  readonly readOnly: boolean;
  /** Whether an account without EC2-Classic is refused a call with these parameters; none is if not given. */
  readonly needsEc2Classic?: (parameters: Parameters) => boolean;
  /**
   * Takes the parameters of a call, and all that the account has in the call's region. Gives the members of the result as a
   * plain object; `undefined` if the operation answers with nothing.
   *
   * @throws {ApiError} what the API answers instead.
   */
  readonly run: (parameters: Parameters, region: Region) => object | undefined;
}
