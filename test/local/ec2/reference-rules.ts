/** What a rule says: a TCP port, and whom it lets in, a range of addresses or the security group `web`. */
export interface Saying {
  readonly port: number;
  readonly from: string;
  readonly description?: string;
}

/** What a call is answered: what counts of it here, or the code of its error. */
export type ReferenceAnswer = { readonly answer: unknown } | { readonly error: string };

interface ReferenceRule {
  /** The first rule that was made is 1. */
  readonly number: number;
  readonly group: string;
  /** What it said since when, the latest last. */
  readonly sayings: { readonly saying: Saying; readonly at: number }[];
}

/** The security group that is in another VPC than the others. */
export const ELSEWHERE = 'elsewhere';

/**
 * Security groups and their ingress rules, told as plainly as can be: a list that is searched, and of each rule all that it
 * ever said.
 */
export class ReferenceRules {
  readonly #quota: number;
  readonly #lagMs: number;
  #now = 0;
  #rules: ReferenceRule[] = [];
  readonly #groups = new Set<string>();
  /** How many rules were ever made. */
  made = 0;

  constructor(settings: { readonly quota: number; readonly lagMs: number }) {
    this.#quota = settings.quota;
    this.#lagMs = settings.lagMs;
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  create(group: string): ReferenceAnswer {
    if (this.#groups.has(group)) return { error: 'InvalidGroup.Duplicate' };
    this.#groups.add(group);
    return { answer: 'done' };
  }

  delete(group: string): ReferenceAnswer {
    if (!this.#groups.has(group)) return { error: 'InvalidGroup.NotFound' };
    if (this.#rules.some((rule) => rule.group !== group && last(rule).from === group)) {
      return { error: 'DependencyViolation' };
    }
    this.#groups.delete(group);
    this.#rules = this.#rules.filter((rule) => rule.group !== group);
    return { answer: 'done' };
  }

  authorize(group: string, asked: readonly Saying[]): ReferenceAnswer {
    const error = this.#refuse(group, asked);
    if (error !== undefined) return { error };
    if (this.#of(group).some((rule) => asked.some((one) => isSame(one, last(rule))))) {
      return { error: 'InvalidPermission.Duplicate' };
    }
    if (this.#isTooMany([...this.#of(group).map(last), ...asked])) {
      return { error: 'RulesPerSecurityGroupLimitExceeded' };
    }
    for (const saying of asked) {
      this.#rules.push({ number: ++this.made, group, sayings: [{ saying, at: this.#now }] });
    }
    return { answer: asked.map((saying, i) => show(this.made - asked.length + 1 + i, saying)) };
  }

  modify(group: string, number: number, saying: Saying): ReferenceAnswer {
    const error = this.#refuse(group, [saying]);
    if (error !== undefined) return { error };
    const changed = this.#of(group).find((rule) => rule.number === number);
    if (changed === undefined) return { error: 'InvalidSecurityGroupRuleId.NotFound' };
    const others = this.#of(group).filter((rule) => rule !== changed);
    if (others.some((rule) => isSame(saying, last(rule)))) return { error: 'InvalidPermission.Duplicate' };
    if (this.#isTooMany([...others.map(last), saying])) return { error: 'RulesPerSecurityGroupLimitExceeded' };
    changed.sayings.push({ saying, at: this.#now });
    return { answer: 'done' };
  }

  revoke(group: string, numbers: readonly number[]): ReferenceAnswer {
    if (!this.#groups.has(group)) return { error: 'InvalidGroup.NotFound' };
    const asked = this.#of(group).filter(({ number }) => numbers.includes(number));
    if (asked.length < new Set(numbers).size) return { error: 'InvalidSecurityGroupRuleId.NotFound' };
    this.#rules = this.#rules.filter((rule) => !asked.includes(rule));
    return { answer: { revoked: asked.map(({ number }) => number).sort(), unknown: 0 } };
  }

  revokeSaying(group: string, asked: readonly Saying[]): ReferenceAnswer {
    const error = this.#refuse(group, asked);
    if (error !== undefined) return { error };
    const there = this.#of(group).filter((rule) => asked.some((one) => isSame(one, last(rule))));
    const unknown = asked.length - there.length;
    if (unknown > 0 && group === ELSEWHERE) return { error: 'InvalidPermission.NotFound' };
    this.#rules = this.#rules.filter((rule) => !there.includes(rule));
    return { answer: { revoked: there.map(({ number }) => number).sort(), unknown } };
  }

  /** What Describe shows of a group: what its rules said when the lag began. What is gone is gone at once. */
  describe(group: string): ReferenceAnswer {
    return { answer: this.#of(group).flatMap((rule) => this.#shown(rule) ?? []) };
  }

  describeOne(number: number): ReferenceAnswer {
    const shown = this.#rules.filter((rule) => rule.number === number).flatMap((rule) => this.#shown(rule) ?? []);
    return shown.length > 0 ? { answer: shown } : { error: 'InvalidSecurityGroupRuleId.NotFound' };
  }

  #shown({ number, sayings }: ReferenceRule): string | undefined {
    const shown = sayings.findLast(({ at }) => at <= this.#now - this.#lagMs);
    return shown && show(number, shown.saying);
  }

  #of(group: string): ReferenceRule[] {
    return this.#groups.has(group) ? this.#rules.filter((rule) => rule.group === group) : [];
  }

  /** What keeps a call from being looked at any further. */
  #refuse(group: string, asked: readonly Saying[]): string | undefined {
    if (!this.#groups.has(group)) return 'InvalidGroup.NotFound';
    if (asked.some(({ from }) => from === 'web') && (!this.#groups.has('web') || group === ELSEWHERE)) {
      return 'InvalidGroup.NotFound';
    }
    return asked.some((one, i) => asked.slice(0, i).some((other) => isSame(one, other)))
      ? 'InvalidParameterValue'
      : undefined;
  }

  #isTooMany(sayings: readonly Saying[]): boolean {
    const [v6, group] = [(one: Saying) => one.from.includes(':'), (one: Saying) => one.from === 'web'];
    const both = sayings.filter(group).length;
    const six = sayings.filter(v6).length;
    return Math.max(both + six, sayings.length - six) > this.#quota;
  }
}

/** A rule in a line. */
export function show(number: number, { port, from, description = '' }: Saying): string {
  return `${number}: ${port} ${from} ${description}`;
}

function last({ sayings }: ReferenceRule): Saying {
  return (sayings.at(-1) as ReferenceRule['sayings'][number]).saying;
}

function isSame(one: Saying, other: Saying): boolean {
  return one.port === other.port && one.from === other.from;
}
