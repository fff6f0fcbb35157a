import { readCacheSecurityGroupName } from '../parameters.ts';
import type { Operation } from './operation.ts';

export const describeCacheSecurityGroups: Operation = (parameters, groups) => ({
  CacheSecurityGroups: parameters.has('CacheSecurityGroupName')
    ? [groups.get(readCacheSecurityGroupName(parameters))]
    : groups.list(),
});
