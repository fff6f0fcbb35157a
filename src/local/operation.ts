import type { Account } from './account.ts';
import type { Accounts } from './accounts.ts';
import type { BusEvent } from './bus-event.ts';
import type { Caller } from './iam/caller.ts';
import type { Parameters } from './parameters.ts';
import type { Region } from './region.ts';

/** What an operation can know besides its parameters and its region. */
export interface CallContext {
  readonly caller: Caller;
  /** The caller's. */
  readonly account: Account;
  readonly accounts: Accounts;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Puts an event on an event bus, by its ARN. */
  readonly putEvent: (event: BusEvent, busArn: string) => void;
  /** Invokes a function asynchronously, by its name. False if there is none. */
  readonly invoke: (functionName: string, payload: unknown) => boolean;
}

/** One API operation. */
export interface Operation {
  /**
   * The parameters it knows; one that ends in a dot stands for all that begin so. Others are tolerated, as AWS does with
   * what is left of old signatures.
   */
  readonly parameters: readonly string[];
  /** Whether CloudTrail calls it read-only. */
  readonly readOnly: boolean;
  /** Whether CloudTrail records it only where data events are recorded, which is nowhere here. */
  readonly isDataEvent?: boolean;
  /** Whether an account without EC2-Classic is refused a call with these parameters; none is if not given. */
  readonly needsEc2Classic?: (parameters: Parameters) => boolean;
  /** The permission that it needs, if that has another name: `s3:ListBucket` of `ListObjectsV2`. `null`: it looks by itself. */
  readonly permission?: string | null;
  /** The ARN of what a call is about, for policies; `*` if not given. */
  readonly resourceOf?: (parameters: Parameters, region: Region) => string;
  /**
   * Takes the parameters of a call, and all that the account has in the call's region. Gives the members of the result as a
   * plain object; `undefined` if the operation answers with nothing.
   *
   * @throws {ApiError} what the API answers instead.
   */
  readonly run: (parameters: Parameters, region: Region, context: CallContext) => object | undefined;
}
