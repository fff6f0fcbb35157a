import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';
import type { VpcGrant } from '../../../src/policy/vpc/grant.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';

// As in test/events/authorize-ingress.json.
export const ACCOUNT = '111122223333';
/** An account that no rule knows. */
export const STRANGER = '444455556666';
export const REGION = 'us-east-1';

/** The grant that most tests are about: cache security group `sessions`, EC2 security group `web` of a stranger. */
export const strangersGrant: ClassicGrant = {
  kind: 'classic',
  account: ACCOUNT,
  region: REGION,
  target: { cacheSecurityGroupName: 'sessions' },
  source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: STRANGER },
};

/** A grant of a rule of a security group: cache `sessions`, port 6379. */
export function vpcGrant(source: VpcSource, target: Partial<VpcGrant['target']> = {}): VpcGrant {
  const reached = { cacheName: 'sessions', ports: [6379] };
  const rule = { securityGroupId: 'sg-0aaaaaaaaaaaaaaaa', securityGroupRuleId: 'sgr-0123456789abcdef0' };
  return { kind: 'vpc', account: ACCOUNT, region: REGION, target: { ...reached, ...rule, ...target }, source };
}
