import type { Operation } from '../../operation.ts';
import { readCacheSecurityGroupName } from '../names.ts';

export const deleteCacheSecurityGroup: Operation = {
  parameters: ['CacheSecurityGroupName'],
  readOnly: false,
  needsEc2Classic: true,
  run(parameters, { cacheSecurityGroups }) {
    cacheSecurityGroups.delete(readCacheSecurityGroupName(parameters));
    return undefined;
  },
};
