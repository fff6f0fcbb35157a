import { OUTCOME_SCHEMA_VERSION } from '../policy/outcome.ts';
import type { GoneNames } from '../policy/vpc/gone-names.ts';
import { asksForGroupNames } from '../policy/vpc/group-names.ts';
import { type ListedRule, speaksTcp } from '../policy/vpc/security-group-rule.ts';
import { act } from './act.ts';
import type { CacheIndex } from './cache-index.ts';
import { policyConfirmation } from './confirm-policy.ts';
import { toEnded } from './end-of-event.ts';
import { isYoungerThan, PENDING_MS } from './event-age.ts';
import { type Ended, exposureOf, type Policy } from './event-outcome.ts';
import { GrantOutcomes } from './grant-outcomes.ts';
import { loadLook } from './load-look.ts';
import { describeUnreadable, type Unjudged } from './look/describe-rule.ts';
import { askNeeds, NOT_ASKED } from './look/needs.ts';
import type { RevocableRule, Seen } from './look/revocable.ts';
import { describeUnguarded, type Pending, seePending, seePerhapsBehind, whyPending } from './pending.ts';
import { dependsOnNeeds, planRevocations, settledOf } from './plan.ts';
import type { Pointed } from './pointed.ts';
import type { HowToEnforceSecurityGroups, PointingEvent } from './security-group-event.ts';

/**
 * Judges what an event points to, plans and acts. Each grant is reported as soon as its outcome is known, those that are revoked before
 * all others.
 */
export async function lookPlanAct(
  pointed: Pointed,
  event: PointingEvent,
  how: HowToEnforceSecurityGroups,
): Promise<Ended> {
  const policy = await how.readPolicy();
  const look = await seeRules(pointed, event, policy, how);
  const { index, seen, changing } = look;
  const pending = [
    ...changing.map(({ unknown, grants }) => ({ problem: unknown?.problem ?? '', grants })),
    ...(await seePending([...seen, ...changing], index, event, policy, how)),
    ...seePerhapsBehind(seen, index),
  ];
  const whyItWaits = whyPending(pending);
  const unjudged = [...pointed.unjudged, ...look.unjudged];
  if (whyItWaits !== undefined && !isYoungerThan(PENDING_MS, event, how.now())) unjudged.push(whyItWaits);
  const waitsFor = pointed.waitsFor ?? whyItWaits;
  const { mode, allowlistSha256 } = policy;
  const about = { schemaVersion: OUTCOME_SCHEMA_VERSION, mode, allowlistSha256, ...event.call } as const;
  const awaits = waitsFor !== undefined && unjudged.length === 0 && { awaits: waitsFor };
  const outcomes = new GrantOutcomes({ ...about, ...awaits }, how.reporter, how.now);
  const all = [...(await seePublic(pointed, event, policy, how)), ...seen];
  await settle(all, { isLimited: pointed.isLimited, index, pending }, event, policy, how, outcomes);
  // Its group may guard one of these as well, and the rule would look clean. What stands in a whole group next to other rules is an audit's.
  const isAsked = outcomes.count === 0 || !pointed.isLimited;
  const mayOpenAnother = isAsked && pending.length === 0 && seen.some(opensNoneThatIsKnown);
  if (mayOpenAnother && index.unguarded.length > 0) unjudged.push(describeUnguarded(index.unguarded));
  return toEnded(outcomes, { unjudged, waitsFor }, { mode, allowlistSha256, ...exposureOf(event.call, how.now()) });
}

function opensNoneThatIsKnown({ rule, grantCount }: RevocableRule): boolean {
  return grantCount === 0 && speaksTcp(rule);
}

/** What is seen of the rules that an event points to. */
interface RulesLook {
  /** The caches by which they were judged. */
  readonly index: CacheIndex;
  /** Those that are judged. */
  readonly seen: readonly RevocableRule[];
  /** Those that will be judged soon: what their decisions depend on is being changed. */
  readonly changing: readonly RevocableRule[];
  /** What cannot be judged, and why. */
  readonly unjudged: readonly string[];
}

