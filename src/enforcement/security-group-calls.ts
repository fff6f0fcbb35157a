import type { SecurityGroupRule } from '../policy/security-group-rule.ts';
import type { ListedCache } from './cache-index.ts';
import type { HowToEnforceRule } from './enforce-rule.ts';

/** A rule as EC2 lists it: an ingress rule, one that cannot be read and so cannot be judged, or the id of an egress rule. */
export type ListedRule =
  | { readonly rule: SecurityGroupRule; readonly unreadable?: never; readonly egressRuleId?: never }
  | { readonly unreadable: UnreadableRule; readonly rule?: never; readonly egressRuleId?: never }
  | { readonly egressRuleId: string; readonly rule?: never; readonly unreadable?: never };

export interface UnreadableRule {
  readonly securityGroupId: string;
  readonly securityGroupRuleId?: string;
  readonly problem: string;
}

/** What must be asked of AWS, and done there, to enforce the allowlist on security groups. Each may throw. */
export interface SecurityGroupCalls extends Pick<HowToEnforceRule, 'revokeRule' | 'guardsSomethingElse'> {
  /** Every cluster and serverless cache of a region. */
  readonly listCaches: (region: string) => Promise<readonly ListedCache[]>;
  /** Every rule of these security groups, page by page. A group that is not there has none. */
  readonly listRules: (region: string, securityGroupIds: readonly string[]) => AsyncIterable<readonly ListedRule[]>;
}
