import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../src/cloudtrail/parse-event.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';

const EVENT = sampleEvent('authorize-ingress');
const parseChanged = (changes: Readonly<Record<string, unknown>>) => parseEvent(withChanges(EVENT, changes));

describe('what is kept of the call that made a grant', () => {
  it.each<[unknown, unknown, string]>([
    ['2026-11-03T09:14:06Z', '2026-11-03T09:14:07Z', '2026-11-03T09:14:06.000Z'],
    ['2026-11-03T09:14:06.123Z', undefined, '2026-11-03T09:14:06.123Z'],
    ['2026-11-03 09:14:06.123', undefined, '2026-11-03T09:14:06.123Z'],
    ['2026-11-03 09:14:06 UTC', undefined, '2026-11-03T09:14:06.000Z'],
    ['2026-11-03T09:14:06-01:30', undefined, '2026-11-03T10:44:06.000Z'],
    [undefined, '2026-11-03T09:14:07Z', '2026-11-03T09:14:07.000Z'],
    ['yesterday', '2026-11-03T09:14:07Z', '2026-11-03T09:14:07.000Z'],
    [{ toString: null }, '2026-11-03T09:14:07Z', '2026-11-03T09:14:07.000Z'],
  ])('is the time of the call: %j in the record and %j around it', (eventTime, time, expected) => {
    const { kind, call } = parseChanged({ 'detail.eventTime': eventTime, time });

    expect(kind).toBe('grant');
    expect(call.eventTime?.toISOString()).toBe(expected);
  });

  it.each<[unknown, unknown]>([
    ['2026-11-03 09:14', undefined],
    ['+002026-11-03T09:14:06Z', undefined],
    ['2026-11-03T09:14:06Z\u0000', undefined],
    ['2026-11-03T09:14:06 CET', undefined],
    ['2026-11-03T09:14:06+0100', undefined],
    ['2026-13-03T09:14:06Z', undefined],
    ['1', undefined],
    [2026, undefined],
    [undefined, []],
    ['', {}],
  ])('is no time that is none: %j in the record and %j around it are a problem', (eventTime, time) => {
    const parsed = parseChanged({ 'detail.eventTime': eventTime, time });

    expect(parsed).toMatchObject({ kind: 'rejected', problems: [expect.stringMatching(/^eventTime /)] });
    expect(parsed.call.eventTime).toBeUndefined();
  });

  it.each([undefined, null, ''])('can be without a time: %j', (nothing) => {
    const { kind, call } = parseChanged({ 'detail.eventTime': nothing, time: nothing });

    expect(kind).toBe('grant');
    expect(call.eventTime).toBeUndefined();
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
