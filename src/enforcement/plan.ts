import type { Finding } from '../policy/finding.ts';
import { describeError } from './describe-error.ts';
import { type Needs, NOT_ASKED } from './look/needs.ts';
import type { Revocable } from './look/revocable.ts';
import type { Mode } from './mode.ts';

/** What becomes of one thing that could be revoked, and so of each grant that it makes. */
export interface Settled extends Pick<Finding, 'outcome' | 'problem' | 'revocationRequestId'> {
  /** With `failed`: what kept it standing. */
  readonly error?: unknown;
}

/** The same for people: an error is told as the problem. */
export function tell(settled: Settled): Pick<Finding, 'outcome' | 'problem' | 'revocationRequestId'> {
  const { error, ...told } = settled;
  return 'error' in settled ? { ...told, problem: describeError(error) } : told;
}

/** What is to be revoked, and the outcomes of all the rest, by id. */
export interface Plan {
  readonly revocations: readonly Revocable[];
  readonly settled: ReadonlyMap<string, Settled>;
  /** How many revocations are due, if they are more than the limit, so that none is made. */
  readonly overLimit?: number;
}

export interface HowToPlan {
  readonly mode: Mode;
  /** If more revocations than this are due, none is made. */
  readonly maxRevocations: number;
}

/** The `problem` of a rule that is held because others may need it. */
export const HELD_BECAUSE_SHARED =
  'the rule opens more than cache ports, and its security group also guards something other than caches';
export const HELD_FOR_OTHERS = { outcome: 'held', problem: HELD_BECAUSE_SHARED } as const satisfies Settled;

/**
 * Says what is to be revoked: all that is denied, or, if that is more than the limit, none of it. A bad allowlist or the first
 * run after an outage must not cut off a fleet. Pure.
 *
 * @param needs which rules others need. It only matters where the limit would be exceeded: such rules stand from audit to audit,
 * and do not count, or a few of them would keep every other revocation from being made. Else `act` asks, right before it revokes.
 */
export function planRevocations(seen: readonly Revocable[], how: HowToPlan, needs: Needs = NOT_ASKED): Plan {
  const settled = new Map<string, Settled>();
  const due = seen.filter((one) => {
    const outcome = settleWithoutRevoking(one, how.mode);
    if (outcome !== undefined) settled.set(one.id, { outcome });
    return outcome === undefined;
  });
  if (due.length <= how.maxRevocations) return { revocations: due, settled };
  const counted = due.filter(({ id }) => !needs.neededByOthers.has(id));
  for (const { id } of due) if (needs.neededByOthers.has(id)) settled.set(id, HELD_FOR_OTHERS);
  if (counted.length <= how.maxRevocations) return { revocations: counted, settled };
  for (const { id } of counted) settled.set(id, { outcome: 'held' });
  return { revocations: [], settled, overLimit: counted.length };
}

/** Whether it matters to the plan what others need. */
export function dependsOnNeeds(seen: readonly Revocable[], { mode, maxRevocations }: HowToPlan): boolean {
  return seen.filter((one) => settleWithoutRevoking(one, mode) === undefined).length > maxRevocations;
}

/** The outcome of what is not to be revoked, whatever else is seen; `undefined` if a revocation is due. */
function settleWithoutRevoking(one: Revocable, mode: Mode): Settled['outcome'] | undefined {
  if (!one.isDenied) return 'allowed';
  if (isGoing(one)) return 'already-gone';
  return mode === 'enforce' ? undefined : 'would-revoke';
}

/** Whether somebody is revoking it already: ElastiCache says so of a grant, EC2 tells no state of a rule. */
function isGoing({ kind, grants }: Revocable): boolean {
  return kind === 'classic' && grants.every(({ status }) => status === 'revoking');
}
