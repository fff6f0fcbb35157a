import type { Clock } from '../clock.ts';
import type { NetworkInterfaces } from '../ec2/network-interfaces.ts';
import { type Endpoint, endpointAt } from './addresses.ts';
import { type CacheNetwork, type GroupChange, isInVpc, type VpcNetwork, withGroups } from './cache-network.ts';
import type { CacheSettings } from './cache-settings.ts';
import { type CacheStatus, type Life, Lives } from './life.ts';

/** What EC2 calls ElastiCache that manages a network interface: inferred. */
export const PRINCIPAL = 'elasticache.amazonaws.com';

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
  readonly nodes: number;
  /** One for each node; none outside of a VPC. */
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
  readonly CacheSecurityGroups: readonly { readonly CacheSecurityGroupName: string; readonly Status: string }[];
  readonly CacheSubnetGroupName: string | undefined;
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
    const { name, network } = plan;
    const addNode = (place: VpcNetwork) => Array.from({ length: nodes }, () => this.#addNode(name, place));
    const networkInterfaceIds = isInVpc(network) ? addNode(network) : [];
    const created = new Date(this.#clock.now()).toISOString();
    const cluster = { ...plan, nodes, networkInterfaceIds, created, life: this.#clusters.begin('creating') };
    return this.#answer(this.#clusters.put(cluster));
  }

  /** Makes the network interface of a node, and gives its id. */
  #addNode(name: string, { securityGroupIds, vpcId }: VpcNetwork): string {
    const { networkInterfaceId } = this.#interfaces.add({
      groupIds: securityGroupIds,
      vpcId,
      description: `ElastiCache ${name}`,
      requesterId: 'amazon-elasticache',
      operator: PRINCIPAL,
      shownFrom: this.#clock.now() + this.#settings.creatingMs,
    });
    return networkInterfaceId;
  }

  /**
   * The named groups replace those before.
   *
   * @throws {ApiError} CacheClusterNotFound, InvalidCacheClusterState, or as `withGroups`.
   */
  modify(name: string, change: GroupChange): ShownCacheCluster {
    const cluster = this.#clusters.getAvailable(name);
    const network = withGroups(cluster.network, change);
    if (isInVpc(network)) {
      for (const id of cluster.networkInterfaceIds) this.#interfaces.setGroups(id, network.securityGroupIds);
    }
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

  /**
   * Makes a standing cache cluster a member of a replication group. It keeps its name, and its nodes are shown all the time.
   *
   * @throws {ApiError} CacheClusterNotFound, or InvalidCacheClusterState for one that is a member already.
   */
  enroll(name: string, replicationGroupId: string): NodePlan {
    const cluster = this.#clusters.getAvailable(name);
    if (cluster.replicationGroupId !== undefined) {
      throw this.invalidState(name, `it is a member of replication group ${cluster.replicationGroupId}`);
    }
    return this.#clusters.put({ ...cluster, replicationGroupId, life: this.#clusters.begin('modifying') });
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

  /** The names of those that a cache security group guards, also while they are being deleted. */
  inCacheSecurityGroup(cacheSecurityGroupName: string): string[] {
    return this.#clusters
      .all()
      .filter(({ network }) => !isInVpc(network) && network.cacheSecurityGroupNames.includes(cacheSecurityGroupName))
      .map(({ name }) => name);
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
    const isThere = status !== 'creating';
    return {
      CacheClusterId: name,
      ConfigurationEndpoint: isThere && engine === 'memcached' ? endpointAt(region, name, 'cfg', port) : undefined,
      CacheNodeType: cluster.cacheNodeType,
      Engine: engine,
      EngineVersion: cluster.engineVersion,
      CacheClusterStatus: status,
      NumCacheNodes: cluster.nodes,
      CacheClusterCreateTime: isThere ? cluster.created : undefined,
      // Documented: while it is creating or deleting, nothing is shown of its nodes.
      CacheNodes: withNodes && isThere && status !== 'deleting' ? this.#showNodes(cluster) : undefined,
      ...showNetwork(network),
      ReplicationGroupId: cluster.replicationGroupId,
      ARN: `arn:aws:elasticache:${region}:${accountId}:cluster:${name}`,
    };
  }

  #showNodes({ name, nodes, created, port }: CacheCluster): ShownCacheNode[] {
    return Array.from({ length: nodes }, (_, index) => {
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

function showNetwork(network: CacheNetwork) {
  if (!isInVpc(network)) {
    const CacheSecurityGroups = network.cacheSecurityGroupNames.map((CacheSecurityGroupName) => ({
      CacheSecurityGroupName,
      Status: 'active',
    }));
    return { CacheSecurityGroups, CacheSubnetGroupName: undefined, SecurityGroups: undefined };
  }
  const groups = network.securityGroupIds.map((SecurityGroupId) => ({ SecurityGroupId, Status: 'active' }));
  return {
    CacheSecurityGroups: [],
    CacheSubnetGroupName: network.cacheSubnetGroupName,
    // Seen in public reports: a cluster for which none was named has no such list.
    SecurityGroups: groups.length > 0 ? groups : undefined,
  };
}

/** How the nodes of a cache cluster and the node groups of a replication group are numbered. */
export function fourDigits(number: number): string {
  return String(number).padStart(4, '0');
}
