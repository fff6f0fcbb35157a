import { expect, test } from 'vitest';
import { createCacheCluster } from '../../src/local/elasticache/operations/create-cache-cluster.ts';
import { openRegion } from '../../src/local/region.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { ManualClock } from '../support/time/manual-clock.ts';

test('a cache is creating for three minutes if nothing else is set', () => {
  const clock = new ManualClock();
  const region = openRegion(REGION, { accountId: ACCOUNT, transitionMs: 0 }, clock);
  const parameters = new Map(Object.entries({ CacheClusterId: 'sessions', Engine: 'redis' }));
  createCacheCluster.run(parameters, region);
  const status = () => region.caches.clusters.get('sessions').CacheClusterStatus;

  clock.advance(179_999);
  const before = status();
  clock.advance(1);

  expect([before, status()]).toEqual(['creating', 'available']);
});
