import { ApiError } from '../api-error.ts';
import { vpcOfSubnet } from '../ec2/subnets.ts';
import { invalid, type Parameters } from '../parameters.ts';
import type { Region } from '../region.ts';
import type { CacheNetwork, GroupChange } from './cache-network.ts';
import { readCacheSecurityGroupName } from './names.ts';
import { readList, readName } from './parameters.ts';
import type { Connection, ServerlessCachePlan } from './serverless-caches.ts';

// Where a cache is, and what guards it, as calls say it.

/** The parameters in which a call names what guards a cache cluster. */
export const GROUP_PARAMETERS = [
  'SecurityGroupIds',
  'SecurityGroupIds.',
  'CacheSecurityGroupNames',
  'CacheSecurityGroupNames.',
];

/**
 * The VPC security groups that a call names; undefined if it names none, as an empty list does too, which is inferred.
 *
 * @throws {ApiError} InvalidParameterValue for one that is not there, and for some of different VPCs.
 */
export function readSecurityGroupIds(parameters: Parameters, { securityGroups }: Region): string[] | undefined {
  const ids = readList(parameters, 'SecurityGroupIds', 'SecurityGroupId');
  const vpcIds = new Set<string>();
  for (const id of ids) {
    const group = securityGroups.find(id);
    if (group === undefined) throw invalid('SecurityGroupIds', id, 'there is no such security group');
    vpcIds.add(group.vpcId);
    if (vpcIds.size > 1) throw invalid('SecurityGroupIds', id, 'it is in another VPC than those before it');
  }
  return ids.length > 0 ? ids : undefined;
}

/**
 * The cache security groups that a call names; undefined if it names none, as an empty list does too, which is inferred.
 *
 * @throws {ApiError} CacheSecurityGroupNotFound, or InvalidParameterValue for what cannot be a name.
 */
function readCacheSecurityGroupNames(parameters: Parameters, { cacheSecurityGroups }: Region): string[] | undefined {
  const written = readList(parameters, 'CacheSecurityGroupNames', 'CacheSecurityGroupName');
  const names = written.map((name) => readCacheSecurityGroupName(new Map([['CacheSecurityGroupName', name]])));
  for (const name of names) cacheSecurityGroups.get(name);
  return names.length > 0 ? [...new Set(names)] : undefined;
}

/** Whether a call names cache security groups, which an account without EC2-Classic is refused. */
export function namesCacheSecurityGroups(parameters: Parameters): boolean {
  return readList(parameters, 'CacheSecurityGroupNames', 'CacheSecurityGroupName').length > 0;
}

/** The groups that a Modify names. @throws {ApiError} as those that read them. */
export function readGroupChange(parameters: Parameters, region: Region): GroupChange {
  const securityGroupIds = readSecurityGroupIds(parameters, region);
  const cacheSecurityGroupNames = readCacheSecurityGroupNames(parameters, region);
  return { ...(securityGroupIds && { securityGroupIds }), ...(cacheSecurityGroupNames && { cacheSecurityGroupNames }) };
}

/**
 * Where the nodes of a cache that is to be made are: outside of a VPC if cache security groups are named, else in the named
 * cache subnet group, or in `default`.
 *
 * @throws {ApiError} InvalidParameterCombination for both, CacheSecurityGroupNotFound, CacheSubnetGroupNotFoundFault, or
 * InvalidParameterValue for a security group of another VPC.
 */
export function readNetwork(parameters: Parameters, region: Region): CacheNetwork {
  const cacheSecurityGroupNames = readCacheSecurityGroupNames(parameters, region);
  if (cacheSecurityGroupNames !== undefined) {
    const other = [...parameters.keys()].find((parameter) =>
      /^(CacheSubnetGroupName$|SecurityGroupIds\.)/.test(parameter),
    );
    if (other === undefined) return { cacheSecurityGroupNames };
    const message = `CacheSecurityGroupNames and ${other.split('.')[0]} exclude each other: the latter is for a VPC.`;
    throw new ApiError('InvalidParameterCombination', message);
  }
  const name = parameters.has('CacheSubnetGroupName') ? readName(parameters, 'CacheSubnetGroupName') : 'default';
  const { vpcId } = region.caches.subnetGroups.get(name);
  const securityGroupIds = readSecurityGroupIds(parameters, region) ?? [];
  const other = securityGroupIds.find((id) => region.securityGroups.get(id).vpcId !== vpcId);
  if (other !== undefined) {
    throw invalid('SecurityGroupIds', other, `it is in another VPC than cache subnet group ${name}`);
  }
  return { cacheSubnetGroupName: name, vpcId, securityGroupIds };
}

/**
 * How clients reach a serverless cache, as a Create or a Modify says.
 *
 * @param before how they reach it now; undefined if the cache is to be made.
 * @throws {ApiError} InvalidParameterValue, or InvalidParameterCombination for a VPC's security groups or subnets of a cache
 * on the internet.
 */
export function readConnection(
  parameters: Parameters,
  region: Region,
  { engine, majorEngineVersion }: Pick<ServerlessCachePlan, 'engine' | 'majorEngineVersion'>,
  before?: Connection,
): Connection {
  const type = readConnectionType(parameters) ?? before?.type ?? 'vpc';
  if (type === 'public') {
    // Documented; the code is inferred.
    if (engine !== 'valkey' || !(Number.parseInt(majorEngineVersion, 10) >= 9)) {
      throw invalid('ConnectionType', type, 'a public endpoint needs Valkey 9 or later');
    }
    const other = [...parameters.keys()].find((parameter) => /^(SecurityGroupIds|SubnetIds)\./.test(parameter));
    if (other === undefined) return { type };
    const message = `${other.split('.')[0]} and the connection type public exclude each other: the former is for a VPC.`;
    throw new ApiError('InvalidParameterCombination', message);
  }
  const securityGroupIds = readSecurityGroupIds(parameters, region);
  if (before?.type === 'vpc') return { ...before, ...(securityGroupIds && { securityGroupIds }) };
  return { type, ...readServerlessNetwork(parameters, region) };
}

/** @throws {ApiError} InvalidParameterValue if it is neither `vpc` nor `public`; undefined if nothing says it. */
export function readConnectionType(parameters: Parameters): Connection['type'] | undefined {
  const type = parameters.get('ConnectionType');
  if (type === undefined || type === 'vpc' || type === 'public') return type;
  throw invalid('ConnectionType', type, 'it must be vpc or public');
}

/**
 * Where a serverless cache that is to be made is: in the VPC of its security groups, else in that of its subnets, else in
 * the default VPC. A subnet that neither VPC has is taken as it is.
 */
function readServerlessNetwork(parameters: Parameters, region: Region) {
  const { securityGroups } = region;
  const securityGroupIds = readSecurityGroupIds(parameters, region) ?? [];
  const subnetIds = readSubnetIds(parameters);
  const [vpcId = securityGroups.defaultVpcId] = [
    ...securityGroupIds.map((id) => securityGroups.get(id).vpcId),
    ...subnetIds.flatMap((id) => vpcOfSubnet(id, securityGroups) ?? []),
  ];
  return { vpcId, securityGroupIds, subnetIds };
}

function readSubnetIds(parameters: Parameters): string[] {
  const ids = readList(parameters, 'SubnetIds', 'SubnetId');
  const other = ids.find((id) => !/^subnet-[0-9a-f]{8,17}$/.test(id));
  if (other !== undefined) throw invalid('SubnetIds', other, 'it must be subnet- and 8 to 17 hexadecimal digits');
  return ids;
}
