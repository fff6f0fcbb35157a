import type { ClassicGrant } from '../../src/policy/grant.ts';

// As in test/events/authorize-ingress.json.
export const ACCOUNT = '111122223333';
/** An account that no rule knows. */
export const STRANGER = '444455556666';
export const REGION = 'us-east-1';

/** The grant that most tests are about: cache security group `sessions`, EC2 security group `web` of a stranger. */
export const strangersGrant: ClassicGrant = {
  account: ACCOUNT,
  region: REGION,
  target: { cacheSecurityGroupName: 'sessions' },
  source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: STRANGER },
};
