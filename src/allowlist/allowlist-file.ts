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
    throw new AllowlistError(`the allowlist ${path} cannot be read: ${explain(error as NodeJS.ErrnoException)}`, [], {
      cause: error,
    });
  }
  return await parseAllowlistText(text, path);
}

function explain({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EISDIR' ? 'it is a directory' : message;
}
