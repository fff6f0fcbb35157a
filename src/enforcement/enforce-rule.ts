import type { JudgedRule } from '../policy/judge-rule.ts';
import type { ListedRule, SecurityGroupRule } from '../policy/security-group-rule.ts';
import type { Mode } from './enforce-grant.ts';

/** What is done about a denied rule that opens more than caches, of a group that guards more than caches. */
export const SHARED = ['hold', 'revoke'] as const;
export type Shared = (typeof SHARED)[number];

/** How many revocations an audit makes at most, and an event that has whole groups looked at, if nobody says otherwise. */
export const DEFAULT_MAX_REVOCATIONS = 10;

export interface HowToEnforceRule {
  readonly mode: Mode;
  readonly shared: Shared;
  /** Takes one rule away. Throws if it cannot say that it is gone. */
  readonly revokeRule: (rule: SecurityGroupRule) => Promise<{
    readonly result: 'revoked' | 'already-gone';
    readonly requestId?: string | undefined;
  }>;
  /** Every rule of these security groups, page by page. A group that is not there has none. */
  readonly listRules: (region: string, securityGroupIds: readonly string[]) => AsyncIterable<readonly ListedRule[]>;
  /** Whether the rule's security group guards anything that is not surely a cache. */
  readonly guardsSomethingElse: (rule: SecurityGroupRule) => Promise<boolean>;
}

/** What became of one rule, and so of every grant that it makes. */
export interface RuleOutcome {
  readonly outcome: 'allowed' | 'revoked' | 'already-gone' | 'would-revoke' | 'held' | 'failed';
  /** AWS's id of the Revoke call, if one was answered. */
  readonly revocationRequestId?: string;
  /** With `held`: why. */
  readonly problem?: string;
  /** With `failed`: what kept the rule standing. */
  readonly error?: unknown;
}

/** The `problem` of a rule that is held because others need it, perhaps. */
export const HELD_BECAUSE_SHARED =
  'the rule opens more than cache ports, and its security group also guards something other than caches';

/**
 * Does what the judgement of a rule and the mode ask for. A rule goes as a whole, and nothing but it: no permission, no other
 * rule, and never a cache's list of security groups. Never throws: what failed is an outcome.
 *
 * A rule's id outlives its edits, and to judge can take a while: an audit lists everything first. So it is looked at once more
 * right before it is revoked, and stands if it was edited, which is `failed`.
 */
export async function enforceRule(judged: JudgedRule, how: HowToEnforceRule): Promise<RuleOutcome> {
  if (!judged.isDenied) return { outcome: 'allowed' };
  if (how.mode !== 'enforce') return { outcome: 'would-revoke' };
  try {
    if (mayBeHeld(judged, how) && (await how.guardsSomethingElse(judged.rule))) {
      return { outcome: 'held', problem: HELD_BECAUSE_SHARED };
    }
    if (await isEdited(judged.rule, how)) {
      throw new Error(
        `rule ${judged.rule.securityGroupRuleId} of ${judged.rule.securityGroupId} was edited after it was judged: it stands until it is judged as it is now`,
      );
    }
    const { result, requestId } = await how.revokeRule(judged.rule);
    return { outcome: result, ...(requestId !== undefined && { revocationRequestId: requestId }) };
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

/**
 * Whether no more of these denied rules are to be revoked than `most`. One that is held because others may need it is not: it
 * stands from audit to audit, and a few of these would keep every other revocation from being made.
 *
 * What else a security group guards is asked for only if the answer depends on it. Where it cannot be told, its rules count;
 * the error comes up again when one of them is to be revoked.
 */
export async function isWithinLimit(
  denied: readonly JudgedRule[],
  most: number,
  how: Pick<HowToEnforceRule, 'shared' | 'guardsSomethingElse'>,
): Promise<boolean> {
  if (denied.length <= most) return true;
  const asked = Map.groupBy(
    denied.filter((one) => mayBeHeld(one, how)),
    ({ rule }) => `${rule.region} ${rule.securityGroupId}`,
  );
  let toBeRevoked = denied.length - [...asked.values()].flat().length;
  for (const rules of asked.values()) {
    if (toBeRevoked > most) return false;
    const areHeld = await how.guardsSomethingElse((rules[0] as JudgedRule).rule).catch(() => false);
    if (!areHeld) toBeRevoked += rules.length;
  }
  return toBeRevoked <= most;
}

/** A rule that opens the ports of caches and nothing else is about caches, whatever else is in its group. */
function mayBeHeld({ opensCachePortsOnly }: JudgedRule, { shared }: Pick<HowToEnforceRule, 'shared'>): boolean {
  return shared === 'hold' && !opensCachePortsOnly;
}

/** One that is not listed any more is not: Describe can lag, so whether it is gone says the revocation. */
async function isEdited(rule: SecurityGroupRule, { listRules }: HowToEnforceRule): Promise<boolean> {
  for await (const page of listRules(rule.region, [rule.securityGroupId])) {
    for (const listed of page) {
      const id = (listed.rule ?? listed.unreadable)?.securityGroupRuleId;
      if (id === rule.securityGroupRuleId) return listed.rule === undefined || !isSame(listed.rule, rule);
    }
  }
  return false;
}

/** Whether both say the same. What reads rules gives their members in one order. */
function isSame(one: SecurityGroupRule, other: SecurityGroupRule): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
