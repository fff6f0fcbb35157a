import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { readAllowlistFile } from '../allowlist/allowlist-file.ts';
import { remoteAllowlist } from '../allowlist/allowlist-location.ts';
import { COMMAND } from '../allowlist/client-config.ts';
import { explainUnreadable } from '../allowlist/explain-unreadable.ts';
import type { LocatedAllowlist } from '../allowlist/loaded-allowlist.ts';
import { parseAllowlistText } from '../allowlist/parse-allowlist-text.ts';
import { type DecodedStrictly, decodeStrictly } from '../allowlist/text-encoding.ts';
import { CommandError, type Io } from './io.ts';

const taken = new WeakSet<Io['stdin']>();

/**
 * Standard input, for the first that asks.
 *
 * @throws {CommandError} for the second: there would be nothing left in it.
 */
export function takeStandardInput({ stdin }: Io): Io['stdin'] {
  if (taken.has(stdin)) throw new CommandError('standard input (-) can be read only once: name a file for the other');
  taken.add(stdin);
  return stdin;
}

/** Whether there is nothing left to read from standard input. */
export function isStandardInputTaken({ stdin }: Io): boolean {
  return taken.has(stdin);
}

/**
 * The text of a file, or of standard input for `-`, in UTF-8 or UTF-16, as far as it is valid.
 *
 * @throws {CommandError} if it cannot be read.
 */
export async function readText(path: string, io: Io): Promise<DecodedStrictly> {
  if (path === '-') return decodeStrictly(await buffer(takeStandardInput(io)));
  try {
    return decodeStrictly(await readFile(path));
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${explainUnreadable(error)}`, { cause: error });
  }
}

/** The allowlist in a file, on standard input for `-`, or where the function has its own: `ssm:…`, `appconfig:…`. */
export async function readAllowlist(path: string, io: Io): Promise<LocatedAllowlist> {
  if (path === '-') return parseAllowlistText(await buffer(takeStandardInput(io)), 'standard input');
  const readRemote = remoteAllowlist(path, COMMAND);
  return readRemote === undefined ? await readAllowlistFile(path) : await readRemote();
}
