import type { Operation } from '../../operation.ts';
import { readBoolean, readName } from '../parameters.ts';

export const deleteReplicationGroup: Operation = {
  parameters: ['ReplicationGroupId', 'RetainPrimaryCluster'],
  readOnly: false,
  run(parameters, { caches }) {
    const name = readName(parameters, 'ReplicationGroupId');
    const retainPrimary = readBoolean(parameters, 'RetainPrimaryCluster');
    return { ReplicationGroup: caches.replicationGroups.delete(name, retainPrimary) };
  },
};
