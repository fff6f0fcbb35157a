import { quote } from '../../src/policy/quote.ts';
import { isAccountId } from '../../src/policy/written.ts';

/** What the function was given is not what the state machine gives. */
export class PayloadError extends Error {
  override name = 'PayloadError';
}

/** The name of a run, which becomes part of a key in S3: that of an execution of Step Functions. */
export function readRun(event: unknown): string {
  const { run } = (event ?? {}) as { run?: unknown };
  if (typeof run === 'string' && /^[\w-]{1,80}$/.test(run)) return run;
  throw new PayloadError(`run is ${quote(run)}: the state machine gives the name of its execution`);
}

/** The account that the function is about. */
export function readAccount(event: unknown): string {
  const { account } = (event ?? {}) as { account?: unknown };
  if (typeof account === 'string' && isAccountId(account)) return account;
  throw new PayloadError(`account is ${quote(account)}: the state machine gives an id of 12 digits`);
}
