/** What the evaluation of one account left for the run to settle. */
export interface DueInAccount {
  readonly account: string;
  /** The revocations that are due, by id, each once. */
  readonly due: readonly string[];
}

/** How many revocations may be made. */
export interface RevocationLimits {
  /** In one account. */
  readonly maxRevocations: number;
  /** In all accounts of a run together. */
  readonly maxRevocationsPerRun: number;
}

/** Which revocations a run may make. */
export interface Settlement {
  /** By account. Empty if more is due than a run may revoke: then none is made anywhere. */
  readonly toAct: readonly DueInAccount[];
  /** How many are due in the accounts within the limit of an account. */
  readonly due: number;
  /** Whether these are more than a run may make. */
  readonly isOverLimit: boolean;
}

/**
 * Settles the limits on revocations, once every account was evaluated and before anything is revoked. One bad change of the
 * allowlist makes something due everywhere, and must cut off no one. An account with more than its own limit makes none, and the
 * others go on. Pure.
 *
 * @param judged each account once.
 */
export function settle(judged: readonly DueInAccount[], limits: RevocationLimits): Settlement {
  const within = judged.filter(({ due }) => due.length > 0 && due.length <= limits.maxRevocations);
  const due = within.reduce((sum, one) => sum + one.due.length, 0);
  const isOverLimit = due > limits.maxRevocationsPerRun;
  return { toAct: isOverLimit ? [] : within.toSorted((a, b) => (a.account < b.account ? -1 : 1)), due, isOverLimit };
}
