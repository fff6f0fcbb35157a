import type { ListedCache } from '../policy/security-group-rule.ts';
import { elastiCacheClients } from './clients.ts';
import { listCaches as listCachesWith } from './list-caches.ts';

const clientFor = elastiCacheClients();

/** Lists the caches of a region, with the clients that this process keeps. See `listCaches` of list-caches.ts. */
export function listCaches(region: string): Promise<ListedCache[]> {
  return listCachesWith(clientFor(region));
}
