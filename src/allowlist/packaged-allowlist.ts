import { readAllowlistFile } from './allowlist-file.ts';
import type { LoadedAllowlist } from './loaded-allowlist.ts';

/**
 * The allowlist that comes with the function. In a checkout it is `./allowlist.yaml`; in a bundle, `stack/packaging` puts the
 * checked contents of that file in the place of this module, so that a cold start reads no file and parses no YAML.
 */
export function readPackagedAllowlist(): Promise<LoadedAllowlist> {
  return readAllowlistFile('allowlist.yaml');
}
