import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readFileText } from '../../src/cli/file-text.ts';
import { type RecordedEvent, readRecordedEvents } from '../../src/cloudtrail/read-recorded-events.ts';
import { SAMPLE_NAMES, sampleEvent } from '../events/sample-events.ts';
import { hostileJson, mutatedJson, mutatedText } from '../support/examples/hostile.ts';
import { expectSoundEvent } from '../support/examples/sound-event.ts';
import { collect } from '../support/tools/collect.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const SAMPLES = SAMPLE_NAMES.map(sampleEvent);
const event = fc.oneof(
  { weight: 3, arbitrary: mutatedJson(SAMPLES) },
  { weight: 3, arbitrary: fc.constantFrom(...SAMPLES) },
  hostileJson,
);

/** Ways to write events down. */
const LAYOUTS: readonly ((events: readonly unknown[]) => string)[] = [
  (events) => events.map((one) => JSON.stringify(one)).join('\n'),
  (events) => events.map((one) => JSON.stringify(one, null, 2)).join('\n'),
  (events) => JSON.stringify(events),
  (events) => JSON.stringify({ Records: events.map((one) => (one as { detail?: unknown } | null)?.detail) }),
  (events) => events.map((one) => JSON.stringify({ Records: [one] })).join('\n'),
  (events) =>
    JSON.stringify({ Events: events.map((one) => ({ CloudTrailEvent: JSON.stringify(one) ?? '' })) }, null, 1),
  (events) =>
    JSON.stringify({ Messages: events.map((one) => ({ Body: JSON.stringify({ Message: JSON.stringify(one) }) })) }),
  (events) =>
    JSON.stringify({
      awslogs: {
        data: gzipSync(JSON.stringify({ logEvents: events.map((one) => ({ message: JSON.stringify(one) })) })).toString(
          'base64',
        ),
      },
    }),
  (events) => JSON.stringify({ findings: events.map((one) => ({ outcome: 'allowed', grant: one })), complete: false }),
];
const written = fc
  .tuple(fc.array(event, { maxLength: 4 }), fc.constantFrom(...LAYOUTS))
  .map(([events, layout]) => layout(events));
const damaged = written.chain((text) =>
  mutatedText(
    [text],
    [
      '\n',
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      '{"Records":[',
      '{"Events":[',
      '\n{',
      '\n[',
      '\uFEFF',
      '\\u0000',
      '1e999',
    ],
  ),
);

const chunks = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.oneof(written, damaged).map((text) => Buffer.from(text)) },
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    ),
    fc.constantFrom('plain', 'UTF-16', 'packed', 'cut while packed'),
    fc.array(fc.nat({ max: 200_000 }), { maxLength: 3 }),
  )
  .map(([bytes, how, cuts]) => {
    const utf16 = Buffer.from(bytes.toString('utf8'), 'utf16le');
    const packed = how === 'plain' ? bytes : how === 'UTF-16' ? utf16 : gzipSync(bytes);
    const whole = how === 'cut while packed' ? packed.subarray(0, -9) : packed;
    const places = [0, ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length];
    return places.slice(1).map((end, i) => whole.subarray(places[i], end));
  });

function expectSoundness(recorded: RecordedEvent): void {
  expect(recorded.line).toBeGreaterThan(0);
  if ('problem' in recorded) expect(recorded.problem).toMatch(/^[ -~]{1,400}$/);
  else if ('parsed' in recorded) expectSoundEvent(recorded.parsed, 'grant', 'rules', 'attachment');
}

describe('whatever a file of events holds', () => {
  test('is an event or a short and printable problem, or gzip says what is wrong with it', async () => {
    const seen = new Set<string>();

    await fc.assert(
      fc.asyncProperty(chunks, (pieces) =>
        harmless(async () => {
          const found = await collect(readRecordedEvents(readFileText(Readable.from(pieces)))).catch((error) => {
            expect(error.code).toMatch(/^Z_/);
            seen.add('gzip');
            return [];
          });
          for (const one of found) {
            expectSoundness(one);
            seen.add('parsed' in one ? one.parsed.kind : 'decided' in one ? 'decided' : 'problem');
          }
        }),
      ),
      times(1_000),
    );

    expect([...seen].sort()).toEqual([
      'attachment',
      'decided',
      'grant',
      'gzip',
      'ignored',
      'problem',
      'rejected',
      'rules',
    ]);
  });
});
