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
export const HELD_FOR_OTHERS = { outcome: 'held', problem: HELD_BECAUSE_SHARED } as const satisfies RuleOutcome;

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
      return HELD_FOR_OTHERS;
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

/** Those of some denied rules that are held because others may need them, and where that cannot be told. */
export interface HeldRules {
  readonly held: ReadonlySet<JudgedRule>;
  readonly untold: readonly { readonly region: string; readonly securityGroupId: string; readonly error: unknown }[];
}

export const NONE_HELD: HeldRules = { held: new Set(), untold: [] };

/**
 * Finds the rules that are held because others may need them, before the others are counted against a limit: they stand from
 * audit to audit, and a few of them would keep every other revocation from being made. Where it cannot be told, they are not
 * held, and count. Never throws.
 */
export async function findHeld(
  denied: readonly JudgedRule[],
  how: Pick<HowToEnforceRule, 'shared' | 'guardsSomethingElse'>,
): Promise<HeldRules> {
  const held = new Set<JudgedRule>();
  const untold: HeldRules['untold'][number][] = [];
  const asked = Map.groupBy(
    denied.filter((one) => mayBeHeld(one, how)),
    ({ rule }) => `${rule.region} ${rule.securityGroupId}`,
  );
  for (const rules of asked.values()) {
    const [{ rule }] = rules as [JudgedRule];
    try {
      if (await how.guardsSomethingElse(rule)) for (const one of rules) held.add(one);
    } catch (error) {
      untold.push({ region: rule.region, securityGroupId: rule.securityGroupId, error });
    }
  }
  return { held, untold };
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

/** Whether both let the same in. Whoever edits a description must not keep a rule standing by that. */
function isSame(one: SecurityGroupRule, other: SecurityGroupRule): boolean {
  // What reads rules gives their members in one order.
  return JSON.stringify({ ...one, description: '' }) === JSON.stringify({ ...other, description: '' });
}
