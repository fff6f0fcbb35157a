import { type ClassicGrant, printable, quote, readGrant } from '../policy/grant.ts';

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

/** What an event turned out to be. Every input, whatever it is, is one of these. */
export type ParsedEvent =
  | { readonly kind: 'grant'; readonly grant: ClassicGrant; readonly call: CallRecord }
  | { readonly kind: 'heartbeat'; readonly grant: ClassicGrant; readonly call: CallRecord }
  | { readonly kind: 'ignored'; readonly reason: string; readonly call: CallRecord }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly call: CallRecord };

const EVENT_SOURCE = 'elasticache.amazonaws.com';
const EVENT_NAME = 'AuthorizeCacheSecurityGroupIngress';
const ENVELOPE_SOURCE = 'aws.elasticache';
/** The source of our own synthetic events. Anybody may put these on the bus, so nothing is ever done about one. */
const HEARTBEAT_SOURCE = 'ingress-guard.heartbeat';
const DETAIL_TYPE = 'AWS API Call via CloudTrail';

// What is read of an event. All else is as good as not there.
const ENVELOPE = ['source', 'detail-type', 'account', 'region', 'time', 'detail'] as const;
const RECORD = [
  'eventSource',
  'eventName',
  'eventTime',
  'eventID',
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
const IDENTITY = ['type', 'arn', 'accountId', 'principalId', 'invokedBy'] as const;
const REQUEST = [
  'cacheSecurityGroupName',
  'CacheSecurityGroupName',
  // CloudTrail lowers only the first letter of a parameter's name: eC2SecurityGroupName, as seen in sibling calls
  // (aZMode, dBInstanceIdentifier, cIDRIP). No record of this call was seen, so the other spellings are read too.
  'eC2SecurityGroupName',
  'ec2SecurityGroupName',
  'EC2SecurityGroupName',
  'eC2SecurityGroupOwnerId',
  'ec2SecurityGroupOwnerId',
  'EC2SecurityGroupOwnerId',
] as const;
const RESPONSE = ['cacheSecurityGroupName', 'ownerId'] as const;

/** Members of an object, whatever their values are. */
type Members<Names extends readonly string[]> = Partial<Record<Names[number], unknown>>;
type CloudTrailRecord = Members<typeof RECORD>;
type Envelope = Members<typeof ENVELOPE>;

/**
 * The members of an object that have these names; `undefined` if it is no object. That is all that is checked of an
 * event's shape: a schema library takes longer to start than the rest of the judgement, and what the values must be is
 * said below, where a problem can be told in a sentence.
 */
function membersOf<const Names extends readonly string[]>(value: unknown, names: Names): Members<Names> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const there = names.filter((name) => Object.hasOwn(value, name));
  return Object.fromEntries(there.map((name) => [name, (value as Record<string, unknown>)[name]])) as Members<Names>;
}

/**
 * Reads the event that EventBridge delivers for a call that CloudTrail recorded.
 *
 * - `grant`: a successful AuthorizeCacheSecurityGroupIngress.
 * - `heartbeat`: the synthetic event that proves that events come through; judged, and nothing more.
 * - `ignored`: surely something else: another call, or one that failed. A failed call changed nothing.
 * - `rejected`: such a call, or nothing that can be told, but malformed or contradicting itself. Nothing may be judged
 *   by it and it must not get lost.
 *
 * Never throws on anything that JSON can hold, and reads only the members named above. The shape is put together from AWS's
 * records of sibling calls, since no public record of this call was found.
 */
export function parseEvent(event: unknown): ParsedEvent {
  const envelope = membersOf(event, ENVELOPE);
  const record = membersOf(envelope?.detail, RECORD);
  if (record === undefined) {
    return {
      kind: 'rejected',
      problems: ['not an EventBridge event with a CloudTrail record as its detail'],
      call: NOTHING,
    };
  }
  return parse(record, envelope);
}

/** The same for a bare CloudTrail record, as log files and `lookup-events` hold them. */
export function parseRecord(record: unknown): ParsedEvent {
  const members = membersOf(record, RECORD);
  if (members === undefined) return { kind: 'rejected', problems: ['not a CloudTrail record'], call: NOTHING };
  return parse(members, undefined);
}

