/** Where the nodes of a cache are, and what guards them. */
export interface CacheNetwork {
  readonly cacheSubnetGroupName: string;
  readonly vpcId: string;
  /** Those that a call named. If there are none, the VPC's default one guards the nodes, and the API lists none. */
  readonly securityGroupIds: readonly string[];
}
