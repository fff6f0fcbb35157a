import type { CompiledAllowlist } from '../../policy/compile-allowlist.ts';
import type { NotJudged } from '../../policy/finding.ts';
import type { Place } from '../../policy/place.ts';
import type { PlaceNames } from '../../policy/vpc/gone-names.ts';
import type { SecurityGroupRule } from '../../policy/vpc/security-group-rule.ts';
import { CacheIndex } from '../cache-index.ts';
import { type Deadline, explainListing } from '../deadline.ts';
import type { VpcPorts } from '../ports.ts';
import { describeUnknown, describeUnreadable } from './describe-rule.ts';
import { askGroupNames } from './group-names.ts';
import { entriesLook } from './prefix-lists.ts';
import type { PublicEndpoint, RevocableRule } from './revocable.ts';
import { seePublicEndpoint } from './see-public-endpoint.ts';
import { seeRule } from './see-rule.ts';

/** What is seen of the security groups that guard the caches of a place. */
export interface VpcLook {
  readonly caches: number;
  readonly securityGroups: number;
  readonly seen: readonly (RevocableRule | PublicEndpoint)[];
  readonly notJudged: readonly NotJudged[];
  /** Every name of its caches, as far as they could be listed. */
  readonly names: PlaceNames;
  /** Why not all of it could be listed. */
  readonly problem?: string;
}

export interface HowToLook extends Deadline {
  readonly allowlist: CompiledAllowlist;
}

const HAS_NO_PORT = 'it is being created and has no port yet: its own event, or the next audit, evaluates its grants';

/**
 * Looks at every rule of every security group that guards a cache of a place, and at public endpoints. Never throws: what could not be
 * listed is reported.
 */
export async function lookAtSecurityGroups(
  place: Place,
  ports: Pick<VpcPorts, 'listCaches' | 'listRules' | 'readGroupNames' | 'readPrefixList'>,
  how: HowToLook,
): Promise<VpcLook> {
  const seen: (RevocableRule | PublicEndpoint)[] = [];
  const notJudged: NotJudged[] = [];
  let index = new CacheIndex([], how.now());
  let areAll = false;
  const namesAt = (): PlaceNames => ({ ...place, names: index.names, areAll });
  const look = (rest: { readonly problem?: string }): VpcLook => {
    const { cacheCount: caches, securityGroupIds } = index;
    return { caches, securityGroups: securityGroupIds.length, seen, notJudged, names: namesAt(), ...rest };
  };
  try {
    index = new CacheIndex(await ports.listCaches(), how.now());
    for (const cache of index.publicEndpoints) {
      const one = seePublicEndpoint(place, cache, how.allowlist, how.now());
      if (one.unknown === undefined) seen.push(one);
      else
        notJudged.push({ ...place, what: `the public endpoint of cache ${cache.cacheName}`, why: one.unknown.problem });
    }
    for (const { cacheName } of index.awaited)
      notJudged.push({ ...place, what: `cache ${cacheName}`, why: HAS_NO_PORT });
    areAll = index.problems.length === 0;
    for (const { cacheName, why } of index.problems) notJudged.push({ ...place, what: `cache ${cacheName}`, why });
    if (index.securityGroupIds.length === 0) return look({});
    const entries = entriesLook(ports);
    for await (const page of ports.listRules(index.securityGroupIds)) {
      const named = await askGroupNames(
        page.flatMap(({ rule }) => rule ?? []),
        ports,
      );
      for (const { rule, unreadable } of page) {
        const see = (named: SecurityGroupRule) => seeRule(named, index, how.allowlist, how.now());
        const one = rule && (await entries.see(named.nameRule(rule), see));
        if (one?.unknown !== undefined) notJudged.push({ ...place, ...describeUnknown(one, named) });
        else if (one) seen.push(one);
        if (unreadable) notJudged.push({ ...place, ...describeUnreadable(unreadable) });
      }
    }
    return look({});
  } catch (error) {
    const problem = explainListing(error, how);
    notJudged.push({ ...place, what: 'the security groups that guard caches, or some of them', why: problem });
    return look({ problem });
  }
}

/** Denied rules, looked at again: those that are still denied, and the others. */
export interface SecondLook {
  readonly denied: readonly RevocableRule[];
  readonly unsure: readonly UnsureRule[];
}

/** A rule as it was seen first, and why its denial is not sure any more. */
export interface UnsureRule {
  readonly rule: RevocableRule;
  readonly problem: string;
}

const CACHES_CHANGED =
  'the caches behind its security group changed after it was evaluated: it stands until the next audit evaluates it again';

/**
 * Judges the denied rules of a place by the caches that there are now: to list all the rest may have taken minutes, and a rule
 * that guards no cache any more is nothing of ours. Never throws: without the caches, none may be revoked.
 */
export async function lookAgain(
  denied: readonly RevocableRule[],
  ports: Pick<VpcPorts, 'listCaches'>,
  how: HowToLook,
): Promise<SecondLook> {
  if (denied.length === 0) return { denied, unsure: [] };
  try {
    const index = new CacheIndex(await ports.listCaches(), how.now());
    const again = denied.map((rule) => ({ rule, again: seeRule(rule.rule, index, how.allowlist, how.now()) }));
    return {
      denied: again.map((one) => one.again).filter(isSurelyDenied),
      unsure: again.flatMap(({ rule, again }) => (isSurelyDenied(again) ? [] : { rule, problem: CACHES_CHANGED })),
    };
  } catch (error) {
    const problem = explainListing(error, how);
    return { denied: [], unsure: denied.map((rule) => ({ rule, problem })) };
  }
}

function isSurelyDenied({ isDenied, unknown }: RevocableRule): boolean {
  return isDenied && unknown === undefined;
}
