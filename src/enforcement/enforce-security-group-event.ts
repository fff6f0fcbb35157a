import { HEARTBEAT, OUTCOME_SCHEMA_VERSION } from '../policy/outcome.ts';
import type { Place } from '../policy/place.ts';
import type { GoneNames } from '../policy/vpc/gone-names.ts';
import { asksForGroupNames } from '../policy/vpc/group-names.ts';
import { type GuardedCache, type ListedRule, speaksTcp } from '../policy/vpc/security-group-rule.ts';
import { act } from './act.ts';
import type { CacheIndex } from './cache-index.ts';
import { toEnded } from './end-of-event.ts';
import { isOlderThanLag, isYoungerThan, NEW_MS, PENDING_MS } from './event-age.ts';
import {
  type Ended,
  type EventOutcome,
  exposureOf,
  type GrantOutcome,
  type Policy,
  toGrantOutcomes,
} from './event-outcome.ts';
import { loadLook } from './load-look.ts';
import { askNeeds, NOT_ASKED } from './look/needs.ts';
import type { RevocableRule, Seen } from './look/revocable.ts';
import { nameFew } from './name-few.ts';
import { describeUnguarded, joinPending, seePending, toPending, waitForGroups } from './pending.ts';
import { dependsOnNeeds, planRevocations, type Settled, settledOf } from './plan.ts';
import type {
  AttachmentEvent,
  HowToEnforceSecurityGroups,
  PointingEvent,
  PrefixListEvent,
  ReadSecurityGroupEvent,
  RulesEvent,
} from './security-group-event.ts';

/** Nothing of ours: its group guards no cache. There are many of these, and nobody wants to read of them. */
export const GUARDS_NO_CACHE = 'the security group guards no cache';
const NO_RULE_NAMES_IT = 'no security group that guards a cache has a rule that names the prefix list';

/** Of the endpoint and the reader endpoint of a serverless cache (Amazon ElastiCache User Guide). */
const VALKEY_SERVERLESS_PORTS = [6379, 6380];
type Enforced = { readonly outcome: EventOutcome; readonly error?: unknown };

/**
 * Judges the rules that an event points to as EC2 says they are now, and does what judgement and mode ask for. Never throws:
 * what failed is an outcome, `failed`, and `error` says why.
 *
 * What an event says of a rule is not looked at: it may have been edited since, or repaired.
 */
export async function enforceSecurityGroupEvent(
  read: ReadSecurityGroupEvent,
  how: HowToEnforceSecurityGroups,
): Promise<Enforced> {
  const { error, ...became } = await lookAndAct(read, how);
  return { outcome: { schemaVersion: OUTCOME_SCHEMA_VERSION, ...became, ...read.call }, error };
}

async function lookAndAct(read: ReadSecurityGroupEvent, how: HowToEnforceSecurityGroups): Promise<Ended> {
  if (read.kind === 'ignored') return { outcome: 'ignored', reason: read.reason };
  if (read.kind === 'rejected') return { outcome: 'rejected', problems: read.problems };
  if (how.guardedAccount !== undefined && how.guardedAccount !== read.account) {
    const problem = `the security group is in account ${read.account}, and this stack guards ${how.guardedAccount}`;
    return { outcome: 'rejected', problems: [problem] };
  }
  const began = how.now();
  try {
    if (read.kind === 'heartbeat') {
      // All that it takes to judge must be there, or the heartbeat stays away.
      await Promise.all([how.cacheIndex.read(read), how.readPolicy()]);
      return { outcome: 'ignored', reason: HEARTBEAT };
    }
    switch (read.kind) {
      case 'rules':
        return await enforceRules(read, began, how);
      case 'attachment':
        return await enforceAttachment(read, began, how);
      case 'prefixList':
        return await enforcePrefixList(read, began, how);
    }
  } catch (error) {
    return { outcome: 'failed', error, ...exposureOf(read.call, how.now()) };
  }
}

