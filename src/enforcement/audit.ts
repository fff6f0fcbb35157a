import pMap from 'p-map';
import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import type { Finding, NotJudged, PlaceAudit } from '../policy/finding.ts';
import type { Place } from '../policy/place.ts';
import { GoneNames, type NameWarning, type PlaceNames } from '../policy/vpc/gone-names.ts';
import { act } from './act.ts';
import { type Deadline, isTooLate, NO_TIME_TO_LIST } from './deadline.ts';
import { describeError } from './describe-error.ts';
import { lookAtCacheSecurityGroups } from './look/classic.ts';
import { askNeeds, NOT_ASKED } from './look/needs.ts';
import { type Revocable, revocationIdOf, type Seen } from './look/revocable.ts';
import { lookAgain, lookAtSecurityGroups, type UnsureRule } from './look/vpc.ts';
import type { Mixed, Mode, Shared } from './mode.ts';
import { dependsOnNeeds, planRevocations, type Settled, settledOf, tell } from './plan.ts';
import type { Connect } from './ports.ts';
import { shorten } from './shorten.ts';
import { type HowToVerify, verifyRevocations } from './verify-revocations.ts';

export interface HowToAudit extends Deadline {
  /** Is given each finding as soon as its outcome is known: the function can be killed at any time. Resolves when there is room for another. */
  readonly report: (finding: Finding) => Promise<void> | void;
  /** Is called when a place was looked at, before anything is revoked. */
  readonly onLookedAt?: (place: Place) => void;
  /** Rejects if the allowlist is not the current one any more. See `policyConfirmation`. */
  readonly confirmPolicy: () => Promise<void>;
  /** Each once. */
  readonly places: readonly Place[];
  readonly connect: Connect;
  readonly allowlist: CompiledAllowlist;
  readonly mode: Mode;
  readonly shared: Shared;
  readonly mixed: Mixed;
  /** If more revocations than this are due, of cache security groups' grants and security group rules, none is made. */
  readonly maxRevocations: number;
  /**
   * Whether a revocation that is planned may be made, by `revocationIdOf`; every one if not there. One that may not is
   * `would-revoke`: an organization evaluates all accounts before it revokes in any.
   */
  readonly mayRevoke?: (revocationId: string) => boolean;
  /** See `HowToPlan`. */
  readonly revocableIn?: string | undefined;
  /** The names of the caches of other places than these, to find which names in the allowlist are gone. None if not there. */
  readonly otherNames?: readonly PlaceNames[];
}

/** What an audit saw and did. */
export interface Audit {
  readonly findings: readonly Finding[];
  /** One for each place, in their order. */
  readonly places: readonly PlaceAudit[];
  readonly notJudged: readonly NotJudged[];
  /** Names in the allowlist that no cache has any more. */
  readonly warnings: readonly NameWarning[];
  /** The names of the caches of each place. */
  readonly names: readonly PlaceNames[];
}

/** What an audit saw and did, and how it was run: what its report is made from. */
export interface AuditRun extends Audit, Pick<HowToAudit, 'mode' | 'maxRevocations'> {
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly expectedPlaces: readonly Place[];
}

/**
 * An audit, and, if asked to, a wait until what it revoked is gone: what the function and the command line do alike.
 *
 * @param verify how to see what is gone.
 */
export async function runAudit(how: HowToAudit, verify?: Pick<HowToVerify, 'readStatus' | 'sleep'>): Promise<AuditRun> {
  const { places: expectedPlaces, mode, maxRevocations, now, deadline, timeUp } = how;
  const startedAt = now();
  const seen = await audit(how);
  const findings = verify
    ? await verifyRevocations(seen.findings, { ...verify, now, deadline, timeUp })
    : seen.findings;
  return { ...seen, findings, startedAt, finishedAt: now(), expectedPlaces, mode, maxRevocations };
}

/** How many places are listed at once, and how many revocations made at once: ElastiCache allows few calls a second. */
const PLACES_AT_ONCE = 4;
const REVOCATIONS_AT_ONCE = 4;

/**
 * Looks at every grant of every place, plans, and then revokes what no rule allows: all of it, or, if it is more than
 * `maxRevocations`, none of it. Reports each grant as soon as its outcome is known, those that are revoked before all others.
 *
 * Grants that are `revoking` already are judged and not touched. One place, one kind of grant or one grant that fails does
 * not stop the others. Never throws.
 */
