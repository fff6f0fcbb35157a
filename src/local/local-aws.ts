import { EventEmitter } from 'node:events';
import { type Clock, systemClock } from './clock.ts';
import { type BusEvent, toBusEvent, toCloudTrailRecord } from './cloudtrail-record.ts';
import { type ApiCall, type EndpointSettings, startElastiCacheEndpoint } from './elasticache-endpoint.ts';
import { matchesEventPattern } from './event-pattern.ts';
import { type Attempt, type DeadLetter, type Invoke, invokeAsynchronously } from './lambda.ts';
import type { StackFunction } from './stack.ts';

/** What the local AWS tells of as it happens. */
export interface LocalAwsEvents {
  call: [ApiCall];
  /** An event that CloudTrail sent to the bus, or that was put there with `deliver`. */
  event: [BusEvent];
  /** One try of a function. */
  attempt: [
    { readonly functionName: string; readonly event: BusEvent; readonly attempt: Attempt; readonly number: number },
  ];
  deadLetter: [DeadLetter];
  /** A line that a function printed. */
  output: [{ readonly functionName: string; readonly line: string }];
}

/** A function and what runs it. */
export type LocalFunction = StackFunction & { readonly invoke: Invoke };

/** An ElastiCache endpoint, CloudTrail, an event bus and Lambda's asynchronous invocation, on loopback. */
export interface LocalAws {
  readonly url: string;
  readonly events: EventEmitter<LocalAwsEvents>;
  readonly deadLetters: readonly DeadLetter[];
  /** Lets the bus invoke these functions from now on. */
  deploy(functions: readonly LocalFunction[]): void;
  /** Puts an event on the bus; ends when every function it was routed to has ended, with all their tries. */
  deliver(event: BusEvent): Promise<void>;
  /** Ends when no event is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a local AWS. Every API call becomes a CloudTrail record, every record an event on the bus, and the bus invokes
 * the functions by the event patterns of their rules.
 *
 * @throws if the port is taken.
 */
export async function startLocalAws(settings: EndpointSettings, clock: Clock = systemClock()): Promise<LocalAws> {
  const events = new EventEmitter<LocalAwsEvents>();
  const deadLetters: DeadLetter[] = [];
  const underWay = new Set<Promise<void>>();
  const functions: LocalFunction[] = [];

  const endpoint = await startElastiCacheEndpoint(settings, clock, (call) => {
    events.emit('call', call);
    void deliver(toBusEvent(toCloudTrailRecord(call, settings.accountId, new Date(clock.now()))));
  });

  function deliver(event: BusEvent): Promise<void> {
    events.emit('event', event);
    const routed = functions.filter(({ eventPatterns }) =>
      eventPatterns.some((one) => matchesEventPattern(event, one)),
    );
    const delivery = Promise.all(routed.map((target) => invoke(target, event))).then(() => {});
    underWay.add(delivery);
    return delivery.finally(() => underWay.delete(delivery));
  }

  async function invoke(target: LocalFunction, event: BusEvent): Promise<void> {
    const functionName = target.name;
    const ended = await invokeAsynchronously(event, target, clock, (attempt, number) =>
      events.emit('attempt', { functionName, event, attempt, number }),
    );
    if (!('deadLetter' in ended)) return;
    deadLetters.push(ended.deadLetter);
    events.emit('deadLetter', ended.deadLetter);
  }

  return {
    url: endpoint.url,
    events,
    deadLetters,
    deploy: (more) => void functions.push(...more),
    deliver,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    close: () => endpoint.close(),
  };
}
