import { readTexts } from '../../json-protocol.ts';
import type { Operation } from '../../operation.ts';
import { readInteger } from '../../parameters.ts';
import { namedQueue, queueArnOf } from '../named-queue.ts';
import { type Message, md5 } from '../queues.ts';

/** SQS Developer Guide, "Message quotas". */
const LONGEST_VISIBILITY_S = 43_200;

/**
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html . It never waits, whatever
 * WaitTimeSeconds says: all messages that there are, are here.
 */
export const receiveMessage: Operation = {
  parameters: [
    'QueueUrl',
    'MaxNumberOfMessages',
    'VisibilityTimeout',
    'WaitTimeSeconds',
    'MessageAttributeNames',
    'MessageSystemAttributeNames',
  ],
  readOnly: false,
  isDataEvent: true,
  resourceOf: queueArnOf,
  run(parameters, region, { caller }) {
    const queue = namedQueue(parameters, region, caller, 'receivemessage');
    const most = readInteger(parameters, 'MaxNumberOfMessages', 1, 10, 1);
    const seconds = readInteger(parameters, 'VisibilityTimeout', 0, LONGEST_VISIBILITY_S, 30);
    readInteger(parameters, 'WaitTimeSeconds', 0, 20, 0);
    const names = readTexts(parameters, 'MessageAttributeNames');
    const ofSystem = readTexts(parameters, 'MessageSystemAttributeNames');
    const messages = queue.receive(most, seconds * 1000);
    return messages.length === 0 ? {} : { Messages: messages.map((one) => toMember(one, names, ofSystem)) };
  },
};

function toMember(message: Message, names: readonly string[], ofSystem: readonly string[]): object {
  const { id, body, receiptHandle, sentAt, receiveCount } = message;
  const attributes = only(message.attributes, names);
  const Attributes = only({ SentTimestamp: String(sentAt), ApproximateReceiveCount: String(receiveCount) }, ofSystem);
  return {
    MessageId: id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(body),
    Body: body,
    ...(Object.keys(Attributes).length > 0 && { Attributes }),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  };
}

function only(all: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name)));
}
