import { readCacheSecurityGroupName } from '../parameters.ts';
import type { Operation } from './operation.ts';

export const deleteCacheSecurityGroup: Operation = {
  parameters: ['CacheSecurityGroupName'],
  readOnly: false,
  run(parameters, groups) {
    groups.delete(readCacheSecurityGroupName(parameters));
    return undefined;
  },
};
