import type { Clock } from '../clock.ts';
import type { NetworkInterfaces } from '../ec2/network-interfaces.ts';
import { type Endpoint, endpointAt } from './addresses.ts';
import type { CacheNetwork } from './cache-network.ts';
import type { CacheSettings } from './caches.ts';
import { type CacheStatus, type Life, Lives } from './life.ts';

export type Engine = 'redis' | 'valkey' | 'memcached';

/** What the nodes of a cache are made of. */
export interface NodePlan {
  readonly engine: Engine;
  readonly engineVersion: string;
  readonly cacheNodeType: string;
  readonly port: number;
  readonly network: CacheNetwork;
}

/** What a cache cluster is made of. */
export interface CacheClusterPlan extends NodePlan {
  /** Its id. */
  readonly name: string;
  readonly replicationGroupId: string | undefined;
}

interface CacheCluster extends CacheClusterPlan {
  readonly life: Life;
  readonly created: string;
  /** One for each node. */
  readonly networkInterfaceIds: readonly string[];
}

/** A cache cluster as the API shows it. */
export interface ShownCacheCluster {
  readonly CacheClusterId: string;
  readonly ConfigurationEndpoint: Endpoint | undefined;
  readonly CacheNodeType: string;
  readonly Engine: Engine;
  readonly EngineVersion: string;
  readonly CacheClusterStatus: CacheStatus;
  readonly NumCacheNodes: number;
  readonly CacheClusterCreateTime: string | undefined;
  readonly CacheNodes: readonly ShownCacheNode[] | undefined;
  readonly CacheSecurityGroups: readonly [];
  readonly CacheSubnetGroupName: string;
  /** Those that were named: AWS lists none if none was. */
  readonly SecurityGroups: readonly { readonly SecurityGroupId: string; readonly Status: string }[] | undefined;
  readonly ReplicationGroupId: string | undefined;
  readonly ARN: string;
}

interface ShownCacheNode {
  readonly CacheNodeId: string;
  readonly CacheNodeStatus: 'available';
  readonly CacheNodeCreateTime: string;
  readonly Endpoint: Endpoint;
}

/** The cache clusters of one account in one region, members of replication groups included. */
export class CacheClusters {
  readonly #settings: CacheSettings;
  readonly #interfaces: NetworkInterfaces;
  readonly #clock: Clock;
  readonly #clusters: Lives<CacheCluster>;

  constructor(settings: CacheSettings, networkInterfaces: NetworkInterfaces, clock: Clock) {
    this.#settings = settings;
    this.#interfaces = networkInterfaces;
    this.#clock = clock;
    const kind = {
      title: 'Cache cluster',
      alreadyExists: 'CacheClusterAlreadyExists',
      notFound: 'CacheClusterNotFound',
      invalidState: 'InvalidCacheClusterState',
    };
    this.#clusters = new Lives(kind, settings.creatingMs, clock);
  }

