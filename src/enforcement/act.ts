import type { SecurityGroupRule } from '../policy/vpc/security-group-rule.ts';
import { type Deadline, isTooLate } from './deadline.ts';
import { withoutName } from './look/group-names.ts';
import { mayBeNeeded } from './look/needs.ts';
import type { Revocable, RevocableGrant, RevocableRule } from './look/revocable.ts';
import type { Shared } from './mode.ts';
import { HELD_FOR_OTHERS, type Settled } from './plan.ts';
import type { ClassicPorts, Revoked, VpcPorts } from './ports.ts';

type RulePorts = Pick<VpcPorts, 'listRules' | 'readPrefixList' | 'guardsSomethingElse' | 'toRevokeRule'>;
/** What it takes to make a revocation. */
type ActPorts = Pick<ClassicPorts, 'toRevokeGrant'> & RulePorts;

export interface HowToAct extends Deadline {
  /** Rejects if the allowlist that decided is not the current one. See `policyConfirmation`. */
  readonly confirmPolicy: () => Promise<void>;
}

interface HowToActOnRule extends HowToAct {
  readonly shared: Shared;
}

/**
 * Makes one revocation. A security group rule goes as a whole, and nothing but it: no permission, no other rule, and never a
 * cache's list of security groups. Never throws: what failed is an outcome.
 *
 * A rule's id outlives its edits, and to judge can take a while: an audit lists everything first. So a rule is looked at once
 * more right before it is revoked, and stands if it was edited, which is `failed`. The same if the allowlist is another one by then, or
 * if the time is up: AWS can freeze a function between any two of these steps, and thaw it hours later. All that the revocation needs
 * is there before these looks: a session of a member account can take half a minute.
 */
export async function act(
  one: RevocableGrant,
  ports: Pick<ClassicPorts, 'toRevokeGrant'>,
  how: HowToAct,
): Promise<Settled>;
export async function act(one: RevocableRule, ports: RulePorts, how: HowToActOnRule): Promise<Settled>;
export async function act(one: Revocable, ports: ActPorts, how: HowToActOnRule): Promise<Settled>;
export async function act(
  one: Revocable,
  ports: Partial<ActPorts>,
  how: HowToAct & Partial<HowToActOnRule>,
): Promise<Settled> {
  try {
    refuseIfTooLate(how);
    if (one.kind === 'vpc') return await revokeRule(one, ports as RulePorts, { ...how, shared: how.shared ?? 'hold' });
    using revocation = await (ports as ActPorts).toRevokeGrant(one.grant);
    await how.confirmPolicy();
    refuseIfTooLate(how);
    return toSettled(await revocation.revoke());
  } catch (error) {
    return { outcome: 'failed', error };
  }
}

function refuseIfTooLate(how: HowToAct): void {
  if (isTooLate(how)) throw new Error('there was no time left to revoke it: it stands until it is evaluated again');
}

async function revokeRule(one: RevocableRule, ports: RulePorts, how: HowToActOnRule): Promise<Settled> {
  const { rule } = one;
  if (mayBeNeeded(one, how.shared) && (await ports.guardsSomethingElse(rule.securityGroupId))) return HELD_FOR_OTHERS;
  refuseIfTooLate(how);
  using revocation = await ports.toRevokeRule(rule);
  refuseIfTooLate(how);
  if (await isEdited(rule, ports)) {
    throw new Error(
      `rule ${rule.securityGroupRuleId} of ${rule.securityGroupId} was edited after it was evaluated: it stands until it is evaluated again`,
    );
  }
  refuseIfTooLate(how);
  if (await isListEdited(rule, ports)) {
    throw new Error(
      `the prefix list of rule ${rule.securityGroupRuleId} was edited after it was evaluated: the rule stands until it is evaluated with the new entries`,
    );
  }
  await how.confirmPolicy();
  refuseIfTooLate(how);
  return toSettled(await revocation.revoke());
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

/** Whether both allow access from the same source. An edit of the description alone must not keep a rule standing. */
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
