import { EventEmitter } from 'node:events';
import type { Accounts } from './accounts.ts';
import { type ApiCall, type EndpointSettings, startApiEndpoint } from './api-endpoint.ts';
import type { BusEvent } from './bus-event.ts';
import { type Clock, systemClock } from './clock.ts';
import { recordCall } from './cloudtrail/record-call.ts';
import type { CacheSecurityGroup } from './elasticache/cache-security-groups.ts';
import { eventCarrier } from './event-bus.ts';
import { EventRouter } from './event-router.ts';
import type { Execution } from './executions.ts';
import { drawFaults, NO_FAULTS } from './faults.ts';
import type { Role } from './iam/caller.ts';
import { Invocations, type LocalFunction } from './invocations.ts';
import type { DeadLetter } from './lambda.ts';
import type { LocalAwsEvents } from './local-aws-events.ts';
import type { Region } from './region.ts';
import { checkScheduledCall, repeatScheduledCall } from './scheduled-call.ts';
import type { BusSchedule, CallSchedule, StackStateMachine } from './stack.ts';
import { StateMachines } from './state-machines.ts';
import type { SessionCredentials } from './sts/sessions.ts';
import { UnderWay } from './under-way.ts';

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

/**
 * Starts a local AWS. Every API call becomes a CloudTrail record, every record an event on the bus, and the bus invokes
 * the functions by the event patterns of their rules.
 *
 * @throws if the port is taken.
 */
export async function startLocalAws(settings: EndpointSettings, clock: Clock = systemClock()): Promise<LocalAws> {
  const faults = settings.faults ?? drawFaults(NO_FAULTS);
  const home = { account: settings.accountId, region: settings.regions[0] as string };
  const closing = new AbortController();
  const ending = closing.signal;
  /** No one waits longer than the local AWS is there. */
  const waits: Clock = { now: () => clock.now(), sleep: (ms) => clock.sleep(ms, ending) };
  const underWay = new UnderWay();
  const deadLetters: DeadLetter[] = [];
  const events = new EventEmitter<LocalAwsEvents>();
  events.on('deadLetter', (deadLetter) => deadLetters.push(deadLetter));
  const carrier = eventCarrier(faults, waits, (event) => router.deliver(event));

  const endpoint = await startApiEndpoint({ ...settings, faults }, clock, onCall, {
    onEvent: (event, busArn) => void router.deliver(event, busArn),
    onMisplaced: (misplaced) => events.emit('misplaced', misplaced),
    onInvoke: (functionName, payload) => invocations.beginByName(functionName, payload),
  });
  const { accounts } = endpoint;

  function onCall(call: ApiCall): void {
    events.emit('call', call);
    const event = recordCall(call, new Date(clock.now()), accounts);
    if (event !== undefined) void underWay.track(carrier.carry(event));
  }

  const invocations = new Invocations({
    faults,
    clock: waits,
    ending,
    events,
    underWay,
    region: () => accounts.home.region(home.region),
    onSuccess: (target, payload, result) => stateMachines.startByResult(target, payload, result),
  });
  const router = new EventRouter({ accounts, home, clock: waits, ending, events, underWay, invocations });
  const stateMachines = new StateMachines({
    home,
    clock: waits,
    ending,
    events,
    invocations,
    onEvent: (event) => void router.routeAtHome(event),
  });
  events.on('output', ({ functionName, line }) => invocations.takeLine(functionName, line));

  return {
    url: endpoint.url,
    events,
    accounts,
    deadLetters,
    list: endpoint.list,
    region: endpoint.region,
    signInAs(role) {
      const session = { name: 'local', now: clock.now(), durationMs: Number.POSITIVE_INFINITY };
      return accounts.sessions.issue(role, session).credentials;
    },
    deploy(functions) {
      for (const target of functions) {
        invocations.deploy(target);
        router.deploy(target);
      }
    },
    deployStateMachines(machines) {
      for (const machine of machines) stateMachines.deploy(machine);
    },
    startExecution: (machine, name, input) => stateMachines.start(machine, name, input),
    schedule(schedules) {
      for (const schedule of schedules) router.schedule(schedule);
    },
    scheduleCalls(schedules) {
      for (const schedule of schedules) {
        checkScheduledCall(schedule);
        void repeatScheduledCall(schedule, endpoint, { region: home.region, clock: waits, ending, underWay });
      }
    },
    deliver: (event) => router.deliver(event),
    idle: () => underWay.idle(),
    async close() {
      closing.abort();
      await endpoint.close();
    },
  };
}
