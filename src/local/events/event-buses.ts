import { compileEventPattern, type Matcher } from '../event-pattern.ts';
import { compilePolicy, type Policy } from '../iam/policy.ts';

/** A rule of an event bus. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  /** Not there for a rule that a schedule starts. */
  readonly eventPattern?: object;
  readonly scheduleExpression?: string;
  readonly matches: Matcher;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly description?: string;
  readonly targets: readonly RuleTarget[];
}

/** Where a rule sends what fits, as ListTargetsByRule answers it. */
export interface RuleTarget {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly DeadLetterConfig?: { readonly Arn: string };
  /** What it gets in place of the event. Kept and answered; what is delivered here is the event. */
  readonly Input?: string;
}

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  /** Who of other accounts may put events on it: no one, if it has none. */
  readonly policy?: Policy;
  readonly rules: ReadonlyMap<string, Rule>;
}

/** A rule as a template writes it. */
export interface WrittenRule {
  readonly name: string;
  readonly eventPattern?: object;
  readonly scheduleExpression?: string;
  /** `ENABLED` if not given. */
  readonly state?: Rule['state'];
  readonly description?: string;
  readonly targets: readonly RuleTarget[];
}

interface Kept extends EventBus {
  readonly rules: Map<string, Rule>;
}

/** The event buses of one account in one region. `default` is always there. */
export class EventBuses {
  readonly #accountId: string;
  readonly #region: string;
  readonly #buses = new Map<string, Kept>();

  constructor(accountId: string, region: string) {
    this.#accountId = accountId;
    this.#region = region;
    this.put('default');
  }

  /**
   * Makes a bus, or gives it another policy. Its rules stay.
   *
   * @throws if the policy is malformed, or uses what is not known here.
   */
  put(name: string, policy?: unknown): EventBus {
    const arn = `arn:aws:events:${this.#region}:${this.#accountId}:event-bus/${name}`;
    const rules = this.#buses.get(name)?.rules ?? new Map();
    const bus = { name, arn, rules, ...(policy !== undefined && { policy: compilePolicy(policy, true) }) };
    this.#buses.set(name, bus);
    return bus;
  }

  /** By its name or its ARN. */
  find(bus: string): EventBus | undefined {
    return this.#buses.get(bus) ?? [...this.#buses.values()].find(({ arn }) => arn === bus);
  }

  /**
   * Makes a rule, or makes it again.
   *
   * @throws if there is no such bus, or the pattern is one that is not known here.
   */
  putRule(bus: string, { name, state = 'ENABLED', ...written }: WrittenRule): Rule {
    const kept = this.#buses.get(bus);
    if (kept === undefined) throw new Error(`there is no event bus ${bus}`);
    const path = bus === 'default' ? name : `${bus}/${name}`;
    const arn = `arn:aws:events:${this.#region}:${this.#accountId}:rule/${path}`;
    const rule = { ...written, name, state, arn, matches: matcherOf(written.eventPattern) };
    kept.rules.set(name, rule);
    return rule;
  }

  deleteRule(bus: string, name: string): void {
    this.#buses.get(bus)?.rules.delete(name);
  }
}

/** An event never starts what a schedule does. */
function matcherOf(pattern: object | undefined): Matcher {
  return pattern === undefined ? () => false : compileEventPattern(pattern);
}
