import type { SeenGrant } from '../policy/finding.ts';
import { quote } from '../policy/quote.ts';
import { namesOf } from '../policy/vpc/grant.ts';
import { speaksTcp } from '../policy/vpc/security-group-rule.ts';
import type { CacheIndex, UnguardedCache } from './cache-index.ts';
import { isYoungerThan, PENDING_MS } from './event-age.ts';
import { type Ended, exposureOf, type Policy } from './event-outcome.ts';
import { loadLook } from './load-look.ts';
import type { RevocableRule } from './look/revocable.ts';
import { nameFew } from './name-few.ts';
import type { HowToEnforceSecurityGroups, PointingEvent } from './security-group-event.ts';

/** What cannot be judged yet: why, and the grants that it is about, as far as they are known. */
export interface Pending {
  readonly problem: string;
  readonly grants: Iterable<SeenGrant>;
}

/** Why all of it waits, in one text; `undefined` if nothing does. */
export function whyPending(parts: readonly Pending[]): string | undefined {
  if (parts.length === 0) return undefined;
  return nameFew([...new Set(parts.map(({ problem }) => problem))], '; ');
}

/** What waits for caches that have no port yet, with the grants that will most likely be made for them. */
export async function seePending(
  seen: readonly RevocableRule[],
  index: CacheIndex,
  event: PointingEvent,
  { allowlist }: Policy,
  how: HowToEnforceSecurityGroups,
): Promise<readonly Pending[]> {
  if (index.awaited.length === 0) return [];
  const { seeLikelyGrants } = await loadLook();
  const awaitedBehind = (securityGroupId: string) =>
    index.awaitedBehind(securityGroupId).map((one) => {
      const isChosen =
        event.kind === 'attachment' && namesOf(one).includes(event.cacheName) && event.port !== undefined;
      return isChosen ? { ...one, likelyPorts: [event.port as number] } : one;
    });
  // Who speaks no TCP reaches no cache, whatever its port will be.
  const rules = seen.filter(({ rule }) => speaksTcp(rule));
  const names = new Set(rules.flatMap(({ rule }) => awaitedBehind(rule.securityGroupId).map((one) => one.cacheName)));
  if (names.size === 0) return [];
  const named = nameFew([...names].map(quote), ', ');
  const problem =
    names.size === 1
      ? `cache ${named} is being created and has no port yet`
      : `caches ${named} are being created and have no port yet`;
  const now = how.now();
  return rules.map(({ rule }) => ({
    problem,
    grants: seeLikelyGrants(rule, awaitedBehind(rule.securityGroupId), allowlist, now),
  }));
}

/** For caches that are being created, and of which it is not known yet which security groups guard them. */
export function waitForGroups(
  awaited: readonly UnguardedCache[],
  event: PointingEvent,
  how: HowToEnforceSecurityGroups,
): Ended & { readonly problem: string } {
  const problem = describeAwaited(awaited);
  const now = how.now();
  if (!isYoungerThan(PENDING_MS, event, now)) throw new Error(problem);
  return { outcome: 'pending', problem, awaits: problem, ...exposureOf(event.call, now) };
}

/** Why it is not known yet which security groups guard caches that are being created. */
export function describeAwaited(awaited: readonly UnguardedCache[]): string {
  const names = [...new Set(awaited.map(({ cacheName }) => quote(cacheName)))];
  const named = nameFew(names, ', ');
  return names.length === 1
    ? `cache ${named} is being created, and which security groups guard it is not known yet`
    : `caches ${named} are being created, and which security groups guard them is not known yet`;
}

/**
 * What waits because one of these rules may also open a cache that is being created and of which no security group is known yet. A rule that is
 * denied goes, so nothing waits for it.
 */
export function seePerhapsBehind(seen: readonly RevocableRule[], index: CacheIndex): readonly Pending[] {
  const awaited = index.unguarded.filter(({ isAwaited }) => isAwaited);
  const stays = seen.some(({ rule, isDenied }) => speaksTcp(rule) && !isDenied);
  return stays && awaited.length > 0 ? [{ problem: describeAwaited(awaited), grants: [] }] : [];
}

export function describeUnguarded(unguarded: readonly UnguardedCache[]): string {
  return nameFew(
    unguarded.map(({ cacheName, why }) => `cache ${cacheName}: ${why}`),
    '; ',
  );
}
