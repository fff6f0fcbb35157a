import { quote } from '../policy/quote.ts';
import { problemOf } from '../policy/written.ts';

/** The source of our own synthetic events. Anybody may put these on the bus, so nothing is ever done about one. */
const HEARTBEAT_SOURCE = 'ingress-guard.heartbeat';
/** The detail-type of an event with the record of a call. */
export const CALL_BY_CLOUDTRAIL = 'AWS API Call via CloudTrail';

// What is read of an event. All else is as good as not there.
const ENVELOPE = ['source', 'detail-type', 'account', 'region', 'time', 'detail'] as const;
export const RECORD = [
  'eventSource',
  'eventName',
  'eventTime',
  'eventID',
  'eventCategory',
  'awsRegion',
  'recipientAccountId',
  'errorCode',
  'errorMessage',
  'sourceIPAddress',
  'userAgent',
  'userIdentity',
  'requestParameters',
  'responseElements',
] as const;

/** Members of an object, whatever their values are. */
type Members<Names extends readonly string[]> = Partial<Record<Names[number], unknown>>;
export type CloudTrailRecord = Members<typeof RECORD>;
export type Envelope = Members<typeof ENVELOPE>;

/** A CloudTrail record, and what EventBridge put around it: nothing for one out of a log file. */
export interface DeliveredRecord {
  readonly record: CloudTrailRecord;
  readonly envelope: Envelope | undefined;
}

/** A call, and the service that it is made to. */
export interface ExpectedCall {
  readonly eventName: string;
  /** `elasticache` */
  readonly service: string;
}

/** What is wrong with an input that is no event with a record in it, or no record. */
export const NOT_AN_EVENT = 'not an EventBridge event with a CloudTrail record as its detail';
export const NOT_A_RECORD = 'not a CloudTrail record';

/**
 * The members of an object that have these names; `undefined` if it is no object. That is all that is checked of an
 * event's shape: a schema library takes longer to start than the rest of the judgement, and what the values must be is
 * said where each is read, where a problem can be reported in a sentence.
 */
export function membersOf<const Names extends readonly string[]>(
  value: unknown,
  names: Names,
): Members<Names> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members: Members<readonly string[]> = {};
  for (const name of names) {
    if (Object.hasOwn(value, name)) members[name] = (value as Record<string, unknown>)[name];
  }
  return members as Members<Names>;
}

/** The record in an event that EventBridge delivers; `undefined` if there is none. */
export function readEvent(event: unknown): DeliveredRecord | undefined {
  const envelope = membersOf(event, ENVELOPE);
  const record = membersOf(envelope?.detail, RECORD);
  return record && { record, envelope };
}

/** A bare record, as log files and `lookup-events` hold them; `undefined` if it is none. */
export function readRecord(record: unknown): DeliveredRecord | undefined {
  const members = membersOf(record, RECORD);
  return members && { record: members, envelope: undefined };
}

/** Whether it is one of our own synthetic events. */
export function isHeartbeat({ envelope }: DeliveredRecord): boolean {
  return envelope?.source === HEARTBEAT_SOURCE;
}

/**
 * Why a record is surely not of this call, or of one that failed; `undefined` if it may be. A call of the right name is
 * another service's only if nothing around the record says otherwise: where the two disagree, someone should see it.
 */
export function whyIgnored({ record, envelope }: DeliveredRecord, expected: ExpectedCall): string | undefined {
  const { eventName, eventSource, eventCategory, errorCode } = record;
  if (eventName === undefined && eventSource === undefined) {
    const kind = envelope?.['detail-type'];
    if (typeof kind === 'string' && kind !== CALL_BY_CLOUDTRAIL) return `another kind of event: ${quote(kind)}`;
    if (eventCategory === 'Insight') return 'an Insights event, which is about many calls and is none';
  }
  if (typeof eventName === 'string' && eventName !== expected.eventName) return `another call: ${quote(eventName)}`;
  if (
    typeof eventSource === 'string' &&
    eventSource !== eventSourceOf(expected) &&
    envelope?.source !== sourceOf(expected)
  ) {
    return `a call to another service: ${quote(eventSource)}`;
  }
  // The code is seen both as on the wire and as the class's name (DBInstanceNotFoundFault), so any counts.
  if (typeof errorCode === 'string' && errorCode !== '') return `the call failed: ${quote(errorCode)}`;
  return undefined;
}

/** All that keeps a record from being one of this call, successful, from AWS or a heartbeat. */
export function problemsOf(delivered: DeliveredRecord, expected: ExpectedCall): string[] {
  const { record, envelope } = delivered;
  const problems: string[] = [];
  const [eventSource, source] = [eventSourceOf(expected), sourceOf(expected)];
  if (record.eventSource !== eventSource) {
    problems.push(`eventSource ${quote(record.eventSource)} is not ${eventSource}`);
  }
  if (record.eventName !== expected.eventName) {
    problems.push(`eventName ${quote(record.eventName)} is not ${expected.eventName}`);
  }
  if (envelope !== undefined && envelope.source !== source && !isHeartbeat(delivered)) {
    problems.push(`source ${quote(envelope.source)} is not ${source}, so the event is not from AWS`);
  }
  if (envelope !== undefined && envelope['detail-type'] !== CALL_BY_CLOUDTRAIL) {
    problems.push(`detail-type ${quote(envelope['detail-type'])} is not "${CALL_BY_CLOUDTRAIL}"`);
  }
  const times = [record.eventTime, envelope?.time].filter((time) => !isNothing(time));
  if (times.length > 0 && readEventTime(delivered) === undefined) {
    problems.push(problemOf('eventTime', times[0], 'a time such as 2026-11-03T09:14:06Z'));
  }
  if (!isNothing(record.errorCode)) problems.push(`errorCode is ${quote(record.errorCode)} where a text is expected`);
  if (!isNothing(record.errorMessage)) {
    problems.push('errorMessage is there without errorCode: neither a success nor a failure');
  }
  return problems;
}

/**
 * When the call was made, else when EventBridge got the event; `undefined` if neither can be read. Pipelines write the time of
 * a record in a new way: CloudTrail Lake and Athena print `2021-01-24 04:55:45.000`. Without a zone it is in UTC, as CloudTrail's is
 * (AWS CloudTrail User Guide, "CloudTrail record contents").
 */
export function readEventTime({ record, envelope }: DeliveredRecord): Date | undefined {
  return readTime(record.eventTime) ?? readTime(envelope?.time);
}

/** Date.parse alone would take `1` for a year, and what has no zone for local time. */
function readTime(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const written = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(Z|UTC|[+-]\d\d:\d\d)?$/.exec(value);
  if (written === null) return undefined;
  const [, day, clock, zone = 'Z'] = written;
  const time = Date.parse(`${day}T${clock}${zone === 'UTC' ? 'Z' : zone}`);
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** The value that all of these agree on; those that are not there have no say. That they disagree is a problem. */
export function agreed(problems: string[], part: string, values: readonly unknown[]): unknown {
  const said = values.filter((value) => value !== undefined && value !== null);
  if (said.some((value) => value !== said[0])) {
    problems.push(`${part} is said in ways that disagree: ${[...new Set(said)].slice(0, 3).map(quote).join(', ')}`);
  }
  return said[0];
}

export function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function eventSourceOf({ service }: ExpectedCall): string {
  return `${service}.amazonaws.com`;
}

function sourceOf({ service }: ExpectedCall): string {
  return `aws.${service}`;
}
