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
import {
  type BusSchedule,
  localFunctionArn,
  type Schedule,
  type StackFunction,
  type StackStateMachine,
} from './stack.ts';
import { execute, type Tasks } from './step-functions.ts';

/** What the local AWS tells of as it happens. */
export interface LocalAwsEvents {
  call: [ApiCall];
  /** An event on the bus: of a call, of a schedule, or put there with `deliver`. */
  event: [BusEvent];
  /** One try of a function. */
  attempt: [
    {
      readonly functionName: string;
      readonly event: BusEvent;
      readonly requestId: string;
      readonly attempt: Attempt;
      readonly number: number;
    },
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
  /** Lets the bus start these state machines from now on, by what functions returned for events. */
  deployStateMachines(machines: readonly StackStateMachine[]): void;
  /** Puts an event on the bus again and again. */
  schedule(schedules: readonly BusSchedule[]): void;
  /** Puts an event on the bus; ends when every function it was routed to has ended, with all their tries. */
  deliver(event: BusEvent): Promise<void>;
  /** Ends when no event is under way. One that waits in a state machine is not. */
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
  const functions: LocalFunction[] = [];
  const starters: {
    readonly machine: StackStateMachine;
    readonly matches: Matcher;
    readonly inputPath: readonly string[];
  }[] = [];
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
    const onAttempt = (attempt: Attempt, number: number, requestId: string) =>
      events.emit('attempt', { functionName, event, requestId, attempt, number });
    const subject = subjectOf(functionName, [subjectOfEvent(event)]);
    const troubled: LocalFunction = {
      ...target,
      invoke: (sent, requestId) => target.invoke(sent, requestId, drawMishap(subject)),
    };
    const { deadLetter, result } = await invokeAsynchronously(payload, troubled, waits, onAttempt, closing.signal);
    if (deadLetter === undefined) {
      if (target.reportsSuccess && !closing.signal.aborted) startMachines(toResultEvent(target, payload, result));
      return;
    }
    deadLetters.push(deadLetter);
    events.emit('deadLetter', deadLetter);
  }

  /** AWS Lambda Developer Guide, "Adding a destination", and what public rules on such events look at. */
  function toResultEvent(target: LocalFunction, requestPayload: unknown, responsePayload: unknown): BusEvent {
    const here = { account: settings.accountId, region: settings.regions[0] as string };
    return toEvent('lambda', 'Lambda Function Invocation Result - Success', {
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: { functionArn: `${localFunctionArn(here, target.name)}:$LATEST`, condition: 'Success' },
      requestPayload,
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload,
    });
  }

  function startMachines(event: BusEvent): void {
    for (const { machine, matches, inputPath } of starters) {
      if (!matches(event)) continue;
      const input = inputPath.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], event);
      const tell = (error: Error) =>
        events.emit('output', { functionName: machine.name, line: `execution failed: ${error.message}` });
      void execute(machine, input, { clock: waits, tasks: tasksOf(machine), ending: closing.signal }).catch(tell);
    }
  }

  function tasksOf(machine: StackStateMachine): Tasks {
    return {
      'lambda:invoke': ({ FunctionName, Payload }: { FunctionName: string; Payload: BusEvent }) => {
        const target = functions.find(({ name }) => FunctionName.endsWith(`:${name}`));
        if (target === undefined) throw new Error(`there is no function ${FunctionName}`);
        if (!closing.signal.aborted) void track(invoke(target, Payload));
        return { StatusCode: 202 };
      },
      'sqs:sendMessage': ({ MessageBody }: { MessageBody: unknown }) => {
        const error = { name: machine.name, message: 'the function could not be invoked' };
        const deadLetter = {
          functionName: machine.name,
          requestId: randomUUID(),
          event: MessageBody,
          attempts: 0,
          error,
        };
        deadLetters.push(deadLetter);
        events.emit('deadLetter', deadLetter);
        return {};
      },
    };
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
    deploy(deployed) {
      for (const target of deployed) {
        functions.push(target);
        rules.push(...target.eventPatterns.map((pattern) => ({ matches: compileEventPattern(pattern), target })));
        for (const schedule of target.schedules) void runSchedule(target, schedule);
      }
    },
    deployStateMachines(machines) {
      for (const machine of machines) {
        for (const { pattern, inputPath } of machine.startedBy) {
          starters.push({ machine, matches: compileEventPattern(pattern), inputPath });
        }
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
