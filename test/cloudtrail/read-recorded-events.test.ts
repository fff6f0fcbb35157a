import { describe, expect, test } from 'vitest';
import { LONG_LISTS } from '../../src/cloudtrail/containers.ts';
import { type RecordedEvent, readRecordedEvents } from '../../src/cloudtrail/read-recorded-events.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';
import { collect } from '../support/tools/collect.ts';

const GRANT = sampleEvent('authorize-ingress');
const FAILED = sampleEvent('authorize-ingress-failed');
const OTHER = sampleEvent('revoke-ingress');
const ALL = [GRANT, FAILED, OTHER];
const RECORDS = ALL.map(({ detail }) => detail);
const KINDS = ['grant', 'ignored', 'ignored'];
const ALL_IDS = RECORDS.map((record) => (record as { eventID: string }).eventID);
const json = JSON.stringify;
const pretty = (value: unknown) => JSON.stringify(value, null, 4);
const lines = (values: readonly unknown[]) => `${values.map((value) => json(value)).join('\n')}\n`;
const BAD = '{"detail": {"eventName": ';

/** What `aws cloudtrail lookup-events` prints. */
const lookedUp = {
  Events: RECORDS.map((record) => ({ EventName: 'any', Username: 'alice', CloudTrailEvent: json(record) })),
  NextToken: 'more',
};

