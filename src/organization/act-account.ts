import { type Audit, audit, type HowToAudit } from '../enforcement/audit.ts';
import type { Finding } from '../policy/finding.ts';
import { type Place, placeKey } from '../policy/place.ts';
import { revocationIdOfGrant } from '../policy/revocation-id.ts';
import type { PlaceNames } from '../policy/vpc/gone-names.ts';
import { type ActOutcome, type ActResult, RESULT_SCHEMA_VERSION } from './account-result.ts';

/** What it takes to act in one account. */
export interface HowToActInAccount extends Omit<HowToAudit, 'places' | 'mayRevoke' | 'otherNames'> {
  readonly run: string;
  readonly account: string;
  /** The revocations that may be made, by id: what the run settled of what the evaluation of this account found due. */
  readonly due: readonly string[];
  /** The names of the caches of all accounts, as the run found them. */
  readonly namesOfRun: readonly PlaceNames[];
  /** What an earlier try of this step left. Not there if there was none. */
  readonly before?: ActResult | undefined;
  /** Is given each revocation as soon as it is made: the function can be killed at any time. Never rejects. */
  readonly keep?: (made: ActResult) => Promise<void>;
  readonly apiCalls: () => Readonly<Record<string, number>>;
}

/**
 * Revokes in one account what a run settled, and nothing else. Each is evaluated again as it is now, by the allowlist as it is now:
 * minutes may have gone by. What an earlier try revoked is left alone, so that no run revokes anything twice. Never throws.
 *
 * @returns the outcomes of this try. `joinTries` joins them with those of earlier ones.
 */
export async function actInAccount(how: HowToActInAccount): Promise<ActResult> {
  const { run, account, before } = how;
  const rest = { schemaVersion: RESULT_SCHEMA_VERSION, run, account } as const;
  const own = how.due.flatMap((id) => {
    if (isRevoked(before?.outcomes[id])) return [];
    const place = placeOf(id);
    return place?.account === account ? [{ id, place }] : [];
  });
  const may = new Set(own.map(({ id }) => id));
  const places = new Map(own.map(({ place }) => [placeKey(place), place]));
  const made = new Map<string, readonly Finding[]>();
  const audited = await audit({
    ...how,
    places: [...places.values()],
    revocableIn: account,
    mayRevoke: (id) => may.has(id),
    otherNames: how.namesOfRun.filter((one) => !places.has(placeKey(one))),
    report: async (finding) => {
      await how.report(finding);
      if (finding.outcome !== 'revoked') return;
      const id = revocationIdOfGrant(finding.grant);
      made.set(id, [...(made.get(id) ?? []), finding]);
      await how.keep?.({ ...rest, outcomes: { [id]: { findings: made.get(id) ?? [] } }, apiCalls: {} });
    },
  });
  const found = Map.groupBy(audited.findings, ({ grant }) => revocationIdOfGrant(grant));
  return {
    ...rest,
    outcomes: Object.fromEntries(own.map(({ id, place }) => [id, outcomeOf(place, found.get(id), audited)])),
    apiCalls: how.apiCalls(),
  };
}

/**
 * What two tries of the step came to. What either revoked is revoked: the other one finds it gone. Of all else the later one knows
 * better.
 */
export function joinTries(before: ActResult | undefined, now: ActResult): ActResult {
  if (before === undefined) return now;
  const ids = [...new Set([...Object.keys(before.outcomes), ...Object.keys(now.outcomes)])];
  const outcomes = ids.flatMap((id) => {
    const [was, is] = [before.outcomes[id], now.outcomes[id]];
    const kept = isRevoked(was) && !isRevoked(is) ? was : (is ?? was);
    return kept === undefined ? [] : [[id, kept] as const];
  });
  return { ...now, outcomes: Object.fromEntries(outcomes) };
}

function isRevoked(outcome: ActOutcome | undefined): boolean {
  return outcome !== undefined && 'findings' in outcome && outcome.findings.some((one) => one.outcome === 'revoked');
}

/** What is not seen any more is gone only if all of its place was evaluated. */
function outcomeOf(place: Place, findings: readonly Finding[] | undefined, audited: Audit): ActOutcome {
  if (findings !== undefined) return { findings };
  const [first] = audited.notJudged.filter((one) => placeKey(one) === placeKey(place));
  if (first === undefined) return { isGone: true };
  return { problem: `it could not be evaluated again: ${first.what}: ${first.why}` };
}

/** The place of a revocation, which its id begins with. */
function placeOf(id: string): Place | undefined {
  try {
    const [account, region] = JSON.parse(id) as unknown[];
    return typeof account === 'string' && typeof region === 'string' ? { account, region } : undefined;
  } catch {
    return undefined;
  }
}
