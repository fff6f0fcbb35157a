import type { Operation } from '../../operation.ts';
import { readName } from '../parameters.ts';

export const deleteCacheCluster: Operation = {
  parameters: ['CacheClusterId'],
  readOnly: false,
  run(parameters, { caches }) {
    const name = readName(parameters, 'CacheClusterId');
    caches.clusters.mustBeAvailable(name);
    const { ReplicationGroupId } = caches.clusters.get(name);
    if (ReplicationGroupId !== undefined) caches.replicationGroups.leave(ReplicationGroupId, name);
    return { CacheCluster: caches.clusters.delete(name) };
  },
};
