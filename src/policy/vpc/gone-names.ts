import { firstAllowing } from '../answer.ts';
import { CompiledAllowlist } from '../compile-allowlist.ts';
import { type Place, placeKey } from '../place.ts';
import { quote } from '../quote.ts';
import { vpcRulesOf } from './compiled-rules.ts';
import type { VpcAccess } from './grant.ts';
import { VpcQuestion } from './question.ts';

/** The names of the caches of a place. */
export interface PlaceNames extends Place {
  /** In lower case; of a replication group also those of its clusters. */
  readonly names: ReadonlySet<string>;
  /** Whether these are all of them. */
  readonly areAll: boolean;
}

/** An allowlist rule that names a cache which no longer exists. */
export interface NameWarning {
  readonly rule: string;
  readonly text: string;
}

/** What ElastiCache adds to a replication group's name for its clusters: `-001`, `-0001-001` with shards. */
const OF_CLUSTER = /(?:-\d{4})?-\d{3}$/;

/** How many names of one rule are shown. */
const MOST_NAMES = 3;

/**
 * The names in an allowlist that no cache has any more: a cache was deleted, renamed, or its replication group was dissolved. Only
 * names without wildcards count. A name is gone if none of the places in the scope of its rule (`accounts`, `regions`) has it.
 */
export class GoneNames {
  readonly #time: number;
  readonly #names = new Map<string, readonly string[]>();
  readonly #surelyGone = new Map<string, readonly string[]>();
  /** The rules that have such names, as if these were the names of every cache. */
  readonly #asIfThere: CompiledAllowlist;
  readonly #allowlist: CompiledAllowlist;
  readonly #namesAt: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(allowlist: CompiledAllowlist, places: readonly PlaceNames[], instant: Date) {
    const { vpcRules, accountPaths } = allowlist;
    this.#allowlist = allowlist;
    this.#namesAt = new Map(places.map((place) => [placeKey(place), place.names]));
    // Where the clock shows no time, every rule counts: then more is held.
    this.#time = Number.isNaN(instant.getTime()) ? Number.NEGATIVE_INFINITY : instant.getTime();
    for (const rule of vpcRulesOf(allowlist).rules) {
      const inRegion = places.filter(({ region }) => rule.coversRegion(region));
      const inScope = inRegion.filter(({ account }) => rule.coversAccount(account, accountPaths.get(account)));
      // They may be in scope or not. That a cache there has the name must hold nothing less.
      const inDoubt = rule.asksForUnits ? inRegion.filter(({ account }) => !accountPaths.has(account)) : [];
      const exact = rule.caches.all.filter((name) => typeof name === 'string');
      const gone = exact.filter((name) => !inScope.some(({ names }) => names.has(name)));
      if (inScope.length + inDoubt.length === 0 || gone.length === 0) continue;
      this.#names.set(rule.id, gone);
      if (inDoubt.length === 0 && inScope.every(({ areAll }) => areAll)) this.#surelyGone.set(rule.id, gone);
    }
    const rules = vpcRules.filter(({ id }) => this.#names.has(id)).map((rule) => ({ ...rule, caches: ['*'] }));
    this.#asIfThere = new CompiledAllowlist({ version: 1, rules }).withAccountPaths(accountPaths);
  }

  /**
   * What to report of rules in force, in order of their ids. Nothing of a rule in whose scope not every cache was seen: its cache may
   * be there.
   */
  warnings(): NameWarning[] {
    const inForce = vpcRulesOf(this.#asIfThere).rules.filter((rule) => rule.isInForceAt(this.#time));
    return inForce.flatMap(({ id }) => (this.#surelyGone.has(id) ? [{ rule: id, text: this.#describe(id) }] : []));
  }

  /**
   * Why a denied grant must not be revoked: a rule would allow it if the cache still had the name that the rule gives. `undefined`
   * if there is no such rule. In doubt, where not every cache was seen or not every entry of a prefix list, it must not be either.
   */
  whyHeld(grant: VpcAccess): string | undefined {
    const rule = this.#names.size > 0 ? this.#mayAllow(grant, this.#asIfThere) : undefined;
    return rule === undefined ? this.#whyDissolved(grant) : this.#describe(rule.id);
  }

  /** The clusters of a dissolved replication group keep its name in theirs. The same name elsewhere must not hide that it is gone here. */
  #whyDissolved(grant: VpcAccess): string | undefined {
    const { region, target } = grant;
    const { cacheName, ports } = target;
    const former = cacheName.replace(OF_CLUSTER, '');
    const names = this.#namesAt.get(placeKey(grant));
    if (former === cacheName || names === undefined || names.has(former)) return undefined;
    const asked = { ...grant, target: { cacheName: former, ports } };
    const rule = this.#mayAllow(asked, this.#allowlist);
    return (
      rule &&
      `allowlist rule ${quote(rule.id)} names cache ${quote(former)}, which no longer exists in ${region}: ` +
        `was its replication group dissolved? Add ${quote(cacheName)} to the rule, or limit the rule to its regions`
    );
  }

  #mayAllow(grant: VpcAccess, allowlist: CompiledAllowlist) {
    const question = new VpcQuestion(grant, allowlist, this.#time);
    return firstAllowing(question) ?? question.decidedByUnknown()?.rule;
  }

  #describe(id: string): string {
    const names = this.#names.get(id) ?? [];
    const more = names.length - MOST_NAMES;
    const shown = [...names.slice(0, MOST_NAMES).map(quote), ...(more > 0 ? [`${more} more`] : [])].join(', ');
    const [what, which] =
      names.length === 1 ? ['cache', 'which no longer exists'] : ['caches', 'which no longer exist'];
    return (
      `allowlist rule ${quote(id)} names ${what} ${shown}, ${which}: ` +
      'was it renamed or its replication group dissolved? Correct the name in the rule, or remove it'
    );
  }
}
