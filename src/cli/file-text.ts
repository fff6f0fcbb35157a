import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { encodingOf } from '../allowlist/text-encoding.ts';
import { CommandError } from './io.ts';

/** Who packs a packed file does so once more, not ten times. */
const MOST_LAYERS = 3;
/** As many bytes as it takes to know what is in a file. */
const HEAD_BYTES = 512;

/** What begins so is no text, and what to do about it. */
const NO_TEXT: readonly (readonly [string, string, number?])[] = [
  ['PK\x03\x04', 'a zip file: unpack it first'],
  ['ustar', 'a tar file: unpack it first', 257],
  ['BZh', 'packed by bzip2: unpack it first'],
  ['\xfd7zXZ', 'packed by xz: unpack it first'],
  ['7z\xbc\xaf', 'packed by 7-Zip: unpack it first'],
  ['\x28\xb5\x2f\xfd', 'packed by zstd: unpack it first'],
  ['PAR1', 'a Parquet file: export its rows as JSON'],
  ['ORC', 'an ORC file: export its rows as JSON'],
  ['Obj\x01', 'an Avro file: export its rows as JSON'],
];

/**
 * The text in a stream of bytes, in pieces: UTF-8 or UTF-16, also packed by gzip, by its first bytes.
 *
 * @throws {CommandError} that names what is no text; what the stream fails with; what gzip says of data that is damaged or cut
 * off. Each after the text before that.
 */
export async function* readFileText(
  stream: AsyncIterable<Buffer | string>,
  layers: number = MOST_LAYERS,
): AsyncGenerator<string> {
  const { head, chunks } = await peek(stream);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    if (layers === 0) throw new CommandError(`packed by gzip more than ${MOST_LAYERS} times`);
    yield* readFileText(
      pipeline(chunks, createGunzip(), () => {}),
      layers - 1,
    );
    return;
  }
  const noText = NO_TEXT.find(([magic, , at = 0]) =>
    head.subarray(at, at + magic.length).equals(Buffer.from(magic, 'latin1')),
  );
  if (noText !== undefined) throw new CommandError(noText[1]);
  const decoder = new TextDecoder(encodingOf(head));
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The first bytes of a stream, and all of it from its beginning. */
async function peek(stream: AsyncIterable<Buffer | string>): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  const iterator = stream[Symbol.asyncIterator]();
  const next = async (): Promise<Buffer | undefined> => {
    const { value, done } = await iterator.next();
    return done ? undefined : Buffer.from(value as Buffer);
  };
  let head = Buffer.alloc(0);
  for (let chunk = await next(); chunk !== undefined; chunk = await next()) {
    head = Buffer.concat([head, chunk]);
    if (head.length >= HEAD_BYTES) break;
  }
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield head;
      for (let chunk = await next(); chunk !== undefined; chunk = await next()) yield chunk;
    } finally {
      await iterator.return?.();
    }
  }
  return { head, chunks: all() };
}
