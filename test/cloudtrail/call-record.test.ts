import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../src/cloudtrail/parse-event.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';

const EVENT = sampleEvent('authorize-ingress');
const parseChanged = (changes: Readonly<Record<string, unknown>>) => parseEvent(withChanges(EVENT, changes));

describe('what is kept of the call that made a grant', () => {
  it.each<[unknown, unknown, string | undefined]>([
    ['2026-11-03T09:14:06Z', '2026-11-03T09:14:07Z', '2026-11-03T09:14:06.000Z'],
    ['2026-11-03T09:14:06.123Z', undefined, '2026-11-03T09:14:06.123Z'],
    [undefined, '2026-11-03T09:14:07Z', '2026-11-03T09:14:07.000Z'],
    ['yesterday', '2026-11-03T09:14:07Z', '2026-11-03T09:14:07.000Z'],
    [{ toString: null }, '2026-11-03T09:14:07Z', '2026-11-03T09:14:07.000Z'],
    ['2026-11-03 09:14', undefined, undefined],
    ['+002026-11-03T09:14:06Z', undefined, undefined],
    ['2026-11-03T09:14:06Z\u0000', undefined, undefined],
    ['2026-13-03T09:14:06Z', undefined, undefined],
    ['1', undefined, undefined],
    [2026, undefined, undefined],
    [undefined, [], undefined],
  ])('is the time of the call, if it can be read: %j in the record and %j around it', (eventTime, time, expected) => {
    const { kind, call } = parseChanged({ 'detail.eventTime': eventTime, time });

    expect(kind).toBe('grant');
    expect(call.eventTime?.toISOString()).toBe(expected);
  });

  it('is cut, printable and on one line', () => {
    const hostile = `x\n\u001b[31m\u202E${'y'.repeat(10_000)}`;
    const { call } = parseChanged({
      'detail.eventID': hostile,
      'detail.userAgent': hostile,
      'detail.userIdentity.arn': hostile,
    });

    expect(call.eventId).toBe(`x??[31m?${'y'.repeat(56)}...`);
    expect(call.grantedBy.userAgent).toBe(`x??[31m?${'y'.repeat(248)}...`);
    expect(call.grantedBy.arn).toBe(call.grantedBy.userAgent);
  });

  it('leaves out what is not a text', () => {
    const { kind, call } = parseChanged({
      'detail.eventID': 7,
      'detail.userAgent': { a: 1 },
      'detail.sourceIPAddress': null,
      'detail.userIdentity': { type: ['Root'], arn: 5, accountId: null, principalId: 'P' },
    });

    expect(kind).toBe('grant');
    expect(call.eventId).toBeUndefined();
    expect(call.grantedBy).toEqual({ principalId: 'P' });
  });
});
