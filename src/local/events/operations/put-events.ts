import { ApiError } from '../../api-error.ts';
import { type BusEvent, toEnvelope } from '../../bus-event.ts';
import { denied } from '../../iam/permission.ts';
import { readObjects } from '../../json-protocol.ts';
import type { CallContext, Operation } from '../../operation.ts';
import type { Region } from '../../region.ts';
import { mayPut } from '../bus-permission.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;

/**
 * Puts events on a bus. The envelope is EventBridge's: account and region are those of the call, whatever an entry says; and
 * no one but AWS can put an event of a service of AWS. CloudTrail does not record it as a management event.
 */
export const putEvents: Operation = {
  parameters: ['Entries', 'EndpointId'],
  readOnly: false,
  isDataEvent: true,
  // Each entry names a separate bus.
  permission: null,
  run(parameters, region, context) {
    const entries = readObjects(parameters, 'Entries');
    if (entries.length < 1 || entries.length > MOST_ENTRIES) {
      const why = `Member must have length between 1 and ${MOST_ENTRIES}`;
      const message = `1 validation error detected: Value at 'entries' failed to satisfy constraint: ${why}`;
      throw new ApiError('ValidationException', message);
    }
    const results = entries.map((entry) => putOne(entry, region, context));
    return { FailedEntryCount: results.filter((one) => 'ErrorCode' in one).length, Entries: results };
  },
};

/** What happened to an entry. */
type Result = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

function putOne(entry: Record<string, unknown>, { name: region, accountId }: Region, context: CallContext): Result {
  const { Source: source, DetailType: detailType, Detail: detail, EventBusName: bus = 'default' } = entry;
  if (typeof source !== 'string' || typeof detailType !== 'string' || typeof detail !== 'string') {
    return failed('InvalidArgument', 'Source, DetailType and Detail are required.');
  }
  // Code and words are seen in public reports.
  if (source.startsWith('aws.')) return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
  const event = toEvent({ account: accountId, region }, context.now, { source, detailType, detail });
  if (event === undefined) return failed('MalformedDetail', 'Detail is malformed.');
  const name = String(bus);
  const busArn = name.startsWith('arn:') ? name : `arn:aws:events:${region}:${accountId}:event-bus/${name}`;
  const permission = mayPut(context.caller, event, busArn, context.accounts);
  if (permission === 'denied') {
    const why = 'because no resource-based policy allows the events:PutEvents action';
    throw denied(context.caller, { action: 'events:PutEvents', resource: busArn }, why);
  }
  // [inferred]: that an event for a bus that is not there is lost without a word.
  if (permission === 'allowed') context.putEvent(event, busArn);
  return { EventId: event.id };
}

function toEvent(
  place: { readonly account: string; readonly region: string },
  now: number,
  { detail, ...said }: { readonly source: string; readonly detailType: string; readonly detail: string },
): BusEvent | undefined {
  try {
    return toEnvelope(place, now, { ...said, detail: JSON.parse(detail) });
  } catch {
    return undefined;
  }
}

function failed(ErrorCode: string, ErrorMessage: string): Result {
  return { ErrorCode, ErrorMessage };
}
