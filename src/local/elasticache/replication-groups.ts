import { ApiError } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import { invalid } from '../parameters.ts';
import { type Endpoint, endpointAt } from './addresses.ts';
import { type CacheClusters, fourDigits, type NodePlan } from './cache-clusters.ts';
import { type GroupChange, withGroups } from './cache-network.ts';
import type { CacheSettings } from './cache-settings.ts';
import { type CacheStatus, type Life, Lives } from './life.ts';

/** What a replication group is made of; and its members, except their names. */
export interface ReplicationGroupPlan {
  /** Its id. */
  readonly name: string;
  readonly description: string;
  /** Cluster mode: there can be several node groups, and clients find them by one configuration endpoint. */
  readonly clusterEnabled: boolean;
  readonly nodeGroups: number;
  /** Members of each node group, its primary among them. */
  readonly membersEach: number;
  readonly member: NodePlan;
}

interface ReplicationGroup extends Omit<ReplicationGroupPlan, 'nodeGroups' | 'membersEach'> {
  readonly life: Life;
  readonly created: string;
  /** The ids of the members, by node group. The first of each is its primary. */
  readonly nodeGroups: readonly (readonly string[])[];
}

/** A replication group as the API shows it. It shows no security groups: its members have them. */
export interface ShownReplicationGroup {
  readonly ReplicationGroupId: string;
  readonly Description: string;
  readonly Status: CacheStatus;
  readonly MemberClusters: readonly string[];
  readonly NodeGroups: readonly ShownNodeGroup[] | undefined;
  readonly ConfigurationEndpoint: Endpoint | undefined;
  readonly ClusterEnabled: boolean;
  readonly CacheNodeType: string;
  readonly ARN: string;
  readonly ReplicationGroupCreateTime: string;
  readonly Engine: string;
}

interface ShownNodeGroup {
  readonly NodeGroupId: string;
  readonly Status: CacheStatus;
  readonly PrimaryEndpoint?: Endpoint;
  readonly ReaderEndpoint?: Endpoint;
  readonly Slots?: string;
  readonly NodeGroupMembers: readonly object[];
}

const MOST_MEMBERS = 6;
const SLOTS = 16_384;

/** The replication groups of one account in one region. Their members are cache clusters like others. */
export class ReplicationGroups {
  readonly #settings: CacheSettings;
  readonly #clusters: CacheClusters;
  readonly #clock: Clock;
  readonly #groups: Lives<ReplicationGroup>;

  constructor(settings: CacheSettings, clusters: CacheClusters, clock: Clock) {
    this.#settings = settings;
    this.#clusters = clusters;
    this.#clock = clock;
    const kind = {
      title: 'Replication group',
      alreadyExists: 'ReplicationGroupAlreadyExists',
      notFound: 'ReplicationGroupNotFoundFault',
      invalidState: 'InvalidReplicationGroupState',
    };
    this.#groups = new Lives(kind, settings.creatingMs, clock);
  }

