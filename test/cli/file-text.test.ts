import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readFileText } from '../../src/cli/file-text.ts';
import { CommandError } from '../../src/cli/io.ts';
import { collect } from '../support/tools/collect.ts';

const TEXT = '{"eventName": "Ä𝄞", "at": "\u2028"}\n';
const PACKED = gzipSync(TEXT);
const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => utf16le(text).swap16();
const bytesOf = (bytes: Buffer) => [...bytes].map((byte) => Buffer.of(byte));

const read = async (...chunks: readonly (Buffer | string)[]) =>
  (await collect(readFileText(Readable.from(chunks)))).join('');

describe('the text of a file', () => {
  test.each<[string, Buffer]>([
    ['UTF-8', Buffer.from(TEXT)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${TEXT}`)],
    ['UTF-16 as PowerShell writes it', utf16le(`\uFEFF${TEXT}`)],
    ['UTF-16 without a byte order mark', utf16le(TEXT)],
    ['UTF-16 with the high byte first', utf16be(`\uFEFF${TEXT}`)],
    ['that without a byte order mark', utf16be(TEXT)],
    ['packed', PACKED],
    ['packed twice', gzipSync(PACKED)],
    ['packed three times', gzipSync(gzipSync(PACKED))],
    ['packed UTF-16', gzipSync(utf16le(`\uFEFF${TEXT}`))],
  ])('is read, however it comes in pieces: %s', async (_, bytes) => {
    expect(await read(bytes)).toBe(TEXT);
    expect(await read(...bytesOf(bytes))).toBe(TEXT);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(await read(bytes.subarray(0, cut), bytes.subarray(cut)), String(cut)).toBe(TEXT);
    }
  });

  test('is read of a stream of texts', async () => {
    expect(await read('a', 'Ä')).toBe('aÄ');
  });

  test('is read of packed files one after another, as cat and Firehose make them', async () => {
    expect(await read(Buffer.concat([PACKED, PACKED]))).toBe(TEXT + TEXT);
  });

  test('is nothing where there is nothing', async () => {
    expect(await read()).toBe('');
    expect(await read(gzipSync(''))).toBe('');
    expect(await read(Buffer.of(0x1f))).toBe('\x1f');
  });

  test('is as long as the file, in pieces that are not', async () => {
    const long = TEXT.repeat(100_000);

    const pieces = await collect(readFileText(Readable.from([gzipSync(long)])));

    expect(pieces.join('')).toBe(long);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(100_000);
  });
});

describe('what is no text is an error that names it', () => {
  test.each<[string, Buffer, string]>([
    ['a zip file', Buffer.from('PK\x03\x04rest'), 'a zip file: unpack it first'],
    [
      'a tar file',
      Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar\0'), Buffer.alloc(300)]),
      'a tar file: unpack it first',
    ],
    [
      'a packed tar file',
      gzipSync(Buffer.concat([Buffer.alloc(257, 'a'), Buffer.from('ustar')])),
      'a tar file: unpack it first',
    ],
    ['bzip2', Buffer.from('BZh91AY'), 'packed by bzip2: unpack it first'],
    ['xz', Buffer.from('\xfd7zXZ\0', 'latin1'), 'packed by xz: unpack it first'],
    ['7-Zip', Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), 'packed by 7-Zip: unpack it first'],
    ['zstd', Buffer.from('\x28\xb5\x2f\xfd\x04', 'latin1'), 'packed by zstd: unpack it first'],
    ['Parquet', Buffer.from('PAR1\x15\x04'), 'a Parquet file: export its rows as JSON'],
    ['ORC', Buffer.from('ORC\x00'), 'an ORC file: export its rows as JSON'],
    ['Avro', Buffer.from('Obj\x01\x04'), 'an Avro file: export its rows as JSON'],
    ['gzip without an end', gzipSync(gzipSync(gzipSync(PACKED))), 'packed by gzip more than 3 times'],
  ])('%s', async (_, bytes, message) => {
    for (const chunks of [[bytes], bytesOf(bytes)]) {
      await expect(read(...chunks)).rejects.toEqual(new CommandError(message));
    }
  });

  test.each<[string, Buffer, string]>([
    ['cut off', PACKED.subarray(0, -9), 'Z_BUF_ERROR'],
    ['cut off in its head', PACKED.subarray(0, 5), 'Z_BUF_ERROR'],
    ['followed by something else', Buffer.concat([PACKED, Buffer.from(TEXT)]), 'Z_DATA_ERROR'],
  ])('gzip that is %s', async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code });
  });

  test('after what came before it: gzip that is cut off', async () => {
    // So much, and unlike, that a part is unpacked before the end is missed.
    const packed = gzipSync(Array.from({ length: 20_000 }, (_, i) => `${Math.sin(i)}\n`).join(''));
    let text = '';

    const reading = (async () => {
      for await (const piece of readFileText(Readable.from([packed.subarray(0, -1000)]))) text += piece;
    })();

    await expect(reading).rejects.toThrow('unexpected end of file');
    expect(text).toMatch(/^0\n0\.84/);
    expect(text.length).toBeGreaterThan(100_000);
  });
});
