import { readAllowlistFile } from './allowlist-file.ts';
import { readPackagedAllowlist } from './packaged-allowlist.ts';
import type { LoadedAllowlist } from './parse-allowlist-text.ts';

/**
 * Gives the allowlist to judge by: the file at `location`, or, without one, the allowlist packaged with the function.
 * It is read once per location and kept; a failure is not kept, so that the next event tries again.
 *
 * @throws {AllowlistError} if it cannot be read or is not valid.
 */
export function allowlistSource(): (location: string | undefined) => Promise<LoadedAllowlist> {
  const loaded = new Map<string | undefined, Promise<LoadedAllowlist>>();
  return (location) => {
    let allowlist = loaded.get(location);
    if (allowlist === undefined) {
      allowlist = location === undefined ? readPackagedAllowlist() : readAllowlistFile(location);
      loaded.set(location, allowlist);
      allowlist.catch(() => loaded.delete(location));
    }
    return allowlist;
  };
}
