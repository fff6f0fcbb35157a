import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonSplitter, type Split } from '../../src/cloudtrail/split-json.ts';
import { SAMPLE_NAMES, sampleEvent } from '../events/sample-events.ts';
import { times } from '../support/tools/fuzz.ts';

const SAMPLES = SAMPLE_NAMES.map(sampleEvent);
const MB = 1024 * 1024;
/** How long a value may be. */
const LONGEST = 16 * MB;

/** What a text in these pieces is split into. */
function split(...pieces: readonly string[]): Split[] {
  const splitter = new JsonSplitter(['Records', 'findings']);
  return [...pieces.flatMap((piece) => [...splitter.write(piece)]), ...splitter.end()];
}

/** The same, in short: values, and problems as texts, each with its line. */
const summaryOf = (...pieces: readonly string[]) =>
  split(...pieces).map(({ line, value, problem }) => [line, problem ?? value]);

/** A text in JSON that is so many characters long, quotes and all. */
const textOf = (characters: number) => `"${'x'.repeat(characters - 2)}"`;

const CUT = 'not JSON: it is cut off';
const CUT_AT_THE_END = 'not JSON to its end: it is cut off';
const IN_A_TEXT = 'not JSON: a line ends within a text';

describe('a text is split into values', () => {
  test.each<[string, string, unknown[]]>([
    ['one on a line', '{"a":1}\n', [[1, { a: 1 }]]],
    ['one on many lines', '{\n  "a": 1\n}', [[1, { a: 1 }]]],
    [
      'a value a line',
      '{"a":1}\n{"a":2}\n',
      [
        [1, { a: 1 }],
        [2, { a: 2 }],
      ],
    ],
    [
      'with empty lines between, as on Windows',
      '\r\n{"a":1}\r\n\r\n \t\r\n{"a":2}',
      [
        [2, { a: 1 }],
        [5, { a: 2 }],
      ],
    ],
    ['one after another', '{"a":1}{"a":2} {"a":3}\t{"a":4}', [1, 2, 3, 4].map((a) => [1, { a }])],
    [
      'many lines each, one after another',
      '{\n"a":1\n}\n{\n"a":2\n}',
      [
        [1, { a: 1 }],
        [4, { a: 2 }],
      ],
    ],
    [
      'texts and numbers, a line each',
      '"a, {"\n12\nnull\n',
      [
        [1, 'a, {'],
        [2, 12],
        [3, null],
      ],
    ],
    [
      'with a byte order mark before each',
      '\uFEFF{"a":1}\n\uFEFF{"a":2}',
      [
        [1, { a: 1 }],
        [2, { a: 2 }],
      ],
    ],
    [
      'those of a list, and the empty list',
      '[{"a":1},{"a":2}]',
      [
        [1, { a: 1 }],
        [1, { a: 2 }],
        [1, []],
      ],
    ],
    [
      'a list of anything',
      '[1, "a,]", [2, [3]], null ]',
      [
        [1, 1],
        [1, 'a,]'],
        [1, [2, [3]]],
        [1, null],
        [1, []],
      ],
    ],
    [
      'a list on lines',
      '[\n{"a":1},\n{"a":2}\n]\n',
      [
        [2, { a: 1 }],
        [3, { a: 2 }],
        [1, []],
      ],
    ],
    [
      'those of a list with a known key, and the object without them',
      '{"a":0,\n "Records" : [\n{"a":1}, {"Records":[2]}],"b":["c"]}',
      [
        [3, { a: 1 }],
        [3, { Records: [2] }],
        [1, { a: 0, Records: [], b: ['c'] }],
      ],
    ],
    [
      'those of two lists with known keys',
      '{"Records":[1],"findings":[2]}',
      [
        [1, 1],
        [1, 2],
        [1, { Records: [], findings: [] }],
      ],
    ],
    ['no list of another key', '{"records":[1]}', [[1, { records: [1] }]]],
    ['no list of a known key further in', '{"a":{"Records":[1]}}', [[1, { a: { Records: [1] } }]]],
    ['a known key that holds no list', '{"Records":{"a":[1]}}', [[1, { Records: { a: [1] } }]]],
    ['what looks like a known key in a text', '{"a":"\\"Records\\":[","b":[1]}', [[1, { a: '"Records":[', b: [1] }]]],
    ['brackets and escapes in texts', '{"a":"}]\\\\\\"{","b":"\\\\"}', [[1, { a: '}]\\"{', b: '\\' }]]],
    [
      'commas too many',
      '[{"a":1},,{"a":2},],',
      [
        [1, { a: 1 }],
        [1, { a: 2 }],
        [1, []],
      ],
    ],
    [
      'commas too few',
      '[{"a":1}{"a":2}]',
      [
        [1, { a: 1 }],
        [1, { a: 2 }],
        [1, []],
      ],
    ],
    [
      'objects that begin lines in an object',
      '{"a":\n{"b":[\n{"c":1},\n{"c":2}\n]}}',
      [[1, { a: { b: [{ c: 1 }, { c: 2 }] } }]],
    ],
    [
      'what comes after a time on a line',
      '2026-11-27T10:00:00.1Z stream {"a":1}\n2026-11-27 10:00 {"a":2}',
      [
        [1, { a: 1 }],
        [2, { a: 2 }],
      ],
    ],
    ['nothing of an empty list', ' [ ] ', [[1, []]]],
  ])('%s', (_, text, expected) => {
    expect(summaryOf(text)).toEqual(expected);
    expect(summaryOf(...text)).toEqual(expected);
  });

  test('each as soon as its end is there', () => {
    const splitter = new JsonSplitter(['Records']);

    expect([...splitter.write('{"Records":[{"a":1},{"a"')]).toEqual([{ line: 1, value: { a: 1 } }]);
    expect([...splitter.write(':2}')]).toEqual([{ line: 1, value: { a: 2 } }]);
  });
});

