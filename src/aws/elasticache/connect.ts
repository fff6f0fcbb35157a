import type { ClassicGrant } from '../../policy/classic/grant.ts';
import type { Place } from '../../policy/place.ts';
import { type HowToConnect, inAMinute, keptByPlace, prepareRevocation, type Within } from '../kept.ts';
import type { PreparedRevocation } from '../revocation.ts';
import type { CacheOfElastiCache } from './list-caches.ts';
import type { GrantPage } from './list-grants.ts';

/** What ElastiCache answers at one place. Each throws what the API answers, after the SDK's retries. */
export interface ElastiCacheAtPlace {
  listGrants(): AsyncIterable<GrantPage>;
  listCaches(): Promise<readonly CacheOfElastiCache[]>;
  toRevokeGrant(grant: ClassicGrant): Promise<PreparedRevocation>;
  /** What ElastiCache says of a grant now; `undefined` once it is gone. */
  readGrantStatus(grant: ClassicGrant): Promise<string | undefined>;
}

/** Gives what ElastiCache answers at a place. See `keptByPlace`. */
export function elastiCacheConnector(how: HowToConnect = {}): (place: Place, within?: Within) => ElastiCacheAtPlace {
  const callsAt = keptByPlace(how, async (config, aroundEachTry) => {
    const calls = await import('./calls.ts');
    return { ...calls, client: calls.elastiCacheClient(config, aroundEachTry) };
  });
  return (place, { timeUp, revokeBy = inAMinute } = {}) => ({
    async *listGrants() {
      const { client, listGrants } = await callsAt(place);
      yield* listGrants(client, timeUp);
    },
    async listCaches() {
      const { client, listCaches } = await callsAt(place);
      return await listCaches(client, timeUp);
    },
    async toRevokeGrant(grant) {
      const { client, elastiCacheClient, revokeIngress } = await callsAt(place);
      const target = { kind: 'cacheSecurityGroup' } as const;
      return await prepareRevocation(how, { place, target, client, revokeBy }, elastiCacheClient, (revoker, deadline) =>
        revokeIngress(revoker, grant, deadline),
      );
    },
    async readGrantStatus(grant) {
      const { client, readGrantStatus } = await callsAt(place);
      return await readGrantStatus(client, grant, timeUp);
    },
  });
}
