import type { Ended } from './event-outcome.ts';

/** Whose events are handled. */
export interface Guards {
  /** The account we may act in; `undefined` if no one said which. */
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
  if (guardedAccount === undefined) return undefined;
  if (organization === undefined) {
    if (guardedAccount === account) return undefined;
    return rejected(`${what} is in account ${account}, and this stack guards ${guardedAccount}`);
  }
  if (organization.envelopeAccount !== account) {
    return rejected(`the record is of account ${account}, and EventBridge does not say that the event is`);
  }
  if (guardedAccount === account || !organization.excludedAccounts.includes(account)) return undefined;
  return { outcome: 'ignored', reason: `account ${account} is excluded in the settings` };
}

/**
 * How a heartbeat ends that is of another account than the hub's; `undefined` if it is to be counted. Anyone who may put events on a bus
 * of a member can send one, and a stack of one account in a member does. It must not hide that the hub's own stays away.
 */
export function endIfHeartbeatOfMember(account: string, { guardedAccount, organization }: Guards): Ended | undefined {
  if (organization === undefined || guardedAccount === account) return undefined;
  return { outcome: 'ignored', reason: `it is a heartbeat of account ${account}, and only those of the hub count` };
}

function rejected(problem: string): Ended {
  return { outcome: 'rejected', problems: [problem] };
}
