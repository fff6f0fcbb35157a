import type { ListedRule, SecurityGroupRule } from '../policy/security-group-rule.ts';
import { ec2Clients } from './clients.ts';
import { guardsSomethingElse as guardsSomethingElseWith } from './guards-something-else.ts';
import { listSecurityGroupRules } from './list-rules.ts';
import { type RuleRevocation, revokeSecurityGroupRule } from './revoke-rule.ts';

const clientFor = ec2Clients();

// Each with the clients that this process keeps.

/** See `listSecurityGroupRules`. */
export function listRules(region: string, securityGroupIds: readonly string[]): AsyncIterable<readonly ListedRule[]> {
  return listSecurityGroupRules(clientFor(region), securityGroupIds);
}

/** Whether the security group of a rule does. See `guardsSomethingElse` of guards-something-else.ts. */
export function guardsSomethingElse({ region, securityGroupId }: SecurityGroupRule): Promise<boolean> {
  return guardsSomethingElseWith(clientFor(region), securityGroupId);
}

/** See `revokeSecurityGroupRule`. */
export function revokeRule(rule: SecurityGroupRule, deadline: Date): Promise<RuleRevocation> {
  return revokeSecurityGroupRule(clientFor(rule.region), rule, deadline);
}