/** Judges the rules. A denial is always judged by the caches that are listed after it was seen for the first time. */
async function seeRules(
  { listed, ...pointed }: Pointed,
  event: PointingEvent,
  { allowlist }: Policy,
  how: HowToEnforceSecurityGroups,
): Promise<RulesLook> {
  const { seeRule, askGroupNames, UNNAMED, entriesLook, describeUnknown } = await loadLook();
  const entries = entriesLook(how.connect(event));
  const rules = listed.flatMap(({ rule }) => rule ?? []);
  const named = asksForGroupNames(allowlist) ? await askGroupNames(rules, how.connect(event)) : UNNAMED;
  const see = async (index: CacheIndex): Promise<RulesLook> => {
    const all: RevocableRule[] = [];
    for (const rule of rules) {
      const isNew = pointed.isNew(rule.securityGroupRuleId);
      all.push(await entries.see(named.nameRule(rule), (one) => seeRule(one, index, allowlist, how.now(), isNew)));
    }
    return {
      index,
      seen: all.filter(({ unknown }) => unknown === undefined),
      changing: all.filter(({ unknown }) => unknown?.isChanging === true),
      unjudged: [
        ...listed.flatMap(({ unreadable }) => (unreadable ? inWords(describeUnreadable(unreadable)) : [])),
        ...problemsBehind(listed, index),
        ...all.flatMap((one) => (one.unknown?.isChanging === false ? inWords(describeUnknown(one, named)) : [])),
      ],
    };
  };
  const look = await see(pointed.index);
  if (!look.seen.some(({ isDenied }) => isDenied)) return look;
  return await see(await how.cacheIndex.readAnew(event, how.timeUp));
}

function inWords({ what, why }: Unjudged): string {
  return `${what}: ${why}`;
}

async function seePublic(
  { publicEndpoints }: Pointed,
  event: PointingEvent,
  { allowlist }: Policy,
  how: HowToEnforceSecurityGroups,
): Promise<Seen[]> {
  if (publicEndpoints.length === 0) return [];
  const { seePublicEndpoint } = await import('./look/see-public-endpoint.ts');
  return publicEndpoints.map((cache) => seePublicEndpoint(event, cache, allowlist, how.now()));
}

/** Makes the revocations that are planned, and says the outcome of each grant. */
async function settle(
  seen: readonly Seen[],
  { isLimited, index, pending }: { isLimited: boolean; index: CacheIndex; pending: readonly Pending[] },
  event: PointingEvent,
  policy: Policy,
  how: HowToEnforceSecurityGroups,
  outcomes: GrantOutcomes,
): Promise<void> {
  const ports = how.connect(event);
  const { mode, shared, mixed } = policy;
  const maxRevocations = isLimited ? policy.maxRevocations : Number.POSITIVE_INFINITY;
  const goneNames = await findGoneNames(seen, index, event, policy, how.now());
  const howToPlan = { mode, mixed, maxRevocations, goneNames };
  const needs = dependsOnNeeds(seen, howToPlan) ? await askNeeds(seen, shared, () => ports) : NOT_ASKED;
  const plan = planRevocations(seen, howToPlan, needs);
  // Whether the limit is exceeded depends on it.
  if (plan.overLimit !== undefined && needs.untold[0] !== undefined) throw needs.untold[0].error;
  const howToAct = { ...how, shared, confirmPolicy: policyConfirmation(policy, how.readPolicy) };
  for (const one of plan.revocations) {
    // Of all that is seen here only a rule can be due.
    await outcomes.add(one.grants, await act(one as RevocableRule, ports, howToAct));
  }
  const problem = `${plan.overLimit} rules are to be revoked, and at most ${policy.maxRevocations} may be at once`;
  for (const one of seen) {
    const settled = settledOf(one, plan);
    if (settled === undefined) continue;
    await outcomes.add(one.grants, settled.heldBecause === 'limit' ? { ...settled, problem } : settled);
  }
  for (const { problem, grants } of pending) await outcomes.add(grants, { outcome: 'pending', problem });
  outcomes.reportCounts();
}

/** The names in the allowlist that no cache of the place has: other places are an audit's to ask. Most events need none. */
async function findGoneNames(
  seen: readonly Seen[],
  { names }: CacheIndex,
  { account, region }: PointingEvent,
  { allowlist }: Policy,
  now: Date,
): Promise<GoneNames | undefined> {
  if (!seen.some((one) => one.kind === 'vpc' && one.isDenied && !one.isNew)) return undefined;
  const { GoneNames } = await import('../policy/vpc/gone-names.ts');
  return new GoneNames(allowlist, [{ account, region, names, areAll: false }], now);
}

function problemsBehind(listed: readonly ListedRule[], index: CacheIndex): string[] {
  // Who speaks no TCP reaches no cache, whatever its port is.
  const reaching = listed.filter(({ rule }) => rule === undefined || speaksTcp(rule));
  const groups = new Set(reaching.flatMap(({ rule, unreadable }) => (rule ?? unreadable)?.securityGroupId ?? []));
  return [...groups].flatMap((id) => index.problemBehind(id) ?? []);
}
