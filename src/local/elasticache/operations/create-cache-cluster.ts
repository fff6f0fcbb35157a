import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { type Parameters, readInteger } from '../../parameters.ts';
import type { Region } from '../../region.ts';
import type { ShownCacheCluster } from '../cache-clusters.ts';
import { GROUP_PARAMETERS, namesCacheSecurityGroups } from '../network-parameters.ts';
import { readNodePlan } from '../node-plan.ts';
import { readEngine, readName, readNewName } from '../parameters.ts';
import { readTags } from '../tags.ts';

/** What a member has from its replication group, and cannot be given again: inferred from what Terraform refuses. */
const NOT_OF_A_MEMBER =
  /^(Port|NumCacheNodes|CacheNodeType|CacheSubnetGroupName|SecurityGroupIds|CacheSecurityGroupNames)(\.|$)/;

export const createCacheCluster: Operation = {
  parameters: [
    'CacheClusterId',
    'Engine',
    'EngineVersion',
    'NumCacheNodes',
    'CacheNodeType',
    'Port',
    'ReplicationGroupId',
    'CacheSubnetGroupName',
    ...GROUP_PARAMETERS,
    'Tags',
    'Tags.',
  ],
  readOnly: false,
  needsEc2Classic: namesCacheSecurityGroups,
  run(parameters, region) {
    readTags(parameters);
    const name = readNewName(parameters, 'CacheClusterId');
    const create = parameters.has('ReplicationGroupId') ? createReplica : createAlone;
    return { CacheCluster: create(name, parameters, region) };
  },
};

function createAlone(name: string, parameters: Parameters, region: Region): ShownCacheCluster {
  const engine = readEngine(parameters, 'redis', 'valkey', 'memcached');
  const plan = { ...readNodePlan(parameters, region, engine), name, replicationGroupId: undefined };
  // Documented: one node, except Memcached, which can have forty.
  const nodes = readInteger(parameters, 'NumCacheNodes', 1, engine === 'memcached' ? 40 : 1, 1);
  return region.caches.clusters.create(plan, nodes);
}

/** A further replica of a replication group, made of what the others are made of. */
function createReplica(name: string, parameters: Parameters, { caches }: Region): ShownCacheCluster {
  const replicationGroupId = readName(parameters, 'ReplicationGroupId');
  const told = [...parameters.keys()].find((parameter) => NOT_OF_A_MEMBER.test(parameter));
  if (told !== undefined) {
    const why = 'a member of a replication group has it from there';
    throw new ApiError(
      'InvalidParameterCombination',
      `${told.split('.')[0]} and ReplicationGroupId exclude each other: ${why}.`,
    );
  }
  const member = caches.replicationGroups.planOfReplica(replicationGroupId);
  const cluster = caches.clusters.create({ ...member, name, replicationGroupId });
  caches.replicationGroups.join(replicationGroupId, name);
  return cluster;
}
