import { readCacheSecurityGroupName, readEc2SecurityGroupName, readOwnerId } from '../parameters.ts';
import type { Operation } from './operation.ts';

export const revokeCacheSecurityGroupIngress: Operation = {
  parameters: ['CacheSecurityGroupName', 'EC2SecurityGroupName', 'EC2SecurityGroupOwnerId'],
  readOnly: false,
  run: (parameters, groups) => ({
    CacheSecurityGroup: groups.revoke(
      readCacheSecurityGroupName(parameters),
      readEc2SecurityGroupName(parameters),
      readOwnerId(parameters),
    ),
  }),
};
