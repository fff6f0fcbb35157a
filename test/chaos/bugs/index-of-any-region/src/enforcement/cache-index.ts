import * as right from '../../../../../../src/enforcement/cache-index.ts';

export * from '../../../../../../src/enforcement/cache-index.ts';

/** Keeps one index for all regions of an account. */
export const cacheIndexReader: typeof right.cacheIndexReader = (list, now) => {
  const reader = right.cacheIndexReader(
    (place, timeUp) => list({ ...place, region: regions.get(place.account) ?? '' }, timeUp),
    now,
  );
  const regions = new Map<string, string>();
  const first = <Where extends { account: string; region: string }>(place: Where): Where => {
    regions.set(place.account, regions.get(place.account) ?? place.region);
    return { ...place, region: '' };
  };
  return {
    read: (place, timeUp) => reader.read(first(place), timeUp),
    readAnew: (place, timeUp) => reader.readAnew(first(place), timeUp),
  };
};
