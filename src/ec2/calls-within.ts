import type { AuditTries } from '../aws/audit-tries.ts';
import type { VpcGrant } from '../policy/grant.ts';
import type { ListedRule, SecurityGroupRule } from '../policy/security-group-rule.ts';
import { ec2Clients } from './clients.ts';
import { guardsSomethingElse } from './guards-something-else.ts';
import { listSecurityGroupRules } from './list-rules.ts';
import { readRuleStatus } from './read-rule-status.ts';
import { type RuleRevocation, revokeSecurityGroupRule } from './revoke-rule.ts';

/** What an audit asks of EC2. */
export interface Ec2Calls {
  readonly listRules: (region: string, securityGroupIds: readonly string[]) => AsyncIterable<readonly ListedRule[]>;
  readonly guardsSomethingElse: (rule: SecurityGroupRule) => Promise<boolean>;
  readonly revokeRule: (rule: SecurityGroupRule) => Promise<RuleRevocation>;
  readonly readRuleStatus: (grant: VpcGrant) => Promise<'listed' | undefined>;
}

export function ec2CallsWithin({ timeUp, aroundEachTry, revocationDeadline }: AuditTries): Ec2Calls {
  const clientFor = ec2Clients({}, aroundEachTry);
  return {
    listRules: (region, securityGroupIds) => listSecurityGroupRules(clientFor(region), securityGroupIds, timeUp),
    guardsSomethingElse: (rule) => guardsSomethingElse(clientFor(rule.region), rule.securityGroupId, timeUp),
    revokeRule: (rule) => revokeSecurityGroupRule(clientFor(rule.region), rule, revocationDeadline()),
    readRuleStatus: ({ region, target }) => readRuleStatus(clientFor(region), target, timeUp),
  };
}
