import { type Place, placeKey } from '../policy/place.ts';
import type { CacheNames } from '../policy/vpc/grant.ts';
import type { GuardedCache, ListedCache } from '../policy/vpc/security-group-rule.ts';

/** A cache that is being created and has no port yet. */
export interface AwaitedCache extends CacheNames {
  readonly securityGroupIds: readonly string[];
  /** Most likely, and no more: see `ListedCache`. */
  readonly likelyPorts: readonly number[];
}

/** A cache that a rule may open, and of which that is not known: its ports are not, or whether it is behind the rule's group. */
export interface DoubtfulCache extends CacheNames {
  /** Those that it listens on, if that is known; else those that it most likely would. */
  readonly likelyPorts: readonly number[];
  readonly arePortsKnown: boolean;
  readonly why: 'being-created' | 'shows-no-port' | 'groups-not-known';
}

/** A cache of which it is not known which security groups guard it, or not all of them. */
export interface UnguardedCache {
  readonly cacheName: string;
  /** The cluster's own name, if that is another. */
  readonly clusterName?: string;
  readonly why: string;
  /** Whether it is being created, so that this will be known. */
  readonly isAwaited: boolean;
}

/** Which security groups of a place guard which caches. A cache is known by every name that it has. */
export class CacheIndex {
  readonly readAt: Date;
  readonly #behind: ReadonlyMap<string, readonly GuardedCache[]>;
  /** By each name of the cache, the replication group's and those of its clusters. */
  readonly #groupsOf = new Map<string, Set<string>>();
  readonly cacheCount: number;
  /** Caches that cannot be judged, and why. */
  readonly problems: readonly {
    readonly cacheName: string;
    readonly securityGroupIds: readonly string[];
    readonly why: string;
  }[];

  /** Caches that are being created and have no port yet. */
  readonly awaited: readonly AwaitedCache[];

  /** Caches that have no port any more, or not now, and may have clients. */
  readonly #dark: readonly AwaitedCache[];
  /** Caches of which not all security groups are known. */
  readonly #anywhere: readonly DoubtfulCache[];

  /** Caches that anyone on the internet reaches, by a public endpoint. */
  readonly publicEndpoints: readonly GuardedCache[];

  /** Caches of which it is not known which security groups guard them: any that guards none of the others may. */
  readonly unguarded: readonly UnguardedCache[];

