import type { ClassicGrant } from '../policy/grant.ts';
import { elastiCacheClients } from './clients.ts';
import { type Revocation, revokeIngress } from './revoke-ingress.ts';

const clientFor = elastiCacheClients();

/** Revokes a grant in its own region, with the clients that this process keeps. See `revokeIngress`. */
export function revoke(grant: ClassicGrant, deadline: Date): Promise<Revocation> {
  return revokeIngress(clientFor(grant.region), grant, deadline);
}
