import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** An attribute of a message, as the API writes it. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue: string;
}

/** A message, and who holds it. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
  receiveCount: number;
  /** From when on it can be received again, in milliseconds since the epoch. */
  visibleAt: number;
  /** Of the last time it was received. */
  receiptHandle?: string;
}

/** How long a message is hidden from others once it was received, unless something else is said. SQS's own default. */
const VISIBILITY_MS = 30_000;

/** A standard queue, and what is in it. */
export class Queue {
  readonly name: string;
  readonly arn: string;
  /** Oldest first. To be looked at. */
  readonly messages: Message[] = [];
  readonly #clock: Clock;
  /** Handles of messages that were received, by message. An old one stays one. */
  readonly #handles = new Map<string, Message>();

  constructor(name: string, arn: string, clock: Clock) {
    this.name = name;
    this.arn = arn;
    this.#clock = clock;
  }

  /** @param attributes texts and numbers by name. */
  send(body: string, attributes: Readonly<Record<string, string | number>> = {}): Message {
    const now = this.#clock.now();
    const written = Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: typeof value === 'number' ? 'Number' : 'String', StringValue: String(value) },
    ]);
    const message: Message = {
      id: randomUUID(),
      body,
      attributes: Object.fromEntries(written),
      sentAt: now,
      receiveCount: 0,
      visibleAt: now,
    };
    this.messages.push(message);
    return message;
  }

  /** Those that can be received, oldest first, which are then hidden for a while. */
  receive(most: number, visibilityMs = VISIBILITY_MS): Message[] {
    const now = this.#clock.now();
    const received = this.messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
    for (const message of received) {
      message.receiveCount += 1;
      message.visibleAt = now + visibilityMs;
      message.receiptHandle = randomUUID();
      this.#handles.set(message.receiptHandle, message);
    }
    return received;
  }

  /** What a handle was given for, also if it is gone; `undefined` if no such handle was given. */
  find(receiptHandle: string): Message | undefined {
    return this.#handles.get(receiptHandle);
  }

  /** Takes a message out. With a handle that is not its last, nothing happens: documented for standard queues. */
  delete(message: Message, receiptHandle: string): void {
    const at = this.messages.indexOf(message);
    if (at >= 0 && message.receiptHandle === receiptHandle) this.messages.splice(at, 1);
  }

  /** How many can be received, and how many someone holds. */
  count(): { readonly visible: number; readonly held: number } {
    const now = this.#clock.now();
    const visible = this.messages.filter(({ visibleAt }) => visibleAt <= now).length;
    return { visible, held: this.messages.length - visible };
  }

  /** Hides a message for so long from now on. False if no one holds it. */
  hide(message: Message, ms: number): boolean {
    const now = this.#clock.now();
    if (!this.messages.includes(message) || message.visibleAt <= now) return false;
    message.visibleAt = now + ms;
    return true;
  }
}

/** What SQS answers of a text, so that a client sees whether it came over whole. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** The queues of one account in one region. */
export class Queues {
  readonly #accountId: string;
  readonly #region: string;
  readonly #clock: Clock;
  readonly #queues = new Map<string, Queue>();

  constructor(accountId: string, region: string, clock: Clock) {
    this.#accountId = accountId;
    this.#region = region;
    this.#clock = clock;
  }

  /** Makes a queue. One that is there stays as it is. */
  put(name: string): Queue {
    const there = this.#queues.get(name);
    if (there !== undefined) return there;
    const queue = new Queue(name, `arn:aws:sqs:${this.#region}:${this.#accountId}:${name}`, this.#clock);
    this.#queues.set(name, queue);
    return queue;
  }

  find(name: string): Queue | undefined {
    return this.#queues.get(name);
  }
}
