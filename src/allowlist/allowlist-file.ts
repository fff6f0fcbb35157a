import { readFile } from 'node:fs/promises';
import { AllowlistError, type LoadedAllowlist, parseAllowlistText } from './parse-allowlist-text.ts';

/**
 * Reads the allowlist in a file.
 *
 * @throws {AllowlistError} if there is none, or if it is not valid.
 */
export async function readAllowlistFile(path: string): Promise<LoadedAllowlist> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new AllowlistError(`the allowlist ${path} cannot be read: ${why}`, [], { cause: error });
  }
  return await parseAllowlistText(text, path);
}
