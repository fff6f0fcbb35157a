import { expect, test } from 'vitest';
import { Accounts } from '../../src/local/accounts.ts';
import { createCacheCluster } from '../../src/local/elasticache/operations/create-cache-cluster.ts';
import type { Region } from '../../src/local/region.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { ManualClock } from '../support/time/manual-clock.ts';

test('a cache is creating for three minutes if nothing else is set', () => {
  const clock = new ManualClock();
  const accounts = new Accounts({ accountId: ACCOUNT, regions: [REGION], transitionMs: 0 }, clock);
  const account = accounts.home;
  const region = account.region(REGION) as Region;
  const parameters = new Map(Object.entries({ CacheClusterId: 'sessions', Engine: 'redis' }));
  const context = {
    accounts,
    account,
    caller: account.user,
    now: clock.now(),
    putEvent: () => {},
    invoke: () => false,
  };
  createCacheCluster.run(parameters, region, context);
  const status = () => region.caches.clusters.get('sessions').CacheClusterStatus;

  clock.advance(179_999);
  const before = status();
  clock.advance(1);

  expect([before, status()]).toEqual(['creating', 'available']);
});
