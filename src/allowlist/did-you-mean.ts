import { closest, distance } from 'fastest-levenshtein';

/**
 * The name that was most likely meant by one that does not exist; `undefined` if none is near. Case, hyphens, underscores
 * and white space do not count.
 */
export function didYouMean(written: string, known: readonly string[]): string | undefined {
  const same = known.find((name) => plain(name) === plain(written));
  if (same !== undefined || known.length === 0) return same;
  const nearest = closest(written, known);
  return distance(written, nearest) <= Math.max(2, written.length / 3) ? nearest : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[-_\s]/g, '');
}
