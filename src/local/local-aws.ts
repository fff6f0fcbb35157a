import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Accounts } from './accounts.ts';
import { type ApiCall, type EndpointSettings, startApiEndpoint } from './api-endpoint.ts';
import { ApiError } from './api-error.ts';
import { type BusEvent, toEnvelope } from './bus-event.ts';
import { type Clock, systemClock } from './clock.ts';
import { logsManagementEvent } from './cloudtrail/trails.ts';
import { subjectOfEvent, toBusEvent, toCloudTrailRecord } from './cloudtrail-record.ts';
import type { CacheSecurityGroup } from './elasticache/cache-security-groups.ts';
import { eventCarrier } from './event-bus.ts';
import { compileEventPattern, type Matcher } from './event-pattern.ts';
import { findBus } from './events/bus-permission.ts';
import { forwardedBy } from './events/forward.ts';
import { type Execution, type ExecutionChange, Executions } from './executions.ts';
import { drawFaults, NO_FAULTS, subjectOf } from './faults.ts';
import type { Role } from './iam/caller.ts';
import { inputOf } from './input-transformer.ts';
import { type Attempt, type DeadLetter, type Invoke, invokeAsynchronously, type Mishap } from './lambda.ts';
import type { Misplaced } from './misplaced.ts';
import type { Region } from './region.ts';
import { checkScheduledCall, makeScheduledCall } from './scheduled-call.ts';
import {
  type BusSchedule,
  type CallSchedule,
  localFunctionArn,
  type Schedule,
  type StackFunction,
  type StackStateMachine,
} from './stack.ts';
import type { Tasks } from './step-functions.ts';
import type { SessionCredentials } from './sts/sessions.ts';

/** What the local AWS reports as it happens. */
export interface LocalAwsEvents {
  call: [ApiCall];
  /** An event on the bus: of a call, of a schedule, or put there with `deliver`. */
  event: [BusEvent];
  /** A function begins with an event. */
  invoked: [{ readonly functionName: string; readonly event: BusEvent }];
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
  /** An event that a rule put on another bus, by the bus's ARN. */
  forwarded: [{ readonly event: BusEvent; readonly busArn: string }];
  /** A call that names what another account, or another region, has. It was refused, or answered as if nothing were there. */
  misplaced: [Misplaced];
  /** A line that a function printed. */
  output: [{ readonly functionName: string; readonly line: string }];
}

/** A function and what runs it. */
export type LocalFunction = StackFunction & { readonly invoke: Invoke };

/** An endpoint of AWS's APIs, CloudTrail, an event bus, schedules and Lambda's asynchronous invocation, on loopback. */
export interface LocalAws {
  readonly url: string;
  readonly events: EventEmitter<LocalAwsEvents>;
  /** All accounts, to look at and to change behind the API's back. */
  readonly accounts: Accounts;
  /** What Lambda gave up on, oldest first. Redriving one takes it out. */
  readonly deadLetters: DeadLetter[];
  /** The cache security groups of a region as they are now, in order of their names. */
  list(region: string): readonly CacheSecurityGroup[];
  /** All that the account has in a region, to look at and to change behind the API's back; `undefined` if there is none. */
  region(name: string): Region | undefined;
  /** Credentials of a role, as Lambda gives them to a function that runs with it. They do not expire. */
  signInAs(role: Role): SessionCredentials;
  /** Lets the bus and the schedules invoke these functions from now on. */
  deploy(functions: readonly LocalFunction[]): void;
  /** Lets the bus start these state machines from now on, by what functions returned for events, and `startExecution`. */
  deployStateMachines(machines: readonly StackStateMachine[]): void;
  /**
   * Starts a state machine, as StartExecution does for one that is `STANDARD`.
   *
   * @throws {ApiError} ExecutionAlreadyExists for a name that was used, unless that execution is running with the same input;
   * StateMachineDoesNotExist.
   */
  startExecution(machine: string, name: string, input: unknown): Execution;
  /** Puts an event on the bus again and again. */
  schedule(schedules: readonly BusSchedule[]): void;
  /** Makes a call again and again, each with its role. */
  scheduleCalls(schedules: readonly (CallSchedule & { readonly roleArn: string })[]): void;
  /** Puts an event on the bus; ends when every function it was routed to has ended, with all their tries. */
  deliver(event: BusEvent): Promise<void>;
  /** Ends when no event is under way. One that waits in a state machine is not. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** What `arn:aws:states:::lambda:invoke` takes. */
interface LambdaInvoke {
  readonly FunctionName: string;
  /** `RequestResponse` if not given. */
  readonly InvocationType?: string;
  readonly Payload: unknown;
}

/** What `arn:aws:states:::states:startExecution` takes. */
interface StartExecution {
  readonly StateMachineArn: string;
  readonly Name?: string;
  readonly Input?: unknown;
}

/** How much of an error is in the attribute of a dead letter, in characters. */
const LONGEST_ERROR = 1024;

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
  const rules: { readonly busArn: string; readonly matches: Matcher; readonly target: LocalFunction }[] = [];
  const functions: LocalFunction[] = [];
  const starters: {
    readonly machine: StackStateMachine;
    readonly matches: Matcher;
    readonly inputPath: readonly string[];
  }[] = [];
  const machines = new Map<string, StackStateMachine>();
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();
  /** No one waits longer than the local AWS is there. */
  const waits: Clock = { now: () => clock.now(), sleep: (ms) => clock.sleep(ms, closing.signal) };
  const carrier = eventCarrier(faults, waits, deliver);
  const executions = new Executions({ clock: waits, ending: closing.signal, tasksOf, onChange: onExecution });

