import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import { quote } from '../policy/quote.ts';
import type { GoneNames } from '../policy/vpc/gone-names.ts';
import { describeError } from './describe-error.ts';
import { type Needs, NOT_ASKED } from './look/needs.ts';
import { type AllowedAccess, type Revocable, type RevocableRule, revocationIdOf, type Seen } from './look/revocable.ts';
import type { Mixed, Mode } from './mode.ts';
import { nameFew } from './name-few.ts';

/** The outcome of one thing that could be revoked, and so of each grant that it makes. */
export interface Settled extends Pick<Finding, 'outcome' | 'problem' | 'heldBecause' | 'revocationRequestId'> {
  /** With `failed`: what kept it standing. */
  readonly error?: unknown;
}

/** The same for people: an error is reported as the problem. */
export function tell(settled: Settled): Omit<Settled, 'error'> {
  if (!('error' in settled)) return settled;
  const { error, ...told } = settled;
  return { ...told, problem: describeError(error) };
}

/** What is to be revoked, and the outcomes of all else that is denied, by `revocationIdOf`. */
export interface Plan {
  readonly revocations: readonly Revocable[];
  readonly settled: ReadonlyMap<string, Settled>;
  /** How many revocations are due, if they are more than the limit, so that none is made. */
  readonly overLimit?: number;
}

export interface HowToPlan {
  readonly mode: Mode;
  readonly mixed: Mixed;
  /** If more revocations than this are due, none is made. */
  readonly maxRevocations: number;
  /**
   * The one account in which revocations can be made; any if not there. A security group that another account shares can guard a cache
   * here, and its owner manages it (Amazon VPC User Guide, "Share security groups with AWS Organizations").
   */
  readonly revocableIn?: string | undefined;
  /** Not there if the allowlist names no cache that is gone. */
  readonly goneNames?: GoneNames | undefined;
}

/** The `problem` of a rule that is held because others may need it. */
export const HELD_BECAUSE_SHARED =
  'the rule opens more than cache ports, and its security group also guards something other than caches';
export const HELD_FOR_OTHERS = {
  outcome: 'held',
  heldBecause: 'shared',
  problem: HELD_BECAUSE_SHARED,
} as const satisfies Settled;
const HELD_BY_LIMIT = { outcome: 'held', heldBecause: 'limit' } as const satisfies Settled;
const HELD_PUBLIC = {
  outcome: 'held',
  heldBecause: 'public',
  problem:
    'no call takes a public endpoint away: make a new serverless cache without one, or allow it with `publicEndpoint: true`',
} as const satisfies Settled;
const ALLOWED = { outcome: 'allowed' } as const satisfies Settled;

/** The outcome that a plan has for something; `undefined` if it is to be revoked. */
export function settledOf(one: Seen, plan: Plan): Settled | undefined {
  return one.isDenied ? plan.settled.get(revocationIdOf(one)) : ALLOWED;
}

/**
 * Says what is to be revoked: all that is denied, or, if that is more than the limit, none of it. A bad allowlist or the first
 * run after an outage must not cut off a fleet. Pure.
 *
 * @param needs which rules others need. It only matters where the limit would be exceeded: such rules stand from audit to audit,
 * and do not count, or a few of them would keep every other revocation from being made. Else `act` asks, right before it revokes.
 */
export function planRevocations(seen: readonly Seen[], how: HowToPlan, needs: Needs = NOT_ASKED): Plan {
  const settled = new Map<string, Settled>();
  const due = seen.filter((one): one is Revocable => {
    const outcome = settleWithoutRevoking(one, how);
    if (outcome !== undefined && one.isDenied) settled.set(revocationIdOf(one), outcome);
    return outcome === undefined;
  });
  if (due.length <= how.maxRevocations) return { revocations: due, settled };
  const isNeeded = (one: Revocable): boolean => needs.neededByOthers.has(revocationIdOf(one));
  const counted = due.filter((one) => !isNeeded(one));
  for (const one of due) if (isNeeded(one)) settled.set(revocationIdOf(one), HELD_FOR_OTHERS);
  if (counted.length <= how.maxRevocations) return { revocations: counted, settled };
  for (const one of counted) settled.set(revocationIdOf(one), HELD_BY_LIMIT);
  return { revocations: [], settled, overLimit: counted.length };
}

