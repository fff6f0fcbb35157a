import { placeKey } from '../../policy/place.ts';
import type { Shared } from '../mode.ts';
import type { VpcPorts } from '../ports.ts';
import { type RevocableRule, revocationIdOf, type Seen } from './revocable.ts';

/** Which of some denied rules others may need, by id, and for which security groups that is not known. */
export interface Needs {
  readonly neededByOthers: ReadonlySet<string>;
  readonly untold: readonly { readonly rule: RevocableRule; readonly error: unknown }[];
}

export const NOT_ASKED: Needs = { neededByOthers: new Set(), untold: [] };

/** A rule that opens the ports of caches and nothing else is about caches, whatever else is in its group. */
export function mayBeNeeded(one: Seen, shared: Shared): one is RevocableRule {
  return one.kind === 'vpc' && one.isDenied && shared === 'hold' && !one.opensCachePortsOnly;
}

/**
 * Finds the denied rules that others than caches may need, by asking once for each security group. Where that is not known,
 * they are not counted as needed. Never throws.
 */
export async function askNeeds(
  seen: readonly Seen[],
  shared: Shared,
  portsAt: (one: RevocableRule) => Pick<VpcPorts, 'guardsSomethingElse'>,
): Promise<Needs> {
  const neededByOthers = new Set<string>();
  const untold: Needs['untold'][number][] = [];
  const rules = seen.filter((one) => mayBeNeeded(one, shared));
  const byGroup = Map.groupBy(rules, ({ place, rule }) => `${placeKey(place)} ${rule.securityGroupId}`);
  for (const [first, ...others] of byGroup.values() as Iterable<[RevocableRule, ...RevocableRule[]]>) {
    try {
      if (!(await portsAt(first).guardsSomethingElse(first.rule.securityGroupId))) continue;
      for (const one of [first, ...others]) neededByOthers.add(revocationIdOf(one));
    } catch (error) {
      untold.push({ rule: first, error });
    }
  }
  return { neededByOthers, untold };
}
