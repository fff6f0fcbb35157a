import type { Clock } from '../clock.ts';
import type { NetworkInterfaces } from '../ec2/network-interfaces.ts';
import type { NewId } from '../ec2/resource-ids.ts';
import { CacheClusters } from './cache-clusters.ts';
import { ReplicationGroups } from './replication-groups.ts';
import { ServerlessCaches } from './serverless-caches.ts';

/** Whose caches they are, and how they change. */
export interface CacheSettings {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** How long a cache stays `creating`, `modifying` and `deleting`, in milliseconds. */
  readonly creatingMs: number;
}

/** The caches of one account in one region, of every kind. */
export class Caches {
  readonly clusters: CacheClusters;
  readonly replicationGroups: ReplicationGroups;
  readonly serverless: ServerlessCaches;

  constructor(settings: CacheSettings, networkInterfaces: NetworkInterfaces, newId: NewId, clock: Clock) {
    this.clusters = new CacheClusters(settings, networkInterfaces, clock);
    this.replicationGroups = new ReplicationGroups(settings, this.clusters, clock);
    this.serverless = new ServerlessCaches(settings, networkInterfaces, newId, clock);
  }
}
