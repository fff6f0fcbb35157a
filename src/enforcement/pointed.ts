import type { GuardedCache, ListedRule } from '../policy/vpc/security-group-rule.ts';
import type { CacheIndex } from './cache-index.ts';
import { isOlderThanLag, isYoungerThan, NEW_MS, PENDING_MS } from './event-age.ts';
import { type Ended, exposureOf } from './event-outcome.ts';
import { loadLook } from './load-look.ts';
import { nameFew } from './name-few.ts';
import { describeAwaited, describeUnguarded, waitForGroups } from './pending.ts';
import type {
  AttachmentEvent,
  HowToEnforceSecurityGroups,
  PointingEvent,
  PrefixListEvent,
  RulesEvent,
} from './security-group-event.ts';

/** Nothing of ours: its group guards no cache. There are many of these, and no one wants to read about them. */
export const GUARDS_NO_CACHE = 'the security group guards no cache';
const NO_RULE_NAMES_IT = 'no security group that guards a cache has a rule that names the prefix list';

/** Of the endpoint and the reader endpoint of a serverless cache (Amazon ElastiCache User Guide). */
const VALKEY_SERVERLESS_PORTS = [6379, 6380];

/** What an event points to, as AWS lists it now. */
export interface Pointed {
  readonly listed: readonly ListedRule[];
  readonly index: CacheIndex;
  /** Whether the event made or edited a rule, a short time ago. */
  readonly isNew: (securityGroupRuleId: string) => boolean;
  /** Whether whole groups are looked at, under the limit on revocations: what is found there may be old and in use. */
  readonly isLimited: boolean;
  /** Those of the cache that the event is about. */
  readonly publicEndpoints: readonly GuardedCache[];
  /** What is not listed yet, or not known: none of it can be judged. */
  readonly unjudged: readonly string[];
  /** What a part of the event waits for, in addition to what is seen of the rules. */
  readonly waitsFor?: string;
}

/** What an event points to, or how it ends if there is nothing to look at. */
export type Found =
  | { readonly pointed: Pointed; readonly ended?: never }
  | { readonly ended: Ended; readonly pointed?: never };

/**
 * Finds what an event points to.
 *
 * @throws what AWS's answers were, or why it cannot be found yet.
 */
export async function findPointed(event: PointingEvent, how: HowToEnforceSecurityGroups): Promise<Found> {
  // Before AWS is asked: by when its answers come, they say nothing more.
  const began = how.now();
  switch (event.kind) {
    case 'rules':
      return await findRules(event, began, how);
    case 'attachment':
      return await findAttachment(event, began, how);
    case 'prefixList':
      return await findNamingRules(event, how);
  }
}

async function findRules(event: RulesEvent, began: Date, how: HowToEnforceSecurityGroups): Promise<Found> {
  const { securityGroupId, securityGroupRuleIds } = event;
  const { index, ended } = await findGuarded(event, how);
  if (ended !== undefined) return { ended };
  const listed = await listRules(event, [securityGroupId], how);
  if (securityGroupRuleIds.length === 0) return { pointed: wholeGroups(listed, index) };
  const pointedTo = listed.filter((one) => securityGroupRuleIds.includes(ruleIdOf(one) ?? ''));
  const unlisted = securityGroupRuleIds.filter((id) => !pointedTo.some((one) => ruleIdOf(one) === id));
  if (unlisted.length === securityGroupRuleIds.length && isOlderThanLag(event, began)) {
    return { ended: { outcome: 'already-gone', ...exposureOf(event.call, how.now()) } };
  }
  const isAwaited = unlisted.length > 0 && !isOlderThanLag(event, began);
  const isRecent = isYoungerThan(NEW_MS, event, began);
  return {
    pointed: {
      ...wholeGroups(pointedTo, index),
      isNew: (id) => isRecent && securityGroupRuleIds.includes(id),
      isLimited: false,
      unjudged: isAwaited ? [`EC2 does not list rule ${nameFew(unlisted, ', ')} of ${securityGroupId} yet`] : [],
    },
  };
}

/**
 * The index, if the security group of an event guards a cache that it knows; else how the event ends. Where it is not known which
 * groups guard some cache, EC2 must say that this one guards none: else the event would look clean. Of a default group, that EC2 shows no
 * cache behind it is not enough: it does not show the network interfaces of that cache at all.
 */
