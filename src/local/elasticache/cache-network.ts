import { ApiError } from '../api-error.ts';

/** Where the nodes of a cache are, and what guards them: in a VPC, or in EC2-Classic. */
export type CacheNetwork = VpcNetwork | ClassicNetwork;

export interface VpcNetwork {
  readonly cacheSubnetGroupName: string;
  readonly vpcId: string;
  /** Those that a call named. If there are none, the VPC's default one guards the nodes, and the API lists none. */
  readonly securityGroupIds: readonly string[];
}

export interface ClassicNetwork {
  /** In lower case; at least one. */
  readonly cacheSecurityGroupNames: readonly string[];
}

/** The groups that a Modify names, in place of those before. */
export type GroupChange = Partial<Pick<VpcNetwork, 'securityGroupIds'> & ClassicNetwork>;

export function isInVpc(network: CacheNetwork): network is VpcNetwork {
  return 'vpcId' in network;
}

/** @throws {ApiError} InvalidParameterCombination for groups that the network cannot have. */
export function withGroups(network: CacheNetwork, change: GroupChange): CacheNetwork {
  const { securityGroupIds, cacheSecurityGroupNames } = change;
  if (isInVpc(network) ? cacheSecurityGroupNames !== undefined : securityGroupIds !== undefined) {
    const [asked, place] = isInVpc(network) ? ['CacheSecurityGroupNames', 'in'] : ['SecurityGroupIds', 'outside of'];
    throw new ApiError('InvalidParameterCombination', `${asked} is not for a cache cluster ${place} a VPC.`);
  }
  return { ...network, ...change } as CacheNetwork;
}
