import type { Operation } from '../../operation.ts';
import { readText } from '../../parameters.ts';
import { readName, readSecurityGroupIds } from '../parameters.ts';

/** Of what can be modified, the security groups of all members and the description are. */
export const modifyReplicationGroup: Operation = {
  parameters: [
    'ReplicationGroupId',
    'ReplicationGroupDescription',
    'SecurityGroupIds',
    'SecurityGroupIds.',
    'ApplyImmediately',
  ],
  readOnly: false,
  run(parameters, region) {
    const name = readName(parameters, 'ReplicationGroupId');
    const securityGroupIds = readSecurityGroupIds(parameters, region);
    const changes = {
      ...(securityGroupIds && { securityGroupIds }),
      ...(parameters.has('ReplicationGroupDescription') && {
        description: readText(parameters, 'ReplicationGroupDescription', 1024),
      }),
    };
    return { ReplicationGroup: region.caches.replicationGroups.modify(name, changes) };
  },
};
