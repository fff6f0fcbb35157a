import { ApiError } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import { shown } from '../shown.ts';
import type { NetworkInterface, NetworkInterfaces } from './network-interfaces.ts';
import type { NewId } from './resource-ids.ts';

/** The way from a VPC to a service of AWS. Only services of AWS make one here. */
export interface VpcEndpoint {
  readonly vpcEndpointId: string;
  /** `com.amazonaws.elasticache.serverless.us-east-1.vpce-svc-…`. */
  readonly serviceName: string;
  readonly creationTimestamp: string;
  /** It has the VPC, the subnet and the security groups. */
  readonly networkInterface: NetworkInterface;
}

/** A VPC endpoint to be. */
export interface NewVpcEndpoint {
  readonly serviceName: string;
  /** The service of AWS that makes and manages it, such as `elasticache.amazonaws.com`. */
  readonly operator: string;
  readonly groupIds: readonly string[];
  readonly vpcId: string;
  /** From when on Describe shows it, in milliseconds since the epoch. */
  readonly shownFrom: number;
}

interface Kept extends Omit<VpcEndpoint, 'networkInterface'> {
  readonly networkInterfaceId: string;
}

/** An account of AWS's own, which makes the network interfaces of VPC endpoints. This one is made up. */
const REQUESTER = '210987654321';

/** The VPC endpoints of one account in one region, each with one network interface. */
export class VpcEndpoints {
  readonly #interfaces: NetworkInterfaces;
  readonly #newId: NewId;
  readonly #clock: Clock;
  readonly #endpoints = new Map<string, Kept>();

  constructor(networkInterfaces: NetworkInterfaces, newId: NewId, clock: Clock) {
    this.#interfaces = networkInterfaces;
    this.#newId = newId;
    this.#clock = clock;
  }

  /** Makes a VPC endpoint, and gives its id. @throws {ApiError} as `NetworkInterfaces.add`. */
  add({ serviceName, operator, groupIds, vpcId, shownFrom }: NewVpcEndpoint): string {
    const vpcEndpointId = this.#newId('vpce');
    const { networkInterfaceId } = this.#interfaces.add({
      groupIds,
      vpcId,
      description: `VPC Endpoint Interface ${vpcEndpointId}`,
      interfaceType: 'vpc_endpoint',
      requesterId: REQUESTER,
      isRequesterManaged: true,
      operator,
      shownFrom,
    });
    const creationTimestamp = new Date(this.#clock.now()).toISOString();
    this.#endpoints.set(vpcEndpointId, { vpcEndpointId, serviceName, creationTimestamp, networkInterfaceId });
    return vpcEndpointId;
  }

  /** Those that Describe shows: those whose network interface it shows. */
  described(): VpcEndpoint[] {
    const interfaces = new Map(this.#interfaces.described().map((one) => [one.networkInterfaceId, one]));
    return [...this.#endpoints.values()].flatMap(({ networkInterfaceId, ...endpoint }) => {
      const networkInterface = interfaces.get(networkInterfaceId);
      return networkInterface === undefined ? [] : [{ ...endpoint, networkInterface }];
    });
  }

  /** @throws {ApiError} as `NetworkInterfaces.setGroups`. */
  setGroups(vpcEndpointId: string, groupIds: readonly string[]): void {
    this.#interfaces.setGroups(this.#get(vpcEndpointId).networkInterfaceId, groupIds);
  }

  remove(vpcEndpointId: string): void {
    this.#interfaces.remove(this.#get(vpcEndpointId).networkInterfaceId);
    this.#endpoints.delete(vpcEndpointId);
  }

  #get(vpcEndpointId: string): Kept {
    const endpoint = this.#endpoints.get(vpcEndpointId);
    if (endpoint === undefined) throw noSuchEndpoint(vpcEndpointId);
    return endpoint;
  }
}

/** The code is read by deployed programs; the words are inferred. */
export function noSuchEndpoint(vpcEndpointId: string): ApiError {
  const message = `The Vpc Endpoint Id '${shown(vpcEndpointId)}' does not exist`;
  return new ApiError('InvalidVpcEndpointId.NotFound', message);
}
