import type { Operation } from '../../operation.ts';
import { GROUP_PARAMETERS, namesCacheSecurityGroups, readGroupChange } from '../network-parameters.ts';
import { readName } from '../parameters.ts';

/** Of what can be modified, the groups alone are: they replace those before. */
export const modifyCacheCluster: Operation = {
  parameters: ['CacheClusterId', ...GROUP_PARAMETERS, 'ApplyImmediately'],
  readOnly: false,
  needsEc2Classic: namesCacheSecurityGroups,
  run(parameters, region) {
    const name = readName(parameters, 'CacheClusterId');
    return { CacheCluster: region.caches.clusters.modify(name, readGroupChange(parameters, region)) };
  },
};
