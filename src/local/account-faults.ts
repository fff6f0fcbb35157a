/** What is wrong with one account, until something else is said. Nothing, if nothing is. */
export interface AccountFaults {
  /** None of its roles can be assumed: AWS does not distinguish a role that is not there from one that trusts no one. */
  readonly roleMissing?: boolean;
  /** AWS Organizations calls it `SUSPENDED`, and none of its credentials is good. */
  readonly suspended?: boolean;
  /** Regions that it has not enabled, of those there are. */
  readonly optOut?: readonly string[];
  /** A service control policy denies every call in these regions; in all, if none is named. */
  readonly scp?: { readonly regions?: readonly string[] };
  /** How likely a call is answered `Throttling`, from 0 to 1. */
  readonly throttle?: number;
  /** Someone disabled the rules of its event buses. */
  readonly ruleDisabled?: boolean;
}
