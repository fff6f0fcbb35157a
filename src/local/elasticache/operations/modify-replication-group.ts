import type { Operation } from '../../operation.ts';
import { readText } from '../../parameters.ts';
import { GROUP_PARAMETERS, namesCacheSecurityGroups, readGroupChange } from '../network-parameters.ts';
import { readName } from '../parameters.ts';

/** Of what can be modified, the groups of all members and the description are. */
export const modifyReplicationGroup: Operation = {
  parameters: ['ReplicationGroupId', 'ReplicationGroupDescription', ...GROUP_PARAMETERS, 'ApplyImmediately'],
  readOnly: false,
  needsEc2Classic: namesCacheSecurityGroups,
  run(parameters, region) {
    const name = readName(parameters, 'ReplicationGroupId');
    const change = readGroupChange(parameters, region);
    const description = parameters.has('ReplicationGroupDescription')
      ? readText(parameters, 'ReplicationGroupDescription', 1024)
      : undefined;
    return { ReplicationGroup: region.caches.replicationGroups.modify(name, change, description) };
  },
};
