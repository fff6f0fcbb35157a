import type { Operation } from '../../operation.ts';
import { arnOf } from '../arn-of.ts';
import { readCacheSecurityGroupName, readEc2SecurityGroupName, readOwnerId } from '../names.ts';

export const authorizeCacheSecurityGroupIngress: Operation = {
  parameters: ['CacheSecurityGroupName', 'EC2SecurityGroupName', 'EC2SecurityGroupOwnerId'],
  readOnly: false,
  resourceOf: arnOf('securitygroup', 'CacheSecurityGroupName'),
  needsEc2Classic: () => true,
  run: (parameters, { cacheSecurityGroups }) => ({
    CacheSecurityGroup: cacheSecurityGroups.authorize(
      readCacheSecurityGroupName(parameters),
      readEc2SecurityGroupName(parameters),
      readOwnerId(parameters),
    ),
  }),
};
