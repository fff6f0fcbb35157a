import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { readAllowlistFile } from '../allowlist/allowlist-file.ts';
import { type LocatedAllowlist, parseAllowlistText } from '../allowlist/parse-allowlist-text.ts';
import { CommandError, type Io } from './io.ts';

/** The text of a file, or of standard input for `-`. */
export async function readText(path: string, io: Io): Promise<string> {
  if (path === '-') return await text(io.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${explainUnreadable(error)}`, { cause: error });
  }
}

/** The allowlist in a file, or on standard input for `-`. */
export async function readAllowlist(path: string, io: Io): Promise<LocatedAllowlist> {
  return path === '-'
    ? await parseAllowlistText(await text(io.stdin), 'standard input')
    : await readAllowlistFile(path);
}

/** Why a file cannot be read, for a person. */
export function explainUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EISDIR' ? 'it is a directory' : message;
}
