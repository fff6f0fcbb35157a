import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { readInteger, required } from '../../parameters.ts';
import { namedMessage, namedQueue, queueArnOf } from '../named-queue.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export const changeMessageVisibility: Operation = {
  parameters: ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout'],
  readOnly: false,
  isDataEvent: true,
  resourceOf: queueArnOf,
  run(parameters, region, { caller }) {
    const queue = namedQueue(parameters, region, caller, 'changemessagevisibility');
    required(parameters, 'VisibilityTimeout');
    const seconds = readInteger(parameters, 'VisibilityTimeout', 0, 43_200, 0);
    if (!queue.hide(namedMessage(parameters, queue), seconds * 1000)) {
      throw new ApiError('MessageNotInflight', 'The specified message is not in flight.');
    }
    return undefined;
  },
};
