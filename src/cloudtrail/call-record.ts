import { printable } from '../policy/quote.ts';
import { type DeliveredRecord, membersOf, readEventTime } from './delivered-record.ts';

/** Who called, as CloudTrail reports it, cut to printable text. Any part may be missing: which ones are there varies. */
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

export function describeCall(delivered: DeliveredRecord): CallRecord {
  const { record } = delivered;
  const identity = membersOf(record.userIdentity, IDENTITY);
  const grantedBy: Record<string, string> = {};
  const said = { ...identity, sourceIPAddress: record.sourceIPAddress, userAgent: record.userAgent };
  for (const [key, value] of Object.entries(said)) {
    if (typeof value === 'string') grantedBy[key] = printable(value, 256);
  }
  return {
    eventId: typeof record.eventID === 'string' ? printable(record.eventID, 64) : undefined,
    eventTime: readEventTime(delivered),
    grantedBy,
  };
}
