import { paginateListSubscriptionsByTopic, SNSClient } from '@aws-sdk/client-sns';
import { prepareClient, RETRYING } from '../clients.ts';
import type { ClientConfig } from '../kept.ts';
import { pagesToTheEnd } from '../pages.ts';

/** Who gets the messages of a topic. */
export interface Subscription {
  /** `email`, `sqs`, … */
  readonly protocol: string;
  readonly endpoint: string;
  readonly isConfirmed: boolean;
}

/**
 * Lists the subscriptions to a topic with ListSubscriptionsByTopic, every page; `undefined` if there is no such topic.
 *
 * @throws what the API answers otherwise, after the SDK's retries.
 */
export async function listSubscriptions(config: ClientConfig, topicArn: string): Promise<Subscription[] | undefined> {
  const client = prepareClient(new SNSClient({ ...RETRYING, ...config }), {
    ListSubscriptionsByTopic: 'Subscriptions',
  });
  const subscriptions: Subscription[] = [];
  try {
    const pages = paginateListSubscriptionsByTopic({ client }, { TopicArn: topicArn });
    for await (const page of pagesToTheEnd(pages, 'Subscriptions', 'NextToken')) {
      for (const { SubscriptionArn = '', Protocol = '', Endpoint = '' } of page) {
        // Otherwise `PendingConfirmation`, or `Deleted` (Amazon SNS API Reference, Subscription).
        subscriptions.push({ protocol: Protocol, endpoint: Endpoint, isConfirmed: SubscriptionArn.startsWith('arn:') });
      }
    }
    return subscriptions;
  } catch (error) {
    if (error instanceof Error && /^NotFound/.test(error.name)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
}
