import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParsedEvent, parseEvent, parseRecord } from '../../src/cloudtrail/parse-event.ts';
import { CLASSIC_SAMPLE_NAMES, type JsonObject, pathsOf, sampleEvent, withValueAt } from '../events/sample-events.ts';
import { hostileJson, mutatedJson, valuesOf } from '../support/examples/hostile.ts';
import { expectSoundEvent } from '../support/examples/sound-event.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const SAMPLES = CLASSIC_SAMPLE_NAMES.map(sampleEvent);

const mutatedEvent = mutatedJson(SAMPLES);

const expectSoundness = (parsed: ParsedEvent) => expectSoundEvent(parsed, 'grant');

/** What a grant says must be what the event says: a text of it, but for case and hyphens. */
function expectGrantToBeSaid(parsed: ParsedEvent, event: unknown): void {
  if (parsed.kind !== 'grant') return;
  const { account, region, target, source } = parsed.grant;
  const texts = valuesOf(event).filter((value) => typeof value === 'string');
  expect(texts).toEqual(expect.arrayContaining([account, region, source.ec2SecurityGroupName]));
  expect(texts.map((text) => text.toLowerCase())).toContain(target.cacheSecurityGroupName);
  expect(texts.map((text) => text.replaceAll('-', ''))).toContain(source.ec2SecurityGroupOwnerId);
}

describe('every input is a grant, ignored or rejected, and is told of in short and printable texts,', () => {
  it('whatever JSON it is', async () => {
    await fc.assert(
      fc.asyncProperty(hostileJson, (input) =>
        harmless(() => {
          expectSoundness(parseEvent(input));
          expectSoundness(parseRecord(input));
          expectSoundness(parseEvent({ detail: input }));
        }),
      ),
      times(2_000),
    );
  });

  it('whatever JavaScript value it is', async () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
    });
    await fc.assert(
      fc.asyncProperty(anything, fc.constantFrom(...pathsOf(SAMPLES[0])), (value, path) =>
        harmless(() => {
          expectSoundness(parseEvent(value));
          expectSoundness(parseRecord(value));
          expectSoundness(parseEvent(withValueAt(SAMPLES[0], path, value)));
        }),
      ),
      times(1_000),
    );
  });

  it('whichever values of a real event are replaced, and a grant says nothing that the event does not say', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedEvent, (event) =>
        harmless(() => {
          const text = JSON.stringify(event);
          const parsed = parseEvent(event);
          expectSoundness(parsed);
          expectGrantToBeSaid(parsed, event);
          expect(JSON.stringify(event)).toBe(text);
        }),
      ),
      times(3_000),
    );
  });

  it.each(['detail', 'detail.requestParameters', 'detail.responseElements', 'detail.userIdentity', 'detail.eventTime'])(
    'with a prototype for its %s',
    async (path) => {
      for (const key of ['__proto__', 'constructor', 'prototype']) {
        const reaching = JSON.parse(`{"${key}": {"errorCode": "polluted", "polluted": true, "toString": null}}`);
        await harmless(() => expectSoundness(parseEvent(withValueAt(SAMPLES[0], path.split('.'), reaching))));
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

    expect(count('grant')).toBeGreaterThan(0);
    expect(count('ignored')).toBeGreaterThan(0);
    expect(count('rejected')).toBeGreaterThan(0);
  });
});