async function* inPieces(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

const readAll = (...texts: readonly string[]): Promise<RecordedEvent[]> => collect(readRecordedEvents(inPieces(texts)));

/** What is read out of these pieces of a text: the kind of each event, or why there is none. */
const read = async (...texts: readonly string[]): Promise<string[]> =>
  (await readAll(...texts)).map((one) =>
    'parsed' in one ? one.parsed.kind : 'problem' in one ? one.problem : 'decided',
  );

/** Which events these were. */
const readIds = async (...texts: readonly string[]) =>
  (await readAll(...texts)).map((one) => ('parsed' in one ? one.parsed.call.eventId : one));

const LAYOUTS: readonly [string, string][] = [
  ['JSON lines', lines(ALL)],
  ['JSON lines without a last line break', lines(ALL).trimEnd()],
  ['JSON lines of bare records', lines(RECORDS)],
  ['JSON lines with empty ones between', lines(ALL).replaceAll('\n', '\n\n  \n')],
  ['JSON lines that each are an array', lines(ALL.map((event) => [event]))],
  ['an array', json(ALL)],
  ['an array, pretty', pretty(ALL)],
  ['an array, each event on its line', `[\n${ALL.map((event) => json(event)).join(',\n')}\n]\n`],
  ['a log file on one line', json({ Records: RECORDS })],
  ['a log file on one line, with a line break', `${json({ Records: RECORDS })}\n`],
  ['a log file, pretty', pretty({ Records: RECORDS })],
  ['log files, a line each', lines(RECORDS.map((record) => ({ Records: [record] })))],
  ['log files, one after another', RECORDS.map((record) => json({ Records: [record] })).join('')],
  ['lookup-events', pretty(lookedUp)],
  ['lookup-events on one line', json(lookedUp)],
  ['events one after another', ALL.map((event) => json(event)).join('')],
  ['pretty events one after another, as jq prints them', ALL.map(pretty).join('\n')],
];

describe('the events of a file', () => {
  test.each(LAYOUTS)('are read: %s', async (_, text) => {
    expect(await read(text)).toEqual(KINDS);
    expect(await readIds(text)).toEqual(ALL_IDS);
  });

  test.each(LAYOUTS)('are read with a byte order mark and the line ends of Windows: %s', async (_, text) => {
    expect(await read(`\uFEFF${text.replaceAll('\n', '\r\n')}`)).toEqual(KINDS);
  });

  test.each(LAYOUTS)('are read after white space: %s', async (_, text) => {
    expect(await read(`\n \n${text}`)).toEqual(KINDS);
  });

  test.each(LAYOUTS)('are read however it comes in pieces: %s', async (_, text) => {
    const cuts = Array.from({ length: Math.ceil(text.length / 97) }, (_, i) => i * 97 + 1);

    expect(await read(...text)).toEqual(KINDS);
    for (const cut of cuts) expect(await read(text.slice(0, cut), text.slice(cut))).toEqual(KINDS);
  });

  test('are one when there is one, pretty or not', async () => {
    expect(await read(pretty(GRANT))).toEqual(['grant']);
    expect(await read(json(GRANT))).toEqual(['grant']);
    expect(await read(pretty(GRANT.detail))).toEqual(['grant']);
  });

  test.each([
    ['JSON lines', lines(Array.from({ length: 2_000 }, () => GRANT))],
    ['a log file, pretty', pretty({ Records: Array.from({ length: 1_000 }, () => GRANT.detail) })],
    ...LONG_LISTS.map((key): [string, string] => [
      `\`${key}\` on one line`,
      json({ [key]: Array.from({ length: 3_000 }, () => GRANT.detail) }),
    ]),
  ])('are given as they come, when a small part of the file is read: %s', async (_, text) => {
    let taken = 0;
    async function* pieces() {
      for (; taken < text.length; taken += 1_000) yield text.slice(taken, taken + 1_000);
    }

    for await (const recorded of readRecordedEvents(pieces())) {
      expect(recorded).toMatchObject({ parsed: { kind: 'grant' } });
      break;
    }

    expect(taken).toBeLessThanOrEqual(4_000);
  });

  test('have the line on which the value begins that they are in', async () => {
    const linesOf = async (text: string) => (await readAll(text)).map(({ line }) => line);

    expect(await linesOf(`\n${lines(ALL)}`)).toEqual([2, 3, 4]);
    expect(await linesOf(pretty({ Records: [{ eventName: 'a' }, { eventName: 'b' }] }))).toEqual([3, 6]);
    expect(await linesOf(json(lookedUp))).toEqual([1, 1, 1]);
  });

  test('are none in lists that are empty', async () => {
    for (const text of ['[]', '{"Records": []}', '{"Events": []}\n', '{"events":[],"searchedLogStreams":[]}']) {
      expect(await read(text), text).toEqual([]);
    }
  });

  test('keep what a line break is in other alphabets: JSON allows it in a text', async () => {
    const event = { ...GRANT, note: 'a\u2028b\u2029c\u0085d' };

    expect(await read(lines([event, event]))).toEqual(['grant', 'grant']);
  });
});

describe('the calls for VPC security groups', () => {
  const events = ['authorize-security-group-ingress', 'create-cache-cluster', 'authorize-ingress'].map(sampleEvent);

  test('are read as what they are, beside those for cache security groups', async () => {
    const records = events.map(({ detail }) => detail);
    const written = [
      lines(events),
      json({ Records: records }),
      json({ Events: records.map((record) => ({ CloudTrailEvent: json(record) })) }),
    ];

    for (const text of written) expect(await read(text)).toEqual(['rules', 'attachment', 'grant']);
  });
});

describe('what Ingress Guard wrote', () => {
  const decision = { message: 'decision', outcome: 'revoked', grant: { account: '111122223333' } };
  const findings = [{ grant: {} }, decision];

  test.each<[string, string, unknown[]]>([
    ['a decision', json(decision), [decision]],
    ['an outcome without a grant', json({ outcome: 'ignored', reason: 'a' }), [{ outcome: 'ignored', reason: 'a' }]],
    [
      'each finding of a report, and then the rest of it',
      json({ complete: false, findings }),
      [...findings, { complete: false, findings: [] }],
    ],
    ['a decision in the log of the function', json({ events: [{ message: json(decision) }] }), [decision]],
  ])('is given as it is: %s', async (_, text, expected) => {
    expect((await readAll(text)).map((one) => 'decided' in one && one.decided)).toEqual(expected);
  });
});

describe('what cannot be read', () => {
  test.each([
    ['in between', [json(GRANT), BAD, json(OTHER)], ['grant', 2, 'ignored']],
    ['at the beginning', [BAD, json(GRANT), json(OTHER)], [1, 'grant', 'ignored']],
    ['at the end', [json(GRANT), json(OTHER), BAD], ['grant', 'ignored', 3]],
    ['twice', [json(GRANT), 'x', '', BAD, json(OTHER)], ['grant', 2, 4, 'ignored']],
    ['at the beginning, of two', ['x', json(GRANT)], [1, 'grant']],
  ])(
    'has its line, and the rest is read, wherever the file is cut in two: a bad line %s',
    async (_, texts, expected) => {
      const text = texts.join('\n');
      const first = (texts[0] as string).length;

      for (const cut of [0, 1, first, first + 1, first + 2, text.length - 1]) {
        const found = await readAll(text.slice(0, cut), text.slice(cut));

        expect(
          found.map((one) => ('parsed' in one ? one.parsed.kind : one.line)),
          String(cut),
        ).toEqual(expected);
      }
    },
  );

  test('comes after what came before it: a log file that is cut off', async () => {
    const text = json({ Records: RECORDS });

    const found = await read(text.slice(0, -20));

    expect(found).toEqual(['grant', 'ignored', 'not JSON to its end: it is cut off']);
  });

  test('is one record of a log file, and no other', async () => {
    const text = json({ Records: RECORDS }).replace('"eventVersion"', 'eventVersion');

    expect(await read(text)).toEqual([expect.stringMatching(/^not JSON: `\{eventVersion/), 'ignored', 'ignored']);
  });

  test('throws what the text throws, after what came before', async () => {
    async function* broken() {
      yield `${json(GRANT)}\n`;
      throw new Error('unexpected end of file');
    }
    const found: string[] = [];

    const reading = (async () => {
      for await (const one of readRecordedEvents(broken())) found.push('parsed' in one ? one.parsed.kind : '');
    })();

    await expect(reading).rejects.toThrow('unexpected end of file');
    expect(found).toEqual(['grant']);
  });

  test('is named, each for itself: JSON that is no event', async () => {
    const expected = ['null', '1', '`text`', 'holds nothing', 'holds `a`'].map(
      (what) => `no CloudTrail record: ${what}`,
    );

    expect(await read('null\n1\n"text"\n{}\n[]\n{"a":1}\n')).toEqual(expected);
    expect(await read(json([null, 1, 'text', {}, [], { a: 1 }]))).toEqual(expected);
  });

  test.each([
    ['arrays on a line', `{}\n${'['.repeat(50_000)}${']'.repeat(50_000)}\n{}\n`],
    ['arrays', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
    ['arrays without an end', '['.repeat(2_000_000)],
    ['objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
    ['objects in a record', `{"Records":[{"a":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}]}`],
    ['records in records', `${'{"Records":['.repeat(20_000)}${']}'.repeat(20_000)}`],
    ['records in records on a line', `{}\n${'{"Records":['.repeat(20_000)}${']}'.repeat(20_000)}\n{}`],
  ])('ends nothing: hostile nesting of %s', async (_, text) => {
    const found = await read(text);

    expect(found.length).toBeGreaterThan(0);
    for (const one of found) expect(one).toMatch(/nested deeper|wrapped in more|not JSON|no CloudTrail record/);
  });
});

describe('the time of a record', () => {
  test.each([
    ['2021-01-24 04:55:45.000', '2021-01-24T04:55:45.000Z'],
    ['2021-01-24 04:55:45', '2021-01-24T04:55:45.000Z'],
    ['2021-01-24 04:55:45.000 UTC', '2021-01-24T04:55:45.000Z'],
    ['2021-01-24T04:55:45+02:00', '2021-01-24T02:55:45.000Z'],
  ])('is read where a pipeline wrote it anew: %s', async (eventTime, expected) => {
    const [found] = await readAll(json(withChanges(GRANT.detail, { eventTime })));

    expect(found).toMatchObject({ parsed: { kind: 'grant', call: { eventTime: new Date(expected) } } });
  });

  test.each(['authorize-ingress', 'authorize-security-group-ingress', 'create-cache-cluster'])(
    'is a problem where it cannot be read, never taken for now: of %s',
    async (name) => {
      const { detail } = sampleEvent(name);
      const times = ['24/Jan/2021 04:55', 'Jan 24, 2021', 1611464145];

      const found = await readAll(lines(times.map((eventTime) => withChanges(detail, { eventTime }))));

      expect(found.map((one) => 'parsed' in one && one.parsed)).toMatchObject(
        ['`24/Jan/2021 04:55`', '`Jan 24, 2021`', '(a number)'].map((shown) => ({
          kind: 'rejected',
          problems: [`eventTime ${shown} is not a time such as 2026-11-03T09:14:06Z`],
        })),
      );
    },
  );
});
