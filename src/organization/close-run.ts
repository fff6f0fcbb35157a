import type { Finding, NotJudged, PlaceAudit } from '../policy/finding.ts';
import { placeKey } from '../policy/place.ts';
import { printable } from '../policy/quote.ts';
import { describeNotJudged, type Target, type TargetState } from '../policy/target.ts';
import type { NameWarning } from '../policy/vpc/gone-names.ts';
import type { ActResult, RegionResult } from './account-result.ts';
import { actedOnBesides, joinFindings } from './join-findings.ts';
import { isNotActive, type ManifestAccount } from './manifest.ts';
import type { RefusedResult, RunSoFar } from './run-so-far.ts';
import { type HowToSettle, type SettledRun, settleRun } from './settle-run.ts';

/** A run that is closed: every target of the manifest with its state, and what is reported of them. */
export interface ClosedRun {
  /** One for each account × region of the manifest, in its order. */
  readonly targets: readonly Target[];
  /** Whether no target is `not-judged`. */
  readonly complete: boolean;
  readonly findings: readonly Finding[];
  /** One for each target that is `judged` or `not-judged`. */
  readonly places: readonly PlaceAudit[];
  /** What could not be evaluated: at least one for each target that is `not-judged`. */
  readonly notJudged: readonly NotJudged[];
  readonly warnings: readonly NameWarning[];
  readonly apiCalls: Readonly<Record<string, number>>;
  /** By account. */
  readonly refused: readonly RefusedResult[];
}

/**
 * Closes a run. It walks the manifest, never the results: a target without a result is `not-judged`, and a result that no one asked
 * for is refused. Pure; the order of the results does not matter.
 *
 * @param acted what the second step did, each account once. What was done is reported, also if by now it could not be due: the
 * settings and the allowlist can change during a run.
 */
export function closeRun(run: RunSoFar, acted: readonly ActResult[], how: HowToSettle): ClosedRun {
  const settled = settleRun(run, how);
  const closed = run.manifest.accounts.flatMap((account) => closeAccount(account, run, settled));
  const actedIn = new Map(acted.filter((one) => one.run === run.manifest.run).map((one) => [one.account, one]));
  const results = run.manifest.accounts.flatMap(({ account }) => settled.accepted.get(account) ?? []);
  const targets = closed.map(({ target }) => target);
  return {
    targets,
    complete: targets.every(({ status }) => status !== 'not-judged'),
    findings: run.manifest.accounts.flatMap(({ account }) => {
      const [result, acted] = [settled.accepted.get(account), actedIn.get(account)];
      const joined = result === undefined ? [] : joinFindings(result, acted, settled, run);
      return [...joined, ...actedOnBesides(joined, acted)];
    }),
    places: closed.flatMap(toPlaceAudit),
    notJudged: joinNotJudged(
      targets,
      results.flatMap((result) => result.notJudged),
    ),
    warnings: settled.goneNames.warnings(),
    apiCalls: addUp([...results, ...actedIn.values()].map(({ apiCalls }) => apiCalls)),
    refused: [...settled.refused.values()].toSorted((a, b) => (a.account < b.account ? -1 : 1)),
  };
}

interface ClosedTarget {
  readonly target: Target;
  readonly audit?: PlaceAudit;
}

function closeAccount(one: ManifestAccount, run: RunSoFar, settled: SettledRun): ClosedTarget[] {
  const { account } = one;
  return run.manifest.regions.map((region) => {
    const ofRegion = settled.accepted.get(account)?.regions.filter((result) => result.region === region) ?? [];
    const state = stateOf(one, ofRegion, run, settled);
    const [result] = ofRegion;
    const audit = result !== undefined && result.status !== 'not-applicable' ? result.audit : undefined;
    return { target: { account, region, ...state }, ...(audit !== undefined && { audit }) };
  });
}

function stateOf(
  { account, state, excluded }: ManifestAccount,
  ofRegion: readonly RegionResult[],
  { failures }: RunSoFar,
  { accepted, refused }: SettledRun,
): TargetState {
  if (excluded) return { status: 'excluded' };
  if (isNotActive(state)) return { status: 'not-applicable', why: 'account-not-active', detail: state };
  if (state !== 'ACTIVE')
    return { status: 'not-judged', why: 'error', detail: `the account is in state ${printable(state, 40)}` };
  const [result, ...more] = ofRegion;
  if (more.length > 0) return { status: 'not-judged', why: 'error', detail: 'the result speaks of the region twice' };
  if (result !== undefined) return toState(result);
  const refusal = refused.get(account);
  if (refusal !== undefined) return { status: 'not-judged', why: 'error', detail: refusal.why };
  const failure = accepted.has(account) ? undefined : failures.find((one) => one.account === account);
  if (failure === undefined) return { status: 'not-judged', why: 'no-result' };
  const { why, detail } = failure;
  return { status: 'not-judged', why, ...(detail !== undefined && { detail }) };
}

function toState(result: RegionResult): TargetState {
  if (result.status === 'not-applicable') return { status: 'not-applicable', why: 'region-not-enabled' };
  const events = result.events && { events: result.events };
  if (result.status === 'judged') return { status: 'judged', ...events };
  const { why, detail } = result;
  return { status: 'not-judged', why, ...(detail !== undefined && { detail }), ...events };
}

function toPlaceAudit({ target, audit }: ClosedTarget): PlaceAudit[] {
  if (target.status === 'judged' && audit !== undefined) return [audit];
  if (target.status !== 'not-judged') return [];
  if (audit !== undefined) return [audit];
  const { account, region, why, detail } = target;
  const none = { cacheSecurityGroups: 0, caches: 0, securityGroups: 0, grants: 0 };
  return [{ account, region, status: 'failed', ...none, problem: describeNotJudged(why, detail) }];
}

/** What was named, and each target that is not judged and of which nothing was. */
function joinNotJudged(targets: readonly Target[], named: readonly NotJudged[]): NotJudged[] {
  const spokenOf = new Set(named.map(placeKey));
  const others = targets.flatMap((target): NotJudged[] => {
    if (target.status !== 'not-judged' || spokenOf.has(placeKey(target))) return [];
    const { account, region, why, detail } = target;
    return [{ account, region, what: 'all of it', why: describeNotJudged(why, detail) }];
  });
  return [...named, ...others];
}

function addUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const one of all) for (const [name, count] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