  /** @throws {ApiError} ReplicationGroupAlreadyExists, or CacheClusterAlreadyExists for a member. */
  create({ nodeGroups, membersEach, ...plan }: ReplicationGroupPlan): ShownReplicationGroup {
    const { name, clusterEnabled } = plan;
    this.#groups.mustBeFree(name);
    const members = count(nodeGroups).map((group) => {
      const start = clusterEnabled ? `${name}-${fourDigits(group)}` : name;
      return count(membersEach).map((member) => `${start}-${threeDigits(member)}`);
    });
    for (const member of members.flat()) this.#clusters.mustBeFree(member);
    for (const member of members.flat()) {
      this.#clusters.create({ ...plan.member, name: member, replicationGroupId: name });
    }
    const created = new Date(this.#clock.now()).toISOString();
    const life = this.#groups.begin('creating');
    return this.#answer(this.#groups.put({ ...plan, nodeGroups: members, created, life }));
  }

  /**
   * Makes a replication group around a standing cache cluster, which becomes its primary. Replicas can join it later.
   *
   * @throws {ApiError} ReplicationGroupAlreadyExists, CacheClusterNotFound, InvalidCacheClusterState, or
   * InvalidParameterValue for a cluster of Memcached, which has no replication.
   */
  createAround(primary: string, name: string, description: string): ShownReplicationGroup {
    this.#groups.mustBeFree(name);
    if (this.#clusters.get(primary).Engine === 'memcached') {
      throw invalid('PrimaryClusterId', primary, 'a cache cluster of Memcached cannot be in a replication group');
    }
    const { engine, engineVersion, cacheNodeType, port, network } = this.#clusters.enroll(primary, name);
    const member = { engine, engineVersion, cacheNodeType, port, network };
    const created = new Date(this.#clock.now()).toISOString();
    const life = this.#groups.begin('creating');
    const group = { name, description, clusterEnabled: false, nodeGroups: [[primary]], member, created, life };
    return this.#answer(this.#groups.put(group));
  }

  /**
   * The named groups replace those that each member had.
   *
   * @throws {ApiError} ReplicationGroupNotFoundFault, InvalidReplicationGroupState, InvalidCacheClusterState, or as
   * `withGroups`.
   */
  modify(name: string, change: GroupChange, description?: string): ShownReplicationGroup {
    const group = this.#groups.getAvailable(name);
    const members = group.nodeGroups.flat();
    for (const member of members) this.#clusters.mustBeAvailable(member);
    for (const member of members) this.#clusters.modify(member, change);
    const member = { ...group.member, network: withGroups(group.member.network, change) };
    const life = this.#groups.begin('modifying');
    return this.#answer(this.#groups.put({ ...group, description: description ?? group.description, member, life }));
  }

  /** @throws {ApiError} ReplicationGroupNotFoundFault, InvalidReplicationGroupState, InvalidCacheClusterState. */
  delete(name: string, retainPrimary: boolean): ShownReplicationGroup {
    const group = this.#groups.getAvailable(name);
    const members = group.nodeGroups.flat();
    if (retainPrimary && group.nodeGroups.length > 1) {
      throw new ApiError('InvalidParameterCombination', `Replication group ${name} has more than one primary.`);
    }
    for (const member of members) this.#clusters.mustBeAvailable(member);
    const retained = retainPrimary ? members[0] : undefined;
    for (const member of members) if (member !== retained) this.#clusters.delete(member);
    if (retained !== undefined) this.#clusters.release(retained);
    return this.#answer(this.#groups.put({ ...group, nodeGroups: [], life: this.#groups.begin('deleting') }));
  }

  /**
   * What the replica that joins a replication group is made of: what the other members are.
   *
   * @throws {ApiError} ReplicationGroupNotFoundFault, InvalidReplicationGroupState, InvalidParameterCombination.
   */
  planOfReplica(name: string): NodePlan {
    const group = this.#groups.getAvailable(name);
    if (group.clusterEnabled) throw refused(name, 'is in cluster mode, where no cache cluster can join by itself');
    if (group.nodeGroups.flat().length >= MOST_MEMBERS) throw refused(name, `has ${MOST_MEMBERS} members already`);
    return group.member;
  }

  /** A cache cluster has become a member. */
  join(name: string, cacheClusterId: string): void {
    const group = this.#groups.get(name);
    const nodeGroups = [[...group.nodeGroups.flat(), cacheClusterId]];
    this.#groups.put({ ...group, nodeGroups, life: this.#groups.begin('modifying') });
  }

  /**
   * A member is about to be deleted.
   *
   * @throws {ApiError} InvalidCacheClusterState if that is not possible. That some members cannot be deleted by
   * themselves is documented, the code is inferred.
   */
  leave(name: string, cacheClusterId: string): void {
    const group = this.#groups.getAvailable(name);
    const [primary, ...replicas] = group.nodeGroups.flat();
    const refuse = (why: string) => this.#clusters.invalidState(cacheClusterId, why);
    if (group.nodeGroups.flat().length === 1) throw onlyMember();
    if (group.clusterEnabled) throw refuse(`it is a member of ${name}, which is in cluster mode`);
    if (cacheClusterId === primary) throw refuse(`it is the primary of ${name}`);
    if (replicas.length === 1) throw refuse(`it is the last replica of ${name}`);
    const nodeGroups = [group.nodeGroups.flat().filter((member) => member !== cacheClusterId)];
    this.#groups.put({ ...group, nodeGroups, life: this.#groups.begin('modifying') });
  }

  /** @throws {ApiError} ReplicationGroupNotFoundFault. */
  get(name: string): ShownReplicationGroup {
    return this.#show(this.#groups.get(name));
  }

  /** In order of their names. */
  all(): ShownReplicationGroup[] {
    return this.#groups.all().map((group) => this.#show(group));
  }

  /** As the call that changed it is answered: in between, however short that is. */
  #answer(group: ReplicationGroup): ShownReplicationGroup {
    return this.#show(group, group.life.doing);
  }

  #show(group: ReplicationGroup, status = this.#groups.statusOf(group)): ShownReplicationGroup {
    const { accountId, region } = this.#settings;
    const { name, clusterEnabled, member } = group;
    // As in AWS's samples: while it is creating or deleting, nothing is shown of its node groups.
    const isThere = status === 'available' || status === 'modifying';
    return {
      ReplicationGroupId: name,
      Description: group.description,
      Status: status,
      MemberClusters: group.nodeGroups.flat(),
      NodeGroups: isThere ? this.#showNodeGroups(group, status) : undefined,
      ConfigurationEndpoint:
        isThere && clusterEnabled ? endpointAt(region, name, 'clustercfg', member.port) : undefined,
      ClusterEnabled: clusterEnabled,
      CacheNodeType: member.cacheNodeType,
      ARN: `arn:aws:elasticache:${region}:${accountId}:replicationgroup:${name}`,
      ReplicationGroupCreateTime: group.created,
      Engine: member.engine,
    };
  }

