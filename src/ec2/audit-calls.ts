import { type AuditPace, auditTries } from '../aws/audit-tries.ts';
import type { VpcGrant } from '../policy/grant.ts';
import type { ListedRule, SecurityGroupRule } from '../policy/security-group-rule.ts';
import { ec2Clients } from './clients.ts';
import { guardsSomethingElse } from './guards-something-else.ts';
import { listSecurityGroupRules } from './list-rules.ts';
import { readRuleStatus } from './read-rule-status.ts';
import { type RuleRevocation, revokeSecurityGroupRule } from './revoke-rule.ts';

/** The calls to EC2 that an audit makes, in any region, within a rate. */
export interface Ec2AuditCalls {
  readonly listRules: (region: string, securityGroupIds: readonly string[]) => AsyncIterable<readonly ListedRule[]>;
  readonly guardsSomethingElse: (rule: SecurityGroupRule) => Promise<boolean>;
  readonly revokeRule: (rule: SecurityGroupRule) => Promise<RuleRevocation>;
  readonly readRuleStatus: (grant: VpcGrant) => Promise<'listed' | undefined>;
  /** How many were made so far, by operation, retries included. */
  readonly made: Readonly<Record<string, number>>;
}

/** See `auditTries`. */
export function ec2AuditCalls(pace: AuditPace): Ec2AuditCalls {
  const { made, timeUp, aroundEachTry, revocationDeadline } = auditTries(pace);
  const clientFor = ec2Clients({}, aroundEachTry);
  return {
    made,
    listRules: (region, securityGroupIds) => listSecurityGroupRules(clientFor(region), securityGroupIds, timeUp),
    guardsSomethingElse: (rule) => guardsSomethingElse(clientFor(rule.region), rule.securityGroupId, timeUp),
    revokeRule: (rule) => revokeSecurityGroupRule(clientFor(rule.region), rule, revocationDeadline()),
    readRuleStatus: ({ region, target }) => readRuleStatus(clientFor(region), target, timeUp),
  };
}
