import { randomUUID } from 'node:crypto';
import type { EndpointSettings } from './api-endpoint.ts';
import { subjectOf } from './faults.ts';
import type { ApiCall } from './service.ts';

/** What CloudTrail writes of a call. Plain JSON. */
export type CloudTrailRecord = Record<string, unknown>;

/** An event as EventBridge delivers it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** The record that CloudTrail writes of a call. What it says of parameters and answer, each service says its own way. */
export function toCloudTrailRecord(
  call: ApiCall,
  { accountId, credentials }: Pick<EndpointSettings, 'accountId' | 'credentials'>,
  time: Date,
): CloudTrailRecord {
  const { service, error } = call;
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDALOCALAWSLOCALAWS0',
      arn: `arn:aws:iam::${accountId}:user/local`,
      accountId,
      ...(credentials && { accessKeyId: credentials.accessKeyId }),
      userName: 'local',
    },
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
    recipientAccountId: accountId,
    eventCategory: 'Management',
  };
}

/** Puts a record into the envelope in which EventBridge delivers it. */
export function toBusEvent(record: CloudTrailRecord): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: `aws.${String(record.eventSource).split('.')[0]}`,
    account: String(record.recipientAccountId),
    time: String(record.eventTime),
    region: String(record.awsRegion),
    resources: [],
    detail: record,
  };
}

/** What a fault happens to, when it happens to an event: the call that the event tells of, or what else it is. */
export function subjectOfEvent(event: BusEvent): string {
  const { eventName, requestParameters } = (event.detail ?? {}) as Partial<Record<string, unknown>>;
  return subjectOf(String(eventName ?? event['detail-type']), [
    event.region,
    ...Object.values(requestParameters ?? {}).map((value) =>
      typeof value === 'object' ? JSON.stringify(value) : value,
    ),
  ]);
}
