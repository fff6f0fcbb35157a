import type { SecurityGroupRule } from '../policy/vpc/security-group-rule.ts';
import { type Deadline, isTooLate } from './deadline.ts';
import { withoutName } from './look/group-names.ts';
import { mayBeNeeded } from './look/needs.ts';
import type { Revocable, RevocableGrant, RevocableRule } from './look/revocable.ts';
import type { Shared } from './mode.ts';
import { HELD_FOR_OTHERS, type Settled } from './plan.ts';
import type { ClassicPorts, Revoked, VpcPorts } from './ports.ts';

type RulePorts = Pick<VpcPorts, 'listRules' | 'readPrefixList' | 'guardsSomethingElse' | 'revokeRule'>;
/** What it takes to make a revocation. */
type ActPorts = Pick<ClassicPorts, 'revokeGrant'> & RulePorts;

export interface HowToAct extends Deadline {
  readonly shared: Shared;
}

/**
 * Makes one revocation. A security group rule goes as a whole, and nothing but it: no permission, no other rule, and never a
 * cache's list of security groups. Never throws: what failed is an outcome.
 *
 * A rule's id outlives its edits, and to judge can take a while: an audit lists everything first. So a rule is looked at once
 * more right before it is revoked, and stands if it was edited, which is `failed`.
 */
export async function act(one: RevocableGrant, ports: Pick<ClassicPorts, 'revokeGrant'>): Promise<Settled>;
export async function act(one: RevocableRule, ports: RulePorts, how: HowToAct): Promise<Settled>;
export async function act(one: Revocable, ports: ActPorts, how: HowToAct): Promise<Settled>;
export async function act(one: Revocable, ports: Partial<ActPorts>, how?: HowToAct): Promise<Settled> {
  if (how !== undefined && isTooLate(how)) return NO_TIME_TO_REVOKE;
  try {
    if (one.kind === 'classic') return toSettled(await (ports as ActPorts).revokeGrant(one.grant));
    return await revokeRule(one, ports as RulePorts, how?.shared ?? 'hold');
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

const NO_TIME_TO_REVOKE = {
  outcome: 'failed',
  problem: 'there was no time left to revoke it: the next audit goes on',
} as const satisfies Settled;

async function revokeRule(one: RevocableRule, ports: RulePorts, shared: Shared): Promise<Settled> {
  const { rule } = one;
  if (mayBeNeeded(one, shared) && (await ports.guardsSomethingElse(rule.securityGroupId))) return HELD_FOR_OTHERS;
  if (await isEdited(rule, ports)) {
    throw new Error(
      `rule ${rule.securityGroupRuleId} of ${rule.securityGroupId} was edited after it was judged: it stands until it is judged as it is now`,
    );
  }
  if (await isListEdited(rule, ports)) {
    throw new Error(
      `the prefix list of rule ${rule.securityGroupRuleId} was edited after it was judged: the rule stands until it is judged by the entries as they are now`,
    );
  }
  return toSettled(await ports.revokeRule(rule));
}

function toSettled({ result, requestId }: Revoked): Settled {
  return { outcome: result, ...(requestId !== undefined && { revocationRequestId: requestId }) };
}

/** One that is not listed any more is not: Describe can lag, so whether it is gone says the revocation. */
async function isEdited(rule: SecurityGroupRule, ports: Pick<VpcPorts, 'listRules'>): Promise<boolean> {
  for await (const page of ports.listRules([rule.securityGroupId])) {
    for (const listed of page) {
      const id = (listed.rule ?? listed.unreadable)?.securityGroupRuleId;
      if (id === rule.securityGroupRuleId) return listed.rule === undefined || !isSame(listed.rule, rule);
    }
  }
  return false;
}

/** Whether the entries by which a rule was judged, if any were read, are not those that its prefix list has now. */
async function isListEdited({ source }: SecurityGroupRule, ports: Pick<VpcPorts, 'readPrefixList'>): Promise<boolean> {
  if (source.kind !== 'prefixList' || source.entries === undefined) return false;
  const { entries } = await ports.readPrefixList(source.prefixListId);
  return JSON.stringify(entries) !== JSON.stringify(source.entries);
}

/** Whether both let the same in. Whoever edits a description must not keep a rule standing by that. */
function isSame(one: SecurityGroupRule, other: SecurityGroupRule): boolean {
  // What reads rules gives their members in one order.
  return comparable(one) === comparable(other);
}

/** Without the name of its source and the entries of its prefix list, which no rule lists. */
function comparable(rule: SecurityGroupRule): string {
  const { source, ...rest } = withoutName(rule);
  const listed = source.kind === 'prefixList' ? source.prefixListId : source;
  return JSON.stringify({ ...rest, description: '', source: listed });
}
