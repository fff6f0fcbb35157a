import { elastiCacheClients } from './clients.ts';
import { type ListedCache, listCaches as listCachesWith } from './list-caches.ts';

const clientFor = elastiCacheClients();

/** Lists the caches of a region, with the clients that this process keeps. See `listCaches` of list-caches.ts. */
export function listCaches(region: string): Promise<ListedCache[]> {
  return listCachesWith(clientFor(region));
}
