import type { EC2Client } from '@aws-sdk/client-ec2';
import { listSecurityGroupRules } from './list-rules.ts';
import type { RuleIds } from './revoke-rule.ts';

/**
 * Whether EC2 still lists a rule: `listed`, or `undefined` if it or its security group is not there. Looked for among the rules
 * of the group, since EC2 fails a call for the id of a rule that is gone.
 *
 * @throws what the API answers, after the SDK's retries.
 */
export async function readRuleStatus(
  client: EC2Client,
  { securityGroupId, securityGroupRuleId }: RuleIds,
  abortSignal?: AbortSignal,
): Promise<'listed' | undefined> {
  for await (const page of listSecurityGroupRules(client, [securityGroupId], abortSignal)) {
    const ids = page.map(({ rule, unreadable }) => (rule ?? unreadable)?.securityGroupRuleId);
    if (ids.includes(securityGroupRuleId)) return 'listed';
  }
  return undefined;
}
