import type { CompiledAllowlist } from '../../policy/compile-allowlist.ts';
import type { SeenGrant } from '../../policy/finding.ts';
import { type JudgedGrant, type JudgedRule, judgeRule } from '../../policy/vpc/judge-rule.ts';
import { isPort } from '../../policy/vpc/names.ts';
import { grantsOf, type SecurityGroupRule } from '../../policy/vpc/security-group-rule.ts';
import { ruleThatMayAllow } from '../../policy/vpc/unknown.ts';
import type { AwaitedCache, CacheIndex } from '../cache-index.ts';
import type { AllowedAccess, RevocableRule, Unknown } from './revocable.ts';

/**
 * A rule of a security group, judged: a pure function of rule, caches, allowlist and instant. It stands if no one says that it is
 * new. It is `unknown` also if a decision depends on entries of its prefix list that it does not have.
 */
export function seeRule(
  rule: SecurityGroupRule,
  index: CacheIndex,
  allowlist: CompiledAllowlist,
  instant: Date,
  isNew = false,
): RevocableRule {
  const { account, region } = rule;
  const judge = () => judgeRule(rule, index.guardedBy(rule.securityGroupId), allowlist, instant);
  const findAlsoAllowed = (grants: readonly JudgedGrant[]) => [
    ...grants.flatMap((one) => findAllowedPorts(one, allowlist, instant)),
    ...findAllowedInDoubt(rule, index, allowlist, instant),
  ];
  // No closure uses it: else it would be kept with them. See `summarize`.
  const judged = judge();
  const summary = summarize(judged, isNew ? () => [] : findAlsoAllowed);
  const isSmall = !summary.isDenied && judged.grants.length <= MOST_KEPT;
  return {
    kind: 'vpc',
    place: { account, region },
    rule,
    isNew,
    ...summary,
    grants: isSmall ? toSeen(judged.grants) : eachTime(() => toSeen(judge().grants)),
    alsoAllowed: summary.isDenied && !isNew ? eachTime(() => findAlsoAllowed(judge().grants)) : [],
  };
}

/**
 * So many allowed grants of a rule are kept, and not evaluated again when they are reported. They are most of what an audit sees, and
 * small: it is the reasons of a denial that take room.
 */
const MOST_KEPT = 4;

function toSeen(grants: readonly JudgedGrant[]): SeenGrant[] {
  return grants.map(({ grant, ...rest }) => ({ grant, status: 'listed', ...rest }));
}

/**
 * What is kept of a judged rule if it makes many grants, or denied ones: not its grants. A separate function, because V8 keeps what any
 * closure of a function uses for as long as any other of its closures.
 */
function summarize(
  { grants, isDenied, unknown, dependsOnEntries, opensCachePortsOnly }: JudgedRule,
  findAlsoAllowed: (grants: readonly JudgedGrant[]) => readonly AllowedAccess[],
) {
  const isAnyAllowed = (): boolean => grants.some(({ decision }) => decision.effect === 'allow');
  return {
    isDenied,
    isMixed: isDenied && (isAnyAllowed() || findAlsoAllowed(grants).length > 0),
    opensCachePortsOnly,
    grantCount: grants.length,
    ...(unknown !== undefined && { unknown: { problem: unknown, isChanging: false } }),
    ...(dependsOnEntries && { unknown: ENTRIES_NOT_READ }),
  };
}

const ENTRIES_NOT_READ: Unknown = { problem: 'the entries of its prefix list were not read', isChanging: false };

function eachTime<Item>(make: () => readonly Item[]): Iterable<Item> {
  return { [Symbol.iterator]: () => make()[Symbol.iterator]() };
}

/** The ports of a denied grant that the allowlist allows, or may allow: a serverless cache listens on two. */
function findAllowedPorts(
  { grant, decision }: JudgedGrant,
  allowlist: CompiledAllowlist,
  instant: Date,
): AllowedAccess[] {
  const { cacheName, ports } = grant.target;
  if (decision.effect === 'allow' || ports.length < 2) return [];
  const allowed = ports.flatMap((port) => {
    const target = { ...grant.target, ports: [port] };
    const allowlistRule = ruleThatMayAllow({ ...grant, target }, allowlist, instant);
    return allowlistRule === undefined ? [] : [{ port, allowlistRule }];
  });
  return [...Map.groupBy(allowed, ({ allowlistRule }) => allowlistRule)].map(([allowlistRule, its]) => {
    return { cacheName, ports: its.map(({ port }) => port), allowlistRule };
  });
}

/**
 * The caches of which it is not known whether a rule opens them, and for which the allowlist allows it, or may, on any port that they can
 * have. In doubt, it stays for them.
 */
function findAllowedInDoubt(
  rule: SecurityGroupRule,
  index: CacheIndex,
  allowlist: CompiledAllowlist,
  instant: Date,
): AllowedAccess[] {
  const found = index.doubtfulBehind(rule.securityGroupId).flatMap(({ likelyPorts, arePortsKnown, why, ...names }) => {
    for (const port of arePortsKnown ? likelyPorts : possiblePorts(likelyPorts, rule, allowlist)) {
      // One by one: of several, one that is not allowed would hide the others.
      const [grant] = grantsOf(rule, [{ ...names, ports: [port] }]);
      const allowlistRule = grant && ruleThatMayAllow(grant, allowlist, instant);
      if (allowlistRule !== undefined) return [{ cacheName: names.cacheName, why, allowlistRule }];
    }
    return [];
  });
  return [...new Map(found.map((one) => [one.cacheName, one])).values()];
}

/** Anyone can have chosen another port than the default: the one that the rule begins with, or one that the allowlist speaks of. */
function possiblePorts(
  likelyPorts: readonly number[],
  { fromPort }: SecurityGroupRule,
  { vpcRules }: CompiledAllowlist,
): ReadonlySet<number> {
  const first = fromPort !== undefined && isPort(fromPort) ? [fromPort] : [];
  return new Set([...likelyPorts, ...first, ...vpcRules.flatMap(({ ports = [] }) => ports)]);
}

/**
 * The grants that a rule will most likely make for caches that have no port yet, evaluated again each time. Only to warn by: their ports
 * are a guess. A pure function of rule, caches, allowlist and instant.
 */
export function seeLikelyGrants(
  rule: SecurityGroupRule,
  awaited: readonly AwaitedCache[],
  allowlist: CompiledAllowlist,
  instant: Date,
): Iterable<SeenGrant> {
  const caches = awaited.map(({ securityGroupIds: _, likelyPorts: ports, ...names }) => ({ ...names, ports }));
  return eachTime(() =>
    judgeRule(rule, caches, allowlist, instant).grants.map((seen) => ({ ...seen, status: 'listed' })),
  );
}