  const endpoint = await startApiEndpoint({ ...settings, faults }, clock, onCall, {
    onEvent: (event, busArn) => void deliver(event, busArn),
    onMisplaced: (misplaced) => events.emit('misplaced', misplaced),
    onInvoke(functionName, payload) {
      const target = functions.find(({ name }) => name === functionName);
      if (target === undefined) return false;
      // A caller may send what is no event.
      const event = typeof payload === 'object' && payload !== null ? payload : {};
      if (!closing.signal.aborted) void track(invoke(target, event as BusEvent, payload));
      return true;
    },
  });
  const { accounts } = endpoint;
  const home = { account: settings.accountId, region: settings.regions[0] as string };
  const homeBus = busArnOf('default');

  events.on('output', ({ functionName, line }) => {
    accounts.home.region(home.region)?.metrics.takeFrom(line);
    log(functionName, line);
  });

  function onCall(call: ApiCall): void {
    events.emit('call', call);
    if (call.service.operations.get(call.action)?.isDataEvent) return;
    const record = toCloudTrailRecord(call, new Date(clock.now()));
    accounts.find(call.principal.accountId)?.history.add(record);
    if (!isRecorded(call)) return;
    void track(carrier.carry(toBusEvent(record)));
  }

  /** Documented: EventBridge gets a call only where a trail logs it. */
  function isRecorded({ service, principal, region, readOnly }: ApiCall): boolean {
    const trails = accounts.find(principal.accountId)?.trails.in(region) ?? [];
    return trails.some((trail) => logsManagementEvent(trail, `${service.name}.amazonaws.com`, readOnly));
  }

  /** Puts an event on a bus; without one, on that of its own account and region. */
  async function deliver(event: BusEvent, busArn = ownBusOf(event)): Promise<void> {
    if (closing.signal.aborted) return;
    events.emit('event', event);
    await route(event, busArn, false);
  }

  async function route(event: BusEvent, busArn: string, wasForwarded: boolean): Promise<void> {
    const routed = new Set(
      rules
        .filter((rule) => rule.busArn === busArn && rule.matches(event) && !isSwitchedOff(rule.target, busArn))
        .map(({ target }) => target),
    );
    const forwarded = wasForwarded ? [] : forwardedFrom(busArn, event);
    for (const one of forwarded) events.emit('forwarded', one);
    await track(
      Promise.all([
        ...[...routed].map((target) => invoke(target, event, inputOf(event, target))),
        ...forwarded.map((one) => route(one.event, one.busArn, true)),
      ]).then(() => {}),
    );
  }

