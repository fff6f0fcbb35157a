import type { Operation } from '../../operation.ts';
import { readCacheSecurityGroupName } from '../names.ts';

export const deleteCacheSecurityGroup: Operation = {
  parameters: ['CacheSecurityGroupName'],
  readOnly: false,
  needsEc2Classic: () => true,
  run(parameters, { cacheSecurityGroups, caches }) {
    const name = readCacheSecurityGroupName(parameters);
    cacheSecurityGroups.delete(name, caches.clusters.inCacheSecurityGroup(name));
    return undefined;
  },
};
