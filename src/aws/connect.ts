import type { Grant } from '../policy/grant.ts';
import type { Place } from '../policy/place.ts';
import { isPublicEndpoint } from '../policy/vpc/grant.ts';
import type { ListedCache } from '../policy/vpc/security-group-rule.ts';
import { type Ec2AtPlace, ec2Connector } from './ec2/connect.ts';
import { type ElastiCacheAtPlace, elastiCacheConnector } from './elasticache/connect.ts';
import { listGuardedCaches } from './guarded-caches.ts';
import type { HowToConnect, Within } from './kept.ts';

/** What AWS answers at one place: what enforcement's ports ask for, and more. */
export interface AwsAtPlace extends Omit<ElastiCacheAtPlace, 'listCaches'>, Ec2AtPlace {
  /** Every cluster and serverless cache, with the security groups that guard it. */
  listCaches(): Promise<readonly ListedCache[]>;
  /** What AWS says of a grant now; `undefined` once it is gone. */
  readStatus(grant: Grant): Promise<string | undefined>;
}

/** Gives what AWS answers at a place. Each service's client is made for its first call there. */
export function connector(how: HowToConnect = {}): (place: Place, within?: Within) => AwsAtPlace {
  const [elastiCache, ec2] = [elastiCacheConnector(how), ec2Connector(how)];
  return (place, within) => {
    const aws = { ...elastiCache(place, within), ...ec2(place, within) };
    return {
      ...aws,
      listCaches: () => listGuardedCaches(aws.listCaches, aws.readNodeGroups),
      async readStatus(grant) {
        if (grant.kind === 'classic') return await aws.readGrantStatus(grant);
        // No call takes a public endpoint away, so none is gone.
        return isPublicEndpoint(grant) ? 'listed' : await aws.readRuleStatus(grant);
      },
    };
  };
}
