import { randomUUID } from 'node:crypto';
import type { ApiCall, EndpointSettings } from './elasticache-endpoint.ts';
import { subjectOf } from './faults.ts';

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

/**
 * The record that CloudTrail writes of a call. Only the first letter of each member's name is lowered
 * (`eC2SecurityGroupName`), as seen in records of sibling calls; the values of the request are as the caller typed them.
 */
export function toCloudTrailRecord(
  call: ApiCall,
  { accountId, credentials }: Pick<EndpointSettings, 'accountId' | 'credentials'>,
  time: Date,
): CloudTrailRecord {
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
    eventSource: 'elasticache.amazonaws.com',
    eventName: call.action,
    awsRegion: call.region,
    sourceIPAddress: call.sourceIp,
    userAgent: call.userAgent,
    ...(call.error && { errorCode: call.error.code, errorMessage: call.error.message }),
    // A caller without permission is not told on: seen in records of sibling calls.
    requestParameters: call.error?.code === 'AccessDenied' ? null : requestParameters(call.parameters),
    responseElements: call.error || call.readOnly ? null : responseElements(call.result),
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
    source: 'aws.elasticache',
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
    ...Object.values(requestParameters ?? {}),
  ]);
}

/** The parameters as CloudTrail nests them: `Tags.Tag.1.Key` becomes a key of the first of `tags`. */
function requestParameters(parameters: ApiCall['parameters']): unknown {
  const plain: Record<string, unknown> = {};
  const tags = new Map<string, Record<string, string>>();
  for (const [name, value] of parameters) {
    const [list, , number, member] = name.split('.');
    if (list !== 'Tags') plain[name] = value;
    else if (number && member) tags.set(number, { ...tags.get(number), [member]: value });
  }
  return lowerFirstLetters(tags.size > 0 ? { ...plain, Tags: [...tags.values()] } : plain);
}

/** The bare cache security group, not wrapped as in the API's answer. */
function responseElements(result: object | undefined): unknown {
  const group = (result as { CacheSecurityGroup?: unknown } | undefined)?.CacheSecurityGroup;
  return group === undefined ? null : lowerFirstLetters(group);
}

function lowerFirstLetters(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerFirstLetters);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [lowerFirst(key), lowerFirstLetters(member)]));
}

function lowerFirst(name: string): string {
  // ARN is seen as aRN, Description as description.
  return name.charAt(0).toLowerCase() + name.slice(1);
}
