import { ApiError } from '../../api-error.ts';
import { readTexts } from '../../json-protocol.ts';
import type { Operation } from '../../operation.ts';
import { shown } from '../../shown.ts';
import { namedQueue, queueArnOf } from '../named-queue.ts';
import type { Queue } from '../queues.ts';

const ATTRIBUTES: Readonly<Record<string, (queue: Queue) => string>> = {
  ApproximateNumberOfMessages: (queue) => String(queue.count().visible),
  ApproximateNumberOfMessagesDelayed: () => '0',
  ApproximateNumberOfMessagesNotVisible: (queue) => String(queue.count().held),
  QueueArn: ({ arn }) => arn,
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export const getQueueAttributes: Operation = {
  parameters: ['QueueUrl', 'AttributeNames'],
  readOnly: true,
  resourceOf: queueArnOf,
  run(parameters, region, { caller }) {
    const queue = namedQueue(parameters, region, caller, 'getqueueattributes');
    const asked = readTexts(parameters, 'AttributeNames');
    const unknown = asked.find((name) => name !== 'All' && !Object.hasOwn(ATTRIBUTES, name));
    if (unknown !== undefined) throw new ApiError('InvalidAttributeName', `Unknown Attribute ${shown(unknown)}.`);
    const wanted = Object.entries(ATTRIBUTES).filter(([name]) => asked.includes('All') || asked.includes(name));
    return { Attributes: Object.fromEntries(wanted.map(([name, read]) => [name, read(queue)])) };
  },
};
