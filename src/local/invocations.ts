import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { BusEvent } from './bus-event.ts';
import type { Clock } from './clock.ts';
import { subjectOfEvent } from './cloudtrail-record.ts';
import { type Faults, subjectOf } from './faults.ts';
import { type Attempt, type DeadLetter, type Invoke, invokeAsynchronously, type Mishap } from './lambda.ts';
import type { LocalAwsEvents } from './local-aws-events.ts';
import type { Region } from './region.ts';
import type { StackFunction } from './stack.ts';
import type { UnderWay } from './under-way.ts';

/** A function and what runs it. */
export type LocalFunction = StackFunction & { readonly invoke: Invoke };

interface Surroundings {
  readonly faults: Faults;
  readonly clock: Clock;
  readonly ending: AbortSignal;
  readonly events: EventEmitter<LocalAwsEvents>;
  readonly underWay: UnderWay;
  /** Where the functions are. Asked for when it is needed, because whatever looks at a region opens it. */
  readonly region: () => Region | undefined;
  /** Is notified of what a function returned for an event, if that function reports success. */
  readonly onSuccess: (target: LocalFunction, payload: unknown, result: unknown) => void;
}

/** How much of an error is in the attribute of a dead letter, in characters. */
const LONGEST_ERROR = 1024;

/** When a function crashes at the latest, and how much time one has at most that is to run out of it. */
const LATEST_CRASH_MS = 200;
const SHORTENED_TIME_MS = 2_000;

/** The functions that are deployed, and their invocations. */
export class Invocations {
  readonly #around: Surroundings;
  readonly #functions: LocalFunction[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  deploy(target: LocalFunction): void {
    this.#functions.push(target);
  }

  find(nameOrArn: string): LocalFunction | undefined {
    return this.#functions.find(({ name }) => nameOrArn === name || nameOrArn.endsWith(`:${name}`));
  }

  /** Begins an asynchronous invocation, unless the local AWS ends. */
  begin(target: LocalFunction, event: BusEvent, payload: unknown = event): void {
    if (!this.#around.ending.aborted) void this.#around.underWay.track(this.invoke(target, event, payload));
  }

  /** The same as someone asked for it by Lambda's API. False if there is no such function. */
  beginByName(functionName: string, payload: unknown): boolean {
    const target = this.find(functionName);
    if (target === undefined) return false;
    // A caller may send what is no event.
    const event = typeof payload === 'object' && payload !== null ? payload : {};
    this.begin(target, event as BusEvent, payload);
    return true;
  }

  /** An asynchronous invocation, with all its tries. What Lambda gives up on becomes a dead letter. */
  async invoke(target: LocalFunction, event: BusEvent, payload: unknown = event): Promise<void> {
    const { clock, ending, events, onSuccess } = this.#around;
    const functionName = target.name;
    const onAttempt = (attempt: Attempt, number: number, requestId: string) =>
      events.emit('attempt', { functionName, event, requestId, attempt, number });
    const troubled = this.#troubled(target, event);
    const { deadLetter, result } = await invokeAsynchronously(payload, troubled, clock, onAttempt, ending);
    if (deadLetter === undefined) {
      if (target.reportsSuccess && !ending.aborted) onSuccess(target, payload, result);
      return;
    }
    events.emit('deadLetter', deadLetter);
    this.#keepInQueue(deadLetter);
  }

  /** Documented: the answer has the payload in it, and a function that fails fails the task with the name of its error. */
  async invokeAndWait(target: LocalFunction, payload: unknown): Promise<unknown> {
    const mishap = this.#drawMishap(subjectOf(target.name, [JSON.stringify(payload)]));
    const attempt = await target.invoke(payload, randomUUID(), mishap);
    if (attempt.error === undefined) {
      return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: attempt.result };
    }
    throw Object.assign(new Error(attempt.error.message), { name: attempt.error.name });
  }

  /** Takes a line that a function printed: into its log group, and what it says of metrics. */
  takeLine(functionName: string, line: string): void {
    this.#around.region()?.metrics.takeFrom(line);
    this.#log(functionName, line);
  }

  #log(functionName: string, line: string): void {
    const region = this.#around.region();
    region?.logGroups.write(region.functions.find(functionName)?.logGroup ?? '', line);
  }

  /** The function with what goes wrong with each of its tries for an event. */
  #troubled(target: LocalFunction, event: BusEvent): LocalFunction {
    const functionName = target.name;
    const subject = subjectOf(functionName, [subjectOfEvent(event)]);
    return {
      ...target,
      invoke: (sent, requestId) => {
        // Lambda's own line. AWS Lambda Developer Guide, "Log function output".
        this.#log(functionName, `START RequestId: ${requestId} Version: $LATEST`);
        this.#around.events.emit('invoked', { functionName, event });
        return target.invoke(sent, requestId, this.#drawMishap(subject));
      },
    };
  }

  #drawMishap(subject: string): Mishap {
    const { faults } = this.#around;
    return {
      ...(faults.happens('crash', subject) && { crashAfterMs: faults.draw('the crash', subject) * LATEST_CRASH_MS }),
      ...(faults.happens('timeOut', subject) && {
        timeoutMs: faults.draw('the time-out', subject) * SHORTENED_TIME_MS,
      }),
    };
  }

  /** AWS Lambda Developer Guide, "Adding a dead-letter queue": the event itself, and why. */
  #keepInQueue({ functionName, event, requestId, error }: DeadLetter): void {
    const region = this.#around.region();
    const queue = region?.queues.find(region.functions.find(functionName)?.deadLetterQueue ?? '');
    const ErrorMessage = error.message.slice(0, LONGEST_ERROR);
    queue?.send(JSON.stringify(event), { RequestID: requestId, ErrorCode: 200, ErrorMessage });
  }
}
