import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { findEventFiles, openEventFile, readRecordedEvents } from '../../src/cloudtrail/read-recorded-events.ts';
import { sampleEvent } from '../events/sample-events.ts';
import { folderWith } from '../support/folder.ts';

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

/** What is read out of these chunks: the kind of each event, or why there is none. */
async function read(...chunks: readonly (string | Buffer)[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { parsed, problem } of readRecordedEvents(Readable.from(chunks)))
    found.push(parsed?.kind ?? String(problem));
  return found;
}

/** The same for a whole, and which events they were. */
async function readIds(...chunks: readonly (string | Buffer)[]): Promise<(string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for await (const { parsed } of readRecordedEvents(Readable.from(chunks))) found.push(parsed?.call.eventId);
  return found;
}

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

  test.each(LAYOUTS)('are read when they are packed: %s', async (_, text) => {
    const packed = gzipSync(text);

    expect(await read(packed)).toEqual(KINDS);
    expect(await read(...[...packed].map((byte) => Buffer.of(byte)))).toEqual(KINDS);
  });

  test.each(LAYOUTS)('are read however it comes in pieces: %s', async (_, text) => {
    const bytes = Buffer.from(text);
    const cuts = Array.from({ length: Math.ceil(bytes.length / 97) }, (_, i) => i * 97 + 1);

    expect(await read(...[...bytes].map((byte) => Buffer.of(byte)))).toEqual(KINDS);
    for (const cut of cuts) expect(await read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(KINDS);
  });

  test('are read wherever a small file is cut in two', async () => {
    const small = { eventName: 'Ä𝄞', eventID: 'one' };
    const texts = [lines([small, small]), pretty([small, small]), json({ Records: [small, small] })];
    for (const text of texts.flatMap((one) => [one, `\uFEFF${one}`])) {
      const bytes = Buffer.from(text);
      for (let cut = 0; cut <= bytes.length; cut++) {
        expect(await readIds(bytes.subarray(0, cut), bytes.subarray(cut)), String(cut)).toEqual(['one', 'one']);
      }
    }
  });

  test('are one when there is one, pretty or not', async () => {
    expect(await read(pretty(GRANT))).toEqual(['grant']);
    expect(await read(json(GRANT))).toEqual(['grant']);
    expect(await read(pretty(GRANT.detail))).toEqual(['grant']);
  });

  test('are read from a log file that is larger than what is looked at first', async () => {
    const records = Array.from({ length: 1_500 }, () => GRANT.detail);
    const text = json({ Records: records });

    expect(text.length).toBeGreaterThan(1024 * 1024);
    expect(await read(text.slice(0, 700_000), text.slice(700_000))).toEqual(records.map(() => 'grant'));
  });

  test.each([
    ['JSON lines', lines(Array.from({ length: 2_000 }, () => GRANT)), 64 * 1024],
    ['a log file, pretty', pretty({ Records: Array.from({ length: 1_000 }, () => GRANT.detail) }), 64 * 1024],
    ['a log file on one line', json({ Records: Array.from({ length: 3_000 }, () => GRANT.detail) }), 1024 * 1024],
  ])('are told as they come, when a small part of the file is read: %s', async (_, text, part) => {
    const bytes = Buffer.from(text);
    let taken = 0;
    async function* pieces() {
      for (; taken < bytes.length; taken += 1_000) yield bytes.subarray(taken, taken + 1_000);
    }

    for await (const { parsed } of readRecordedEvents(Readable.from(pieces(), { highWaterMark: 1 }))) {
      expect(parsed?.kind).toBe('grant');
      break;
    }

    expect(taken).toBeLessThanOrEqual(part + 10_000);
    expect(part + 10_000).toBeLessThan(bytes.length);
  });

  test('are found in lists in lists, eight of them, and that is enough', async () => {
    const inLists = (levels: number) => `${'['.repeat(levels)}${json(GRANT)}${']'.repeat(levels)}`;

    // The outermost is the layout of the file.
    expect(await read(inLists(9))).toEqual(['grant']);
    expect(await read(inLists(10))).toEqual(['lists in lists in lists: these are no events']);
  });

  test('are none in an empty file', async () => {
    for (const text of ['', ' ', '\n\n', '\uFEFF', '[]', '{"Records": []}', '{"Events": []}']) {
      expect(await read(text), json(text)).toEqual([]);
    }
    expect(await read()).toEqual([]);
    expect(await read(gzipSync(''))).toEqual([]);
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

describe('what cannot be read', () => {
  test.each([
    ['in between', [json(GRANT), BAD, json(OTHER)], ['grant', 'line 2', 'ignored']],
    ['at the beginning', [BAD, json(GRANT), json(OTHER)], ['line 1', 'grant', 'ignored']],
    ['at the end', [json(GRANT), json(OTHER), BAD], ['grant', 'ignored', 'line 3']],
    ['twice', [json(GRANT), 'x', '', BAD, json(OTHER)], ['grant', 'line 2', 'line 4', 'ignored']],
  ])('is told with its line, and the rest is read: a bad line %s', async (_, texts, expected) => {
    const found = await read(texts.join('\n'));

    expect(found.map((one) => one.replace(/ is not JSON: .*/, ''))).toEqual(expected);
  });

  test.each([
    ['of three', [BAD, json(GRANT), json(OTHER)], ['line 1', 'grant', 'ignored']],
    ['of two', ['x', json(GRANT)], ['line 1', 'grant']],
  ])('is told with its line, wherever the file is cut in two: a bad first line %s', async (_, texts, expected) => {
    const bytes = Buffer.from(texts.join('\n'));
    const first = (texts[0] as string).length;

    for (const cut of [1, first, first + 1, first + 2, bytes.length - 1]) {
      const found = await read(bytes.subarray(0, cut), bytes.subarray(cut));

      expect(
        found.map((one) => one.replace(/ is not JSON: .*/, '')),
        String(cut),
      ).toEqual(expected);
    }
  });

  test('is told, and not unpacked: what only begins as gzip does, or only goes on so', async () => {
    for (const bytes of [Buffer.of(0x1f, 0x20, 0x20), Buffer.of(0x20, 0x8b, 0x20)]) {
      expect(await read(bytes)).toEqual([expect.stringMatching(/^not JSON to its end: /)]);
    }
  });

  test('is told after what came before it: a log file that is cut off', async () => {
    const text = json({ Records: RECORDS });

    const found = await read(text.slice(0, -20));

    expect(found.slice(0, 2)).toEqual(['grant', 'ignored']);
    expect(found.slice(2)).toEqual([expect.stringMatching(/^not JSON to its end: /)]);
  });

  test('is told: a packed file that is cut off throws, after what came before', async () => {
    // So many, and unlike, that a part is unpacked before the end is missed.
    const text = lines(Array.from({ length: 2_000 }, (_, i) => ({ ...GRANT, id: `${i}${Math.sin(i)}` })));
    const packed = gzipSync(text);
    const found: string[] = [];

    const reading = (async () => {
      for await (const { parsed } of readRecordedEvents(Readable.from([packed.subarray(0, -1000)])))
        found.push(String(parsed?.kind));
    })();

    await expect(reading).rejects.toThrow('unexpected end of file');
    expect(found.length).toBeGreaterThan(100);
  });

  test('is told in one line, whatever it is: no JSON', async () => {
    const garbage = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 256));

    for (const text of [garbage, 'Dear customer,\nhere is your log.\n', '\0\0\0', '<html>']) {
      expect(await read(text)).toEqual([expect.stringMatching(/^not JSON to its end: [ -~]{1,210}$/)]);
    }
  });

  test('is told: a CloudTrailEvent that is no JSON, and the rest is read', async () => {
    const events = [{ CloudTrailEvent: '{' }, ...lookedUp.Events];

    expect(await read(json({ Events: events }))).toEqual([
      expect.stringMatching(/^CloudTrailEvent is not JSON: /),
      ...KINDS,
    ]);
  });

  test('is rejected, each for itself: JSON that is no event', async () => {
    expect(await read('null\n1\n"text"\n{}\n[]\n')).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(await read(json([null, 1, 'text', {}]))).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
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
    for (const one of found) expect(one).toMatch(/^rejected$|nested deeper|lists in lists|not JSON/);
  });

  test('costs no more memory than a line may have: one without an end', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    async function* endless() {
      yield `${json(GRANT)}\n`;
      for (let i = 0; i < 40; i++) yield piece;
      yield `\n${json(OTHER)}\n`;
    }
    const found: string[] = [];
    for await (const { parsed, problem } of readRecordedEvents(Readable.from(endless())))
      found.push(parsed?.kind ?? String(problem));

    expect(found).toEqual(['grant', 'line 2 is not JSON: it is longer than 16 MB', 'ignored']);
  });
});

