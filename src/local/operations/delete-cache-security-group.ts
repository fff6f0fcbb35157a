import { readCacheSecurityGroupName } from '../parameters.ts';
import type { Operation } from './operation.ts';

export const deleteCacheSecurityGroup: Operation = (parameters, groups) => {
  groups.delete(readCacheSecurityGroupName(parameters));
  return undefined;
};
