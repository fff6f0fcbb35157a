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
  readonly apiCalls: () => Readonly<Record<string, number>>;
}

/**
 * Revokes in one account what a run settled, and nothing else. Each is evaluated again as it is now, by the allowlist as it is now:
 * minutes may have gone by. Never throws.
 */
export async function actInAccount(how: HowToActInAccount): Promise<ActResult> {
  const { run, account } = how;
  const own = how.due.flatMap((id) => {
    const place = placeOf(id);
    return place?.account === account ? [{ id, place }] : [];
  });
  const may = new Set(own.map(({ id }) => id));
  const places = new Map(own.map(({ place }) => [placeKey(place), place]));
  const audited = await audit({
    ...how,
    places: [...places.values()],
    mayRevoke: (id) => may.has(id),
    otherNames: how.namesOfRun.filter((one) => !places.has(placeKey(one))),
  });
  const found = Map.groupBy(audited.findings, ({ grant }) => revocationIdOfGrant(grant));
  return {
    schemaVersion: RESULT_SCHEMA_VERSION,
    run,
    account,
    outcomes: Object.fromEntries(own.map(({ id, place }) => [id, outcomeOf(place, found.get(id), audited)])),
    apiCalls: how.apiCalls(),
  };
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
