import type { Clock } from '../clock.ts';
import type { NetworkInterfaces } from '../ec2/network-interfaces.ts';
import type { NewId } from '../ec2/resource-ids.ts';
import type { SecurityGroups } from '../ec2/security-groups.ts';
import type { VpcEndpoints } from '../ec2/vpc-endpoints.ts';
import { CacheClusters } from './cache-clusters.ts';
import type { CacheSettings } from './cache-settings.ts';
import { CacheSubnetGroups } from './cache-subnet-groups.ts';
import { ReplicationGroups } from './replication-groups.ts';
import { ServerlessCaches } from './serverless-caches.ts';

/** The EC2 of the region that caches are in. */
export interface CacheNetworks {
  readonly networkInterfaces: NetworkInterfaces;
  readonly securityGroups: SecurityGroups;
  readonly vpcEndpoints: VpcEndpoints;
}

/** The caches of one account in one region, of every kind, and the subnets that they can be in. */
export class Caches {
  readonly clusters: CacheClusters;
  readonly replicationGroups: ReplicationGroups;
  readonly serverless: ServerlessCaches;
  readonly subnetGroups: CacheSubnetGroups;

  constructor(
    settings: CacheSettings,
    { networkInterfaces, securityGroups, vpcEndpoints }: CacheNetworks,
    newId: NewId,
    clock: Clock,
  ) {
    this.subnetGroups = new CacheSubnetGroups(settings, securityGroups);
    this.clusters = new CacheClusters(settings, networkInterfaces, clock);
    this.replicationGroups = new ReplicationGroups(settings, this.clusters, clock);
    this.serverless = new ServerlessCaches(settings, vpcEndpoints, newId, clock);
  }
}
