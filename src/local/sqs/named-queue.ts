import { ApiError } from '../api-error.ts';
import type { Caller } from '../iam/caller.ts';
import { denied } from '../iam/permission.ts';
import { type Parameters, required } from '../parameters.ts';
import type { Region } from '../region.ts';
import { shown } from '../shown.ts';
import { readQueueUrl } from './queue-url.ts';
import type { Message, Queue } from './queues.ts';

/** The ARN of the queue that a call names, for policies. */
export function queueArnOf(parameters: Parameters, { name, accountId }: Region): string {
  const { owner, queue } = readQueueUrl(parameters.get('QueueUrl') ?? '') ?? { owner: accountId, queue: '' };
  return `arn:aws:sqs:${name}:${owner}:${queue}`;
}

/**
 * The queue that a call names.
 *
 * @param action what the call does: `receivemessage`.
 * @throws {ApiError} InvalidAddress, AccessDenied for one of another account, QueueDoesNotExist.
 */
export function namedQueue(parameters: Parameters, region: Region, caller: Caller, action: string): Queue {
  const url = required(parameters, 'QueueUrl');
  const named = readQueueUrl(url);
  if (named === undefined) {
    throw new ApiError('InvalidAddress', `The address ${shown(url)} is not valid for this endpoint.`);
  }
  if (named.owner !== region.accountId) {
    const asked = { action: `sqs:${action}`, resource: queueArnOf(parameters, region) };
    throw denied(caller, asked, `because no resource-based policy allows the ${asked.action} action`);
  }
  const queue = region.queues.find(named.queue);
  if (queue === undefined) throw new ApiError('QueueDoesNotExist', 'The specified queue does not exist.');
  return queue;
}

/**
 * The message of a queue that a call names by a handle, which may be gone.
 *
 * @throws {ApiError} ReceiptHandleIsInvalid
 */
export function namedMessage(parameters: Parameters, queue: Queue): Message {
  const message = queue.find(required(parameters, 'ReceiptHandle'));
  if (message !== undefined) return message;
  throw new ApiError('ReceiptHandleIsInvalid', 'The specified receipt handle is not valid.');
}
