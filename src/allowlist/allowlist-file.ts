import { readFile, stat } from 'node:fs/promises';
import { explainUnreadable } from './explain-unreadable.ts';
import { AllowlistError, type LocatedAllowlist } from './loaded-allowlist.ts';
import { MOST_BYTES, parseAllowlistText, tooLarge } from './parse-allowlist-text.ts';

/**
 * Reads the allowlist in a file, in UTF-8 or UTF-16.
 *
 * @throws {AllowlistError} if there is none, or if it is not valid.
 */
export async function readAllowlistFile(path: string): Promise<LocatedAllowlist> {
  let bytes: Uint8Array;
  try {
    if ((await stat(path)).size > MOST_BYTES) throw tooLarge(path);
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof AllowlistError) throw error;
    throw new AllowlistError(`the allowlist ${path} cannot be read: ${explainUnreadable(error)}`, [], {
      cause: error,
    });
  }
  return parseAllowlistText(bytes, path);
}
