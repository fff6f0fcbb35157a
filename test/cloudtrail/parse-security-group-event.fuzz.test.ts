import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ParsedSecurityGroupEvent,
  parseSecurityGroupEvent,
  parseSecurityGroupRecord,
} from '../../src/cloudtrail/parse-security-group-event.ts';
import { pathsOf, SECURITY_GROUP_SAMPLE_NAMES, sampleEvent, withValueAt } from '../events/sample-events.ts';
import { hostileJson, mutatedJson, valuesOf } from '../support/examples/hostile.ts';
import { expectSoundEvent } from '../support/examples/sound-event.ts';
import { harmless, times } from '../support/tools/fuzz.ts';

const SAMPLES = SECURITY_GROUP_SAMPLE_NAMES.map(sampleEvent);
const mutatedEvent = mutatedJson(SAMPLES);

/** Ids that are in an event, and go into calls to AWS. */
function idsOf(parsed: ParsedSecurityGroupEvent): readonly string[] {
  if (parsed.kind === 'rules') return [parsed.securityGroupId, ...parsed.securityGroupRuleIds];
  if (parsed.kind === 'attachment') return parsed.securityGroupIds;
  return parsed.kind === 'heartbeat' ? [parsed.securityGroupId] : [];
}

function expectSoundness(parsed: ParsedSecurityGroupEvent): void {
  expectSoundEvent(parsed, 'rules', 'attachment');
  for (const id of idsOf(parsed)) expect(id).toMatch(/^sgr?-[0-9a-z]{1,64}$/);
  if ('account' in parsed) {
    expect(parsed.account).toMatch(/^\d{12}$/);
    expect(parsed.region).toMatch(/^[a-z0-9-]{1,64}$/);
  }
  if (parsed.kind === 'attachment') expect(parsed.cacheName).toMatch(/^[a-z0-9-]{1,255}$/);
}

/** What is read of an event must be what the event says. */
function expectToBeSaid(parsed: ParsedSecurityGroupEvent, event: unknown): void {
  if (!('account' in parsed)) return;
  const texts = valuesOf(event).filter((value) => typeof value === 'string');
  expect(texts).toEqual(expect.arrayContaining([parsed.account, parsed.region, ...idsOf(parsed)]));
  if (parsed.kind === 'attachment') expect(texts.map((text) => text.toLowerCase())).toContain(parsed.cacheName);
}

describe('every input is of one kind, is told of in short and printable texts, and has ids that are ids,', () => {
  it('whatever JSON it is', async () => {
    await fc.assert(
      fc.asyncProperty(hostileJson, fc.constantFrom(...SAMPLES), (input, { detail }) =>
        harmless(() => {
          expectSoundness(parseSecurityGroupEvent(input));
          expectSoundness(parseSecurityGroupRecord(input));
          expectSoundness(parseSecurityGroupRecord({ ...(detail as object), requestParameters: input }));
          expectSoundness(parseSecurityGroupRecord({ ...(detail as object), responseElements: input }));
        }),
      ),
      times(2_000),
    );
  });

  it('whatever JavaScript value is in it', async () => {
    const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
    const place = fc
      .constantFrom(...SAMPLES)
      .chain((event) => fc.tuple(fc.constant(event), fc.constantFrom(...pathsOf(event))));
    await fc.assert(
      fc.asyncProperty(anything, place, (value, [event, path]) =>
        harmless(() => expectSoundness(parseSecurityGroupEvent(withValueAt(event, path, value)))),
      ),
      times(2_000),
    );
  });

  it('whichever values of a real event are replaced, and it says nothing that the event does not say', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedEvent, (event) =>
        harmless(() => {
          const text = JSON.stringify(event);
          const parsed = parseSecurityGroupEvent(event);
          expectSoundness(parsed);
          expectToBeSaid(parsed, event);
          expect(JSON.stringify(event)).toBe(text);
        }),
      ),
      times(3_000),
    );
  });

  it('however deep it is', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 50_000; i++) deep = { items: [deep], requestParameters: deep, securityGroupIds: deep };
    expectSoundness(parseSecurityGroupEvent(deep));
    for (const event of SAMPLES) {
      for (const path of pathsOf(event)) expectSoundness(parseSecurityGroupEvent(withValueAt(event, path, deep)));
    }
  });
});

describe('the mutations', () => {
  it('make events of every kind but a heartbeat, so that what is found of them says something', () => {
    const kinds = new Set(
      fc.sample(mutatedEvent, { numRuns: 1_000, seed: 7 }).map((event) => parseSecurityGroupEvent(event).kind),
    );

    expect([...kinds].sort()).toEqual(['attachment', 'ignored', 'rejected', 'rules']);
  });
});
