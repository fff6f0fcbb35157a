import type { JudgedGrant, JudgedRule } from '../policy/judge-rule.ts';
import { HEARTBEAT, OUTCOME_SCHEMA_VERSION } from '../policy/outcome.ts';
import { type ListedRule, speaksTcp } from '../policy/security-group-rule.ts';
import type { CacheIndex, CacheIndexReader } from './cache-index.ts';
import { describeError } from './describe-error.ts';
import { type Call, type EventOutcome, exposureOf, type GrantOutcome, type Policy } from './enforce-event.ts';
import { enforceRule, findHeld, HELD_FOR_OTHERS, NONE_HELD, type RuleOutcome, type Shared } from './enforce-rule.ts';
import { nameFew } from './name-few.ts';
import type { SecurityGroupCalls } from './security-group-calls.ts';

/** An event about security groups, read. It only points to what is to be looked at. */
export type ReadSecurityGroupEvent =
  /** Rules were made or changed; without ids it does not say which of the group. */
  | (Pointer & {
      readonly kind: 'rules';
      readonly securityGroupId: string;
      readonly securityGroupRuleIds: readonly string[];
    })
  /** A cache got security groups; without ids it was made without saying which. */
  | (Pointer & {
      readonly kind: 'attachment';
      readonly cacheName: string;
      readonly securityGroupIds: readonly string[];
    })
  /** A synthetic event: looked up like any, and never acted on. */
  | (Pointer & { readonly kind: 'heartbeat'; readonly securityGroupId: string })
  | { readonly kind: 'ignored'; readonly reason: string; readonly call: Call }
  | { readonly kind: 'rejected'; readonly problems: readonly string[]; readonly call: Call };

interface Pointer {
  readonly account: string;
  readonly region: string;
  readonly call: Call;
}

export interface HowToEnforceSecurityGroups extends Omit<SecurityGroupCalls, 'listCaches'> {
  /** The account we may act in; `undefined` if nobody said which. */
  readonly guardedAccount: string | undefined;
  readonly cacheIndex: CacheIndexReader;
  /** Throws if there is nothing valid to judge by. */
  readonly readPolicy: () => Promise<SecurityGroupPolicy>;
  readonly now: () => Date;
}

/** What to judge by, and what to do then. */
export interface SecurityGroupPolicy extends Policy {
  readonly shared: Shared;
  /** If more rules than this are to be revoked when a whole group is looked at, none is. */
  readonly maxRevocations: number;
}

/** Nothing of ours: its group guards no cache. There are many of these, and nobody wants to read of them. */
export const GUARDS_NO_CACHE = 'the security group guards no cache';
const OPENS_NO_CACHE_PORT = 'the rule opens no port that a cache listens on';

/**
 * How old an event must be for a rule that EC2 does not list to be gone, in milliseconds: EC2's Describe can lag behind its
 * Authorize (seen in issues of Terraform's AWS provider).
 */
const LAG_MS = 120_000;

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

type Became = Omit<EventOutcome, keyof Call | 'schemaVersion'> & { readonly error?: unknown };

async function lookAndAct(read: ReadSecurityGroupEvent, how: HowToEnforceSecurityGroups): Promise<Became> {
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
      await Promise.all([how.cacheIndex.read(read.region), how.readPolicy()]);
      return { outcome: 'ignored', reason: HEARTBEAT };
    }
    return read.kind === 'rules' ? await enforceRules(read, began, how) : await enforceAttachment(read, began, how);
  } catch (error) {
    return { outcome: 'failed', error, ...exposureOf(read.call, how.now()) };
  }
}

type RulesEvent = Extract<ReadSecurityGroupEvent, { kind: 'rules' }>;
type AttachmentEvent = Extract<ReadSecurityGroupEvent, { kind: 'attachment' }>;

