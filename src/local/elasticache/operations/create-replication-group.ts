import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { type Parameters, readInteger, readText } from '../../parameters.ts';
import type { Region } from '../../region.ts';
import { GROUP_PARAMETERS, namesCacheSecurityGroups } from '../network-parameters.ts';
import { readNodePlan } from '../node-plan.ts';
import { readEngine, readName, readNewName } from '../parameters.ts';
import { readTags } from '../tags.ts';

/** With these a replication group would have other members or other security groups than the ones made here. */
const NOT_EMULATED = /^(GlobalReplicationGroupId|NodeGroupConfiguration\..*)$/;

/** What a replication group has from a primary that is there already, and cannot be given: inferred. */
const NOT_WITH_A_PRIMARY =
  /^(NumCacheClusters|NumNodeGroups|ReplicasPerNodeGroup|ClusterMode|CacheNodeType|EngineVersion|Port|CacheSubnetGroupName|SecurityGroupIds|CacheSecurityGroupNames)(\.|$)/;

export const createReplicationGroup: Operation = {
  parameters: [
    'ReplicationGroupId',
    'ReplicationGroupDescription',
    'PrimaryClusterId',
    'NumCacheClusters',
    'NumNodeGroups',
    'ReplicasPerNodeGroup',
    'ClusterMode',
    'CacheParameterGroupName',
    'CacheNodeType',
    'Engine',
    'EngineVersion',
    'Port',
    'CacheSubnetGroupName',
    ...GROUP_PARAMETERS,
    'Tags',
    'Tags.',
  ],
  readOnly: false,
  needsEc2Classic: namesCacheSecurityGroups,
  run(parameters, region) {
    const other = [...parameters.keys()].find((name) => NOT_EMULATED.test(name));
    if (other !== undefined) {
      throw new ApiError('InvalidParameterCombination', `The local AWS does not emulate ${other.split('.')[0]}.`);
    }
    readTags(parameters);
    const name = readNewName(parameters, 'ReplicationGroupId');
    const description = readText(parameters, 'ReplicationGroupDescription', 1024);
    if (parameters.has('PrimaryClusterId')) return createAround(name, description, parameters, region);
    const engine = parameters.has('Engine') ? readEngine(parameters, 'redis', 'valkey') : 'redis';
    const member = readNodePlan(parameters, region, engine);
    const plan = { name, description, member, ...readShape(parameters) };
    return { ReplicationGroup: region.caches.replicationGroups.create(plan) };
  },
};

/** A replication group around a standing cache cluster, without replicas. */
function createAround(name: string, description: string, parameters: Parameters, { caches }: Region): object {
  const told = [...parameters.keys()].find((parameter) => NOT_WITH_A_PRIMARY.test(parameter));
  if (told !== undefined) {
    const message = `${told.split('.')[0]} and PrimaryClusterId exclude each other: the primary has it already.`;
    throw new ApiError('InvalidParameterCombination', message);
  }
  const primary = readName(parameters, 'PrimaryClusterId');
  return { ReplicationGroup: caches.replicationGroups.createAround(primary, name, description) };
}

/**
 * How many node groups there are, and members in each. Several node groups mean cluster mode; with one it is
 * `ClusterMode` that says so, or a parameter group named as AWS's own for cluster mode are.
 */
function readShape(parameters: Parameters) {
  const nodeGroups = readInteger(parameters, 'NumNodeGroups', 1, 90, 1);
  const clusters = readInteger(parameters, 'NumCacheClusters', 1, 6, 1);
  const replicas = readInteger(parameters, 'ReplicasPerNodeGroup', 0, 5, 0);
  const clusterEnabled =
    nodeGroups > 1 ||
    parameters.get('ClusterMode') === 'enabled' ||
    (parameters.get('CacheParameterGroupName') ?? '').endsWith('.cluster.on');
  // Documented: NumCacheClusters is not used if there is more than one node group.
  const membersEach = parameters.has('ReplicasPerNodeGroup') || nodeGroups > 1 ? replicas + 1 : clusters;
  return { clusterEnabled, nodeGroups, membersEach };
}
