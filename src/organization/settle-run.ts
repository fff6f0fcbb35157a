import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { GoneNames, type PlaceNames } from '../policy/vpc/gone-names.ts';
import type { AccountResult } from './account-result.ts';
import { accountPathsOf } from './manifest.ts';
import { type HeldNames, namesOfRun, reviewHeldNames } from './names.ts';
import { type RunSoFar, type SortedResults, sortResults } from './run-so-far.ts';
import { type DueInAccount, type RevocationLimits, type Settlement, settle } from './settle.ts';

/** What a run is settled by. */
export interface HowToSettle extends RevocationLimits {
  readonly mode: 'report-only' | 'enforce';
  readonly allowlist: CompiledAllowlist;
}

/** A run after the limits were settled. */
export interface SettledRun extends SortedResults {
  readonly settlement: Settlement;
  /** What is due in each account, before the limits. */
  readonly dueIn: ReadonlyMap<string, ReadonlySet<string>>;
  /** What accounts held by names that are gone, by account. */
  readonly heldNamesIn: ReadonlyMap<string, HeldNames>;
  readonly goneNames: GoneNames;
  /** The names of the caches of all accounts. */
  readonly names: readonly PlaceNames[];
}

/**
 * Says which revocations a run may make: those that accounts found due, and those that only another account's caches show to be due.
 * Nothing is due in an account whose evaluation failed or whose result is refused. Pure, and as of the start of the run: it
 * gives the same when the run is settled and when it is closed.
 */
export function settleRun(run: RunSoFar, how: HowToSettle): SettledRun {
  const sorted = sortResults(run);
  const results = [...sorted.accepted.values()];
  const names = namesOfRun(run.manifest, results);
  const allowlist = how.allowlist.withAccountPaths(accountPathsOf(run.manifest));
  const goneNames = new GoneNames(allowlist, names, new Date(run.manifest.startedAt));
  const heldNamesIn = new Map(results.map((one) => [one.account, reviewHeldNames(one.findings, goneNames)]));
  const failed = new Set(run.failures.map(({ account }) => account));
  const judged = results.map((one): DueInAccount => {
    const released = [...(heldNamesIn.get(one.account) ?? [])].flatMap(([id, why]) => (why === undefined ? [id] : []));
    return { account: one.account, due: how.mode === 'enforce' ? [...new Set([...one.due, ...released])] : [] };
  });
  // More than an account may have is held there, and what is released does not make it fewer.
  const mayAct = judged.filter(({ account }) => !failed.has(account) && !isOverLimit(sorted, account));
  return {
    ...sorted,
    settlement: settle(mayAct, how),
    dueIn: new Map(judged.map(({ account, due }) => [account, new Set(due)])),
    heldNamesIn,
    goneNames,
    names,
  };
}

function isOverLimit({ accepted }: SortedResults, account: string): boolean {
  return (accepted.get(account) as AccountResult).held > 0;
}
