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
  /** When the look began that found it: what changed since then may be missing. */
  readAt: number;
  /** The look that began last, while it is under way: one is enough, however many ask. */
  reading: Look | undefined;
  /** How many looks have begun. */
  begun: number;
}

interface Look {
  readonly beganAt: number;
  readonly found: Promise<CurrentAllowlist>;
}

/**
 * Keeps what was read for as long as its kind allows. If a later look fails, or finds an allowlist that is not valid, the
 * last good one stays in force and says so; the next look is due at once, by the next event.
 *
 * AWS can freeze a process while it reads, and thaw it hours later. So it counts when a look began, and no one waits for an old one.
 *
 * @throws {AllowlistError} if there is no good one yet: then nothing can be judged, and nothing is revoked.
 */
export function allowlistSource(now: () => number = Date.now): AllowlistSource {
  const kept = new Map<string | undefined, Kept>();
  return async (location) => {
    const { read, maxAgeMs } = allowlistLocation(location);
    const entry = kept.get(location) ?? { current: undefined, readAt: 0, reading: undefined, begun: 0 };
    kept.set(location, entry);
    const isOfNow = (then: number): boolean => {
      const age = now() - then;
      // A clock that was put back must not keep an allowlist for longer.
      return age >= 0 && age < maxAgeMs;
    };
    if (entry.current !== undefined && entry.current.staleBecause === undefined && isOfNow(entry.readAt)) {
      return entry.current;
    }
    const { reading } = entry;
    return await (reading !== undefined && isOfNow(reading.beganAt) ? reading : begin(entry, read, now())).found;
  };
}

function begin(entry: Kept, read: () => Promise<LoadedAllowlist>, beganAt: number): Look {
  const order = ++entry.begun;
  // What an earlier look finds must not take the place of what a later one found.
  const isLast = (): boolean => entry.begun === order;
  const found = readAgain(entry, read, beganAt, isLast).finally(() => {
    if (isLast()) entry.reading = undefined;
  });
  entry.reading = { beganAt, found };
  return entry.reading;
}

async function readAgain(
  entry: Kept,
  read: () => Promise<LoadedAllowlist>,
  beganAt: number,
  isLast: () => boolean,
): Promise<CurrentAllowlist> {
  try {
    const found = await read();
    if (isLast()) [entry.current, entry.readAt] = [found, beganAt];
    return found;
  } catch (error) {
    if (entry.current === undefined) throw error;
    const stale = { ...entry.current, staleBecause: error };
    if (isLast()) entry.current = stale;
    return stale;
  }
}
