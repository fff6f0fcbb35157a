import type { ReceivedMessage } from '../aws/sqs/queue.ts';

/** The functions that events are given to, by what stack/outputs.yml calls them. */
export interface EventFunctions {
  readonly enforceIngress: string;
  readonly enforceSecurityGroup: string;
}

/** What a message of a dead-letter queue is, and so what can be done with it. */
export type DeadLetter =
  /** An event, and the name of the function that it is for. */
  | { readonly kind: 'event'; readonly functionName: string; readonly what: string; readonly cause: string }
  /** An audit or a heartbeat that failed. The next one does all that it was to do. */
  | { readonly kind: 'superseded'; readonly what: string; readonly cause: string }
  /** Something else, for a person to look at. */
  | { readonly kind: 'other'; readonly what: string; readonly cause: string };

/**
 * Says what a message is. Lambda's own dead letters have the event as their body, and EventBridge's too. Neither body nor attributes are
 * believed in more than that: anyone who may send to the queue wrote them.
 *
 * AWS Lambda Developer Guide, "Adding a dead-letter queue"; EventBridge User Guide, "Using dead-letter queues".
 */
export function readDeadLetter({ body, attributes }: ReceivedMessage, functions: EventFunctions): DeadLetter {
  const cause = causeOf(attributes);
  const { TARGET_ARN: target } = attributes;
  const isForAnother = target !== undefined && Object.values(functions).every((name) => !isOf(target, name));
  if (isForAnother) return { kind: 'other', what: `a message for ${target}`, cause };
  const event = parse(body);
  if (event === undefined) return { kind: 'other', what: 'a message that is not a JSON object', cause };
  const { source, detail, ingressGuardError } = event as Written;
  if (event.Type === 'Notification') return { kind: 'other', what: 'a message that SNS could not deliver', cause };
  const { eventName, eventID } = (isObject(detail) ? detail : {}) as Written;
  if (isCallHeartbeat(source, detail)) return { kind: 'superseded', what: 'heartbeat', cause };
  const functionName = functionOf(source, eventName, functions);
  if (functionName !== undefined && (target === undefined || isOf(target, functionName))) {
    const what = [String(eventName), isText(eventID) && `event ${eventID}`].filter(Boolean).join(', ');
    return { kind: 'event', functionName, what, cause: causeOfStateMachine(ingressGuardError) ?? cause };
  }
  if (source === 'aws.events' && event['detail-type'] === 'Scheduled Event') {
    return { kind: 'superseded', what: 'audit', cause };
  }
  if (source === 'ingress-guard.heartbeat') return { kind: 'superseded', what: 'heartbeat', cause };
  return { kind: 'other', what: 'a message that is not an event of Ingress Guard', cause };
}

type Written = Readonly<Record<string, unknown>>;

/** As the patterns of the rules in serverless.yml. */
function functionOf(source: unknown, eventName: unknown, functions: EventFunctions): string | undefined {
  if (!isText(eventName)) return undefined;
  if (source === 'aws.elasticache' && eventName === 'AuthorizeCacheSecurityGroupIngress') {
    return functions.enforceIngress;
  }
  return source === 'aws.ec2' || source === 'aws.elasticache' ? functions.enforceSecurityGroup : undefined;
}

/**
 * Whether it is the failed call of the schedule CloudTrailHeartbeat in serverless.yml. Given again, it would count as a heartbeat of today,
 * and hide that CloudTrail delivers no more.
 */
function isCallHeartbeat(source: unknown, detail: unknown): boolean {
  const { errorCode, requestParameters } = (isObject(detail) ? detail : {}) as Written;
  const { groupId } = (isObject(requestParameters) ? requestParameters : {}) as Written;
  return source === 'aws.ec2' && errorCode === 'Client.InvalidGroup.NotFound' && groupId === 'sg-00000000000000000';
}

/** Whether the ARN of a function, perhaps with a version or an alias, is of this name. */
function isOf(arn: string, functionName: string): boolean {
  const [, , service, , , resource, name] = arn.split(':');
  return service === 'lambda' && resource === 'function' && name === functionName;
}

/** ErrorMessage is Lambda's attribute, the others are EventBridge's. */
function causeOf({ ErrorMessage, ERROR_CODE, ERROR_MESSAGE }: ReceivedMessage['attributes']): string {
  const ofEventBridge = [ERROR_CODE, ERROR_MESSAGE].filter(Boolean).join(': ');
  return ErrorMessage || ofEventBridge || 'the message does not say why';
}

/** stack/pending.yml: the state machine puts it into the event. */
function causeOfStateMachine(error: unknown): string | undefined {
  if (!isObject(error)) return undefined;
  const { Error: name, Cause: cause } = error as Written;
  return `the state machine could not invoke the function: ${[name, cause].filter(isText).join(': ')}`;
}

function parse(body: string): Written | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? (value as Written) : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
