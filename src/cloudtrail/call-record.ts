import { printable } from '../policy/grant.ts';
import { type CloudTrailRecord, type Envelope, membersOf } from './delivered-record.ts';

/** Who called, as CloudTrail tells it, cut to printable text. Any part may be missing: which ones are there varies. */
export type Caller = Partial<
  Record<'type' | 'arn' | 'accountId' | 'principalId' | 'invokedBy' | 'sourceIPAddress' | 'userAgent', string>
>;

/** Where a grant comes from: what the log line and the report say of the call that made it. */
export interface CallRecord {
  readonly eventId: string | undefined;
  /** When the call was made; undefined if the record does not say so in a way that can be read. */
  readonly eventTime: Date | undefined;
  readonly grantedBy: Caller;
}

const IDENTITY = ['type', 'arn', 'accountId', 'principalId', 'invokedBy'] as const;

/** What is known of a call of which there is no record. */
export const NO_CALL: CallRecord = { eventId: undefined, eventTime: undefined, grantedBy: {} };

export function describeCall(record: CloudTrailRecord, envelope: Envelope | undefined): CallRecord {
  const identity = membersOf(record.userIdentity, IDENTITY);
  const grantedBy: Record<string, string> = {};
  const said = { ...identity, sourceIPAddress: record.sourceIPAddress, userAgent: record.userAgent };
  for (const [key, value] of Object.entries(said)) {
    if (typeof value === 'string') grantedBy[key] = printable(value, 256);
  }
  return {
    eventId: typeof record.eventID === 'string' ? printable(record.eventID, 64) : undefined,
    eventTime: readTime(record.eventTime) ?? readTime(envelope?.time),
    grantedBy,
  };
}

/** Only what CloudTrail writes. Date.parse alone would take `1` for a year, and other forms for local time. */
function readTime(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : new Date(time);
}