async function enforceRules(event: RulesEvent, began: Date, how: HowToEnforceSecurityGroups): Promise<Became> {
  const { region, securityGroupId, securityGroupRuleIds } = event;
  const index = await how.cacheIndex.read(region);
  if (index.guardedBy(securityGroupId).length === 0) return { outcome: 'ignored', reason: GUARDS_NO_CACHE };
  if (securityGroupRuleIds.length === 0) return await enforceGroups([securityGroupId], { index, began }, event, how);
  const listed = await listRules(region, [securityGroupId], how);
  const pointedTo = listed.filter((one) => securityGroupRuleIds.includes(ruleIdOf(one) ?? ''));
  const unlisted = securityGroupRuleIds.filter((id) => !pointedTo.some((one) => ruleIdOf(one) === id));
  if (unlisted.length === securityGroupRuleIds.length && isOlderThanLag(event, began)) {
    return { outcome: 'already-gone', ...exposureOf(event.call, how.now()) };
  }
  const isAwaited = unlisted.length > 0 && !isOlderThanLag(event, began);
  const awaited = isAwaited ? [`EC2 does not list rule ${nameFew(unlisted, ', ')} of ${securityGroupId} yet`] : [];
  return await act(pointedTo, { index, began, isLimited: false, awaited }, event, how);
}

async function enforceAttachment(
  event: AttachmentEvent,
  began: Date,
  how: HowToEnforceSecurityGroups,
): Promise<Became> {
  const { region, cacheName, securityGroupIds } = event;
  const index = await how.cacheIndex.readAnew(region);
  const listed = index.groupsOf(cacheName);
  const isListed = listed !== undefined && securityGroupIds.every((id) => listed.includes(id));
  if (!isListed && !isOlderThanLag(event, began)) {
    throw new Error(
      `ElastiCache does not list cache ${cacheName} with ${nameFew(securityGroupIds, ', ') || 'its security groups'} yet`,
    );
  }
  const guarding = [...new Set([...securityGroupIds, ...(listed ?? [])])].filter(
    (id) => index.guardedBy(id).length > 0,
  );
  if (guarding.length === 0) return { outcome: 'ignored', reason: GUARDS_NO_CACHE };
  return await enforceGroups(guarding, { index, began }, event, how);
}

/** Looks at all of some groups, under the limit on revocations: what is found there may be old and in use. */
async function enforceGroups(
  securityGroupIds: readonly string[],
  known: { readonly index: CacheIndex; readonly began: Date },
  event: RulesEvent | AttachmentEvent,
  how: HowToEnforceSecurityGroups,
): Promise<Became> {
  const listed = await listRules(event.region, securityGroupIds, how);
  return await act(listed, { ...known, isLimited: true, awaited: [] }, event, how);
}

