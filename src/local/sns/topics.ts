import { randomUUID } from 'node:crypto';

/** A topic, and who gets its messages. Nothing is sent here. */
export interface Topic {
  readonly name: string;
  readonly arn: string;
  readonly subscriptions: Subscription[];
}

/** A subscription to a topic. */
export interface Subscription {
  /** `email`, `sqs`, … */
  readonly protocol: string;
  readonly endpoint: string;
  /** `PendingConfirmation` until someone confirms it. */
  arn: string;
}

/** The topics of one account in one region. */
export class Topics {
  readonly #accountId: string;
  readonly #region: string;
  readonly #topics = new Map<string, Topic>();

  constructor(accountId: string, region: string) {
    this.#accountId = accountId;
    this.#region = region;
  }

  /** Makes a topic. One that is there stays as it is. */
  put(name: string): Topic {
    const arn = `arn:aws:sns:${this.#region}:${this.#accountId}:${name}`;
    const topic = this.#topics.get(arn) ?? { name, arn, subscriptions: [] };
    this.#topics.set(arn, topic);
    return topic;
  }

  /** By its ARN. */
  find(arn: string): Topic | undefined {
    return this.#topics.get(arn);
  }
}

/** Adds a subscription that waits for its confirmation, as one by mail does. */
export function subscribe(topic: Topic, protocol: string, endpoint: string): Subscription {
  const there = topic.subscriptions.find((one) => one.protocol === protocol && one.endpoint === endpoint);
  if (there !== undefined) return there;
  const subscription = { protocol, endpoint, arn: 'PendingConfirmation' };
  topic.subscriptions.push(subscription);
  return subscription;
}

/** Does what a click on the link in the first mail does. */
export function confirm(topic: Topic, subscription: Subscription): void {
  subscription.arn = `${topic.arn}:${randomUUID()}`;
}
