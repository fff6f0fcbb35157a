import { elastiCacheClients } from './clients.ts';
import { type GrantPage, listGrants as listGrantsWith } from './list-grants.ts';

const clientFor = elastiCacheClients();

/** Lists the grants of a region, with the clients that this process keeps. See `listGrants` of list-grants.ts. */
export function listGrants(region: string): AsyncIterable<GrantPage> {
  return listGrantsWith(clientFor(region));
}
