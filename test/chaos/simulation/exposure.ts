import type { PlannedGrant } from './plan.ts';
import { type Change, keyOf } from './witness.ts';

/** What put an end to a disallowed grant: our function when its event came, when it was redriven, our audit, or people. */
export const ENDINGS = ['events', 'redrive', 'audit', 'people'] as const;
export type Ending = (typeof ENDINGS)[number];

/**
 * How long disallowed grants stood, in milliseconds of real time: from the call that made one until the endpoint accepted the
 * call that took it away, or the one that deleted its cache security group.
 */
export function measureExposures(
  changes: readonly Change[],
  grants: readonly PlannedGrant[],
): ReadonlyMap<Ending, number[]> {
  const disallowed = new Set(grants.filter(({ allowed }) => !allowed).map(({ grant }) => keyOf(grant)));
  const exposures = new Map<Ending, number[]>(ENDINGS.map((ending) => [ending, []]));
  const madeAt = new Map<string, number>();
  for (const { atMs, action, about, by, phase } of changes) {
    if (action === 'AuthorizeCacheSecurityGroupIngress' && disallowed.has(about)) madeAt.set(about, atMs);
    const gone =
      action === 'RevokeCacheSecurityGroupIngress'
        ? [about]
        : action === 'DeleteCacheSecurityGroup'
          ? [...madeAt.keys()].filter((grant) => grant.startsWith(`${about} `))
          : [];
    for (const grant of gone) {
      const since = madeAt.get(grant);
      if (since !== undefined) exposures.get(by === 'guard' ? phase : by)?.push(atMs - since);
      madeAt.delete(grant);
    }
  }
  return exposures;
}

/** The number that so many percent of them do not exceed, one of them; `undefined` of none. */
export function percentile(percent: number, numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.ceil((percent / 100) * numbers.length) - 1];
}
