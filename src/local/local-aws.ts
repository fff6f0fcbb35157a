import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { type ApiCall, type EndpointSettings, startApiEndpoint } from './api-endpoint.ts';
import { type Clock, systemClock } from './clock.ts';
import { type BusEvent, subjectOfEvent, toBusEvent, toCloudTrailRecord } from './cloudtrail-record.ts';
import type { CacheSecurityGroup } from './elasticache/cache-security-groups.ts';
import { eventCarrier } from './event-bus.ts';
import { compileEventPattern, type Matcher } from './event-pattern.ts';
import { drawFaults, NO_FAULTS, subjectOf } from './faults.ts';
import { type Attempt, type DeadLetter, type Invoke, invokeAsynchronously, type Mishap } from './lambda.ts';
import type { Region } from './region.ts';
import type { BusSchedule, Schedule, StackFunction } from './stack.ts';

/** What the local AWS tells of as it happens. */
export interface LocalAwsEvents {
  call: [ApiCall];
  /** An event on the bus: of a call, of a schedule, or put there with `deliver`. */
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

/** An endpoint of AWS's APIs, CloudTrail, an event bus, schedules and Lambda's asynchronous invocation, on loopback. */
export interface LocalAws {
  readonly url: string;
  readonly events: EventEmitter<LocalAwsEvents>;
  /** What Lambda gave up on, oldest first. Whoever redrives one takes it out. */
  readonly deadLetters: DeadLetter[];
  /** The cache security groups of a region as they are now, in order of their names. */
  list(region: string): readonly CacheSecurityGroup[];
  /** All that the account has in a region, to look at and to change behind the API's back; `undefined` if there is none. */
  region(name: string): Region | undefined;
  /** Lets the bus and the schedules invoke these functions from now on. */
  deploy(functions: readonly LocalFunction[]): void;
  /** Puts an event on the bus again and again. */
  schedule(schedules: readonly BusSchedule[]): void;
  /** Puts an event on the bus; ends when every function it was routed to has ended, with all their tries. */
  deliver(event: BusEvent): Promise<void>;
  /** Ends when no event is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** When a function crashes at the latest, and how much time one has at most that is to run out of it. */
const LATEST_CRASH_MS = 200;
const SHORTENED_TIME_MS = 2_000;

/**
 * Starts a local AWS. Every API call becomes a CloudTrail record, every record an event on the bus, and the bus invokes
 * the functions by the event patterns of their rules.
 *
 * @throws if the port is taken.
 */
export async function startLocalAws(settings: EndpointSettings, clock: Clock = systemClock()): Promise<LocalAws> {
  const faults = settings.faults ?? drawFaults(NO_FAULTS);
  const events = new EventEmitter<LocalAwsEvents>();
  const deadLetters: DeadLetter[] = [];
  const rules: { readonly matches: Matcher; readonly target: LocalFunction }[] = [];
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  /** Nobody waits longer than the local AWS is there. */
  const waits: Clock = { now: () => clock.now(), sleep: (ms) => clock.sleep(ms, closing.signal) };
  const carrier = eventCarrier(faults, waits, deliver);

  const endpoint = await startApiEndpoint({ ...settings, faults }, clock, (call) => {
    events.emit('call', call);
    const record = toCloudTrailRecord(call, settings, new Date(clock.now()));
    void track(carrier.carry(toBusEvent(record)));
  });

  async function deliver(event: BusEvent): Promise<void> {
    if (closing.signal.aborted) return;
    events.emit('event', event);
    const routed = new Set(rules.filter(({ matches }) => matches(event)).map(({ target }) => target));
    await track(Promise.all([...routed].map((target) => invoke(target, event))).then(() => {}));
  }

  async function invoke(target: LocalFunction, event: BusEvent, payload: unknown = event): Promise<void> {
    const functionName = target.name;
    const onAttempt = (attempt: Attempt, number: number) =>
      events.emit('attempt', { functionName, event, attempt, number });
    const subject = subjectOf(functionName, [subjectOfEvent(event)]);
    const troubled: LocalFunction = {
      ...target,
      invoke: (sent, requestId) => target.invoke(sent, requestId, drawMishap(subject)),
    };
    const { deadLetter } = await invokeAsynchronously(payload, troubled, waits, onAttempt, closing.signal);
    if (deadLetter === undefined) return;
    deadLetters.push(deadLetter);
    events.emit('deadLetter', deadLetter);
  }

  function drawMishap(subject: string): Mishap {
    return {
      ...(faults.happens('crash', subject) && { crashAfterMs: faults.draw('the crash', subject) * LATEST_CRASH_MS }),
      ...(faults.happens('timeOut', subject) && {
        timeoutMs: faults.draw('the time-out', subject) * SHORTENED_TIME_MS,
      }),
    };
  }

  async function runSchedule(target: LocalFunction, { everyMs, input }: Schedule): Promise<void> {
    while (!closing.signal.aborted) {
      await waits.sleep(everyMs);
      if (closing.signal.aborted) return;
      const event = toEvent('aws.events', 'Scheduled Event', {});
      events.emit('event', event);
      void track(invoke(target, event, input ?? event));
    }
  }

  async function runBusSchedule({ everyMs, source, detailType, detail }: BusSchedule): Promise<void> {
    while (!closing.signal.aborted) {
      await waits.sleep(everyMs);
      void deliver(toEvent(source, detailType, detail));
    }
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
  function toEvent(source: string, detailType: string, detail: unknown): BusEvent {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account: settings.accountId,
      time: `${new Date(clock.now()).toISOString().slice(0, 19)}Z`,
      region: settings.regions[0] as string,
      resources: [],
      detail,
    };
  }

  async function track(work: Promise<void>): Promise<void> {
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
  }

  return {
    url: endpoint.url,
    events,
    deadLetters,
    list: endpoint.list,
    region: endpoint.region,
    deliver,
    deploy(functions) {
      for (const target of functions) {
        rules.push(...target.eventPatterns.map((pattern) => ({ matches: compileEventPattern(pattern), target })));
        for (const schedule of target.schedules) void runSchedule(target, schedule);
      }
    },
    schedule(schedules) {
      for (const schedule of schedules) void runBusSchedule(schedule);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    async close() {
      closing.abort();
      await endpoint.close();
    },
  };
}