async function enforceRules(event: RulesEvent, began: Date, how: HowToEnforceSecurityGroups): Promise<Ended> {
  const { securityGroupId, securityGroupRuleIds } = event;
  const { index, ended } = await findGuarded(event, how);
  if (ended !== undefined) return ended;
  if (securityGroupRuleIds.length === 0)
    return await enforceGroups([securityGroupId], { index, began, awaited: [] }, event, how);
  const listed = await listRules(event, [securityGroupId], how);
  const pointedTo = listed.filter((one) => securityGroupRuleIds.includes(ruleIdOf(one) ?? ''));
  const unlisted = securityGroupRuleIds.filter((id) => !pointedTo.some((one) => ruleIdOf(one) === id));
  if (unlisted.length === securityGroupRuleIds.length && isOlderThanLag(event, began)) {
    return { outcome: 'already-gone', ...exposureOf(event.call, how.now()) };
  }
  const isAwaited = unlisted.length > 0 && !isOlderThanLag(event, began);
  const awaited = isAwaited ? [`EC2 does not list rule ${nameFew(unlisted, ', ')} of ${securityGroupId} yet`] : [];
  const isRecent = isYoungerThan(NEW_MS, event, began);
  const isNew = (id: string): boolean => isRecent && securityGroupRuleIds.includes(id);
  return await lookPlanAct(pointedTo, { index, began, isNew, isLimited: false, awaited }, event, how);
}

/**
 * The index, if the security group of an event guards a cache that it knows; else how the event ends. Where it is not known which
 * groups guard some cache, EC2 must say that this one guards none: else the event would look clean.
 */
async function findGuarded(
  event: RulesEvent,
  how: HowToEnforceSecurityGroups,
): Promise<{ readonly index: CacheIndex; readonly ended?: Ended }> {
  const { securityGroupId } = event;
  const index = await how.cacheIndex.read(event);
  if (index.guardedBy(securityGroupId).length > 0) return { index };
  const { unguarded } = index;
  const ignored: Ended = { outcome: 'ignored', reason: GUARDS_NO_CACHE };
  if (unguarded.length === 0) return { index, ended: ignored };
  // A cache that is being created may have no network interface yet.
  const awaited = unguarded.filter(({ isAwaited }) => isAwaited);
  if (awaited.length > 0) return { index, ended: waitForGroups(awaited, event, how) };
  if (!(await how.connect(event).guardsCache(securityGroupId))) return { index, ended: ignored };
  const again = await how.cacheIndex.readAnew(event);
  if (again.guardedBy(securityGroupId).length > 0) return { index: again };
  throw new Error(
    `security group ${securityGroupId} guards a cache, and not every cache is known by its security groups: ${describeUnguarded(again.unguarded)}`,
  );
}

async function enforceAttachment(event: AttachmentEvent, began: Date, how: HowToEnforceSecurityGroups): Promise<Ended> {
  const { cacheName, securityGroupIds } = event;
  const index = await how.cacheIndex.readAnew(event);
  const listed = index.groupsOf(cacheName);
  const isListed = listed !== undefined && securityGroupIds.every((id) => listed.includes(id));
  const publicEndpoints = findPublicEndpoint(event, index, began);
  // A public endpoint alone has no security groups, and there is nothing to wait for.
  const isPublicOnly = publicEndpoints.length > 0 && securityGroupIds.length === 0;
  if (!isListed && !isPublicOnly && !isOlderThanLag(event, began)) {
    throw new Error(
      `ElastiCache does not list cache ${cacheName} with ${nameFew(securityGroupIds, ', ') || 'its security groups'} yet`,
    );
  }
  const guarding = [...new Set([...securityGroupIds, ...(listed ?? [])])].filter(
    (id) => index.guardedBy(id).length > 0,
  );
  const unguarded = isPublicOnly ? [] : index.unguardedOf(cacheName);
  const awaited = unguarded.filter(({ isAwaited }) => isAwaited);
  const untold = unguarded.filter(({ isAwaited }) => !isAwaited);
  const waiting = awaited.length > 0 ? waitForGroups(awaited, event, how) : undefined;
  if (guarding.length + publicEndpoints.length === 0) {
    if (untold.length > 0) throw new Error(describeUnguarded(untold));
    return waiting ?? { outcome: 'ignored', reason: GUARDS_NO_CACHE };
  }
  const unjudged = untold.length > 0 ? [describeUnguarded(untold)] : [];
  const waitsFor = waiting && { waitsFor: waiting.problem };
  return await enforceGroups(guarding, { index, began, publicEndpoints, awaited: unjudged, ...waitsFor }, event, how);
}