/** Whether it matters to the plan what others need. */
export function dependsOnNeeds(seen: readonly Seen[], how: HowToPlan): boolean {
  return seen.filter((one) => settleWithoutRevoking(one, how) === undefined).length > how.maxRevocations;
}

/** The outcome of what is not to be revoked, whatever else is seen; `undefined` if a revocation is due. */
function settleWithoutRevoking(one: Seen, { mode, mixed, goneNames, revocableIn }: HowToPlan): Settled | undefined {
  if (!one.isDenied) return ALLOWED;
  if (one.unknown !== undefined) return { outcome: 'failed', error: new Error(one.unknown.problem) };
  if (one.kind === 'public') return HELD_PUBLIC;
  if (isGoing(one)) return { outcome: 'already-gone' };
  if (mixed === 'hold' && one.kind === 'vpc' && !one.isNew && one.isMixed) return holdMixed(one);
  const nameHeld = goneNames && one.kind === 'vpc' && !one.isNew ? whyNameHolds(one, goneNames) : undefined;
  if (nameHeld !== undefined) return { outcome: 'held', heldBecause: 'gone-name', problem: nameHeld };
  if (mode !== 'enforce') return { outcome: 'would-revoke' };
  const { account } = one.place;
  return revocableIn === undefined || revocableIn === account ? undefined : ownedBy(account);
}

function ownedBy(account: string): Settled {
  const problem = `account ${account} owns its security group and shares it, so only that account can revoke the rule: revoke it there, or allow the access`;
  return { outcome: 'failed', error: new Error(problem) };
}

/** Why a cache that lost the name by which the allowlist knows it must not lose its access as well. */
function whyNameHolds({ grants }: RevocableRule, goneNames: GoneNames): string | undefined {
  for (const { grant, decision } of grants) {
    const why = decision.effect === 'deny' && grant.kind === 'vpc' ? goneNames.whyHeld(grant) : undefined;
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Whether someone is revoking it already: ElastiCache says so of a grant, EC2 shows no state of a rule. */
function isGoing(one: Revocable): boolean {
  return one.kind === 'classic' && one.grants[0].status === 'revoking';
}

/** Someone needs the allowed access of a standing rule: a new cache in their security group must not cut them off. */
function holdMixed(one: RevocableRule): Settled {
  const grants = [...one.grants];
  const alsoAllowed = [...one.alsoAllowed];
  const allowed = grants.flatMap(({ grant, decision }) =>
    decision.effect === 'allow' ? [`${cacheOf(grant)} (allowlist rule ${quote(decision.rule)})`] : [],
  );
  const also = alsoAllowed.map(({ cacheName, ports, why, allowlistRule }) => {
    const which = ports === undefined ? DOUBT[why ?? 'being-created'] : `only port ${ports.join(', ')}`;
    return `${quote(cacheName)} (${which}, allowlist rule ${quote(allowlistRule)})`;
  });
  const denied = grants.filter(({ decision }) => decision.effect === 'deny').map(({ grant }) => cacheOf(grant));
  const inPart = new Set(alsoAllowed.flatMap(({ cacheName, ports }) => (ports === undefined ? [] : quote(cacheName))));
  const move = `move ${denied.length === 1 ? 'that cache' : 'those caches'} to another security group`;
  const toDo = denied.every((cache) => inPart.has(cache))
    ? 'make a security group rule for the allowed ports in the place of this one'
    : move;
  const problem =
    `the security group rule also gives access that the allowlist allows, to ${nameFew([...allowed, ...also], ', ')}. ` +
    `It is not allowed for ${inPart.size > 0 ? 'all of ' : ''}${nameFew(denied, ', ')}: ${toDo}, or allow the access`;
  return { outcome: 'held', heldBecause: 'mixed', problem };
}

/** Of a cache of which it is not known whether the rule opens it. */
const DOUBT: Readonly<Record<NonNullable<AllowedAccess['why']>, string>> = {
  'being-created': 'which is being created',
  'shows-no-port': 'which shows no port',
  'groups-not-known': 'whose security groups are not known',
};

function cacheOf(grant: Grant): string {
  return grant.kind === 'vpc' ? quote(grant.target.cacheName) : '';
}
