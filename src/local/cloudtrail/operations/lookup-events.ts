import { ApiError } from '../../api-error.ts';
import type { CloudTrailRecord } from '../../cloudtrail-record.ts';
import { readObjects } from '../../json-protocol.ts';
import type { Operation } from '../../operation.ts';
import type { Parameters } from '../../parameters.ts';
import { shown } from '../../shown.ts';

/** An event as LookupEvents answers it. Times are seconds since the epoch, as the JSON protocol has them. */
interface LookedUp {
  readonly EventId: string;
  readonly EventName: string;
  /** A text: "true". */
  readonly ReadOnly: string;
  readonly AccessKeyId?: string;
  readonly EventTime: number;
  readonly EventSource: string;
  readonly Username?: string;
  readonly Resources: readonly { readonly ResourceType: string; readonly ResourceName: string }[];
  readonly CloudTrailEvent: string;
}

/** What an event has for each attribute (CloudTrail API Reference, "LookupAttribute"). */
const ATTRIBUTES: Readonly<Record<string, (event: LookedUp) => readonly (string | undefined)[]>> = {
  AccessKeyId: ({ AccessKeyId }) => [AccessKeyId],
  EventId: ({ EventId }) => [EventId],
  EventName: ({ EventName }) => [EventName],
  EventSource: ({ EventSource }) => [EventSource],
  ReadOnly: ({ ReadOnly }) => [ReadOnly],
  ResourceName: ({ Resources }) => Resources.map(({ ResourceName }) => ResourceName),
  ResourceType: ({ Resources }) => Resources.map(({ ResourceType }) => ResourceType),
  Username: ({ Username }) => [Username],
};

/**
 * Documented: the management events of the call's region in the last 90 days, the latest first, by one attribute and a range of times.
 * The call itself is not among them yet.
 */
export const lookupEvents: Operation = {
  parameters: ['LookupAttributes', 'StartTime', 'EndTime', 'EventCategory', 'MaxResults', 'NextToken'],
  readOnly: true,
  run(parameters, { name: region }, { account }) {
    if (parameters.has('EventCategory')) {
      // `insight` is the only one that there is, and nothing here makes any.
      if (parameters.get('EventCategory') === 'insight') return { Events: [] };
      throw new ApiError('InvalidEventCategoryException', 'The specified event category is not valid. Use insight.');
    }
    const passes = readAttribute(parameters);
    const [start, end] = [readTime(parameters, 'StartTime', 0), readTime(parameters, 'EndTime', Infinity)];
    if (start > end) {
      throw new ApiError('InvalidTimeRangeException', 'The start time must be before the end time.');
    }
    const most = readMost(parameters);
    const found = account.history
      .of(region)
      .map(toLookedUp)
      .filter((event) => passes(event) && event.EventTime >= start && event.EventTime <= end);
    const from = readFrom(parameters, found);
    const page = found.slice(from, from + most);
    const last = page.at(-1);
    const isMore = found.length > from + most && last !== undefined;
    return { Events: page, ...(isMore && { NextToken: encodeToken(last.EventId) }) };
  },
};

function readAttribute(parameters: Parameters): (event: LookedUp) => boolean {
  const [asked, other] = readObjects(parameters, 'LookupAttributes');
  if (asked === undefined) return () => true;
  const { AttributeKey: key, AttributeValue: value } = asked;
  const valuesOf = typeof key === 'string' && Object.hasOwn(ATTRIBUTES, key) ? ATTRIBUTES[key] : undefined;
  // Documented: currently only one.
  if (other !== undefined || valuesOf === undefined || typeof value !== 'string' || value === '') {
    const message = 'LookupAttributes must be one attribute, with a key that is known and a value.';
    throw new ApiError('InvalidLookupAttributesException', message);
  }
  return (event) => valuesOf(event).includes(value);
}

function readTime(parameters: Parameters, name: string, otherwise: number): number {
  const written = parameters.get(name);
  if (written === undefined) return otherwise;
  const seconds = Number(written);
  if (written.trim() !== '' && Number.isFinite(seconds)) return seconds;
  throw new ApiError('InvalidTimeRangeException', `${name} is no time: ${shown(written)}`);
}

function readMost(parameters: Parameters): number {
  const written = parameters.get('MaxResults') ?? '50';
  const most = /^[0-9]{1,3}$/.test(written) ? Number(written) : 0;
  if (most >= 1 && most <= 50) return most;
  throw new ApiError('InvalidMaxResultsException', 'MaxResults must be from 1 to 50.');
}

// To a caller a token is opaque; to us it is the last event of the page before: others may have come in between.
function readFrom(parameters: Parameters, found: readonly LookedUp[]): number {
  const token = parameters.get('NextToken');
  if (token === undefined) return 0;
  const at = found.findIndex(({ EventId }) => encodeToken(EventId) === token);
  // Documented: a call with a token must have the parameters of the call before.
  if (at < 0) throw new ApiError('InvalidNextTokenException', 'The token is not valid, or not for these parameters.');
  return at + 1;
}

function encodeToken(eventId: string): string {
  return Buffer.from(`after:${eventId}`).toString('base64');
}

function toLookedUp(record: CloudTrailRecord): LookedUp {
  const { accessKeyId, userName, arn } = record.userIdentity as Readonly<Partial<Record<string, string>>>;
  const Username = userName ?? arn?.split('/').at(-1);
  return {
    EventId: String(record.eventID),
    EventName: String(record.eventName),
    ReadOnly: String(record.readOnly),
    ...(accessKeyId !== undefined && { AccessKeyId: accessKeyId }),
    EventTime: Date.parse(String(record.eventTime)) / 1000,
    EventSource: String(record.eventSource),
    ...(Username !== undefined && { Username }),
    Resources: resourcesOf(record),
    CloudTrailEvent: JSON.stringify(record),
  };
}

/**
 * [inferred] AWS does not document which resources an event has. Here it is the security group that a call names. ModifySecurityGroupRules
 * names it within `ModifySecurityGroupRulesRequest`, with a capital.
 */
function resourcesOf({ requestParameters, responseElements }: CloudTrailRecord): LookedUp['Resources'] {
  const [asked, made] = [requestParameters, responseElements].map((one) => (one ?? {}) as Members) as [
    Members,
    Members,
  ];
  const wrapped = (asked.ModifySecurityGroupRulesRequest ?? {}) as Members;
  const id = asked.groupId ?? wrapped.GroupId ?? made.groupId;
  return typeof id === 'string' ? [{ ResourceType: 'AWS::EC2::SecurityGroup', ResourceName: id }] : [];
}

type Members = Readonly<Record<string, unknown>>;