  /** Whether someone disabled the rule that a stack has for a function. Without a stack, there is none to disable. */
  function isSwitchedOff({ name }: LocalFunction, busArn: string): boolean {
    const arn = localFunctionArn(home, name);
    const own = [...(findBus(busArn, accounts)?.rules.values() ?? [])].filter(({ targets }) =>
      targets.some((target) => target.Arn === arn),
    );
    return own.length > 0 && own.every((rule) => accounts.home.stateOf(rule) === 'DISABLED');
  }

  /** Documented: an event that was forwarded is not forwarded again, so that it cannot go round. */
  function forwardedFrom(busArn: string, event: BusEvent) {
    const bus = findBus(busArn, accounts);
    const account = accounts.find(busArn.split(':')[4] ?? '');
    return bus === undefined || account === undefined ? [] : forwardedBy(bus, account, event, accounts);
  }

  function busArnOf(name: string): string {
    return `arn:aws:events:${home.region}:${home.account}:event-bus/${name}`;
  }

  /** Alone, an account has one bus for all its regions: its functions are to see what happens in each. */
  function ownBusOf({ account, region }: BusEvent): string {
    if (accounts.organization === undefined) return homeBus;
    return accounts.find(account)?.region(region)?.eventBuses.find('default')?.arn ?? homeBus;
  }

  async function invoke(target: LocalFunction, event: BusEvent, payload: unknown = event): Promise<void> {
    const functionName = target.name;
    const onAttempt = (attempt: Attempt, number: number, requestId: string) =>
      events.emit('attempt', { functionName, event, requestId, attempt, number });
    const subject = subjectOf(functionName, [subjectOfEvent(event)]);
    const troubled: LocalFunction = {
      ...target,
      invoke(sent, requestId) {
        // Lambda's own line. AWS Lambda Developer Guide, "Log function output".
        log(functionName, `START RequestId: ${requestId} Version: $LATEST`);
        events.emit('invoked', { functionName, event });
        return target.invoke(sent, requestId, drawMishap(subject));
      },
    };
    const { deadLetter, result } = await invokeAsynchronously(payload, troubled, waits, onAttempt, closing.signal);
    if (deadLetter === undefined) {
      if (target.reportsSuccess && !closing.signal.aborted) startMachines(toResultEvent(target, payload, result));
      return;
    }
    deadLetters.push(deadLetter);
    events.emit('deadLetter', deadLetter);
    keepInQueue(deadLetter);
  }

  function log(functionName: string, line: string): void {
    const region = accounts.home.region(home.region);
    region?.logGroups.write(region.functions.find(functionName)?.logGroup ?? '', line);
  }

  /** AWS Lambda Developer Guide, "Adding a dead-letter queue": the event itself, and why. */
  function keepInQueue({ functionName, event, requestId, error }: DeadLetter): void {
    const region = accounts.home.region(home.region);
    const queue = region?.queues.find(region.functions.find(functionName)?.deadLetterQueue ?? '');
    const ErrorMessage = error.message.slice(0, LONGEST_ERROR);
    queue?.send(JSON.stringify(event), { RequestID: requestId, ErrorCode: 200, ErrorMessage });
  }

  /** AWS Lambda Developer Guide, "Adding a destination", and what public rules on such events look at. */
  function toResultEvent(target: LocalFunction, requestPayload: unknown, responsePayload: unknown): BusEvent {
    return toEvent('lambda', 'Lambda Function Invocation Result - Success', {
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: { functionArn: `${localFunctionArn(home, target.name)}:$LATEST`, condition: 'Success' },
      requestPayload,
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload,
    });
  }

