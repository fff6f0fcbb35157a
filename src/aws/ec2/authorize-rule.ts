import { AuthorizeSecurityGroupIngressCommand, type EC2Client, type IpPermission } from '@aws-sdk/client-ec2';
import type { VpcGrant } from '../../policy/vpc/grant.ts';
import type { RuleText } from '../../policy/vpc/rule-text.ts';
import type { VpcSource } from '../../policy/vpc/source.ts';
import type { Authorization } from '../authorization.ts';
import { meaningOf } from './api-errors.ts';

/**
 * Makes the rule of a grant again with AuthorizeSecurityGroupIngress, idempotently: one that is there is `already-there`. EC2
 * gives it a new id: the old one never comes back.
 *
 * @param text the rule as it stood.
 * @throws whatever else the API answers, after the SDK's retries.
 */
export async function authorizeSecurityGroupRule(
  client: EC2Client,
  { target, source }: VpcGrant,
  text: RuleText,
): Promise<Authorization> {
  const IpPermissions = [toIpPermission(source, text)];
  try {
    const { $metadata } = await client.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: target.securityGroupId, IpPermissions }),
    );
    return { result: 'restored', requestId: $metadata.requestId };
  } catch (error) {
    if (meaningOf(error) !== 'there') throw error;
    return { result: 'already-there', requestId: undefined };
  }
}

function toIpPermission(source: VpcSource, { ipProtocol, fromPort, toPort, description }: RuleText): IpPermission {
  // For all protocols EC2 shows the ports -1, and takes none.
  const ports = ipProtocol === '-1' ? {} : { FromPort: fromPort, ToPort: toPort };
  const Description = description;
  const permission = { IpProtocol: ipProtocol, ...ports };
  if (source.kind === 'prefixList') {
    return { ...permission, PrefixListIds: [{ PrefixListId: source.prefixListId, Description }] };
  }
  if (source.kind === 'securityGroup') {
    const pair = { GroupId: source.securityGroupId, UserId: source.securityGroupOwnerId, Description };
    return { ...permission, UserIdGroupPairs: [pair] };
  }
  return source.cidr.includes(':')
    ? { ...permission, Ipv6Ranges: [{ CidrIpv6: source.cidr, Description }] }
    : { ...permission, IpRanges: [{ CidrIp: source.cidr, Description }] };
}
