import type { WhyNotJudged } from '../policy/target.ts';
import type { AccountResult } from './account-result.ts';
import { accountsToJudge, type Manifest } from './manifest.ts';

/** All that is known of a run once its accounts were evaluated. */
export interface RunSoFar {
  readonly manifest: Manifest;
  /** What was stored. */
  readonly results: readonly AccountResult[];
  /** The accounts whose evaluation failed in the end. A result may be there all the same: what was evaluated is never lost. */
  readonly failures: readonly AccountFailure[];
}

export interface AccountFailure {
  readonly account: string;
  readonly why: WhyNotJudged;
  readonly detail?: string;
}

/** Why the result of an account is not used. */
export interface RefusedResult {
  readonly account: string;
  readonly why: string;
}

export interface SortedResults {
  /** By account. */
  readonly accepted: ReadonlyMap<string, AccountResult>;
  /** By account. */
  readonly refused: ReadonlyMap<string, RefusedResult>;
}

/**
 * Sorts results into those that are used and those that are refused: of an account that the run did not ask for, several of one
 * account, of another run, or evaluated by another allowlist than that of the manifest.
 */
export function sortResults({ manifest, results }: Pick<RunSoFar, 'manifest' | 'results'>): SortedResults {
  const asked = new Set(accountsToJudge(manifest).map(({ account }) => account));
  const accepted = new Map<string, AccountResult>();
  const refused = new Map<string, RefusedResult>();
  for (const [account, [first, ...more]] of Map.groupBy(results, (result) => result.account)) {
    if (first === undefined) continue;
    const why = asked.has(account) ? whyRefused(first, more.length, manifest) : 'the run did not ask for this account';
    if (why === undefined) accepted.set(account, first);
    else refused.set(account, { account, why });
  }
  return { accepted, refused };
}

function whyRefused(result: AccountResult, more: number, { run, allowlistSha256 }: Manifest): string | undefined {
  if (more > 0) return `${more + 1} results came for the account, and one is right at most`;
  if (result.run !== run) return 'the result is of another run';
  return result.allowlistSha256 === allowlistSha256
    ? undefined
    : 'the allowlist changed during the run: the next run evaluates the account by the new one';
}
