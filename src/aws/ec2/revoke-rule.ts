import { type EC2Client, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { type Revocation, requestIdOf, revokeInTime, type TimeToRevoke } from '../revocation.ts';
import { meaningOf } from './api-errors.ts';

/** Which rule: its id and its security group's. */
export interface RuleIds {
  readonly securityGroupId: string;
  readonly securityGroupRuleId: string;
}

/**
 * Revokes one rule with RevokeSecurityGroupIngress, idempotently: a rule or a security group that is not there any more is
 * `already-gone`. The call names the id of this rule and nothing else: with several, one that is gone would fail the call for
 * all, and properties would take whatever rule has them.
 *
 * @param deadline by when it must have ended: the Lambda's own end, less what it takes to say so.
 * @throws whatever else the API answers, after the SDK's retries; NoFinalAnswerError once the deadline has passed,
 *   or if one of the tries had no answer: it may be revoked all the same.
 */
export async function revokeSecurityGroupRule(client: EC2Client, rule: RuleIds, deadline: Date): Promise<Revocation> {
  return await revokeInTime(deadline, 'EC2', (time) => revoke(client, rule, time));
}

async function revoke(client: EC2Client, rule: RuleIds, { abortSignal, limit }: TimeToRevoke): Promise<Revocation> {
  const { securityGroupId, securityGroupRuleId } = rule;
  const command = new RevokeSecurityGroupIngressCommand({
    GroupId: securityGroupId,
    SecurityGroupRuleIds: [securityGroupRuleId],
  });
  try {
    const { $metadata, Return, UnknownIpPermissions = [] } = await client.send(limit(command), { abortSignal });
    const { requestId } = $metadata;
    if (!Return) throw new Error(`EC2 did not revoke rule ${securityGroupRuleId}, and did not say why`);
    // In a default VPC, so EC2 answers where nothing was there to revoke (its documentation of this call).
    return { result: UnknownIpPermissions.length > 0 ? 'already-gone' : 'revoked', requestId };
  } catch (error) {
    if (meaningOf(error) !== 'gone') throw error;
    return { result: 'already-gone', requestId: requestIdOf(error) };
  }
}
