import { ApiError } from '../../api-error.ts';
import { denied } from '../../iam/permission.ts';
import { readTexts } from '../../json-protocol.ts';
import type { Operation } from '../../operation.ts';
import { required } from '../../parameters.ts';
import { shown } from '../../shown.ts';
import { readQueueUrl } from '../queue-url.ts';
import type { Queue } from '../queues.ts';

const ATTRIBUTES: Readonly<Record<string, (queue: Queue) => string>> = {
  ApproximateNumberOfMessages: ({ messages }) => String(messages.length),
  ApproximateNumberOfMessagesDelayed: () => '0',
  ApproximateNumberOfMessagesNotVisible: () => '0',
  QueueArn: ({ arn }) => arn,
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
export const getQueueAttributes: Operation = {
  parameters: ['QueueUrl', 'AttributeNames'],
  readOnly: true,
  resourceOf: (parameters, { name, accountId }) => {
    const { owner, queue } = readQueueUrl(parameters.get('QueueUrl') ?? '') ?? { owner: accountId, queue: '' };
    return `arn:aws:sqs:${name}:${owner}:${queue}`;
  },
  run(parameters, region, { caller }) {
    const url = required(parameters, 'QueueUrl');
    const named = readQueueUrl(url);
    if (named === undefined) {
      throw new ApiError('InvalidAddress', `The address ${shown(url)} is not valid for this endpoint.`);
    }
    if (named.owner !== region.accountId) {
      const resource = `arn:aws:sqs:${region.name}:${named.owner}:${named.queue}`;
      const action = 'sqs:getqueueattributes';
      throw denied(caller, { action, resource }, `because no resource-based policy allows the ${action} action`);
    }
    const queue = region.queues.find(named.queue);
    if (queue === undefined) throw new ApiError('QueueDoesNotExist', 'The specified queue does not exist.');
    const asked = readTexts(parameters, 'AttributeNames');
    const unknown = asked.find((name) => name !== 'All' && !Object.hasOwn(ATTRIBUTES, name));
    if (unknown !== undefined) throw new ApiError('InvalidAttributeName', `Unknown Attribute ${shown(unknown)}.`);
    const wanted = Object.entries(ATTRIBUTES).filter(([name]) => asked.includes('All') || asked.includes(name));
    return { Attributes: Object.fromEntries(wanted.map(([name, read]) => [name, read(queue)])) };
  },
};