describe('what is no JSON is a problem', () => {
  test.each<[string, string, unknown[]]>([
    ['nothing at all', '', [[1, 'empty: there is nothing to read']]],
    ['white space alone', ' \n\t\n', [[1, 'empty: there is nothing to read']]],
    [
      'prose, once for all its lines',
      'Dear customer,\nhere is\n your log',
      [[1, 'not JSON: `Dear customer,`; not read up to line 3']],
    ],
    ['CSV, once for all its lines', '"a","b"\n"1","2"\n', [[1, 'not JSON: `"a","b"`; not read up to line 3']]],
    [
      'a line of prose before JSON',
      'x\n{"a":1}',
      [
        [1, 'not JSON: `x`'],
        [2, { a: 1 }],
      ],
    ],
    [
      'lines of prose between JSON',
      '{"a":1}\nx\ny\n{"a":2}',
      [
        [1, { a: 1 }],
        [2, 'not JSON: `x`; not read up to line 3'],
        [4, { a: 2 }],
      ],
    ],
    [
      'lines of prose between lists',
      '[1]\nx\n[2]',
      [
        [1, 1],
        [1, []],
        [2, 'not JSON: `x`'],
        [3, 2],
        [3, []],
      ],
    ],
    [
      'a line that is cut off in a text',
      '{"a":"b\n{"a":1}',
      [
        [1, IN_A_TEXT],
        [2, { a: 1 }],
      ],
    ],
    [
      'one that is cut off after a key',
      '{"a":{"b":\n{"a":1}\n{"a":2}',
      [
        [1, CUT],
        [2, { a: 1 }],
        [3, { a: 2 }],
      ],
    ],
    [
      'one that is cut off after a comma',
      '{"a":1,\n{"a":1}\n{"a":2}',
      [
        [1, CUT],
        [2, { a: 1 }],
        [3, { a: 2 }],
      ],
    ],
    [
      'one that is cut off after a value',
      '{"a":1\n{"a":1}',
      [
        [1, CUT],
        [2, { a: 1 }],
      ],
    ],
    [
      'one that is cut off at the beginning',
      '"b":{"c":1}}\n{"a":1}',
      [
        [1, 'not JSON: `"b":{"c":1}}`'],
        [2, { a: 1 }],
      ],
    ],
    [
      'the last line, cut off',
      '{"a":1}\n{"a":\n',
      [
        [1, { a: 1 }],
        [2, `${CUT_AT_THE_END}; not read up to line 3`],
      ],
    ],
    ['a text that is cut off', '"a', [[1, CUT_AT_THE_END]]],
    [
      'a log file on a line that is cut off, and the next one',
      '{"Records":[{"a":1},{"a":"\n{"Records":[{"a":2}]}',
      [
        [1, { a: 1 }],
        [1, IN_A_TEXT],
        [2, { a: 2 }],
        [2, { Records: [] }],
      ],
    ],
    [
      'a list that is cut off',
      '[{"a":1},{"a"',
      [
        [1, { a: 1 }],
        [1, CUT_AT_THE_END],
      ],
    ],
    [
      'a list that is cut off after a value',
      '[{"a":1}',
      [
        [1, { a: 1 }],
        [1, CUT_AT_THE_END],
      ],
    ],
    [
      'one element of a list',
      '{"Records":[{"a":1},{\'a\':2},x,{"a":3}]}',
      [
        [1, { a: 1 }],
        [1, "not JSON: `{'a':2}`"],
        [1, 'not JSON: `x`'],
        [1, { a: 3 }],
        [1, { Records: [] }],
      ],
    ],
    [
      'one element of a list on lines',
      '[\n{"a":1},\n{"a":"\n{"a":2}\n]',
      [
        [2, { a: 1 }],
        [3, IN_A_TEXT],
        [4, { a: 2 }],
      ],
    ],
    [
      'what is written like JSON',
      '{a: 1}\n{"a":1}',
      [
        [1, 'not JSON: `{a: 1}`'],
        [2, { a: 1 }],
      ],
    ],
    [
      'brackets that do not match',
      '{"a":[1}\n{"a":1}',
      [
        [1, 'not JSON: it is cut off'],
        [2, { a: 1 }],
      ],
    ],
    [
      'brackets of another kind than what they close',
      '{"a":[1}]{"a":1}',
      [
        [1, 'not JSON: `{"a":[1}]`'],
        [1, { a: 1 }],
      ],
    ],
    [
      'a bracket in a list that closes nothing',
      '[},{"a":1},2}]',
      [
        [1, 'not JSON: `}`'],
        [1, { a: 1 }],
        [1, 'not JSON: `2}`'],
        [1, []],
      ],
    ],
    [
      'a line that is cut off after a backslash',
      '{"a":"b\\\n{"a":1}',
      [
        [1, IN_A_TEXT],
        [2, { a: 1 }],
      ],
    ],
    [
      'a line with a time and without JSON, and no other',
      '2026-11-27T10:00:00Z START\n2026-11-27T10:00:00Z {"a":1}',
      [
        [1, 'not JSON: `2026-11-27T10:00:00Z START`'],
        [2, { a: 1 }],
      ],
    ],
    [
      'a member that follows the list, cut off',
      '{"Records":[1],"b":',
      [
        [1, 1],
        [1, CUT_AT_THE_END],
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(summaryOf(text)).toEqual(expected);
    expect(summaryOf(...text)).toEqual(expected);
  });

  test('wherever the text is cut off, what came before is read, and something is said', () => {
    const text = '{"a":{"b":[1,"x"]}}\n{"Records":[{"c":1},{"d":"e"}],"f":[2]}';
    for (let end = 1; end < text.length; end++) {
      const found = split(text.slice(0, end));
      const isWhole = end === 19 || end === 20;

      expect(
        found.filter(({ problem }) => problem !== undefined),
        text.slice(0, end),
      ).toHaveLength(isWhole ? 0 : 1);
      if (end > 18) expect(found[0]).toEqual({ line: 1, value: { a: { b: [1, 'x'] } } });
    }
  });

  test('is told in one printable line', () => {
    const garbage = Array.from({ length: 5_000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join('');

    for (const text of [garbage, '\0\0\0', '\u001b[2J`x`', `x${'y'.repeat(10_000)}`]) {
      for (const { problem } of split(text)) expect(problem).toMatch(/^not JSON[ -~]{1,110}$/);
    }
  });
});

describe('whatever the values are', () => {
  const event = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), fc.constantFrom(...SAMPLES));
  const json = JSON.stringify;
  const LAYOUTS: readonly ((values: readonly unknown[]) => string)[] = [
    (values) => values.map((value) => json(value)).join('\n'),
    (values) => values.map((value) => json(value, null, 2)).join('\n'),
    (values) => values.map((value) => json(value, null, 1).replaceAll('\n ', '\n')).join('\r\n'),
    (values) => values.map((value) => json(value)).join(''),
    (values) => json(values),
    (values) => json(values, null, 2),
    (values) => json({ Records: values }),
    (values) => json({ a: { b: 1 }, Records: values, c: ['"Records":['] }, null, 1),
  ];
  /** The values, without the lists and objects that they were split off. */
  const valuesOf = (found: readonly Split[]) =>
    found
      .filter(({ value }) => !Array.isArray(value) && !Array.isArray((value as { Records?: unknown } | null)?.Records))
      .map(({ value, problem }) => problem ?? value);

  test('they are what JSON.parse reads, in every layout, in any pieces', () => {
    fc.assert(
      fc.property(fc.array(event), fc.constantFrom(...LAYOUTS), fc.array(fc.nat(1_000)), (values, layout, cuts) => {
        const text = layout(values);
        const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((end, i) => text.slice(places[i], end));

        const found = valuesOf(split(...pieces));

        const expected = text === '' ? ['empty: there is nothing to read'] : JSON.parse(json(values));
        expect(found).toEqual(expected);
      }),
      times(1_000),
    );
  });

  test('one line that is cut off costs none of the others', () => {
    fc.assert(
      fc.property(
        fc.array(event),
        fc.array(event),
        fc.constantFrom(...SAMPLES),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (before, after, cut, share) => {
          const text = json(cut);
          const line = text.slice(0, 1 + Math.floor(share * (text.length - 2)));
          const lines = [...before.map((one) => json(one)), line, ...after.map((one) => json(one))];

          const found = split(lines.join('\n'));

          expect(found.flatMap(({ value }) => (value === undefined ? [] : [value]))).toEqual(
            JSON.parse(json([...before, ...after])),
          );
          expect(found.filter(({ problem }) => problem !== undefined)).toMatchObject([{ line: before.length + 1 }]);
        },
      ),
      times(1_000),
    );
  });
});

describe('memory and time are bounded', () => {
  test('by the length of a value: up to 16 MB, in whatever pieces', () => {
    const longest = textOf(LONGEST);

    for (const pieces of [[`${longest}\n1`], [longest, '\n1'], [longest.slice(0, MB), longest.slice(MB), '\n1']]) {
      expect(split(...pieces).map(({ value }) => (typeof value === 'string' ? value.length : value))).toEqual([
        LONGEST - 2,
        1,
      ]);
    }
  });

  test('by skipping what is longer, up to the next line that begins with a bracket', () => {
    const piece = 'x'.repeat(MB);
    const pieces = Array.from({ length: 20 }, () => piece);

    expect(summaryOf('{"a":1}\n"', ...pieces, '\n{"a":2}')).toEqual([
      [1, { a: 1 }],
      [2, 'longer than 16 MB'],
      [3, { a: 2 }],
    ]);
    expect(summaryOf('{"a":"', ...pieces, '"}\n{"a":2}')).toEqual([
      [1, 'longer than 16 MB'],
      [2, { a: 2 }],
    ]);
  });

  test('by no more than the value that is being read, however long a list is', () => {
    const splitter = new JsonSplitter(['Records']);
    const piece = `{"a":"${'x'.repeat(1_000)}"},\n`.repeat(100);
    let count = 0;

    count += [...splitter.write('{"Records":[')].length;
    for (let i = 0; i < 200; i++) count += [...splitter.write(piece)].length;
    const rest = [...splitter.write(']}'), ...splitter.end()];

    // 20 MB, which no single value may have.
    expect(count).toBe(20_000);
    expect(rest).toEqual([{ line: 1, value: { Records: [] } }]);
  });

  test.each([
    ['lists', (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`],
    ['objects', (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
  ])('by how deep a value is: up to 100 levels of %s', (_, make) => {
    expect(split(make(100))).toEqual([{ line: 1, value: JSON.parse(make(100)) }]);
    expect(summaryOf(`${make(101)}\n{"a":1}`)).toEqual([
      [1, 'nested deeper than 100 levels'],
      [2, { a: 1 }],
    ]);
  });

  test('by reading on, not again and again, where every line is cut off', () => {
    const found = split('{"a":\n'.repeat(1_015));

    // A problem for 101 lines each, and one for each of the lines that are left.
    expect(found).toHaveLength(10 + 5);
    for (const { problem } of found) expect(problem).toMatch(/^nested deeper|^not JSON/);
  });
});