  function startMachines(event: BusEvent): void {
    for (const { machine, matches, inputPath } of starters) {
      if (!matches(event)) continue;
      const input = inputPath.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], event);
      executions.start(machine, randomUUID(), input);
    }
  }

  /** Step Functions Developer Guide, "Step Functions Execution Status Change". Here, an ARN of a state machine is its logical id. */
  function onExecution(change: ExecutionChange): void {
    if (change.status === 'FAILED') {
      events.emit('output', { functionName: change.stateMachineArn, line: `execution failed: ${change.cause}` });
    }
    if (closing.signal.aborted) return;
    void route(toEvent('aws.states', 'Step Functions Execution Status Change', change), homeBus, false);
  }

  function tasksOf(machine: StackStateMachine): Tasks {
    return {
      'lambda:invoke': ({ FunctionName, InvocationType, Payload }: LambdaInvoke) => {
        const target = functions.find(({ name }) => FunctionName === name || FunctionName.endsWith(`:${name}`));
        if (target === undefined) throw new Error(`there is no function ${FunctionName}`);
        if (InvocationType !== 'Event') return invokeAndWait(target, Payload);
        if (!closing.signal.aborted) void track(invoke(target, Payload as BusEvent));
        return { StatusCode: 202 };
      },
      'states:startExecution': ({ StateMachineArn, Name = randomUUID(), Input = {} }: StartExecution) => {
        try {
          const { name } = startExecution(StateMachineArn, Name, Input);
          return { ExecutionArn: `${StateMachineArn}:${name}`, StartDate: new Date(clock.now()).toISOString() };
        } catch (error) {
          // Documented: so are errors of other services called, in states that call them.
          const { code, message } = error as ApiError;
          throw Object.assign(new Error(message, { cause: error }), { name: `StepFunctions.${code}Exception` });
        }
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

  function startExecution(machineName: string, name: string, input: unknown): Execution {
    const machine = machines.get(machineName);
    if (machine !== undefined) return executions.start(machine, name, input);
    throw new ApiError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineName}'`);
  }

  /** Documented: the answer has the payload in it, and a function that fails fails the task with the name of its error. */
  async function invokeAndWait(target: LocalFunction, payload: unknown): Promise<unknown> {
    const mishap = drawMishap(subjectOf(target.name, [JSON.stringify(payload)]));
    const attempt = await target.invoke(payload, randomUUID(), mishap);
    if (attempt.error === undefined) {
      return { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: attempt.result };
    }
    throw Object.assign(new Error(attempt.error.message), { name: attempt.error.name });
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

  async function runCallSchedule({ everyMs, roleArn, ...call }: CallSchedule & { readonly roleArn: string }) {
    const role = accounts.home.roles.find(roleArn);
    if (role === undefined) throw new Error(`there is no role ${roleArn}`);
    while (!closing.signal.aborted) {
      await waits.sleep(everyMs);
      if (closing.signal.aborted) return;
      const session = { name: 'scheduler', now: clock.now(), durationMs: 3_600_000 };
      const { credentials } = accounts.sessions.issue(role, session);
      const as = { credentials, region: home.region, date: new Date(session.now) };
      await track(makeScheduledCall(endpoint.url, call, as, closing.signal));
    }
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
  function toEvent(source: string, detailType: string, detail: unknown): BusEvent {
    return toEnvelope(home, clock.now(), { source, detailType, detail });
  }

  async function track(work: Promise<void>): Promise<void> {
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
  }

  return {
    url: endpoint.url,
    events,
    accounts,
    deadLetters,
    list: endpoint.list,
    region: endpoint.region,
    deliver,
    signInAs(role) {
      const session = { name: 'local', now: clock.now(), durationMs: Number.POSITIVE_INFINITY };
      return accounts.sessions.issue(role, session).credentials;
    },
    deploy(deployed) {
      for (const target of deployed) {
        functions.push(target);
        const busArn = busArnOf(target.eventBusName ?? 'default');
        rules.push(
          ...target.eventPatterns.map((pattern) => ({ busArn, matches: compileEventPattern(pattern), target })),
        );
        for (const schedule of target.schedules) void runSchedule(target, schedule);
      }
    },
    deployStateMachines(deployed) {
      for (const machine of deployed) {
        machines.set(machine.name, machine);
        for (const { pattern, inputPath } of machine.startedBy) {
          starters.push({ machine, matches: compileEventPattern(pattern), inputPath });
        }
      }
    },
    startExecution,
    schedule(schedules) {
      for (const schedule of schedules) void runBusSchedule(schedule);
    },
    scheduleCalls(schedules) {
      for (const schedule of schedules) {
        checkScheduledCall(schedule);
        void runCallSchedule(schedule);
      }
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
