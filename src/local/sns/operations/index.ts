import type { Operation } from '../../operation.ts';
import { listSubscriptionsByTopic } from './list-subscriptions-by-topic.ts';

/** The operations by the value of `Action`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({ ListSubscriptionsByTopic: listSubscriptionsByTopic }),
);
