import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParsedEvent, parseEvent, parseRecord } from '../../src/cloudtrail/parse-event.ts';
import {
  type JsonObject,
  type Path,
  pathsOf,
  SAMPLE_NAMES,
  sampleEvent,
  withValueAt,
} from '../events/sample-events.ts';

const SAMPLES = SAMPLE_NAMES.map(sampleEvent);

/** JSON as a hostile sender could write it: any text as key or value, and keys that reach for a prototype. */
const hostileKey = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'detail',
  'errorCode',
);
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom('HIDDEN_DUE_TO_SECURITY_REASONS', '\u001b[2J', '\r\n{"level":"INFO"}', '\u202E', 'x'.repeat(100_000)),
);
const { hostileJson } = fc.letrec<{ hostileJson: unknown }>((tie) => ({
  hostileJson: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.jsonValue(),
    hostileText,
    fc.array(tie('hostileJson'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.oneof(hostileKey, hostileText), tie('hostileJson')), { maxLength: 4 })
      .map((members) =>
        JSON.parse(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`),
      ),
  ),
}));

/** A real event in which up to three values, wherever they are, are replaced by others. */
const mutatedEvent = fc.constantFrom(...SAMPLES).chain((event) => {
  const mutation = fc.tuple(
    fc.constantFrom(...pathsOf(event)),
    fc.oneof(hostileJson, fc.constantFrom(...valuesOf(event))),
  );
  return fc
    .array(mutation, { minLength: 1, maxLength: 3 })
    .map((mutations) => mutations.reduce<unknown>((mutated, [path, value]) => replaceAt(mutated, path, value), event));
});

function valuesOf(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return [value, ...Object.values(value).flatMap(valuesOf)];
}

/** Like withValueAt, but an earlier mutation may have taken away what the path leads through. */
function replaceAt(event: unknown, path: Path, value: unknown): unknown {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as JsonObject | null | undefined)?.[key], event);
  return typeof parent === 'object' && parent !== null ? withValueAt(event, path, value) : event;
}

/** Every text in which a parsed event tells of what it was made from. */
function textsOf(parsed: ParsedEvent): readonly string[] {
  const { eventId, grantedBy } = parsed.call;
  const said = parsed.kind === 'rejected' ? parsed.problems : parsed.kind === 'ignored' ? [parsed.reason] : [];
  return [...said, eventId ?? '', ...Object.values(grantedBy)];
}

function expectSoundness(parsed: ParsedEvent): void {
  expect(['grant', 'ignored', 'rejected']).toContain(parsed.kind);
  for (const text of textsOf(parsed)) {
    expect(text).toMatch(/^[ -~]*$/);
    expect(text.length).toBeLessThanOrEqual(300);
  }
  if (parsed.kind === 'rejected') {
    expect(parsed.problems.length).toBeGreaterThanOrEqual(1);
    expect(parsed.problems.length).toBeLessThanOrEqual(20);
  }
  if (parsed.kind === 'ignored') expect(parsed.reason).not.toBe('');
  expect(parsed.call.eventTime?.getTime()).not.toBeNaN();
}

/** What a grant says must be what the event says: a text of it, but for case and hyphens. */
function expectGrantToBeSaid(parsed: ParsedEvent, event: unknown): void {
  if (parsed.kind !== 'grant') return;
  const { account, region, target, source } = parsed.grant;
  const texts = valuesOf(event).filter((value) => typeof value === 'string');
  expect(texts).toEqual(expect.arrayContaining([account, region, source.ec2SecurityGroupName]));
  expect(texts.map((text) => text.toLowerCase())).toContain(target.cacheSecurityGroupName);
  expect(texts.map((text) => text.replaceAll('-', ''))).toContain(source.ec2SecurityGroupOwnerId);
}

function prototypes(): readonly (readonly PropertyKey[])[] {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype].map(Reflect.ownKeys);
}

describe('every input is a grant, ignored or rejected, and is told of in short and printable texts,', () => {
  it('whatever JSON it is', () => {
    const before = prototypes();
    fc.assert(
      fc.property(hostileJson, (input) => {
        expectSoundness(parseEvent(input));
        expectSoundness(parseRecord(input));
        expectSoundness(parseEvent({ detail: input }));
      }),
      { numRuns: 2_000 },
    );
    expect(prototypes()).toEqual(before);
  });

  it('whatever JavaScript value it is', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(anything, fc.constantFrom(...pathsOf(SAMPLES[0])), (value, path) => {
        expectSoundness(parseEvent(value));
        expectSoundness(parseRecord(value));
        expectSoundness(parseEvent(withValueAt(SAMPLES[0], path, value)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('whichever values of a real event are replaced, and a grant says nothing that the event does not say', () => {
    const before = prototypes();
    fc.assert(
      fc.property(mutatedEvent, (event) => {
        const text = JSON.stringify(event);
        const parsed = parseEvent(event);
        expectSoundness(parsed);
        expectGrantToBeSaid(parsed, event);
        expect(JSON.stringify(event)).toBe(text);
      }),
      { numRuns: 3_000 },
    );
    expect(prototypes()).toEqual(before);
  });

  it.each(['detail', 'detail.requestParameters', 'detail.responseElements', 'detail.userIdentity', 'detail.eventTime'])(
    'with a prototype for its %s',
    (path) => {
      for (const key of ['__proto__', 'constructor', 'prototype']) {
        const before = prototypes();
        const reaching = JSON.parse(`{"${key}": {"errorCode": "polluted", "polluted": true, "toString": null}}`);
        expectSoundness(parseEvent(withValueAt(SAMPLES[0], path.split('.'), reaching)));
        expect(prototypes()).toEqual(before);
        expect(({} as JsonObject).polluted).toBeUndefined();
      }
    },
  );

  it('however deep it is', () => {
    const depth = 50_000;
    let lists: unknown = 'x';
    let objects: unknown = 'x';
    for (let i = 0; i < depth; i++) {
      lists = [lists];
      objects = { detail: objects, requestParameters: objects };
    }
    for (const deep of [lists, objects]) {
      expectSoundness(parseEvent(deep));
      for (const path of pathsOf(SAMPLES[0])) expectSoundness(parseEvent(withValueAt(SAMPLES[0], path, deep)));
    }
  });
});

describe('the mutations', () => {
  it('make grants, ignored events and rejected ones, so that what is found of them says something', () => {
    const kinds = fc.sample(mutatedEvent, { numRuns: 1_000, seed: 7 }).map((event) => parseEvent(event).kind);
    const count = (kind: string) => kinds.filter((one) => one === kind).length;

    expect(count('grant')).toBeGreaterThan(50);
    expect(count('ignored')).toBeGreaterThan(50);
    expect(count('rejected')).toBeGreaterThan(50);
  });
});