describe('the files of a folder', () => {
  test('are those with events, in folders in it too, in the order of their names', async () => {
    const { folder } = await folderWith({
      'b.jsonl': '',
      'a/us-east-1/2026/11/03/log.json.gz': '',
      'a/us-east-1/2026/11/02/log.json': '',
      'c.ndjson.gz': '',
      'README.md': '',
      'old.json.bak': '',
      json: '',
    });
    await mkdir(join(folder, 'folder.json'));
    await symlink(join(folder, 'b.jsonl'), join(folder, 'link.jsonl'));

    const found = await findEventFiles(folder);

    expect(found.map((file) => file.slice(folder.length + 1))).toEqual([
      'a/us-east-1/2026/11/02/log.json',
      'a/us-east-1/2026/11/03/log.json.gz',
      'b.jsonl',
      'c.ndjson.gz',
      'link.jsonl',
    ]);
  });

  test('are not what a trail keeps beside its log files: digests, insights', async () => {
    const logs = 'AWSLogs/111122223333';
    const { folder } = await folderWith({
      [`${logs}/CloudTrail/us-east-1/2026/11/23/111122223333_CloudTrail_us-east-1_20261123T0800Z_abc.json.gz`]: '',
      [`${logs}/CloudTrail-Digest/us-east-1/2026/11/23/111122223333_CloudTrail-Digest_us-east-1_trail.json.gz`]: '',
      [`${logs}/CloudTrail-Insight/us-east-1/2026/11/23/111122223333_CloudTrail-Insight_us-east-1.json.gz`]: '',
    });

    const found = await findEventFiles(folder);

    expect(found.map((file) => file.slice(folder.length + 1))).toEqual([
      expect.stringContaining(`${logs}/CloudTrail/`),
    ]);
  });

  test('are one when it is a file, whatever its name', async () => {
    const { folder } = await folderWith({ log: '' });

    expect(await findEventFiles(join(folder, 'log'))).toEqual([join(folder, 'log')]);
    await expect(findEventFiles(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('are opened, unpacked by what is in them, and tell how much of them was read', async () => {
    const packed = gzipSync(json({ Records: RECORDS }));
    const { folder } = await folderWith({
      'log.json.gz': packed,
      'named-wrongly.json.gz': json(GRANT),
      'packed.json': packed,
    });
    let bytes = 0;
    const kinds: Record<string, string[]> = {};
    for (const file of await findEventFiles(folder)) {
      const found: string[] = [];
      for await (const { parsed } of readRecordedEvents(openEventFile(file, (more) => (bytes += more))))
        found.push(String(parsed?.kind));
      kinds[file.slice(folder.length + 1)] = found;
    }

    expect(kinds).toEqual({ 'log.json.gz': KINDS, 'named-wrongly.json.gz': ['grant'], 'packed.json': KINDS });
    expect(bytes).toBe(2 * packed.length + json(GRANT).length);
  });

  test('are read from their beginning, however late somebody begins', async () => {
    const { folder } = await folderWith({ 'log.jsonl': lines(ALL) });
    const stream = openEventFile(join(folder, 'log.jsonl'));
    const found: string[] = [];

    // So long that a stream which flows would have flowed away.
    await wait(50);
    for await (const { parsed } of readRecordedEvents(stream)) found.push(String(parsed?.kind));

    expect(found).toEqual(KINDS);
  });

  test('are read no further when nobody wants more', async () => {
    const { folder } = await folderWith({ 'log.jsonl': lines(ALL) });
    const stream = openEventFile(join(folder, 'log.jsonl'));

    for await (const _ of readRecordedEvents(stream)) break;

    expect(stream.destroyed).toBe(true);
  });
});
