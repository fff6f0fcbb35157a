import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { JSONParser } from '@streamparser/json';
import { type ParsedEvent, parseEvent, parseRecord } from './parse-event.ts';

/** One event out of a file, and what it is. */
export type RecordedEvent =
  | { readonly parsed: ParsedEvent; readonly event: unknown; readonly problem?: never }
  /** A stretch that is no JSON at all. */
  | { readonly parsed?: never; readonly problem: string };

/** How much of a file is looked at to find out how it is written. */
const HEAD_BYTES = 1024 * 1024;

/** The files under a path that may hold events, in order of their names; a file itself is taken whatever its name. */
export async function findEventFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => /\.(json|jsonl|ndjson)(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** Opens a file of events, and unpacks it if its name ends in `.gz`. `onBytes` is told how much of it was read. */
export function openEventFile(file: string, onBytes: (bytes: number) => void = () => {}): Readable {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  stream.on('data', (chunk) => onBytes(chunk.length));
  stream.pause();
  if (!file.endsWith('.gz')) return stream;
  const gunzip = createGunzip();
  stream.on('error', (error) => gunzip.destroy(error));
  return stream.pipe(gunzip);
}

/**
 * Reads recorded events one by one, however they were written down: single EventBridge events, arrays of them, JSON
 * lines, CloudTrail log files (`Records`), the output of `lookup-events` (`Events`, each with its record as a text).
 * Only a small part is in memory at a time, whatever the size of the whole.
 */
export async function* readRecordedEvents(stream: Readable): AsyncGenerator<RecordedEvent> {
  const { head, rest } = await readHead(stream);
  const layout = recognize(head);
  const values = layout === 'lines' ? parseLines(rest) : parseWhole(rest, layout);
  for await (const value of values) {
    if (value instanceof UnreadableJson) yield { problem: value.message };
    else yield* expand(value);
  }
}

class UnreadableJson extends Error {}

/** Which values of the whole are the events: JSON paths, or one a line. */
type Layout = 'lines' | '$' | '$.*' | '$.Records.*' | '$.Events.*';

function recognize(head: string): Layout {
  if (/^\s*\[/.test(head)) return '$.*';
  if (/^\s*\{\s*"Records"\s*:/.test(head))
    return head.trimEnd().includes('\n') && isJson(firstLine(head)) ? 'lines' : '$.Records.*';
  if (/^\s*\{\s*"Events"\s*:/.test(head)) return '$.Events.*';
  return isJson(firstLine(head)) ? 'lines' : '$';
}

async function* parseLines(stream: Readable): AsyncGenerator<unknown> {
  let number = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === '') continue;
    try {
      yield JSON.parse(line);
    } catch (error) {
      yield new UnreadableJson(`line ${number} is not JSON: ${(error as Error).message}`);
    }
  }
}

async function* parseWhole(stream: Readable, path: Exclude<Layout, 'lines'>): AsyncGenerator<unknown> {
  const found: unknown[] = [];
  // One after another without a separator, as `jq` prints them, is one layout more that costs nothing.
  const parser = new JSONParser({ paths: [path], keepStack: false, separator: '' });
  parser.onValue = ({ value }) => void found.push(value);
  let failure: Error | undefined;
  parser.onError = (error) => {
    failure ??= error;
  };
  for await (const chunk of stream) {
    parser.write(chunk);
    yield* found.splice(0);
    if (failure !== undefined) break;
  }
  if (failure === undefined && !parser.isEnded) parser.end();
  yield* found.splice(0);
  if (failure !== undefined) yield new UnreadableJson(`not JSON to its end: ${failure.message}`);
}

/** The events in one value: itself, or those of a log file or of `lookup-events`. */
function* expand(value: unknown): Generator<RecordedEvent> {
  const { Records, Events, CloudTrailEvent, detail } = (value ?? {}) as Record<string, unknown>;
  if (Array.isArray(value)) for (const one of value) yield* expand(one);
  else if (Array.isArray(Records)) for (const record of Records) yield* expand(record);
  else if (Array.isArray(Events)) for (const event of Events) yield* expand(event);
  else if (typeof CloudTrailEvent === 'string') yield* expandText(CloudTrailEvent);
  else if (detail !== undefined) yield { event: value, parsed: parseEvent(value) };
  else yield { event: value, parsed: parseRecord(value) };
}

function* expandText(text: string): Generator<RecordedEvent> {
  try {
    const record = JSON.parse(text);
    yield { event: record, parsed: parseRecord(record) };
  } catch (error) {
    yield { problem: `CloudTrailEvent is not JSON: ${(error as Error).message}` };
  }
}

/** The first part of a stream, and the whole of it again. */
async function readHead(stream: Readable): Promise<{ head: string; rest: Readable }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const iterator = stream.iterator({ destroyOnReturn: false });
  while (bytes < HEAD_BYTES) {
    const { value, done } = await iterator.next();
    if (done) break;
    const chunk = Buffer.from(value);
    chunks.push(chunk);
    bytes += chunk.length;
    if (chunk.includes('\n')) break;
  }
  const head = Buffer.concat(chunks);
  async function* all(): AsyncGenerator<Buffer> {
    yield head;
    for (;;) {
      const { value, done } = await iterator.next();
      if (done) return;
      yield Buffer.from(value);
    }
  }
  return { head: head.toString('utf8'), rest: Readable.from(all(), { objectMode: false }) };
}

function firstLine(head: string): string {
  const text = head.trimStart();
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
