import type { Operation } from '../../operation.ts';
import { readName, readSecurityGroupIds } from '../parameters.ts';

/** Of what can be modified, the security groups alone are: they take the place of those there were. */
export const modifyCacheCluster: Operation = {
  parameters: ['CacheClusterId', 'SecurityGroupIds', 'SecurityGroupIds.', 'ApplyImmediately'],
  readOnly: false,
  run(parameters, region) {
    const name = readName(parameters, 'CacheClusterId');
    return { CacheCluster: region.caches.clusters.modify(name, readSecurityGroupIds(parameters, region)) };
  },
};