  /** @throws {ApiError} CacheClusterAlreadyExists. */
  create(plan: CacheClusterPlan, nodes = 1): ShownCacheCluster {
    this.#clusters.mustBeFree(plan.name);
    const networkInterface = {
      groupIds: plan.network.securityGroupIds,
      vpcId: plan.network.vpcId,
      description: `ElastiCache ${plan.name}`,
      requesterId: 'amazon-elasticache',
      shownFrom: this.#clock.now() + this.#settings.creatingMs,
    };
    const networkInterfaceIds = Array.from(
      { length: nodes },
      () => this.#interfaces.add(networkInterface).networkInterfaceId,
    );
    const created = new Date(this.#clock.now()).toISOString();
    const cluster = { ...plan, networkInterfaceIds, created, life: this.#clusters.begin('creating') };
    return this.#answer(this.#clusters.put(cluster));
  }

  /** The groups take the place of those there were. @throws {ApiError} CacheClusterNotFound, InvalidCacheClusterState. */
  modify(name: string, securityGroupIds: readonly string[] | undefined): ShownCacheCluster {
    const cluster = this.#clusters.getAvailable(name);
    const network = { ...cluster.network, ...(securityGroupIds && { securityGroupIds }) };
    for (const id of cluster.networkInterfaceIds) this.#interfaces.setGroups(id, network.securityGroupIds);
    const life = this.#clusters.begin('modifying');
    return this.#answer(this.#clusters.put({ ...cluster, network, life }));
  }

  /** Its network interfaces are gone at once. @throws {ApiError} CacheClusterNotFound, InvalidCacheClusterState. */
  delete(name: string): ShownCacheCluster {
    const cluster = this.#clusters.getAvailable(name);
    for (const id of cluster.networkInterfaceIds) this.#interfaces.remove(id);
    const life = this.#clusters.begin('deleting');
    return this.#answer(this.#clusters.put({ ...cluster, life }));
  }

  /** Leaves its replication group, and lives on for itself. */
  release(name: string): void {
    const cluster = this.#clusters.get(name);
    this.#clusters.put({ ...cluster, replicationGroupId: undefined, life: this.#clusters.begin('modifying') });
  }

  /** @throws {ApiError} CacheClusterAlreadyExists. */
  mustBeFree(name: string): void {
    this.#clusters.mustBeFree(name);
  }

  /** @throws {ApiError} CacheClusterNotFound, InvalidCacheClusterState. */
  mustBeAvailable(name: string): void {
    this.#clusters.getAvailable(name);
  }

  invalidState(name: string, why: string): Error {
    return this.#clusters.invalidState(name, why);
  }

  /** @throws {ApiError} CacheClusterNotFound. */
  get(name: string, withNodes = false): ShownCacheCluster {
    return this.#show(this.#clusters.get(name), withNodes);
  }

  /** In order of their names. */
  all(withNodes: boolean): ShownCacheCluster[] {
    return this.#clusters.all().map((cluster) => this.#show(cluster, withNodes));
  }

  /** As the call that changed it is answered: in between, however short that is. */
  #answer(cluster: CacheCluster): ShownCacheCluster {
    return this.#show(cluster, false, cluster.life.doing);
  }

  #show(cluster: CacheCluster, withNodes: boolean, status = this.#clusters.statusOf(cluster)): ShownCacheCluster {
    const { accountId, region } = this.#settings;
    const { name, engine, port, network } = cluster;
    const groups = network.securityGroupIds.map((SecurityGroupId) => ({ SecurityGroupId, Status: 'active' }));
    const isThere = status !== 'creating';
    return {
      CacheClusterId: name,
      ConfigurationEndpoint: isThere && engine === 'memcached' ? endpointAt(region, name, 'cfg', port) : undefined,
      CacheNodeType: cluster.cacheNodeType,
      Engine: engine,
      EngineVersion: cluster.engineVersion,
      CacheClusterStatus: status,
      NumCacheNodes: cluster.networkInterfaceIds.length,
      CacheClusterCreateTime: isThere ? cluster.created : undefined,
      // Documented: while it is creating or deleting, nothing is told of its nodes.
      CacheNodes: withNodes && isThere && status !== 'deleting' ? this.#showNodes(cluster) : undefined,
      CacheSecurityGroups: [],
      CacheSubnetGroupName: network.cacheSubnetGroupName,
      // Seen in public reports: a cluster for which none was named has no such list.
      SecurityGroups: groups.length > 0 ? groups : undefined,
      ReplicationGroupId: cluster.replicationGroupId,
      ARN: `arn:aws:elasticache:${region}:${accountId}:cluster:${name}`,
    };
  }

  #showNodes({ name, networkInterfaceIds, created, port }: CacheCluster): ShownCacheNode[] {
    return networkInterfaceIds.map((_, index) => {
      const CacheNodeId = fourDigits(index + 1);
      return {
        CacheNodeId,
        CacheNodeStatus: 'available',
        CacheNodeCreateTime: created,
        Endpoint: endpointAt(this.#settings.region, name, CacheNodeId, port),
      };
    });
  }
}

/** How the nodes of a cache cluster and the node groups of a replication group are numbered. */
export function fourDigits(number: number): string {
  return String(number).padStart(4, '0');
}
