import type { Ended } from './event-outcome.ts';
import type { GrantOutcomes } from './grant-outcomes.ts';
import { nameFew } from './name-few.ts';

const OPENS_NO_CACHE_PORT = 'the rule opens no port that a cache listens on';

/** The outcome of an event: the gravest of its grants, unless something could not be judged or waits. */
export function toEnded(
  outcomes: GrantOutcomes,
  {
    unjudged,
    waitsFor,
  }: {
    /** What could not be judged. */
    readonly unjudged: readonly string[];
    readonly waitsFor: string | undefined;
  },
  beside: Partial<Ended>,
): Ended {
  const { gravest, count, error } = outcomes;
  const all = count > 0 && outcomes.list;
  if (unjudged.length > 0 && gravest?.outcome !== 'failed') {
    // Of no grant among these: each of them came well.
    const problem = nameFew(unjudged, '; ');
    return { outcome: 'failed', problem, ...all, ...beside, error: new Error(problem) };
  }
  const awaits = waitsFor !== undefined && { awaits: waitsFor };
  // No rule opens the port that the cache will most likely have; what is allowed next to it must not make the whole look clean.
  if (awaits && (gravest === undefined || gravest.outcome === 'allowed' || gravest.outcome === 'already-gone')) {
    return { outcome: 'pending', problem: awaits.awaits, ...all, ...awaits, ...beside };
  }
  if (gravest === undefined) return { outcome: 'ignored', reason: OPENS_NO_CACHE_PORT };
  return { ...gravest, ...(count > 1 && all), ...awaits, ...beside, ...(error !== undefined && { error }) };
}
