import type { Outcome } from '../policy/outcome.ts';
import type { Ended, GrantOutcome } from './event-outcome.ts';
import { nameFew } from './name-few.ts';
import type { Pending } from './pending.ts';

const OPENS_NO_CACHE_PORT = 'the rule opens no port that a cache listens on';

/** The outcome of an event: the gravest of its grants, unless something could not be judged or waits. */
export function toEnded(
  {
    results: made,
    unjudged,
    pending,
    waitsFor,
    error,
  }: {
    readonly results: readonly GrantOutcome[];
    /** What could not be judged. */
    readonly unjudged: readonly string[];
    readonly pending: Pending | undefined;
    readonly waitsFor: string | undefined;
    readonly error?: unknown;
  },
  beside: Partial<Ended>,
): Ended {
  const results = [...made, ...(pending?.grants ?? [])];
  const [gravest] = results.toSorted((a, b) => gravity(a) - gravity(b));
  if (unjudged.length > 0 && gravest?.outcome !== 'failed') {
    // Of no grant among these: each of them came well.
    const grants = results.length > 0 && { grants: results };
    return { outcome: 'failed', ...grants, ...beside, error: new Error(nameFew(unjudged, '; ')) };
  }
  const awaits = waitsFor !== undefined && { awaits: waitsFor };
  // No rule opens the port that the cache will most likely have; what is allowed beside it must not make the whole look clean.
  if (awaits && (gravest === undefined || gravest.outcome === 'allowed' || gravest.outcome === 'already-gone')) {
    const grants = results.length > 0 && { grants: results };
    return { outcome: 'pending', problem: awaits.awaits, ...grants, ...awaits, ...beside };
  }
  if (gravest === undefined) return { outcome: 'ignored', reason: OPENS_NO_CACHE_PORT };
  const grants = results.length > 1 && { grants: results };
  return { ...gravest, ...grants, ...awaits, ...beside, ...(error !== undefined && { error }) };
}

/** What an event's outcome is if its grants have several: the first of these. */
const GRAVITY: readonly Outcome[] = ['failed', 'held', 'revoked', 'would-revoke', 'pending', 'already-gone', 'allowed'];

/** Of grants that share an outcome, a denied one comes first: it is the cause. */
function gravity({ outcome, decision }: GrantOutcome): number {
  return GRAVITY.indexOf(outcome) + (decision.effect === 'deny' ? 0 : 0.5);
}
