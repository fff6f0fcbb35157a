import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

/** A message that was received, and is hidden from others for a while. */
export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  /** Its attributes that are texts or numbers, as texts. */
  readonly attributes: Readonly<Record<string, string>>;
  /** When it came into the queue; `undefined` if SQS does not say so. */
  readonly sentAt: Date | undefined;
  readonly receiptHandle: string;
}

/** How many messages a queue has, about. */
export interface QueueDepth {
  /** That can be received. */
  readonly waiting: number;
  /** That someone has received, and neither deleted nor let go. */
  readonly held: number;
}

/** A queue, to take messages out of it. Every call throws what the API answers, after the SDK's retries. */
export interface OpenQueue {
  depth(abortSignal?: AbortSignal): Promise<QueueDepth>;
  /**
   * Up to ten messages, hidden from others for so many seconds. None only if all servers of the queue say so: it asks by long polling
   * (SQS Developer Guide, "Short and long polling").
   */
  receive(visibilitySeconds: number): Promise<ReceivedMessage[]>;
  delete(message: ReceivedMessage): Promise<void>;
  /** Shows others a message again at once. */
  release(message: ReceivedMessage): Promise<void>;
  close(): void;
}

/** How long SQS may look for messages, in seconds. */
const WAIT_SECONDS = 2;

/** Opens a queue by its URL. */
export function openQueue(config: ClientConfig, QueueUrl: string): OpenQueue {
  // By the endpoint of the region, so that AWS_ENDPOINT_URL_SQS can name another.
  const client = prepareClient(new SQSClient({ ...RETRYING, ...config, useQueueUrlAsEndpoint: false }), {
    GetQueueAttributes: 'Attributes',
    // These have no member that is always there.
    ReceiveMessage: '$metadata',
    DeleteMessage: '$metadata',
    ChangeMessageVisibility: '$metadata',
  });
  return {
    async depth(abortSignal) {
      const [Waiting, Held] = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [Waiting, Held] });
      const { Attributes = {} } = await client.send(command, { ...(abortSignal && { abortSignal }) });
      const depth = { waiting: Number(Attributes[Waiting]), held: Number(Attributes[Held]) };
      if (Number.isSafeInteger(depth.waiting) && Number.isSafeInteger(depth.held)) return depth;
      throw new Error('SQS does not say how many messages the queue has');
    },
    async receive(VisibilityTimeout) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          VisibilityTimeout,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: WAIT_SECONDS,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp'],
        }),
      );
      return Messages.map(toReceived);
    },
    async delete({ receiptHandle: ReceiptHandle }) {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
    async release({ receiptHandle: ReceiptHandle }) {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    },
    close: () => client.destroy(),
  };
}

function toReceived({ MessageId, Body, ReceiptHandle, Attributes, MessageAttributes }: Message): ReceivedMessage {
  if (MessageId === undefined || ReceiptHandle === undefined) throw new Error('SQS gave a message without its id');
  const sent = Number(Attributes?.SentTimestamp ?? Number.NaN);
  const attributes = Object.entries(MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue]],
  );
  return {
    id: MessageId,
    body: Body ?? '',
    attributes: Object.fromEntries(attributes),
    sentAt: Number.isSafeInteger(sent) ? new Date(sent) : undefined,
    receiptHandle: ReceiptHandle,
  };
}
