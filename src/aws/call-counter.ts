import type { AroundEachTry } from './clients.ts';

/** Counts calls by operation, retries included. */
export interface CallCounter {
  readonly calls: Readonly<Record<string, number>>;
  readonly count: AroundEachTry;
}

export function callCounter(): CallCounter {
  const calls: Record<string, number> = {};
  return {
    calls,
    async count(operation, tryOnce) {
      calls[operation] = (calls[operation] ?? 0) + 1;
      return await tryOnce();
    },
  };
}
