import type { Operation } from '../../operation.ts';
import { required } from '../../parameters.ts';
import { namedMessage, namedQueue, queueArnOf } from '../named-queue.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
export const deleteMessage: Operation = {
  parameters: ['QueueUrl', 'ReceiptHandle'],
  readOnly: false,
  isDataEvent: true,
  resourceOf: queueArnOf,
  run(parameters, region, { caller }) {
    const queue = namedQueue(parameters, region, caller, 'deletemessage');
    queue.delete(namedMessage(parameters, queue), required(parameters, 'ReceiptHandle'));
    return undefined;
  },
};