function parse(record: CloudTrailRecord, envelope: Envelope | undefined): ParsedEvent {
  const call = describeCall(record, envelope);
  const ignored = whyIgnored(record, envelope);
  if (ignored !== undefined) return { kind: 'ignored', reason: ignored, call };

  const problems: string[] = [];
  /** The value that all of these agree on; those that are not there have no say. */
  const agreed = (part: string, values: readonly unknown[]): unknown => {
    const said = values.filter((value) => value !== undefined && value !== null);
    if (said.some((value) => value !== said[0])) {
      problems.push(`${part} is said in ways that disagree: ${[...new Set(said)].slice(0, 3).map(quote).join(', ')}`);
    }
    return said[0];
  };
  if (record.eventSource !== EVENT_SOURCE)
    problems.push(`eventSource ${quote(record.eventSource)} is not ${EVENT_SOURCE}`);
  if (record.eventName !== EVENT_NAME) problems.push(`eventName ${quote(record.eventName)} is not ${EVENT_NAME}`);
  const isHeartbeat = envelope?.source === HEARTBEAT_SOURCE;
  if (envelope !== undefined && envelope.source !== ENVELOPE_SOURCE && !isHeartbeat) {
    problems.push(`source ${quote(envelope.source)} is not ${ENVELOPE_SOURCE}, so the event is not from AWS`);
  }
  if (envelope !== undefined && envelope['detail-type'] !== DETAIL_TYPE) {
    problems.push(`detail-type ${quote(envelope['detail-type'])} is not "${DETAIL_TYPE}"`);
  }
  if (!isNothing(record.errorCode)) problems.push(`errorCode is ${quote(record.errorCode)} where a text is expected`);
  if (!isNothing(record.errorMessage)) {
    problems.push('errorMessage is there without errorCode: neither a success nor a failure');
  }

  const request = membersOf(record.requestParameters, REQUEST);
  if (request === undefined) {
    problems.push(`requestParameters is ${quote(record.requestParameters)}: it does not say what was granted`);
    return { kind: 'rejected', problems, call };
  }
  const response = membersOf(record.responseElements, RESPONSE);
  if (response === undefined && !isNothing(record.responseElements)) {
    problems.push(`responseElements is ${quote(record.responseElements)} where a cache security group is expected`);
  }
  const read = readGrant({
    account: agreed('the account', [record.recipientAccountId, envelope?.account, response?.ownerId]),
    region: agreed('the region', [record.awsRegion, envelope?.region]),
    cacheSecurityGroupName: agreed('cacheSecurityGroupName', [
      request.cacheSecurityGroupName,
      request.CacheSecurityGroupName,
    ]),
    ec2SecurityGroupName: agreed('ec2SecurityGroupName', [
      request.eC2SecurityGroupName,
      request.ec2SecurityGroupName,
      request.EC2SecurityGroupName,
    ]),
    ec2SecurityGroupOwnerId: agreed('ec2SecurityGroupOwnerId', [
      request.eC2SecurityGroupOwnerId,
      request.ec2SecurityGroupOwnerId,
      request.EC2SecurityGroupOwnerId,
    ]),
  });
  problems.push(...(read.problems ?? []));
  const answered = response?.cacheSecurityGroupName;
  if (read.grant !== undefined && !isNothing(answered) && answered !== read.grant.target.cacheSecurityGroupName) {
    problems.push(
      `the request names cache security group ${quote(read.grant.target.cacheSecurityGroupName)}, the response ${quote(answered)}`,
    );
  }
  if (read.grant === undefined || problems.length > 0) return { kind: 'rejected', problems, call };
  return { kind: isHeartbeat ? 'heartbeat' : 'grant', grant: read.grant, call };
}

/**
 * Why a record is surely no new grant; `undefined` if it may be one. A call of the right name is another service's only
 * if nothing around the record says otherwise: where the two disagree, somebody should see it.
 */
function whyIgnored(record: CloudTrailRecord, envelope: Envelope | undefined): string | undefined {
  const { eventName, eventSource, errorCode } = record;
  if (typeof eventName === 'string' && eventName !== EVENT_NAME) return `another call: ${quote(eventName)}`;
  if (typeof eventSource === 'string' && eventSource !== EVENT_SOURCE && envelope?.source !== ENVELOPE_SOURCE) {
    return `a call to another service: ${quote(eventSource)}`;
  }
  // The code is seen both as on the wire and as the class's name (DBInstanceNotFoundFault), so any counts.
  if (typeof errorCode === 'string' && errorCode !== '') return `the call failed: ${quote(errorCode)}`;
  return undefined;
}

const NOTHING: CallRecord = { eventId: undefined, eventTime: undefined, grantedBy: {} };

function describeCall(record: CloudTrailRecord, envelope: Envelope | undefined): CallRecord {
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

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
