import { describe, expect, test } from 'vitest';
import {
  type JsonLayout,
  parseLines,
  parseWhole,
  recognizeLayout,
  UnreadableJson,
} from '../../src/cloudtrail/json-layouts.ts';
import { collect } from '../support/collect.ts';

const MB = 1024 * 1024;
/** How long a line may be. */
const LONGEST = 16 * MB;

async function* inPieces(...pieces: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

/** A text in JSON that is so many bytes long, quotes and all. */
const textOf = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;

/** What was read; of a text, its length, and of what cannot be read, why. */
async function summaryOf(values: AsyncIterable<unknown>): Promise<unknown[]> {
  return (await collect(values)).map((value) =>
    value instanceof UnreadableJson ? value.message : typeof value === 'string' ? value.length : value,
  );
}

describe('the layout of a file', () => {
  test.each<[string, string, JsonLayout]>([
    ['an array', '[{"a":', '$.*'],
    ['an array after white space', ' \n\t[', '$.*'],
    ['a value a line', '{"a":1}\n{"a":', 'lines'],
    ['a value a line, of which the first is whole', '{"a":1}\n', 'lines'],
    ['values a line that are no objects', 'null\n1', 'lines'],
    ['a log file', '{"Records":[{"a":', '$.Records.*'],
    ['a log file, spaced', '{  "Records"  :  [', '$.Records.*'],
    ['a log file, pretty', '{\n  "Records": [\n    {\n', '$.Records.*'],
    ['a log file on one line that has ended', '{"Records":[]}\n', '$.Records.*'],
    ['a log file on one line, spaced', '{ "Records" : [] }\n', '$.Records.*'],
    ['a log file on one line that has ended as on Windows, twice', '{"Records":[]}\r\n\r\n', '$.Records.*'],
    ['a log file a line', '{"Records":[]}\n{"Records":', 'lines'],
    ['a log file a line, with empty ones between', '{"Records":[]}\n\n{"Records":', 'lines'],
    ['an event a line that has records further in', '{"detail":{"Records":[]}}\n', 'lines'],
    ['what lookup-events prints', '{"Events":[{"a":', '$.Events.*'],
    ['what lookup-events prints, spaced', '{  "Events"  :  [', '$.Events.*'],
    ['what lookup-events prints, pretty', '{\n    "Events": [\n        {\n', '$.Events.*'],
    ['a value a line after a bad one', '{"a":\n{"a":1}\n{"a":', 'lines'],
    ['a value a line between bad ones', 'x\n{"a":1}\ny', 'lines'],
  ])('is known before its end: %s', (_, head, layout) => {
    expect(recognizeLayout(head, false)).toBe(layout);
    expect(recognizeLayout(head, true)).toBe(layout);
  });

  test.each<[string, string, JsonLayout]>([
    ['nothing', '', '$'],
    ['one value on a line that may go on', '{"a":1}', 'lines'],
    ['the beginning of an object', '{"a":{"b":', '$'],
    ['an object, pretty', '{\n  "a": 1\n}', '$'],
    ['records further in', '{"detail":{"Records":[{"a":', '$'],
    ['events further in', '{"detail":{"Events":[{"a":', '$'],
    ['a bad line and a good one that may go on', 'x\n{"a":1}', 'lines'],
    ['two bad lines', 'x\n{"a":\ny', '$'],
    ['a bad line and one that is JSON and no object', 'x\n1\ny', '$'],
    ['an object around another on its line', '{"a":\n{"b":1}\n}', '$'],
    ['a list around an object on its line', '{"a": [\n{"b":1}\n], "c": 1}', '$'],
    ['an object around two on their lines', '{"a":\n{"b":1}\n, "c":\n{"d":1}\n}', '$'],
  ])('is guessed only when no more will come: %s', (_, head, guess) => {
    expect(recognizeLayout(head, false)).toBeUndefined();
    expect(recognizeLayout(head, true)).toBe(guess);
  });
});

describe('a line', () => {
  test('is read up to 16 MB long, wherever it is cut in pieces', async () => {
    const longest = textOf(LONGEST);

    expect(await summaryOf(parseLines(inPieces(longest)))).toEqual([LONGEST - 2]);
    expect(await summaryOf(parseLines(inPieces(longest, '\n1')))).toEqual([LONGEST - 2, 1]);
    expect(await summaryOf(parseLines(inPieces(longest.slice(0, MB), `${longest.slice(MB)}\n`)))).toEqual([
      LONGEST - 2,
    ]);
  });

  test('is told and read over where it is longer, and the next one is read', async () => {
    const tooLong = textOf(LONGEST + 1);
    const told = 'line 1 is not JSON: it is longer than 16 MB';

    expect(await summaryOf(parseLines(inPieces(`${tooLong}\n1`)))).toEqual([told, 1]);
    expect(await summaryOf(parseLines(inPieces(tooLong, '\n1')))).toEqual([told, 1]);
    expect(await summaryOf(parseLines(inPieces(tooLong.slice(0, 9 * MB), `${tooLong.slice(9 * MB)}\n1`)))).toEqual([
      told,
      1,
    ]);
  });

  test('is as long as it is, whatever came before it in the same piece', async () => {
    const text = `${textOf(9 * MB)}\n${textOf(9 * MB)}\n`;

    expect(await summaryOf(parseLines(inPieces(text.slice(0, 10 * MB), text.slice(10 * MB))))).toEqual([
      9 * MB - 2,
      9 * MB - 2,
    ]);
  });
});

describe('a document', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const nestedObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const tooDeep = ['not JSON to its end: nested deeper than 1000 levels'];

  test.each([
    ['lists', nested],
    ['objects', nestedObjects],
  ])('is read up to 1,000 levels deep, and no deeper: %s', async (_, make) => {
    expect(await collect(parseWhole(inPieces(make(1_000)), '$'))).toEqual([JSON.parse(make(1_000))]);
    expect(await summaryOf(parseWhole(inPieces(make(1_001)), '$'))).toEqual(tooDeep);
  });

  test('is no deeper for being long', async () => {
    const long = `[${Array.from({ length: 1_500 }, () => '{"a":[]}').join()}]`;

    expect(await collect(parseWhole(inPieces(long), '$.*'))).toHaveLength(1_500);
  });

  test('is read no further than to where it is broken, however much comes after', async () => {
    async function* broken() {
      yield Buffer.from('[{"a":1},{"a":2},x');
      throw new Error('nobody should ask for more');
    }

    expect(await summaryOf(parseWhole(broken(), '$.*'))).toEqual([
      { a: 1 },
      { a: 2 },
      expect.stringMatching(/^not JSON to its end: /),
    ]);
  });
});
