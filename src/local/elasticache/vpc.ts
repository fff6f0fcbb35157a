/** What caches need of the VPC that they are in. */
export interface Vpc {
  addNetworkInterface(networkInterface: {
    readonly description: string;
    readonly interfaceType: 'interface' | 'vpc_endpoint';
    readonly requesterId: string;
    readonly securityGroupIds: readonly string[];
  }): string;
  setSecurityGroups(networkInterfaceId: string, securityGroupIds: readonly string[]): void;
  removeNetworkInterface(networkInterfaceId: string): void;
}
