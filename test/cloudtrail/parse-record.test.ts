import { describe, expect, it } from 'vitest';
import { parseEvent, parseRecord } from '../../src/cloudtrail/parse-event.ts';
import { sampleEvent, withChanges } from '../events/sample-events.ts';

const EVENT = sampleEvent('authorize-ingress');

describe('a bare CloudTrail record', () => {
  it.each([
    ['authorize-ingress', 'grant'],
    ['authorize-ingress-version-1.01', 'grant'],
    ['authorize-ingress-by-cloudformation', 'grant'],
    ['authorize-ingress-access-denied', 'ignored'],
    ['authorize-ingress-failed', 'ignored'],
    ['revoke-ingress', 'ignored'],
  ])('is read as the event around it is: the one in %s.json is %s', (name, kind) => {
    const event = sampleEvent(name);
    const parsed = parseRecord(event.detail);

    expect(parsed.kind).toBe(kind);
    expect(parsed).toEqual(parseEvent(event));
  });

  it('is ignored when it is of another service', () => {
    expect(parseRecord(withChanges(EVENT.detail, { eventSource: 'rds.amazonaws.com' }))).toMatchObject({
      kind: 'ignored',
      reason: 'a call to another service: `rds.amazonaws.com`',
    });
  });

  it('is rejected when nothing says in which account it was made', () => {
    const record = withChanges(sampleEvent('authorize-ingress-version-1.01').detail, { responseElements: null });

    expect(parseRecord(record)).toMatchObject({ kind: 'rejected', problems: ['account is missing'] });
  });

  it.each([undefined, null, 'record', 1, [], [EVENT.detail]])('is rejected when it is none (%#)', (record) => {
    expect(parseRecord(record)).toMatchObject({ kind: 'rejected', problems: ['not a CloudTrail record'] });
  });
});
