import { allowlistLocation } from './allowlist-location.ts';
import type { LoadedAllowlist } from './loaded-allowlist.ts';

/** The allowlist to judge by now. */
export interface CurrentAllowlist extends LoadedAllowlist {
  /** Why the last look failed, when this is an older one that stays in force. */
  readonly staleBecause?: unknown;
}

/** Gives the allowlist at a location; see `allowlistLocation` for what that can be. */
export type AllowlistSource = (location: string | undefined) => Promise<CurrentAllowlist>;

interface Kept {
  current: CurrentAllowlist | undefined;
  readAt: number;
  /** A look that is under way: one is enough, however many ask. */
  reading: Promise<CurrentAllowlist> | undefined;
}

/**
 * Keeps what was read for as long as its kind allows. If a later look fails, or finds an allowlist that is not valid, the
 * last good one stays in force and says so; the next look is due at once, by the next event.
 *
 * @throws {AllowlistError} if there is no good one yet: then nothing can be judged, and nothing is revoked.
 */
export function allowlistSource(now: () => number = Date.now): AllowlistSource {
  const kept = new Map<string | undefined, Kept>();
  return async (location) => {
    const { read, maxAgeMs } = allowlistLocation(location);
    const entry = kept.get(location) ?? { current: undefined, readAt: 0, reading: undefined };
    kept.set(location, entry);
    if (entry.current !== undefined && entry.current.staleBecause === undefined && now() - entry.readAt < maxAgeMs) {
      return entry.current;
    }
    entry.reading ??= readAgain(entry, read, now).finally(() => {
      entry.reading = undefined;
    });
    return await entry.reading;
  };
}

async function readAgain(
  entry: Kept,
  read: () => Promise<LoadedAllowlist>,
  now: () => number,
): Promise<CurrentAllowlist> {
  try {
    entry.current = await read();
    entry.readAt = now();
  } catch (error) {
    if (entry.current === undefined) throw error;
    entry.current = { ...entry.current, staleBecause: error };
  }
  return entry.current;
}
