/** A queue, and what is in it. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  /** Bodies of messages, oldest first. Nobody receives them here. */
  readonly messages: unknown[];
}

/** The queues of one account in one region. */
export class Queues {
  readonly #accountId: string;
  readonly #region: string;
  readonly #queues = new Map<string, Queue>();

  constructor(accountId: string, region: string) {
    this.#accountId = accountId;
    this.#region = region;
  }

  /** Makes a queue. One that is there stays as it is. */
  put(name: string): Queue {
    const there = this.#queues.get(name);
    if (there !== undefined) return there;
    const queue = { name, arn: `arn:aws:sqs:${this.#region}:${this.#accountId}:${name}`, messages: [] };
    this.#queues.set(name, queue);
    return queue;
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }
}
