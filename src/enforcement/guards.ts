import type { Ended } from './event-outcome.ts';

/** Whose events are handled. */
export interface Guards {
  /** The account we may act in; `undefined` if nobody said which. */
  readonly guardedAccount: string | undefined;
  /** Of a hub, which guards the other accounts of its organization as well. */
  readonly organization?: {
    readonly excludedAccounts: readonly string[];
    /** What EventBridge wrote around the event: who sends it cannot choose that, and can write any account into the record. */
    readonly envelopeAccount: unknown;
  };
}

/**
 * How an event ends because its account is not guarded; `undefined` if it is.
 *
 * @param what is in the account: `the grant`.
 */
export function endIfNotGuarded(what: string, account: string, guards: Guards): Ended | undefined {
  const { guardedAccount, organization } = guards;
  if (guardedAccount === undefined || guardedAccount === account) return undefined;
  if (organization === undefined) {
    return rejected(`${what} is in account ${account}, and this stack guards ${guardedAccount}`);
  }
  if (organization.envelopeAccount !== account) {
    return rejected(`the record is of account ${account}, and EventBridge does not say that the event is`);
  }
  if (!organization.excludedAccounts.includes(account)) return undefined;
  return { outcome: 'ignored', reason: `account ${account} is excluded in the settings` };
}

function rejected(problem: string): Ended {
  return { outcome: 'rejected', problems: [problem] };
}
