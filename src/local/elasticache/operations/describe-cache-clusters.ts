import type { Operation } from '../../operation.ts';
import { readInteger } from '../../parameters.ts';
import { arnOf } from '../arn-of.ts';
import { firstOf, readMarker } from '../pages.ts';
import { readBoolean, readName } from '../parameters.ts';

export const describeCacheClusters: Operation = {
  parameters: [
    'CacheClusterId',
    'MaxRecords',
    'Marker',
    'ShowCacheNodeInfo',
    'ShowCacheClustersNotInReplicationGroups',
  ],
  readOnly: true,
  resourceOf: arnOf('cluster', 'CacheClusterId'),
  run(parameters, { caches }) {
    const most = readInteger(parameters, 'MaxRecords', 20, 100, 100);
    const withNodes = readBoolean(parameters, 'ShowCacheNodeInfo');
    const membersToo = !readBoolean(parameters, 'ShowCacheClustersNotInReplicationGroups');
    if (parameters.has('CacheClusterId')) {
      return { CacheClusters: [caches.clusters.get(readName(parameters, 'CacheClusterId'), withNodes)] };
    }
    const after = readMarker(parameters, 'Marker');
    const rest = caches.clusters
      .all(withNodes)
      .filter((one) => one.CacheClusterId > after && (membersToo || one.ReplicationGroupId === undefined));
    const { shown, next } = firstOf(rest, most, ({ CacheClusterId }) => CacheClusterId);
    return { Marker: next, CacheClusters: shown };
  },
};
