import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { printable } from '../policy/grant.ts';
import { type JsonLayout, parseLines, parseWhole, recognizeLayout, UnreadableJson } from './json-layouts.ts';
import { type ParsedEvent, parseEvent, parseRecord } from './parse-event.ts';
import {
  isSecurityGroupCall,
  type ParsedSecurityGroupEvent,
  parseSecurityGroupEvent,
  parseSecurityGroupRecord,
} from './parse-security-group-event.ts';

/** One event out of a file, and what it is: of a VPC security group if its call can be of one, else of a cache security group. */
export type RecordedEvent =
  | { readonly parsed: ParsedEvent | ParsedSecurityGroupEvent; readonly event: unknown; readonly problem?: never }
  /** A stretch that is no JSON at all. */
  | { readonly parsed?: never; readonly problem: string };

/** How much of a file is looked at, at most, to find out how it is written. */
const HEAD_BYTES = 1024 * 1024;
/** How much is read at once. What comes out of it is in memory at once, and much larger. */
const CHUNK_BYTES = 64 * 1024;
/** How much is waited for if what came so far does not tell. */
const ENOUGH_BYTES = 16 * 1024;
/** Lists of log files of records are four levels; nobody writes more. */
const MOST_LEVELS = 8;

/**
 * What a trail keeps beside its log files, in folders and files of these names (AWS CloudTrail user guide, "CloudTrail digest
 * file structure" and "CloudTrail Insights events").
 */
const NO_LOG_FILES = /CloudTrail-(Digest|Insight)/;

/** The files under a path that may hold events, in order of their names; a file itself is taken whatever its name. */
export async function findEventFiles(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  const named = names
    .filter((name) => /\.(json|jsonl|ndjson)(\.gz)?$/.test(name) && !NO_LOG_FILES.test(name))
    .sort()
    .map((name) => join(path, name));
  const isFile = await Promise.all(named.map(async (file) => (await stat(file)).isFile()));
  return named.filter((_, i) => isFile[i]);
}

/** Opens a file of events. `onBytes` is told how much of it was read. */
export function openEventFile(file: string, onBytes: (bytes: number) => void = () => {}): Readable {
  const stream = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  stream.on('data', (chunk) => onBytes(chunk.length));
  stream.pause();
  return stream;
}

/**
 * Reads recorded events one by one, however they were written down: single EventBridge events, arrays of them, JSON
 * lines, CloudTrail log files (`Records`), the output of `lookup-events` (`Events`, each with its record as a text); all
 * of them also packed by gzip. Only a small part is in memory at a time, whatever the size of the whole.
 *
 * @throws what the stream fails with, and what gzip says of data that is damaged or cut off; after the events before that.
 */
export async function* readRecordedEvents(stream: Readable): AsyncGenerator<RecordedEvent> {
  const { layout, chunks } = await recognize(withoutByteOrderMark(unpacked(stream)));
  for await (const value of layout === 'lines' ? parseLines(chunks) : parseWhole(chunks, layout)) {
    if (value instanceof UnreadableJson) yield { problem: value.message };
    else yield* expand(value, MOST_LEVELS);
  }
}

/** The events in one value: itself, or those of a log file or of `lookup-events`. */
function* expand(value: unknown, levels: number): Generator<RecordedEvent> {
  const { Records, Events, CloudTrailEvent, detail } = (value ?? {}) as Record<string, unknown>;
  const list = [value, Records, Events].find((one) => Array.isArray(one));
  if (list !== undefined && levels === 0) yield { problem: 'lists in lists in lists: these are no events' };
  else if (list !== undefined) for (const one of list) yield* expand(one, levels - 1);
  else if (typeof CloudTrailEvent === 'string') yield expandText(CloudTrailEvent);
  else yield detail === undefined ? asRecord(value) : asEvent(value, detail);
}

function asEvent(event: unknown, detail: unknown): RecordedEvent {
  return { event, parsed: isOfSecurityGroup(detail) ? parseSecurityGroupEvent(event) : parseEvent(event) };
}

function asRecord(record: unknown): RecordedEvent {
  return { event: record, parsed: isOfSecurityGroup(record) ? parseSecurityGroupRecord(record) : parseRecord(record) };
}

function isOfSecurityGroup(record: unknown): boolean {
  return isSecurityGroupCall((record as { eventName?: unknown } | null)?.eventName);
}

function expandText(text: string): RecordedEvent {
  try {
    return asRecord(JSON.parse(text));
  } catch (error) {
    return { problem: `CloudTrailEvent is not JSON: ${printable((error as Error).message, 200)}` };
  }
}

type Chunks = AsyncIterable<Buffer>;

/** What gzip packed is known by its first two bytes, whatever the name of the file. */
async function* unpacked(stream: Readable): AsyncGenerator<Buffer> {
  const { head, chunks } = await readHead(stream, (bytes) => bytes.length >= 2);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* chunks;
    return;
  }
  yield* pipeline(chunks, createGunzip(), () => {});
}

async function* withoutByteOrderMark(stream: Chunks): AsyncGenerator<Buffer> {
  const { head, chunks } = await readHead(stream, (bytes) => bytes.length >= 3);
  let skip = head.subarray(0, 3).equals(Buffer.from('\uFEFF')) ? 3 : 0;
  for await (const chunk of chunks) {
    yield skip === 0 ? chunk : chunk.subarray(skip);
    skip = 0;
  }
}

async function recognize(stream: Chunks): Promise<{ layout: JsonLayout; chunks: Chunks }> {
  let layout: JsonLayout | undefined;
  const { head, chunks } = await readHead(stream, (bytes, last) => {
    // Looked at only when a line has ended: what is in the middle of one is not JSON yet.
    if (last.includes('\n')) layout = recognizeLayout(bytes.toString('utf8'), bytes.length >= ENOUGH_BYTES);
    return layout !== undefined || bytes.length >= HEAD_BYTES;
  });
  return { layout: layout ?? recognizeLayout(head.toString('utf8'), true) ?? '$', chunks };
}

/** Reads on until that is enough, and gives what was read, and the whole from its beginning. */
async function readHead(
  stream: AsyncIterable<unknown>,
  isEnough: (head: Buffer, last: Buffer) => boolean,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | undefined> => {
    const { value, done } = await iterator.next();
    if (done) return undefined;
    return Buffer.isBuffer(value) ? value : Buffer.from(value as string);
  };
  let head = Buffer.alloc(0);
  for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
    head = Buffer.concat([head, chunk]);
    if (isEnough(head, chunk)) break;
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      for (; head.length > 0; head = head.subarray(CHUNK_BYTES)) yield head.subarray(0, CHUNK_BYTES);
      head = Buffer.alloc(0);
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, chunks: all() };
}