export async function audit(how: HowToAudit): Promise<Audit> {
  const looks = await pMap(
    how.places,
    async (place) => {
      const look = await lookAt(place, how);
      how.onLookedAt?.(place);
      return look;
    },
    { concurrency: PLACES_AT_ONCE },
  );
  const { standing, changed } = await lookAgainAt(looks, how);
  const names = looks.map((look) => look.names);
  const goneNames = new GoneNames(how.allowlist, [...names, ...(how.otherNames ?? [])], how.now());
  const howToPlan = { ...how, goneNames };
  const isOverLimit = dependsOnNeeds(standing, howToPlan);
  const needs = isOverLimit ? await askNeeds(standing, how.shared, ({ place }) => how.connect(place)) : NOT_ASKED;
  const plan = planRevocations(standing, howToPlan, needs);
  const findings = new Map<Seen, readonly Finding[]>();
  const end = async (one: Seen, settled: Settled): Promise<void> => {
    const its = toFindings(one, settled);
    findings.set(one, its);
    for (const finding of its) await how.report(finding);
  };
  const mayRevoke = (one: Revocable): boolean => how.mayRevoke?.(revocationIdOf(one)) ?? true;
  const revoke = (one: Revocable) => (mayRevoke(one) ? act(one, how.connect(one.place), how) : NOT_NOW);
  await pMap(plan.revocations, async (one) => end(one, await revoke(one)), { concurrency: REVOCATIONS_AT_ONCE });
  for (const one of standing) {
    const settled = settledOf(one, plan);
    if (settled !== undefined) await end(one, settled);
  }
  for (const { rule, problem } of changed) await end(rule, { outcome: 'failed', problem });
  return {
    findings: [...standing, ...changed.map(({ rule }) => rule)].flatMap((one) => findings.get(one) ?? []),
    places: looks.map((look) => look.place),
    warnings: goneNames.warnings(),
    names,
    notJudged: [
      ...looks.flatMap((look) => look.notJudged),
      ...needs.untold.map(({ rule: { place, rule }, error }) => {
        return { ...place, what: `what else security group ${rule.securityGroupId} guards`, why: describeError(error) };
      }),
    ],
  };
}

const NOT_NOW = { outcome: 'would-revoke' } as const satisfies Settled;

/** What was seen of one place. */
interface PlaceLook {
  readonly place: PlaceAudit;
  readonly seen: readonly Seen[];
  readonly notJudged: readonly NotJudged[];
  readonly names: PlaceNames;
}

/** Looks at both kinds of grants of a place, side by side. */
async function lookAt(place: Place, how: HowToAudit): Promise<PlaceLook> {
  if (isTooLate(how)) return notBegun(place);
  const ports = how.connect(place);
  const [classic, vpc] = await Promise.all([
    lookAtCacheSecurityGroups(place, ports, how),
    lookAtSecurityGroups(place, ports, how),
  ]);
  const problem = classic.problem ?? vpc.problem;
  return {
    place: {
      ...place,
      status: problem === undefined ? 'judged' : 'failed',
      ...(classic.hasNoEc2Classic && { ec2Classic: false }),
      cacheSecurityGroups: classic.cacheSecurityGroups,
      caches: vpc.caches,
      securityGroups: vpc.securityGroups,
      grants: classic.listed + vpc.seen.reduce((sum, one) => sum + (one.kind === 'vpc' ? one.grantCount : 1), 0),
      ...(problem !== undefined && { problem }),
    },
    seen: [...classic.seen, ...vpc.seen],
    notJudged: [...classic.notJudged, ...vpc.notJudged],
    names: vpc.names,
  };
}

function notBegun(place: Place): PlaceLook {
  const problem = NO_TIME_TO_LIST;
  const none = { cacheSecurityGroups: 0, caches: 0, securityGroups: 0, grants: 0 };
  return {
    place: { ...place, status: 'failed', ...none, problem },
    seen: [],
    notJudged: [{ ...place, what: 'all of it', why: problem }],
    names: { ...place, names: new Set(), areAll: false },
  };
}

/** All that was seen, as it stands now, if anything is to be revoked: what changed meanwhile is not, but `failed`. */
async function lookAgainAt(looks: readonly PlaceLook[], how: HowToAudit) {
  const changed: UnsureRule[] = [];
  if (how.mode !== 'enforce') return { standing: looks.flatMap(({ seen }) => seen), changed };
  const standing = await pMap(
    looks,
    async ({ place, seen }): Promise<readonly Seen[]> => {
      const denied = seen.filter((one) => one.kind === 'vpc').filter(({ isDenied }) => isDenied);
      const again = await lookAgain(denied, how.connect(place), how);
      changed.push(...again.unsure);
      return [...seen.filter((one) => one.kind !== 'vpc' || !one.isDenied), ...again.denied];
    },
    { concurrency: PLACES_AT_ONCE },
  );
  return { standing: standing.flat(), changed };
}

/** The grants of what was seen, with the outcome that they share. */
function toFindings({ grants }: Seen, settled: Settled): readonly Finding[] {
  const end = tell(settled);
  return Array.from(grants, (seen) => ({ ...shorten(seen), ...end }));
}
