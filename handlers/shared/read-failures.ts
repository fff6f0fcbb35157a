import type { AccountFailure } from '../../src/organization/run-so-far.ts';
import { printable } from '../../src/policy/quote.ts';
import type { WhyNotJudged } from '../../src/policy/target.ts';
import { isAccountId } from '../../src/policy/written.ts';

/**
 * The accounts whose evaluation failed in the end, as the state machine reports them: each item of `judged` that has the name of an error.
 * `undefined` if the event has no such list: then what was settled knows them.
 */
export function readFailuresOf(event: unknown): AccountFailure[] | undefined {
  const { judged } = (event ?? {}) as { judged?: unknown };
  if (!Array.isArray(judged)) return undefined;
  return judged.flatMap((item: unknown): AccountFailure | [] => {
    const { account, error } = (item ?? {}) as { account?: unknown; error?: unknown };
    if (typeof account !== 'string' || !isAccountId(account) || typeof error !== 'string') return [];
    return { account, why: WHY[error] ?? 'error', detail: printable(error, 100) };
  });
}

/** What errors of the state machine mean for an account. */
const WHY: Readonly<Record<string, WhyNotJudged>> = {
  ThrottledError: 'throttled',
  'Lambda.TooManyRequestsException': 'throttled',
  'States.Timeout': 'no-time-left',
  'Sandbox.Timedout': 'no-time-left',
  // Of @middy/core, which ends a function a moment before Lambda does.
  TimeoutError: 'no-time-left',
};
