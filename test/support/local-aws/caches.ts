import { DescribeNetworkInterfacesCommand, type NetworkInterface } from '@aws-sdk/client-ec2';
import { CreateCacheSubnetGroupCommand } from '@aws-sdk/client-elasticache';
import type { EndpointSettings } from '../../../src/local/api-endpoint.ts';
import { createGroup } from './local-ec2.ts';
import { CREATING, type LocalEndpoint, startEndpoint } from './local-endpoint.ts';

/** A local endpoint with VPC security groups to put caches in. */
export interface CacheEndpoint extends LocalEndpoint {
  /** The ids of two security groups of the default VPC, of its own one, and of one in another VPC. */
  readonly web: string;
  readonly batch: string;
  readonly defaultGroup: string;
  readonly elsewhere: string;
  /** Lets a cache become what it is about to be. */
  settle(): void;
  networkInterfaces(): Promise<NetworkInterface[]>;
  /** Each network interface there is, as `ElastiCache sessions: sg-1, sg-2`. */
  interfaces(): Promise<string[]>;
}

export async function startWithSecurityGroups(settings: Partial<EndpointSettings> = {}): Promise<CacheEndpoint> {
  const endpoint = await startEndpoint(settings);
  const { clock, ec2, sdk } = endpoint;
  const { securityGroups } = endpoint.region;
  const networkInterfaces = async () =>
    (await ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces ?? [];
  return {
    ...endpoint,
    web: await createGroup(ec2, 'web'),
    batch: await createGroup(ec2, 'batch'),
    defaultGroup: securityGroups.defaultOf(securityGroups.defaultVpcId).groupId,
    elsewhere: securityGroups.defaultOf(securityGroups.otherVpcId).groupId,
    settle() {
      clock.advance(CREATING);
      // Signatures are held to the endpoint's clock.
      for (const { config } of [ec2, sdk]) config.systemClockOffset = clock.now() - Date.now();
    },
    networkInterfaces,
    interfaces: async () => (await networkInterfaces()).map(told),
  };
}

/** Makes a cache subnet group in one of the two VPCs. */
export async function createSubnetGroup(
  { sdk }: LocalEndpoint,
  CacheSubnetGroupName: string,
  vpcId: string,
): Promise<void> {
  const SubnetIds = [vpcId.replace('vpc-', 'subnet-')];
  const input = { CacheSubnetGroupName, CacheSubnetGroupDescription: 'Of the shop', SubnetIds };
  await sdk.send(new CreateCacheSubnetGroupCommand(input));
}

function told({ Description, Groups = [] }: NetworkInterface): string {
  return `${Description}: ${Groups.map(({ GroupId }) => GroupId).join(', ')}`;
}
