import type { EventEmitter } from 'node:events';
import type { Accounts } from './accounts.ts';
import { type BusEvent, toEnvelope } from './bus-event.ts';
import { type Clock, repeat } from './clock.ts';
import { compileEventPattern, type Matcher } from './event-pattern.ts';
import { findBus } from './events/bus-permission.ts';
import { type Forwarded, forwardedBy } from './events/forward.ts';
import { inputOf } from './input-transformer.ts';
import type { Invocations, LocalFunction } from './invocations.ts';
import type { LocalAwsEvents } from './local-aws-events.ts';
import { type BusSchedule, type LocalPlace, localFunctionArn, type Schedule } from './stack.ts';
import type { UnderWay } from './under-way.ts';

interface Surroundings {
  readonly accounts: Accounts;
  /** Where the functions are. */
  readonly home: LocalPlace;
  readonly clock: Clock;
  readonly ending: AbortSignal;
  readonly events: EventEmitter<LocalAwsEvents>;
  readonly underWay: UnderWay;
  readonly invocations: Invocations;
}

/** Brings the events of all buses to the functions and to the other buses that they are for, as EventBridge does. */
export class EventRouter {
  readonly #around: Surroundings;
  readonly #rules: { readonly busArn: string; readonly matches: Matcher; readonly target: LocalFunction }[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Lets the rules and the schedules of a function invoke it from now on. */
  deploy(target: LocalFunction): void {
    const busArn = busArnOf(this.#around.home, target.eventBusName);
    this.#rules.push(
      ...target.eventPatterns.map((pattern) => ({ busArn, matches: compileEventPattern(pattern), target })),
    );
    for (const schedule of target.schedules) void this.#repeat(target, schedule);
  }

  /** Puts an event on the bus again and again. */
  schedule({ everyMs, ...said }: BusSchedule): void {
    const { home, clock, ending } = this.#around;
    void repeat(everyMs, clock, ending, () => void this.deliver(toEnvelope(home, clock.now(), said)));
  }

  /** Puts an event on a bus; without one, on that of its own account and region. */
  async deliver(event: BusEvent, busArn = this.#ownBusOf(event)): Promise<void> {
    if (this.#around.ending.aborted) return;
    this.#around.events.emit('event', event);
    await this.#route(event, busArn, false);
  }

  /** Routes an event of a service of AWS itself from the default bus of the home place. */
  routeAtHome(event: BusEvent): Promise<void> {
    return this.#route(event, busArnOf(this.#around.home), false);
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html */
  async #repeat(target: LocalFunction, { everyMs, input }: Schedule): Promise<void> {
    const { home, clock, ending, events, invocations } = this.#around;
    await repeat(everyMs, clock, ending, () => {
      const event = toEnvelope(home, clock.now(), {
        source: 'aws.events',
        detailType: 'Scheduled Event',
        detail: {},
      });
      events.emit('event', event);
      invocations.begin(target, event, input ?? event);
    });
  }

  async #route(event: BusEvent, busArn: string, wasForwarded: boolean): Promise<void> {
    const { events, underWay, invocations } = this.#around;
    const routed = new Set(
      this.#rules
        .filter((rule) => rule.busArn === busArn && rule.matches(event) && !this.#isSwitchedOff(rule.target, busArn))
        .map(({ target }) => target),
    );
    const forwarded = wasForwarded ? [] : this.#forwardedFrom(busArn, event);
    for (const one of forwarded) events.emit('forwarded', one);
    await underWay.track(
      Promise.all([
        ...[...routed].map((target) => invocations.invoke(target, event, inputOf(event, target))),
        ...forwarded.map((one) => this.#route(one.event, one.busArn, true)),
      ]).then(() => {}),
    );
  }

  /** Whether someone disabled the rule that a stack has for a function. Without a stack, there is none to disable. */
  #isSwitchedOff({ name }: LocalFunction, busArn: string): boolean {
    const { accounts, home } = this.#around;
    const arn = localFunctionArn(home, name);
    const own = [...(findBus(busArn, accounts)?.rules.values() ?? [])].filter(({ targets }) =>
      targets.some((target) => target.Arn === arn),
    );
    return own.length > 0 && own.every((rule) => accounts.home.stateOf(rule) === 'DISABLED');
  }

  /** Documented: an event that was forwarded is not forwarded again, so that it cannot go round. */
  #forwardedFrom(busArn: string, event: BusEvent): Forwarded[] {
    const { accounts } = this.#around;
    const bus = findBus(busArn, accounts);
    const account = accounts.find(busArn.split(':')[4] ?? '');
    return bus === undefined || account === undefined ? [] : forwardedBy(bus, account, event, accounts);
  }

  /** Alone, an account has one bus for all its regions: its functions are to see what happens in each. */
  #ownBusOf({ account, region }: BusEvent): string {
    const { accounts, home } = this.#around;
    const homeBus = busArnOf(home);
    if (accounts.organization === undefined) return homeBus;
    return accounts.find(account)?.region(region)?.eventBuses.find('default')?.arn ?? homeBus;
  }
}

function busArnOf({ account, region }: LocalPlace, name = 'default'): string {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`;
}