async function findGuarded(
  event: RulesEvent,
  how: HowToEnforceSecurityGroups,
): Promise<{ readonly index: CacheIndex; readonly ended?: Ended }> {
  const { securityGroupId } = event;
  const index = await how.cacheIndex.read(event, how.timeUp);
  if (index.guardedBy(securityGroupId).length > 0) return { index };
  const { unguarded } = index;
  const ignored: Ended = { outcome: 'ignored', reason: GUARDS_NO_CACHE };
  if (unguarded.length === 0) return { index, ended: ignored };
  // A cache that is being created may have no network interface yet.
  const awaited = unguarded.filter(({ isAwaited }) => isAwaited);
  if (awaited.length > 0) return { index, ended: waitForGroups(awaited, event, how) };
  const isSeen = await how.connect(event).guardsCache(securityGroupId);
  if (!isSeen && !(await isDefaultGroup(event, how))) return { index, ended: ignored };
  const again = await how.cacheIndex.readAnew(event, how.timeUp);
  if (again.guardedBy(securityGroupId).length > 0) return { index: again };
  const why = isSeen
    ? `security group ${securityGroupId} guards a cache, and not every cache is known by its security groups`
    : `security group ${securityGroupId} is the default group of its VPC, and may guard a cache for which no one named a group`;
  throw new Error(`${why}: ${describeUnguarded(again.unguarded)}`);
}

/** Whether the security group is the one that guards a cache of its VPC if no one names another. No other can have that name. */
async function isDefaultGroup(
  { securityGroupId, ...place }: RulesEvent,
  how: HowToEnforceSecurityGroups,
): Promise<boolean> {
  const names = await how.connect(place).readGroupNames([securityGroupId]);
  return names.get(securityGroupId) === 'default';
}

async function findAttachment(event: AttachmentEvent, began: Date, how: HowToEnforceSecurityGroups): Promise<Found> {
  const { cacheName, securityGroupIds } = event;
  const index = await how.cacheIndex.readAnew(event, how.timeUp);
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
    return { ended: waiting ?? { outcome: 'ignored', reason: GUARDS_NO_CACHE } };
  }
  return {
    pointed: {
      ...wholeGroups(guarding.length > 0 ? await listRules(event, guarding, how) : [], index),
      publicEndpoints,
      unjudged: untold.length > 0 ? [describeUnguarded(untold)] : [],
      ...(waiting && { waitsFor: waiting.problem }),
    },
  };
}

/**
 * Finds every rule that names the prefix list, of all groups that guard caches: no filter of DescribeSecurityGroupRules is
 * for prefix lists. Rules that cannot be read are left to their own events and to audits, which name them.
 */
async function findNamingRules(event: PrefixListEvent, how: HowToEnforceSecurityGroups): Promise<Found> {
  // A group that began to guard a cache a moment ago may have been judged by the entries before.
  const index = await how.cacheIndex.readAnew(event, how.timeUp);
  const { securityGroupIds } = index;
  const listed = securityGroupIds.length === 0 ? [] : await listRules(event, securityGroupIds, how);
  const naming = listed.filter(({ rule }) => {
    return rule?.source.kind === 'prefixList' && rule.source.prefixListId === event.prefixListId;
  });
  // A rule of a group that is not known to guard a cache can name the list as well.
  const awaited = index.unguarded.filter(({ isAwaited }) => isAwaited);
  const untold = index.unguarded.filter(({ isAwaited }) => !isAwaited);
  if (naming.length === 0) {
    if (untold.length > 0) throw new Error(describeUnguarded(untold));
    return {
      ended: awaited.length > 0 ? waitForGroups(awaited, event, how) : { outcome: 'ignored', reason: NO_RULE_NAMES_IT },
    };
  }
  // Those that are seen are judged all the same.
  const stillWaits = awaited.length > 0 && isYoungerThan(PENDING_MS, event, how.now());
  return {
    pointed: {
      ...wholeGroups(naming, index),
      unjudged: [
        ...(untold.length > 0 ? [describeUnguarded(untold)] : []),
        ...(awaited.length > 0 && !stillWaits ? [describeAwaited(awaited)] : []),
      ],
      ...(stillWaits && { waitsFor: describeAwaited(awaited) }),
    },
  };
}

/** Rules that stand. */
function wholeGroups(listed: readonly ListedRule[], index: CacheIndex): Pointed {
  return { listed, index, isNew: () => false, isLimited: true, publicEndpoints: [], unjudged: [] };
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

async function listRules(
  event: PointingEvent,
  securityGroupIds: readonly string[],
  how: HowToEnforceSecurityGroups,
): Promise<ListedRule[]> {
  // Before the look: between it and a revocation someone can edit a rule, so nothing that can wait belongs there.
  await loadLook();
  const listed: ListedRule[] = [];
  for await (const page of how.connect(event).listRules(securityGroupIds)) listed.push(...page);
  return listed;
}

function ruleIdOf({ rule, unreadable, egressRuleId }: ListedRule): string | undefined {
  return rule?.securityGroupRuleId ?? unreadable?.securityGroupRuleId ?? egressRuleId;
}
