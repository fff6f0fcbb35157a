import pMap from 'p-map';
import { type Audit, audit, type HowToAudit } from '../enforcement/audit.ts';
import { NO_TIME_TO_LIST } from '../enforcement/deadline.ts';
import type { Finding, NotJudged, PlaceAudit } from '../policy/finding.ts';
import { type Place, placeKey } from '../policy/place.ts';
import { revocationIdOfGrant } from '../policy/revocation-id.ts';
import type { Events, WhyNotJudged } from '../policy/target.ts';
import { type AccountResult, RESULT_SCHEMA_VERSION, type RegionResult } from './account-result.ts';
import { noteErrors } from './note-errors.ts';

/** What it takes to evaluate one account. */
export interface HowToJudgeAccount
  extends Omit<HowToAudit, 'places' | 'mayRevoke' | 'otherNames' | 'report' | 'confirmPolicy'> {
  readonly run: string;
  readonly account: string;
  /** The regions of the scope. */
  readonly regions: readonly string[];
  readonly allowlistSha256: string;
  /** All regions of the partition, and those that the account has enabled. */
  readonly listRegions: () => Promise<{ readonly all: readonly string[]; readonly enabled: readonly string[] }>;
  /** Whether the events of a place reach the hub. Never rejects. Not there if no events are expected. */
  readonly eventsAt?: (place: Place) => Promise<Events>;
  /** What an error of these calls means for a target. */
  readonly explain: (error: unknown) => { readonly why: WhyNotJudged; readonly detail: string };
  /** The calls that were made so far, by operation. */
  readonly apiCalls: () => Readonly<Record<string, number>>;
}

/** How many regions are asked at once whether their events reach the hub. */
const REGIONS_AT_ONCE = 4;

/**
 * Evaluates every grant of one account in all regions of the scope, and changes nothing. What would be revoked is `due`: whether it
 * may be depends on all accounts together. Never throws: what could not be evaluated is in the result.
 *
 * No call goes to a region that the account has not enabled: some never end there.
 */
export async function judgeAccount(how: HowToJudgeAccount): Promise<AccountResult> {
  const { run, account, regions, allowlistSha256, listRegions, explain } = how;
  const rest = { schemaVersion: RESULT_SCHEMA_VERSION, run, account, allowlistSha256 } as const;
  let known: ReadonlySet<string>;
  let enabled: ReadonlySet<string>;
  try {
    const listed = await listRegions();
    known = new Set(listed.all);
    enabled = new Set(listed.enabled);
  } catch (error) {
    const state = whyRegionsUnknown(explain(error));
    const all = regions.map((region): RegionResult => ({ region, status: 'not-judged', ...state }));
    return { ...rest, regions: all, findings: [], notJudged: [], due: [], held: 0, apiCalls: how.apiCalls() };
  }
  const places = regions.filter((region) => enabled.has(region)).map((region) => ({ account, region }));
  const { connect, errorAt } = noteErrors(how.connect);
  const [audited, events] = await Promise.all([
    // The outcome of a finding is known when the run is closed, and reported then.
    audit({
      ...how,
      connect,
      places,
      revocableIn: account,
      mayRevoke: () => false,
      report: () => {},
      confirmPolicy: async () => {},
    }),
    lookAtEvents(places, how),
  ]);
  // A rule of a security group that another account shares is still seen here.
  const notJudged = audited.notJudged.map((one) => ({ ...one, account }));
  const stateOf = (place: PlaceAudit) => whyNot(place, notJudged, errorAt(place), how);
  return {
    ...rest,
    regions: regions.map((region) => {
      if (enabled.has(region)) return toRegionResult({ account, region }, audited, stateOf, events.get(region));
      return known.has(region) ? { region, status: 'not-applicable' } : { region, ...UNKNOWN_REGION };
    }),
    findings: audited.findings,
    notJudged,
    due: how.mode === 'enforce' ? revocationsOf(audited.findings, ({ outcome }) => outcome === 'would-revoke') : [],
    held: revocationsOf(audited.findings, ({ heldBecause }) => heldBecause === 'limit').length,
    apiCalls: how.apiCalls(),
  };
}

/** Whether calls were throttled to the end, so that the account is better evaluated again in a while. */
export function isThrottled({ regions }: AccountResult): boolean {
  return regions.some((one) => one.status === 'not-judged' && one.why === 'throttled');
}

/** A region with a typing error in its name must not pass for one that needs no evaluation. */
const UNKNOWN_REGION = {
  status: 'not-judged',
  why: 'error',
  detail: 'EC2 lists no region of this name: check the regions that are to be audited',
} as const;

type NotJudgedState = { readonly why: WhyNotJudged; readonly detail: string };

/** These say more than that the list could not be read. */
const OF_THE_ACCOUNT: readonly WhyNotJudged[] = [
  'member-role-missing',
  'denied-by-service-control-policy',
  'throttled',
  'no-time-left',
];

function whyRegionsUnknown({ why, detail }: NotJudgedState): NotJudgedState {
  return { why: OF_THE_ACCOUNT.includes(why) ? why : 'region-list-not-readable', detail };
}

async function lookAtEvents(places: readonly Place[], { eventsAt }: HowToJudgeAccount): Promise<Map<string, Events>> {
  if (eventsAt === undefined) return new Map();
  const found = await pMap(places, async (place) => [place.region, await eventsAt(place)] as const, {
    concurrency: REGIONS_AT_ONCE,
  });
  return new Map(found);
}

function toRegionResult(
  place: Place,
  { places, names }: Audit,
  stateOf: (place: PlaceAudit) => NotJudgedState | undefined,
  events: Events | undefined,
): RegionResult {
  const found = places.find((one) => placeKey(one) === placeKey(place));
  if (found === undefined) throw new Error(`the audit says nothing of ${placeKey(place)}`);
  const known = names.find((one) => placeKey(one) === placeKey(place));
  const base = {
    region: place.region,
    audit: found,
    ...(events && { events }),
    ...(known && { names: { names: [...known.names], areAll: known.areAll } }),
  };
  const state = stateOf(found);
  return state === undefined ? { ...base, status: 'judged' } : { ...base, status: 'not-judged', ...state };
}

/** Why a place was not evaluated, or not all of it; `undefined` if it was. */
function whyNot(
  place: PlaceAudit,
  notJudged: readonly NotJudged[],
  error: unknown,
  { explain }: HowToJudgeAccount,
): NotJudgedState | undefined {
  if (place.status === 'failed') {
    const { problem = 'no reason was given' } = place;
    if (problem === NO_TIME_TO_LIST) return { why: 'no-time-left', detail: problem };
    return error === undefined ? { why: 'error', detail: problem } : explain(error);
  }
  const [first, ...more] = notJudged.filter((one) => placeKey(one) === placeKey(place));
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  return { why: 'in-part', detail: `${first.what}: ${first.why}${others}` };
}

/** The revocations of some findings, by id, each once. A public endpoint has none. */
function revocationsOf(findings: readonly Finding[], isMeant: (finding: Finding) => boolean): string[] {
  return [...new Set(findings.filter(isMeant).map(({ grant }) => revocationIdOfGrant(grant)))];
}
