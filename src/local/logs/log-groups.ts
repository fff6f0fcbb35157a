import type { Clock } from '../clock.ts';

/** One line of a log. */
export interface LogEvent {
  readonly id: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** The log groups of one account in one region, each with its lines, oldest first. */
export class LogGroups {
  readonly #clock: Clock;
  readonly #groups = new Map<string, LogEvent[]>();
  #lines = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes a log group. One that is there stays as it is. */
  put(name: string): void {
    if (!this.#groups.has(name)) this.#groups.set(name, []);
  }

  /** Writes a line, of now if nothing else is said. Without such a group, nothing keeps it. */
  write(name: string, message: string, timestamp = this.#clock.now()): void {
    this.#lines += 1;
    this.#groups.get(name)?.push({ id: String(this.#lines).padStart(56, '0'), message, timestamp });
  }

  /** The lines of a group; `undefined` if there is none of that name. */
  find(name: string): readonly LogEvent[] | undefined {
    return this.#groups.get(name);
  }
}
