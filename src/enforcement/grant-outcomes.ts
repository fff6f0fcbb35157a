import type { SeenGrant } from '../policy/finding.ts';
import type { Outcome } from '../policy/outcome.ts';
import { type EventOutcome, exposureOf, type GrantOutcome, type Reporter } from './event-outcome.ts';
import { type Settled, tell } from './plan.ts';
import { shorten } from './shorten.ts';

/** How many grants that are allowed an event reports one by one, and keeps. The others are counted. */
const MOST_ALLOWED = 50;
/** How many others an event keeps for its outcome. Each of them is reported, however many there are. */
const MOST_OTHERS = 1_000;

/**
 * The outcomes of an event's grants. Each is reported when it is added, and as few are kept as the outcome of the whole needs: 500 rules
 * and 500 caches make 250,000 grants.
 */
export class GrantOutcomes {
  readonly #about: Omit<EventOutcome, 'outcome'>;
  readonly #reporter: Reporter;
  readonly #now: () => Date;
  readonly #kept: GrantOutcome[] = [];
  readonly #counted = new Map<Outcome, number>();
  #keptAllowed = 0;
  #count = 0;
  #gravest: GrantOutcome | undefined;
  #error: unknown;

  /** @param about what each of them says of the event. */
  constructor(about: Omit<EventOutcome, 'outcome'>, reporter: Reporter, now: () => Date) {
    this.#about = about;
    this.#reporter = reporter;
    this.#now = now;
  }

  /** Adds grants that share an outcome. */
  async add(grants: Iterable<SeenGrant>, settled: Settled): Promise<void> {
    this.#error ??= settled.error;
    const end = tell(settled);
    const about = { ...this.#about, ...exposureOf(this.#about, this.#now()) };
    for (const { status, ...seen } of grants) {
      const one = { ...shorten(seen), ...end };
      this.#count++;
      if (this.#gravest === undefined || gravity(one) < gravity(this.#gravest)) this.#gravest = one;
      if (this.#keep(one)) await this.#reporter.reportGrant({ ...about, ...one }, settled.error);
      else this.#counted.set(one.outcome, (this.#counted.get(one.outcome) ?? 0) + 1);
    }
  }

  /** @returns whether it is to be reported by itself. */
  #keep(one: GrantOutcome): boolean {
    // An allowed grant that went with a denied one is reported whatever it costs.
    if (one.decision.effect === 'allow' && one.outcome !== 'revoked') {
      if (this.#keptAllowed >= MOST_ALLOWED) return false;
      this.#keptAllowed++;
      this.#kept.push(one);
    } else if (this.#kept.length - this.#keptAllowed < MOST_OTHERS) this.#kept.push(one);
    return true;
  }

  /** Reports those that were only counted. Once, after the last was added. */
  reportCounts(): void {
    for (const [outcome, count] of this.#counted) this.#reporter.countGrants(outcome, count);
  }

  get count(): number {
    return this.#count;
  }

  /** What the event's outcome is, if nothing else matters more. Of grants that share an outcome, a denied one is the cause. */
  get gravest(): GrantOutcome | undefined {
    return this.#gravest;
  }

  /** What kept the first of them standing that failed. */
  get error(): unknown {
    return this.#error;
  }

  /** Those that are kept, and how many there are besides. */
  get list(): Pick<EventOutcome, 'grants' | 'grantsLeftOut'> {
    const leftOut = this.#count - this.#kept.length;
    return { grants: this.#kept, ...(leftOut > 0 && { grantsLeftOut: leftOut }) };
  }
}

/** What an event's outcome is if its grants have several: the first of these. */
const GRAVITY: readonly Outcome[] = ['failed', 'held', 'revoked', 'would-revoke', 'pending', 'already-gone', 'allowed'];

function gravity({ outcome, decision }: GrantOutcome): number {
  return GRAVITY.indexOf(outcome) + (decision.effect === 'deny' ? 0 : 0.5);
}
