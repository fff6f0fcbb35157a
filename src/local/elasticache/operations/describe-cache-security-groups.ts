import type { Operation } from '../../operation.ts';
import { readInteger } from '../../parameters.ts';
import { arnOf } from '../arn-of.ts';
import { readCacheSecurityGroupName } from '../names.ts';
import { firstOf, readMarker } from '../pages.ts';

export const describeCacheSecurityGroups: Operation = {
  parameters: ['CacheSecurityGroupName', 'MaxRecords', 'Marker'],
  readOnly: true,
  resourceOf: arnOf('securitygroup', 'CacheSecurityGroupName'),
  needsEc2Classic: () => true,
  run(parameters, { cacheSecurityGroups }) {
    const most = readInteger(parameters, 'MaxRecords', 20, 100, 100);
    if (parameters.has('CacheSecurityGroupName')) {
      return { CacheSecurityGroups: [cacheSecurityGroups.get(readCacheSecurityGroupName(parameters))] };
    }
    const rest = cacheSecurityGroups.list(readMarker(parameters, 'Marker'), most + 1);
    const { shown, next } = firstOf(rest, most, ({ CacheSecurityGroupName }) => CacheSecurityGroupName);
    return { Marker: next, CacheSecurityGroups: shown };
  },
};
