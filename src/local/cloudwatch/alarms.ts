import type { Clock } from '../clock.ts';

/** An alarm, and the state that a test gave it: nothing here looks at its metrics. */
export interface Alarm {
  readonly name: string;
  readonly arn: string;
  /** The ARNs of what it calls when it fires. Nothing here calls them. */
  actions: readonly string[];
  isEnabled: boolean;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Why it is in that state. */
  reason: string;
  /** Since when, in milliseconds since the epoch. */
  since: number;
}

/** The alarms of one account in one region. */
export class Alarms {
  readonly #clock: Clock;
  readonly #alarms = new Map<string, Alarm>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes an alarm. Its state is that of a new one on AWS. */
  put(name: string, arn: string, actions: readonly string[] = []): Alarm {
    const reason = 'Unchecked: Initial alarm creation';
    const alarm: Alarm = {
      ...{ name, arn, actions, isEnabled: true },
      ...{ state: 'INSUFFICIENT_DATA', reason, since: this.#clock.now() },
    };
    this.#alarms.set(name, alarm);
    return alarm;
  }

  delete(name: string): void {
    this.#alarms.delete(name);
  }

  /** All, in order of their names. */
  list(): Alarm[] {
    return [...this.#alarms.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}
