import { readCacheSecurityGroupName, required } from '../parameters.ts';
import type { Operation } from './operation.ts';

export const createCacheSecurityGroup: Operation = (parameters, groups) => ({
  CacheSecurityGroup: groups.create(readCacheSecurityGroupName(parameters), required(parameters, 'Description')),
});
