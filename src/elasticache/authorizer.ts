import type { ClassicGrant } from '../policy/grant.ts';
import { type Authorization, authorizeIngress } from './authorize-ingress.ts';
import { elastiCacheClients } from './clients.ts';

const clientFor = elastiCacheClients();

/** Makes a grant again in its own region, with the clients that this process keeps. See `authorizeIngress`. */
export function authorize(grant: ClassicGrant): Promise<Authorization> {
  return authorizeIngress(clientFor(grant.region), grant);
}