/**
 * Looks at every rule that names the prefix list, of all groups that guard caches: no filter of DescribeSecurityGroupRules is
 * for prefix lists. Rules that cannot be read are left to their own events and to audits, which name them.
 */
async function enforcePrefixList(event: PrefixListEvent, began: Date, how: HowToEnforceSecurityGroups): Promise<Ended> {
  // A group that began to guard a cache a moment ago may have been judged by the entries before.
  const index = await how.cacheIndex.readAnew(event);
  const { securityGroupIds } = index;
  const listed = securityGroupIds.length === 0 ? [] : await listRules(event, securityGroupIds, how);
  const naming = listed.filter(({ rule }) => {
    return rule?.source.kind === 'prefixList' && rule.source.prefixListId === event.prefixListId;
  });
  if (naming.length === 0) return { outcome: 'ignored', reason: NO_RULE_NAMES_IT };
  return await lookPlanAct(naming, { index, began, isNew: () => false, isLimited: true, awaited: [] }, event, how);
}

/**
 * The public endpoint of an event's cache, if it has one: as ElastiCache lists it, and, for an hour, as the call asked for it. A
 * cache that is being created or changed does not show it yet. Its ports are then those of Valkey, the one engine that has
 * public endpoints: good enough to report, and nothing is ever revoked by them.
 */
function findPublicEndpoint(event: AttachmentEvent, index: CacheIndex, began: Date): readonly GuardedCache[] {
  const { cacheName } = event;
  const listed = index.publicEndpoints.filter((one) => one.cacheName === cacheName);
  if (listed.length > 0 || event.isPublic !== true) return listed;
  const isThere = index.groupsOf(cacheName) !== undefined || !isOlderThanLag(event, began);
  const isRecent = event.call.eventTime === undefined || isYoungerThan(NEW_MS, event, began);
  return isThere && isRecent ? [{ cacheName, ports: VALKEY_SERVERLESS_PORTS }] : [];
}

/** Looks at all of some groups, under the limit on revocations: what is found there may be old and in use. */
async function enforceGroups(
  securityGroupIds: readonly string[],
  known: Pick<Known, 'index' | 'began' | 'awaited' | 'publicEndpoints' | 'waitsFor'>,
  event: PointingEvent,
  how: HowToEnforceSecurityGroups,
): Promise<Ended> {
  const listed = securityGroupIds.length > 0 ? await listRules(event, securityGroupIds, how) : [];
  return await lookPlanAct(listed, { ...known, isNew: () => false, isLimited: true }, event, how);
}

interface Known {
  readonly index: CacheIndex;
  /** When the event began to be handled. */
  readonly began: Date;
  /** Whether the event made or edited a rule, a short time ago. */
  readonly isNew: (securityGroupRuleId: string) => boolean;
  /** Whether whole groups were looked at. */
  readonly isLimited: boolean;
  /** Those of the cache that the event is about. */
  readonly publicEndpoints?: readonly GuardedCache[];
  /** What is not listed yet, or not known: none of it can be judged. */
  readonly awaited: readonly string[];
  /** What a part of the event waits for, beside what is seen of the rules. */
  readonly waitsFor?: string;
}