  constructor(listed: readonly ListedCache[], readAt: Date) {
    this.readAt = readAt;
    const behind = new Map<string, Map<string, Set<number>>>();
    const clusterNames = new Map<string, Set<string>>();
    for (const { cacheName, clusterName, securityGroupIds, ports } of listed) {
      const ownNames = getOrAdd(clusterNames, cacheName, () => new Set<string>());
      const groups = [getOrAdd(this.#groupsOf, cacheName, () => new Set<string>())];
      if (clusterName !== undefined && clusterName !== cacheName) {
        ownNames.add(clusterName);
        groups.push(getOrAdd(this.#groupsOf, clusterName, () => new Set<string>()));
      }
      for (const securityGroupId of securityGroupIds) {
        for (const known of groups) known.add(securityGroupId);
        const caches = getOrAdd(behind, securityGroupId, () => new Map<string, Set<number>>());
        const known = getOrAdd(caches, cacheName, () => new Set<number>());
        for (const port of ports) known.add(port);
      }
    }
    this.cacheCount = clusterNames.size;
    // Made once: an audit asks for each rule of a group, and keeps the names in each of its grants.
    const names = new Map([...clusterNames].map(([cacheName, own]) => [cacheName, toNames(cacheName, own)]));
    this.awaited = findPortless(listed, names, ({ likelyPorts }) => likelyPorts);
    this.#dark = findPortless(listed, names, ({ formerPorts }) => formerPorts);
    this.#anywhere = listed.flatMap(({ cacheName, unknownGroups, ports, likelyPorts, formerPorts = [] }) => {
      if (unknownGroups === undefined) return [];
      const arePortsKnown = ports.length > 0;
      const likely = arePortsKnown ? ports : (likelyPorts ?? formerPorts);
      return { cacheName, ...names.get(cacheName), likelyPorts: likely, arePortsKnown, why: 'groups-not-known' };
    });
    this.#behind = new Map(
      [...behind].map(([securityGroupId, caches]) => [securityGroupId, toGuardedCaches(caches, names)]),
    );
    this.publicEndpoints = listed.flatMap(({ cacheName, ports, isPublic }) => (isPublic ? [{ cacheName, ports }] : []));
    this.unguarded = listed.flatMap(({ cacheName, clusterName, unknownGroups: why, likelyPorts }) => {
      const own = clusterName !== undefined && { clusterName };
      return why === undefined ? [] : [{ cacheName, ...own, why, isAwaited: likelyPorts !== undefined }];
    });
    const awaitedNames = new Set(this.awaited.map(({ cacheName }) => cacheName));
    this.problems = listed.flatMap(({ cacheName, securityGroupIds, problem, unknownGroups }) => {
      const why = problem ?? (awaitedNames.has(cacheName) ? undefined : unknownGroups);
      return why === undefined ? [] : [{ cacheName, securityGroupIds, why }];
    });
  }

  /** The caches behind a security group; none if it guards no cache. */
  guardedBy(securityGroupId: string): readonly GuardedCache[] {
    return this.#behind.get(securityGroupId) ?? [];
  }

  /** The security groups of a cache, by any of its names; `undefined` if there is no such cache. */
  groupsOf(cacheName: string): readonly string[] | undefined {
    const groups = this.#groupsOf.get(cacheName);
    return groups && [...groups];
  }

  /** Why a cache behind this security group cannot be judged; `undefined` if each can. */
  problemBehind(securityGroupId: string): string | undefined {
    const found = this.problems.find(({ securityGroupIds }) => securityGroupIds.includes(securityGroupId));
    return found && `cache ${found.cacheName}: ${found.why}`;
  }

  /** The caches behind a security group that have no port yet. */
  awaitedBehind(securityGroupId: string): readonly AwaitedCache[] {
    return this.awaited.filter(({ securityGroupIds }) => securityGroupIds.includes(securityGroupId));
  }

  /** The caches that may be behind a security group, or are, and of which it is not known whether a rule of it opens them. */
  doubtfulBehind(securityGroupId: string): readonly DoubtfulCache[] {
    const behind = (caches: readonly AwaitedCache[], why: DoubtfulCache['why']): DoubtfulCache[] =>
      caches.flatMap(({ securityGroupIds, ...cache }) =>
        securityGroupIds.includes(securityGroupId) ? { ...cache, arePortsKnown: false, why } : [],
      );
    return [...behind(this.awaited, 'being-created'), ...behind(this.#dark, 'shows-no-port'), ...this.#anywhere];
  }

  /** What is not known of the security groups of a cache, by any of its names; nothing if all of them are, or there is no such cache. */
  unguardedOf(cacheName: string): readonly UnguardedCache[] {
    return this.unguarded.filter((one) => [one.cacheName, one.clusterName].includes(cacheName));
  }

  /** The security groups that guard a cache. */
  get securityGroupIds(): readonly string[] {
    return [...this.#behind.keys()];
  }

  /** Every name of every cache. */
  get names(): ReadonlySet<string> {
    return new Set(this.#groupsOf.keys());
  }
}

/** How long an index may say that a group guards no cache, in milliseconds. */
const MAX_AGE_MS = 60_000;

/**
 * Reads the index of a place, and keeps it for a minute: most changes of security groups have nothing to do with caches, and
 * must not cost a call. One with a cache that has no port yet is not kept.
 *
 * @param list every cluster and serverless cache of a place. Its calls end when the signal is aborted.
 */
export function cacheIndexReader(
  list: (place: Place, timeUp: AbortSignal) => Promise<readonly ListedCache[]>,
  now: () => Date,
): CacheIndexReader {
  const kept = new Map<string, CacheIndex>();
  const newest = new Map<string, number>();
  let begun = 0;
  const readAnew = async (place: Place, timeUp: AbortSignal): Promise<CacheIndex> => {
    // Before the calls: what changes while they are made may be missing.
    const [readAt, order] = [now(), ++begun];
    const index = new CacheIndex(await list(place, timeUp), readAt);
    const key = placeKey(place);
    // Those that are too old: a function of a hub gets events of thousands of places.
    for (const [key, { readAt: at }] of kept) if (readAt.getTime() - at.getTime() >= MAX_AGE_MS) kept.delete(key);
    // AWS can thaw an invocation next to a later one. What was asked first must not replace what was asked last.
    if (order < (newest.get(key) ?? 0)) return index;
    newest.set(key, order);
    // One that is read in the minutes in which a cache is created would let the next event take its rule for one that opens none.
    if (index.awaited.length === 0 && !index.unguarded.some(({ isAwaited }) => isAwaited)) kept.set(key, index);
    else kept.delete(key);
    return index;
  };
  return {
    readAnew,
    async read(place, timeUp) {
      const known = kept.get(placeKey(place));
      const age = known === undefined ? Number.NaN : now().getTime() - known.readAt.getTime();
      // A clock that was put back must not keep an index for longer.
      return known !== undefined && age >= 0 && age < MAX_AGE_MS ? known : await readAnew(place, timeUp);
    },
  };
}

/** Gives the index of a place. Its calls end when `timeUp` is aborted. */
export interface CacheIndexReader {
  /** At most a minute old. */
  read(place: Place, timeUp: AbortSignal): Promise<CacheIndex>;
  /** As it is now. */
  readAnew(place: Place, timeUp: AbortSignal): Promise<CacheIndex>;
}

/**
 * The caches that have no port and for which `likelyPortsOf` says which they have most likely, each once. Clusters of one replication group
 * share a port: where one of them has it, the others behind the same security groups do not count. A serverless cache, or a cluster
 * outside of it, can have the replication group's name and any port.
 */
function findPortless(
  listed: readonly ListedCache[],
  names: ReadonlyMap<string, CacheNames>,
  likelyPortsOf: (one: ListedCache) => readonly number[] | undefined,
): AwaitedCache[] {
  return [...Map.groupBy(listed, ({ cacheName }) => cacheName)].flatMap(([cacheName, alike]) => {
    const listening = alike.filter(({ clusterName, ports }) => clusterName !== undefined && ports.length > 0);
    const known = new Set(listening.flatMap((one) => one.securityGroupIds));
    const isPortless = (one: ListedCache): boolean =>
      likelyPortsOf(one) !== undefined &&
      (one.clusterName === undefined || listening.length === 0 || !one.securityGroupIds.every((id) => known.has(id)));
    const portless = alike.filter(isPortless);
    if (portless.length === 0) return [];
    const securityGroupIds = [...new Set(portless.flatMap((one) => one.securityGroupIds))];
    const likelyPorts = [...new Set(portless.flatMap((one) => likelyPortsOf(one) ?? []))];
    return [{ cacheName, ...names.get(cacheName), securityGroupIds, likelyPorts }];
  });
}

function toNames(cacheName: string, own: ReadonlySet<string>): CacheNames {
  return own.size === 0 ? { cacheName } : { cacheName, clusterNames: [...own].sort() };
}

function toGuardedCaches(
  caches: ReadonlyMap<string, ReadonlySet<number>>,
  names: ReadonlyMap<string, CacheNames>,
): GuardedCache[] {
  return [...caches].map(([cacheName, ports]) => {
    return { cacheName, ...names.get(cacheName), ports: [...ports].sort((a, b) => a - b) };
  });
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
