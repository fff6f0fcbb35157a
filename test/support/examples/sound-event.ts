import { expect } from 'vitest';
import type { ParsedEvent } from '../../../src/cloudtrail/parse-event.ts';
import type { ParsedSecurityGroupEvent } from '../../../src/cloudtrail/parse-security-group-event.ts';

type Parsed = ParsedEvent | ParsedSecurityGroupEvent;

/** Every text in which a parsed event tells of what it was made from. */
function textsOf(parsed: Parsed): readonly string[] {
  const { eventId, grantedBy } = parsed.call;
  const said = parsed.kind === 'rejected' ? parsed.problems : parsed.kind === 'ignored' ? [parsed.reason] : [];
  return [...said, eventId ?? '', ...Object.values(grantedBy)];
}

/** Holds a parsed event to what holds for every one: it is of one of these kinds, told of in short and printable texts. */
export function expectSoundEvent(parsed: Parsed, ...kinds: readonly Parsed['kind'][]): void {
  expect([...kinds, 'heartbeat', 'ignored', 'rejected']).toContain(parsed.kind);
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