/** Looks at rules, plans and acts. */
async function lookPlanAct(
  listed: readonly ListedRule[],
  known: Known,
  event: PointingEvent,
  how: HowToEnforceSecurityGroups,
): Promise<Ended> {
  const policy = await how.readPolicy();
  const { seen, unknown, index } = await seeRules(listed, known, event, policy, how);
  const isChanging = (one: RevocableRule): boolean => one.entriesUnknown?.isChanging === true;
  const settled = await settle(
    [...(await seePublic(known, event, policy, how)), ...seen.filter((one) => !isChanging(one))],
    { ...known, index },
    event,
    policy,
    how,
  );
  const { results } = settled;
  const pending = joinPending([
    ...seen.filter(isChanging).map(toPending),
    await seePending(seen, index, event, policy, how),
  ]);
  const unjudged = [
    ...known.awaited,
    ...listed.flatMap(describeUnreadable),
    ...problemsBehind(listed, index),
    ...unknown,
  ];
  if (pending !== undefined && !isYoungerThan(PENDING_MS, event, how.now())) unjudged.push(pending.problem);
  if (results.length === 0 && pending === undefined && seen.some(({ rule }) => speaksTcp(rule))) {
    // Its group may guard one of these as well, and the rule would look clean.
    const awaited = index.unguarded.filter(({ isAwaited }) => isAwaited);
    if (awaited.length > 0 && unjudged.length === 0) return waitForGroups(awaited, event, how);
    if (index.unguarded.length > 0) unjudged.push(describeUnguarded(index.unguarded));
  }
  const { mode, allowlistSha256 } = policy;
  const beside = { mode, allowlistSha256, ...exposureOf(event.call, how.now()) };
  const waitsFor = known.waitsFor ?? pending?.problem;
  return toEnded({ ...settled, unjudged, pending, waitsFor }, beside);
}

/** Judges the rules. Nothing is revoked by an index that was kept: who is denied is judged by one that is read now. */
async function seeRules(
  listed: readonly ListedRule[],
  known: Known,
  event: Place,
  { allowlist }: Policy,
  how: HowToEnforceSecurityGroups,
): Promise<{
  readonly seen: readonly RevocableRule[];
  /** What cannot be judged, because something that it depends on is not known. */
  readonly unknown: readonly string[];
  readonly index: CacheIndex;
}> {
  const { seeRule, askGroupNames, UNNAMED, entriesLook } = await loadLook();
  const entries = entriesLook(how.connect(event));
  const rules = listed.flatMap(({ rule }) => rule ?? []);
  const { nameRule, problem } = asksForGroupNames(allowlist) ? await askGroupNames(rules, how.connect(event)) : UNNAMED;
  const see = async (index: CacheIndex) => {
    const all: RevocableRule[] = [];
    for (const rule of rules) {
      const isNew = known.isNew(rule.securityGroupRuleId);
      all.push(await entries.see(nameRule(rule), (one) => seeRule(one, index, allowlist, how.now(), isNew)));
    }
    const unknown = all.flatMap((one) => (one.unknown === undefined ? [] : describeUnknown(one, problem)));
    return { seen: all.filter((one) => one.unknown === undefined), unknown, index };
  };
  const look = await see(known.index);
  if (look.index.readAt >= known.began || !look.seen.some(({ isDenied }) => isDenied)) return look;
  return await see(await how.cacheIndex.readAnew(event));
}

async function seePublic(
  { publicEndpoints = [] }: Known,
  event: Place,
  { allowlist }: Policy,
  how: HowToEnforceSecurityGroups,
): Promise<Seen[]> {
  if (publicEndpoints.length === 0) return [];
  const { seePublicEndpoint } = await import('./look/see-public-endpoint.ts');
  return publicEndpoints.map((cache) => seePublicEndpoint(event, cache, allowlist, how.now()));
}

