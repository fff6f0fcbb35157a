import type { ListedCache } from '../policy/security-group-rule.ts';
import type { HowToEnforceRule } from './enforce-rule.ts';

/** What must be asked of AWS, and done there, to enforce the allowlist on security groups. Each may throw. */
export interface SecurityGroupCalls extends Pick<HowToEnforceRule, 'listRules' | 'revokeRule' | 'guardsSomethingElse'> {
  /** Every cluster and serverless cache of a region. */
  readonly listCaches: (region: string) => Promise<readonly ListedCache[]>;
}