  /** In cluster mode the node groups have slots and no endpoints of their own; else it is the other way round. */
  #showNodeGroups({ name, nodeGroups, clusterEnabled, member }: ReplicationGroup, Status: CacheStatus) {
    const endpoint = (of: string, parts: string) => endpointAt(this.#settings.region, of, parts, member.port);
    return nodeGroups.map((members, index): ShownNodeGroup => {
      const NodeGroupId = fourDigits(index + 1);
      if (clusterEnabled) {
        const NodeGroupMembers = members.map((CacheClusterId) => ({ CacheClusterId, CacheNodeId: '0001' }));
        return { NodeGroupId, Status, Slots: slotsOf(index, nodeGroups.length), NodeGroupMembers };
      }
      return {
        NodeGroupId,
        Status,
        PrimaryEndpoint: endpoint(name, `ng.${NodeGroupId}`),
        ReaderEndpoint: endpoint(`${name}-ro`, `ng.${NodeGroupId}`),
        NodeGroupMembers: members.map((CacheClusterId, place) => ({
          CacheClusterId,
          CacheNodeId: '0001',
          ReadEndpoint: endpoint(CacheClusterId, '0001'),
          CurrentRole: place === 0 ? 'primary' : 'replica',
        })),
      };
    });
  }
}

/** Seen in a public report: https://github.com/gruntwork-io/cloud-nuke/issues/341 */
function onlyMember(): ApiError {
  const message =
    'Cannot delete the cache cluster since it is the only member of a replication group. Delete the replication group instead.';
  return new ApiError('InvalidCacheClusterState', message);
}

function refused(name: string, why: string): ApiError {
  return new ApiError('InvalidParameterCombination', `Replication group ${name} ${why}.`);
}

/** An even share of the keys. */
function slotsOf(index: number, of: number): string {
  const first = Math.floor((index * SLOTS) / of);
  return `${first}-${Math.floor(((index + 1) * SLOTS) / of) - 1}`;
}

/** 1, 2 and so on. */
function count(most: number): number[] {
  return Array.from({ length: most }, (_, index) => index + 1);
}

function threeDigits(number: number): string {
  return String(number).padStart(3, '0');
}