/** Makes the revocations that are planned, and says what becomes of each grant. */
async function settle(
  seen: readonly Seen[],
  { isLimited, index }: Known,
  event: Place,
  policy: Policy,
  how: HowToEnforceSecurityGroups,
): Promise<{ readonly results: readonly GrantOutcome[]; readonly error?: unknown }> {
  const ports = how.connect(event);
  const { mode, shared, mixed } = policy;
  const maxRevocations = isLimited ? policy.maxRevocations : Number.POSITIVE_INFINITY;
  const rules = seen.filter((one) => one.kind === 'vpc');
  const goneNames = await findGoneNames(rules, index, event, policy, how.now());
  const howToPlan = { mode, mixed, maxRevocations, goneNames };
  const needs = dependsOnNeeds(seen, howToPlan) ? await askNeeds(seen, shared, () => ports) : NOT_ASKED;
  const plan = planRevocations(seen, howToPlan, needs);
  // Whether the limit is exceeded depends on it.
  if (plan.overLimit !== undefined && needs.untold[0] !== undefined) throw needs.untold[0].error;
  const problem = `${plan.overLimit} rules are to be revoked, and at most ${policy.maxRevocations} may be at once`;
  const results: GrantOutcome[] = [];
  let error: unknown;
  for (const one of seen) {
    // Of all that is seen here only a rule can be due.
    const revoke = () => act(one as RevocableRule, { ...ports }, { shared, now: how.now });
    const settled: Settled = settledOf(one, plan) ?? (await revoke());
    error ??= settled.error;
    const isHeldByLimit = settled.heldBecause === 'limit';
    results.push(...toGrantOutcomes(one, isHeldByLimit ? { ...settled, problem } : settled));
  }
  return { results, error };
}

/** The names in the allowlist that no cache of the place has: other places are an audit's to ask. Most events need none. */
async function findGoneNames(
  seen: readonly RevocableRule[],
  { names }: CacheIndex,
  { account, region }: Place,
  { allowlist }: Policy,
  now: Date,
): Promise<GoneNames | undefined> {
  if (!seen.some(({ isDenied, isNew }) => isDenied && !isNew)) return undefined;
  const { GoneNames } = await import('../policy/vpc/gone-names.ts');
  return new GoneNames(allowlist, [{ account, region, names, areAll: false }], now);
}

async function listRules(
  place: Place,
  securityGroupIds: readonly string[],
  how: HowToEnforceSecurityGroups,
): Promise<ListedRule[]> {
  // Before the look: between it and a revocation somebody can edit a rule, so nothing that can wait belongs there.
  await loadLook();
  const listed: ListedRule[] = [];
  for await (const page of how.connect(place).listRules(securityGroupIds)) listed.push(...page);
  return listed;
}

function ruleIdOf(listed: ListedRule): string | undefined {
  const { rule, unreadable, egressRuleId } = listed;
  return rule?.securityGroupRuleId ?? unreadable?.securityGroupRuleId ?? egressRuleId;
}

function describeUnreadable({ unreadable }: ListedRule): string[] {
  if (unreadable === undefined) return [];
  const { securityGroupRuleId = '(without an id)', securityGroupId, problem } = unreadable;
  return [`rule ${securityGroupRuleId} of ${securityGroupId}: ${problem}`];
}

function describeUnknown({ rule, unknown }: RevocableRule, problem: string | undefined): string {
  const why = problem === undefined ? unknown : `${unknown} (${problem})`;
  return `rule ${rule.securityGroupRuleId} of ${rule.securityGroupId}: ${why}`;
}

function problemsBehind(listed: readonly ListedRule[], index: CacheIndex): string[] {
  // Who speaks no TCP reaches no cache, whatever its port is.
  const reaching = listed.filter(({ rule }) => rule === undefined || speaksTcp(rule));
  const groups = new Set(reaching.flatMap(({ rule, unreadable }) => (rule ?? unreadable)?.securityGroupId ?? []));
  return [...groups].flatMap((id) => index.problemBehind(id) ?? []);
}
