import type { EndpointSettings } from '../../src/local/api-endpoint.ts';
import { CREATING, type LocalEndpoint, startEndpoint } from './local-endpoint.ts';

/** A local ElastiCache endpoint with VPC security groups to put caches in. */
export interface CacheEndpoint extends LocalEndpoint {
  /** The ids of two security groups of the default VPC, of its own one, and of one in another VPC. */
  readonly web: string;
  readonly batch: string;
  readonly defaultGroup: string;
  readonly elsewhere: string;
  /** Lets a cache become what it is about to be. */
  settle(): void;
  /** Each network interface there is, as `ElastiCache sessions: sg-1, sg-2`. */
  interfaces(): string[];
}

export async function startWithSecurityGroups(settings: Partial<EndpointSettings> = {}): Promise<CacheEndpoint> {
  const endpoint = await startEndpoint(settings);
  const { securityGroups, networkInterfaces } = endpoint.region;
  const { defaultVpcId, otherVpcId } = securityGroups;
  return {
    ...endpoint,
    web: securityGroups.create('web', 'The web servers').groupId,
    batch: securityGroups.create('batch', 'What runs at night').groupId,
    defaultGroup: securityGroups.defaultOf(defaultVpcId).groupId,
    elsewhere: securityGroups.defaultOf(otherVpcId).groupId,
    settle() {
      endpoint.clock.advance(CREATING);
      // Signatures are held to the endpoint's clock.
      endpoint.sdk.config.systemClockOffset = endpoint.clock.now() - Date.now();
    },
    interfaces: () => networkInterfaces.list().map((one) => `${one.description}: ${one.groupIds.join(', ')}`),
  };
}
