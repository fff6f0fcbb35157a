import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { explainUnreadable } from '../allowlist/explain-unreadable.ts';
import { nameFew } from '../enforcement/name-few.ts';
import { CommandError, type Io } from './io.ts';
import { oneLine } from './one-line.ts';

/** A file that events are to be read from, or why they cannot be. */
export interface EventFile {
  /** `-` for standard input. */
  readonly path: string;
  readonly bytes: number;
  readonly problem?: string;
}

/** How long a line of names can be. */
const MOST_NAMES = 4096;
/** How much is read at once. What comes out of it is in memory at once, and much larger. */
const CHUNK_BYTES = 64 * 1024;

/**
 * What is not read of a folder, because it holds no call. Digests and Insights are what a trail keeps next to its log files,
 * in folders and files of these names (AWS CloudTrail User Guide, "CloudTrail digest file structure" and "CloudTrail Insights
 * events"). The check comes with each export (Amazon CloudWatch Logs User Guide, "Export log data to Amazon S3").
 */
const PASSED_OVER: readonly (readonly [string, RegExp])[] = [
  ['hidden', /^\./],
  ['the permission check of an export from CloudWatch Logs', /^aws-logs-write-test$/],
  ['digests of CloudTrail', /CloudTrail-Digest/],
  ['Insights of CloudTrail', /CloudTrail-Insight/],
];

/**
 * The files of these paths. A file is taken whatever its name. Of a folder all files are, in the order of their names, but
 * those that are passed over, which standard error reports.
 *
 * @throws {CommandError} if there is no such file, or none in a folder.
 */
export async function findEventFiles(paths: readonly string[], io: Io): Promise<EventFile[]> {
  const found: EventFile[] = [];
  for (const path of paths) {
    try {
      found.push(...(path === '-' ? [{ path, bytes: 0 }] : await findIn(path, io)));
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw new CommandError(`${path} cannot be read: ${explainUnreadable(error)}`, { cause: error });
    }
  }
  return found;
}

async function findIn(path: string, io: Io): Promise<EventFile[]> {
  const status = await stat(path);
  if (!status.isDirectory()) return [{ path, bytes: status.size }];
  const passedOver = new Map<string, string[]>();
  const files = await listFolder(path, passedOver);
  for (const [why, paths] of [...passedOver].sort()) {
    io.stderr.write(`passed over, ${why}: ${oneLine(nameFew(paths.sort(), ', '), MOST_NAMES)}\n`);
  }
  if (files.length === 0) throw new CommandError(`${path} holds no file to read`);
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function listFolder(folder: string, passedOver: Map<string, string[]>): Promise<EventFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    const [why] = PASSED_OVER.find(([, pattern]) => pattern.test(entry.name)) ?? [];
    if (why === undefined) return entry.isDirectory() ? await listFolder(path, passedOver) : [await lookAt(path)];
    passedOver.set(why, [...(passedOver.get(why) ?? []), path]);
    return [];
  });
  return (await Promise.all(found)).flat();
}

/** A link to a folder is not followed: it can lead back to where it is. */
async function lookAt(path: string): Promise<EventFile> {
  try {
    const status = await stat(path);
    if (status.isFile()) return { path, bytes: status.size };
    return { path, bytes: 0, problem: status.isDirectory() ? 'a link to a folder: name that folder' : 'not a file' };
  } catch (error) {
    return { path, bytes: 0, problem: explainUnreadable(error) };
  }
}

/** Opens a file. `onBytes` is called with how much of it was read. */
export function openEventFile(path: string, onBytes: (bytes: number) => void = () => {}): Readable {
  const stream = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  stream.on('data', (chunk) => onBytes(chunk.length));
  stream.pause();
  return stream;
}
