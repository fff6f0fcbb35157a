import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { suffixOf } from '../../policy/partition.ts';
import type { Place } from '../../policy/place.ts';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
] as const;

/**
 * How many messages a queue has, about, with GetQueueAttributes: also those that someone has received and not deleted, which come back.
 * `undefined` if there is no such queue.
 *
 * @throws what the API answers otherwise, after the SDK's retries.
 */
export async function countMessages(
  config: ClientConfig,
  { account, region }: Place,
  name: string,
  abortSignal?: AbortSignal,
): Promise<number | undefined> {
  // By the endpoint of the region, so that AWS_ENDPOINT_URL_SQS can name another.
  const client = prepareClient(new SQSClient({ ...RETRYING, ...config, useQueueUrlAsEndpoint: false }), {
    GetQueueAttributes: 'Attributes',
  });
  const QueueUrl = `https://sqs.${region}.${suffixOf(region)}/${account}/${name}`;
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...COUNTS] });
  try {
    const { Attributes } = await client.send(command, { ...(abortSignal && { abortSignal }) });
    const count = COUNTS.reduce((sum, name) => sum + Number(Attributes?.[name] ?? Number.NaN), 0);
    if (!Number.isSafeInteger(count)) throw new Error(`SQS said nothing of queue ${name}`);
    return count;
  } catch (error) {
    if (error instanceof Error && /QueueDoesNotExist|NonExistentQueue/.test(error.name)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
