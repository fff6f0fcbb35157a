import { JSONParser, TokenType } from '@streamparser/json';
import { printable } from '../policy/grant.ts';

/** A stretch of a file that is not JSON; the message says where and why. */
export class UnreadableJson extends Error {
  constructor(where: string, why: string) {
    super(`${where}: ${printable(why, 200)}`);
  }
}

/** Which values of the whole are the events: one a line, or those at a JSON path. */
export type JsonLayout = 'lines' | '$' | '$.*' | '$.Records.*' | '$.Events.*';

/** A line that is longer is read over: CloudTrail's events are up to 256 KB, and memory is not for the rest. */
const MOST_LINE_BYTES = 16 * 1024 * 1024;
/** An event is a few objects deep; the parser's memory grows with every level. */
const MOST_DEPTH = 1_000;
/** How much is parsed at once: what comes out of it is in memory together. */
const SLICE_BYTES = 8 * 1024;
const NEWLINE = 10;

/**
 * How a file is written, by its beginning; `undefined` if that is too little to tell.
 *
 * @param isLast no more will come: guess.
 */
export function recognizeLayout(head: string, isLast: boolean): JsonLayout | undefined {
  const text = head.trimStart();
  const [first = '', second, third] = text.split('\n', 3).map((line) => line.trim());
  const firstIsWhole = second !== undefined || isLast;
  if (text.startsWith('[')) return '$.*';
  // A log file a line is lines; one log file on one line, which can be long, is not.
  if (firstIsWhole && isJson(first) && !(/^\{\s*"Records"\s*:/.test(first) && !second && !third)) return 'lines';
  if (/^\{\s*"Records"\s*:/.test(text)) return '$.Records.*';
  if (/^\{\s*"Events"\s*:/.test(text)) return '$.Events.*';
  // One bad line at the beginning, and JSON lines after it. In pretty JSON something would close what the first began.
  const goesOn = /^[}\],]/.test(third ?? '');
  if (second?.startsWith('{') && (third !== undefined || isLast) && !goesOn && isJson(second)) return 'lines';
  return isLast ? '$' : undefined;
}

/** One value a line. A line that is not JSON is told, and the next one is read. */
export async function* parseLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let number = 0;
  for await (const line of splitLines(chunks)) {
    number++;
    const where = `line ${number} is not JSON`;
    if (line === undefined) {
      yield new UnreadableJson(where, `it is longer than ${MOST_LINE_BYTES / 1024 / 1024} MB`);
      continue;
    }
    const text = line.toString('utf8');
    if (text.trim() === '') continue;
    try {
      yield JSON.parse(text);
    } catch (error) {
      yield new UnreadableJson(where, (error as Error).message);
    }
  }
}

/** Lines end in \n or \r\n, and in nothing else: JSON may hold U+2028 in its texts. `undefined` for one too long. */
async function* splitLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer | undefined> {
  let begun: Buffer[] = [];
  let length = 0;
  const take = (end: Buffer): Buffer | undefined => {
    const line = length + end.length > MOST_LINE_BYTES ? undefined : Buffer.concat([...begun, end]);
    begun = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      yield take(chunk.subarray(from, at));
      from = at + 1;
    }
    length += chunk.length - from;
    if (length <= MOST_LINE_BYTES) begun.push(chunk.subarray(from));
    else begun = [];
  }
  if (length > 0) yield take(Buffer.alloc(0));
}

/** The values at a path of one JSON document, or of several one after another, as `jq` prints them. */
export async function* parseWhole(
  chunks: AsyncIterable<Buffer>,
  path: Exclude<JsonLayout, 'lines'>,
): AsyncGenerator<unknown> {
  const found: unknown[] = [];
  let depth = 0;
  let failure: Error | undefined;
  const parser = new JSONParser({ paths: [path], keepStack: false, separator: '' });
  parser.onToken = ({ token }) => {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth++;
    else if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) depth--;
    if (depth > MOST_DEPTH) throw new Error(`nested deeper than ${MOST_DEPTH} levels`);
  };
  parser.onValue = ({ value }) => void found.push(value);
  parser.onError = (error) => {
    failure ??= error;
  };
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length && failure === undefined; from += SLICE_BYTES) {
      parser.write(chunk.subarray(from, from + SLICE_BYTES));
      yield* found.splice(0);
    }
    if (failure !== undefined) break;
  }
  if (failure === undefined && !parser.isEnded) parser.end();
  yield* found.splice(0);
  if (failure !== undefined) yield new UnreadableJson('not JSON to its end', failure.message);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