/** Judges rules and does what that asks for. Nothing is revoked by an index that was kept: who is denied is judged anew. */
async function act(
  listed: readonly ListedRule[],
  known: {
    readonly index: CacheIndex;
    readonly began: Date;
    readonly isLimited: boolean;
    readonly awaited: readonly string[];
  },
  event: RulesEvent | AttachmentEvent,
  how: HowToEnforceSecurityGroups,
): Promise<Became> {
  const { allowlist, allowlistSha256, mode, shared, maxRevocations } = await how.readPolicy();
  const { judgeRule } = await loadJudge();
  const judgeAll = (index: CacheIndex): JudgedRule[] =>
    listed.flatMap(({ rule }) =>
      rule ? [judgeRule(rule, index.guardedBy(rule.securityGroupId), allowlist, how.now())] : [],
    );
  let { index } = known;
  let judged = judgeAll(index);
  if (judged.some(({ isDenied }) => isDenied) && index.readAt < known.began) {
    index = await how.cacheIndex.readAnew(event.region);
    judged = judgeAll(index);
  }
  const denied = judged.filter(({ isDenied }) => isDenied);
  const isLimited = known.isLimited && mode === 'enforce' && denied.length > maxRevocations;
  const { held, untold } = isLimited ? await findHeld(denied, { ...how, shared }) : NONE_HELD;
  const due = denied.length - held.size;
  const isOverLimit = isLimited && due > maxRevocations;
  // Whether it is, depends on it.
  if (isOverLimit && untold[0] !== undefined) throw untold[0].error;
  const heldByLimit = {
    outcome: 'held',
    problem: `${due} rules are to be revoked, and at most ${maxRevocations} may be at once`,
  } as const;
  const results: GrantOutcome[] = [];
  let error: unknown;
  for (const one of judged) {
    const became: RuleOutcome = held.has(one)
      ? HELD_FOR_OTHERS
      : isOverLimit && one.isDenied
        ? heldByLimit
        : await enforceRule(one, { ...how, mode, shared });
    error ??= became.error;
    for (const grant of one.grants) results.push(toGrantOutcome(grant, became));
  }
  const unjudged = [...known.awaited, ...listed.flatMap(describeUnreadable), ...problemsBehind(listed, index)];
  const beside = { mode, allowlistSha256, ...exposureOf(event.call, how.now()) };
  const [gravest] = results.toSorted((a, b) => gravity(a) - gravity(b));
  if (unjudged.length > 0 && gravest?.outcome !== 'failed') {
    // Of no grant among these: each of them came well.
    const grants = results.length > 0 && { grants: results };
    return { outcome: 'failed', ...grants, ...beside, error: new Error(nameFew(unjudged, '; ')) };
  }
  if (gravest === undefined) return { outcome: 'ignored', reason: OPENS_NO_CACHE_PORT };
  const grants = results.length > 1 && { grants: results };
  return { ...gravest, ...grants, ...beside, ...(error !== undefined && { error }) };
}

/** What an event's outcome is if its grants have several: the first of these. */
const GRAVITY = ['failed', 'held', 'revoked', 'would-revoke', 'already-gone', 'allowed'] as const;

/** Of grants that share an outcome, a denied one comes first: it is the cause. */
function gravity({ outcome, decision }: GrantOutcome): number {
  return GRAVITY.indexOf(outcome) + (decision.effect === 'deny' ? 0 : 0.5);
}

function toGrantOutcome(
  judged: JudgedGrant,
  { outcome, revocationRequestId, problem, error }: RuleOutcome,
): GrantOutcome {
  return {
    ...judged,
    outcome,
    ...(revocationRequestId !== undefined && { revocationRequestId }),
    ...(problem !== undefined && { problem }),
    ...(error !== undefined && { problem: describeError(error) }),
  };
}

/** Most events are about groups that guard no cache, and do without. */
const loadJudge = () => import('../policy/judge-rule.ts');

async function listRules(
  region: string,
  securityGroupIds: readonly string[],
  how: HowToEnforceSecurityGroups,
): Promise<ListedRule[]> {
  // Before the look: between it and a revocation somebody can edit a rule, so nothing that can wait belongs there.
  await loadJudge();
  const listed: ListedRule[] = [];
  for await (const page of how.listRules(region, securityGroupIds)) listed.push(...page);
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

function problemsBehind(listed: readonly ListedRule[], index: CacheIndex): string[] {
  // Who speaks no TCP reaches no cache, whatever its port is.
  const reaching = listed.filter(({ rule }) => rule === undefined || speaksTcp(rule));
  const groups = new Set(reaching.flatMap(({ rule, unreadable }) => (rule ?? unreadable)?.securityGroupId ?? []));
  return [...groups].flatMap((id) => index.problemBehind(id) ?? []);
}

/**
 * Whether what is not listed is gone. An event that does not say when it was is taken for a new one.
 *
 * @param asked an instant before the listing was asked for: by when its answer came, it says nothing more.
 */
function isOlderThanLag({ call }: Pointer, asked: Date): boolean {
  return call.eventTime !== undefined && asked.getTime() - call.eventTime.getTime() >= LAG_MS;
}
