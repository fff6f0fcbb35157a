import type { Place } from '../policy/place.ts';
import { placeKey } from '../policy/place.ts';
import { printable } from '../policy/quote.ts';
import type { Events, Target, WhyNotWatched } from '../policy/target.ts';

/** The rule of a member as EventBridge has it. */
export interface MemberRule {
  readonly isEnabled: boolean;
  /** JSON. */
  readonly pattern: string | undefined;
  /** The ARNs of its targets. */
  readonly targets: readonly string[];
}

/** What must be asked at a place. */
export interface MemberEventsPorts {
  /** `undefined` if there is no such rule. */
  readonly readRule: (place: Place) => Promise<MemberRule | undefined>;
  /** How many events could not be delivered; `undefined` if there is no such queue. */
  readonly countUndelivered: (place: Place) => Promise<number | undefined>;
}

/** What the rule of every member is like. */
export interface ExpectedRule {
  /** JSON. */
  readonly pattern: string;
  /** The ARN of the event bus of the hub. */
  readonly target: string;
}

/**
 * Whether the events of a place reach the hub: whether its rule is there, enabled and as it was deployed, and whether events wait
 * undelivered. Never throws.
 */
export async function lookAtMemberEvents(
  place: Place,
  ports: MemberEventsPorts,
  expected: ExpectedRule,
): Promise<Events> {
  try {
    const rule = await ports.readRule(place);
    const wrong = rule === undefined ? 'rule-missing' : whatIsWrong(rule, expected);
    if (wrong !== undefined) return { status: 'not-watched', why: wrong };
    const undelivered = await ports.countUndelivered(place);
    // Without it, what cannot be sent is lost, and no one sees that.
    if (undelivered === undefined) return { status: 'not-watched', why: 'queue-missing' };
    if (undelivered === 0) return { status: 'watched' };
    return { status: 'not-watched', why: 'undelivered-events', detail: String(undelivered) };
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { status: 'not-watched', why: 'not-readable', detail: printable(detail, 300) };
  }
}

function whatIsWrong({ isEnabled, pattern, targets }: MemberRule, expected: ExpectedRule): WhyNotWatched | undefined {
  if (!isEnabled) return 'rule-disabled';
  if (canonical(pattern) !== canonical(expected.pattern)) return 'other-pattern';
  return targets.includes(expected.target) ? undefined : 'other-target';
}

/** The same text for patterns that match the same: neither the order of members nor that of the values of a list matters. */
function canonical(pattern: string | undefined): string | undefined {
  try {
    return pattern === undefined ? undefined : JSON.stringify(sorted(JSON.parse(pattern)));
  } catch {
    return undefined;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(sorted(one))).sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The stack of the StackSet at a place. */
export interface StackInstance extends Place {
  readonly status: string;
  readonly reason?: string;
}

/**
 * Targets with what CloudFormation says of their stacks: the events of one whose stack is not as it should be are not watched, though its
 * rule may still be there. A target without a stack of the StackSet can have one that was deployed by hand.
 */
export function withStackInstances(targets: readonly Target[], instances: readonly StackInstance[]): Target[] {
  const instanceAt = new Map(instances.map((one) => [placeKey(one), one]));
  return targets.map((target) => {
    const found = instanceAt.get(placeKey(target));
    if (found === undefined || found.status === 'CURRENT' || !('events' in target)) return target;
    if (target.events?.status !== 'watched') return target;
    const detail = printable(found.reason === undefined ? found.status : `${found.status}: ${found.reason}`, 300);
    return { ...target, events: { status: 'not-watched', why: 'stack-instance-not-current', detail } };
  });
}

/** How many of these targets are known not to be watched. */
export function countNotWatched(targets: readonly Target[]): number {
  return targets.filter((target) => 'events' in target && target.events?.status === 'not-watched').length;
}
