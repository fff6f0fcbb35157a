import type { Finding } from '../policy/finding.ts';
import { revocationIdOfGrant } from '../policy/revocation-id.ts';
import type { AccountResult, ActOutcome, ActResult } from './account-result.ts';
import type { RunSoFar } from './run-so-far.ts';
import type { SettledRun } from './settle-run.ts';

const NOT_ENDED =
  'it was not revoked, because the evaluation of its account failed in part: the next run evaluates it again';
const NO_RESULT = 'the step that revokes left no result for it: the next run evaluates it again';

/** The findings of one account with what happened to each: as they were evaluated, or as they were found when they were acted on. */
export function joinFindings(
  result: AccountResult,
  acted: ActResult | undefined,
  settled: SettledRun,
  run: RunSoFar,
): Finding[] {
  const { account } = result;
  const due = settled.dueIn.get(account) ?? new Set();
  const heldNames = settled.heldNamesIn.get(account) ?? new Map<string, string | undefined>();
  const outcomeOf = outcomesIn(account, acted, settled, run);
  const replaced = new Set<string>();
  return result.findings.flatMap((finding): Finding | readonly Finding[] => {
    // Most are allowed, and to name each would cost more than all the rest.
    if (finding.outcome !== 'would-revoke' && finding.heldBecause !== 'gone-name') return finding;
    const id = revocationIdOfGrant(finding.grant);
    const { problem, heldBecause, ...plain } = finding;
    if (!due.has(id) && acted?.outcomes[id] === undefined) {
      const why = heldNames.get(id);
      if (why !== undefined) return { ...finding, problem: why };
      return heldNames.has(id) ? { ...plain, outcome: 'would-revoke' } : finding;
    }
    const outcome = outcomeOf(id);
    if (!('findings' in outcome)) return { ...plain, ...outcome };
    if (replaced.has(id)) return [];
    replaced.add(id);
    return outcome.findings;
  });
}

/**
 * What was revoked in an account, or should have been and stands, and is none of its findings any more: a result can be stored again, lost or
 * refused after it was acted on. What was done, and what was seen to stand, is reported all the same.
 */
export function actedOnBesides(joined: readonly Finding[], acted: ActResult | undefined): Finding[] {
  const known = new Set(joined.map(({ grant }) => revocationIdOfGrant(grant)));
  return Object.entries(acted?.outcomes ?? {}).flatMap(([id, outcome]) =>
    known.has(id) || !('findings' in outcome) ? [] : outcome.findings.filter((one) => one.outcome !== 'allowed'),
  );
}

type Joined = Pick<Finding, 'outcome' | 'problem' | 'heldBecause'> | Extract<ActOutcome, { findings: unknown }>;

/** What happened to what is due in an account. */
function outcomesIn(
  account: string,
  acted: ActResult | undefined,
  { settlement }: SettledRun,
  { failures }: RunSoFar,
): (id: string) => Joined {
  const withoutOutcome = (): Joined => {
    if (failures.some((one) => one.account === account)) return { outcome: 'failed', problem: NOT_ENDED };
    if (settlement.toAct.some((one) => one.account === account)) return { outcome: 'failed', problem: NO_RESULT };
    const problem = `${settlement.due} revocations are due in all accounts, more than a run may make`;
    return { outcome: 'held', heldBecause: 'limit', ...(settlement.isOverLimit && { problem }) };
  };
  return (id) => {
    const outcome = acted?.outcomes[id];
    if (outcome === undefined) return withoutOutcome();
    if ('findings' in outcome) return outcome;
    return 'isGone' in outcome ? { outcome: 'already-gone' } : { outcome: 'failed', problem: outcome.problem };
  };
}
