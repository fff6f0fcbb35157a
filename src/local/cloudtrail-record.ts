import { randomUUID } from 'node:crypto';
import { type BusEvent, toEnvelope } from './bus-event.ts';
import { subjectOf } from './faults.ts';
import { toUserIdentity } from './iam/caller.ts';
import type { ApiCall } from './service.ts';

export type { BusEvent } from './bus-event.ts';

/** What CloudTrail writes of a call. Plain JSON. */
export type CloudTrailRecord = Record<string, unknown>;

/** The record that CloudTrail writes of a call. What it says of parameters and answer, each service says its own way. */
export function toCloudTrailRecord(call: ApiCall, time: Date): CloudTrailRecord {
  const { service, error, principal } = call;
  return {
    eventVersion: '1.11',
    userIdentity: toUserIdentity(principal),
    eventTime: `${time.toISOString().slice(0, 19)}Z`,
    eventSource: `${service.name}.amazonaws.com`,
    eventName: call.action,
    awsRegion: call.region,
    sourceIPAddress: call.sourceIp,
    userAgent: call.userAgent,
    ...(error && { errorCode: service.toRecordedCode(error), errorMessage: error.message }),
    requestParameters: service.toRequestParameters(call),
    responseElements: error || call.readOnly ? null : service.toResponseElements(call),
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly: call.readOnly,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: principal.accountId,
    eventCategory: 'Management',
  };
}

/** Puts a record into the envelope in which EventBridge delivers it. */
export function toBusEvent(record: CloudTrailRecord): BusEvent {
  const place = { account: String(record.recipientAccountId), region: String(record.awsRegion) };
  return toEnvelope(place, Date.parse(String(record.eventTime)), {
    source: `aws.${String(record.eventSource).split('.')[0]}`,
    detailType: 'AWS API Call via CloudTrail',
    detail: record,
  });
}

/** What a fault happens to, when it happens to an event: the call that the event reports, or what else it is. */
export function subjectOfEvent(event: BusEvent): string {
  const { eventName, requestParameters } = (event.detail ?? {}) as Partial<Record<string, unknown>>;
  return subjectOf(String(eventName ?? event['detail-type']), [
    event.region,
    ...Object.values(requestParameters ?? {}).map((value) =>
      typeof value === 'object' ? JSON.stringify(value) : value,
    ),
  ]);
}
