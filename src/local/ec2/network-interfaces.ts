import { ApiError } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import { shown } from '../shown.ts';
import type { NewId } from './resource-ids.ts';
import type { SecurityGroups } from './security-groups.ts';
import { subnetOf } from './subnets.ts';

/** What is in a network of the account: an instance, a function, a node of a cache. */
export interface NetworkInterface {
  readonly networkInterfaceId: string;
  readonly groupIds: readonly string[];
  readonly vpcId: string;
  readonly description: string;
  /** Which service of AWS made it, for example `amazon-elasticache`; undefined if the account did. */
  readonly requesterId: string | undefined;
  /** Whether AWS says that the requester manages it. It does not of every one that a service made. */
  readonly isRequesterManaged: boolean;
  /** The service of AWS that manages it, such as `elasticache.amazonaws.com`. The account can hide such ones. */
  readonly operator: string | undefined;
  /** `interface`, or for some services a separate kind. */
  readonly interfaceType: string;
  readonly subnetId: string;
  /** From when on Describe shows it, in milliseconds since the epoch. */
  readonly shownFrom: number;
}

/** A network interface to be. Without security groups it is in the `default` one of its VPC. */
export interface NewNetworkInterface {
  readonly groupIds: readonly string[];
  /** The VPC of its security groups; the default VPC if neither is given. */
  readonly vpcId?: string;
  readonly description?: string;
  readonly requesterId?: string;
  readonly isRequesterManaged?: boolean;
  readonly operator?: string;
  readonly interfaceType?: string;
  readonly subnetId?: string;
  /** From now on if not given. */
  readonly shownFrom?: number;
}

/** The network interfaces of one account in one region, in the order they were made. */
export class NetworkInterfaces {
  readonly #securityGroups: SecurityGroups;
  readonly #newId: NewId;
  readonly #clock: Clock;
  readonly #interfaces = new Map<string, NetworkInterface>();

  constructor(securityGroups: SecurityGroups, newId: NewId, clock: Clock) {
    this.#securityGroups = securityGroups;
    this.#newId = newId;
    this.#clock = clock;
  }

  list(): NetworkInterface[] {
    return [...this.#interfaces.values()];
  }

  /** Those that Describe shows. */
  described(): NetworkInterface[] {
    return this.list().filter(({ shownFrom }) => shownFrom <= this.#clock.now());
  }

  /** Those that are in a security group, whether Describe shows them or not. */
  inGroup(groupId: string): NetworkInterface[] {
    return this.list().filter(({ groupIds }) => groupIds.includes(groupId));
  }

  /** @throws {ApiError} InvalidNetworkInterfaceID.NotFound if there is none, or Describe does not show it yet. */
  get(networkInterfaceId: string): NetworkInterface {
    const found = this.#interfaces.get(networkInterfaceId);
    if (found === undefined || found.shownFrom > this.#clock.now()) {
      const message = `The networkInterface ID '${shown(networkInterfaceId)}' does not exist`;
      throw new ApiError('InvalidNetworkInterfaceID.NotFound', message);
    }
    return found;
  }

  /**
   * Code and words are seen in public reports of detaching such a network interface; that changing its security groups, or
   * deleting it, ends so too is inferred.
   *
   * @throws {ApiError} AuthFailure for one that a service of AWS made, or as `get`.
   */
  mustBeTheAccounts(networkInterfaceId: string): void {
    if (this.get(networkInterfaceId).requesterId === undefined) return;
    throw new ApiError('AuthFailure', 'You do not have permission to access the specified resource.');
  }

  /** @throws {ApiError} as `setGroups`. */
  add(wanted: NewNetworkInterface): NetworkInterface {
    const { description = '', requesterId, isRequesterManaged = false, operator } = wanted;
    const { interfaceType = 'interface', shownFrom = this.#clock.now() } = wanted;
    const { groupIds, vpcId } = this.#placeIn(wanted.groupIds, wanted.vpcId);
    const networkInterfaceId = this.#newId('eni');
    // Subnets are not emulated: that of a service's own interface is any of the VPC.
    const subnetId = wanted.subnetId ?? subnetOf(vpcId);
    const added = {
      networkInterfaceId,
      groupIds,
      vpcId,
      description,
      requesterId,
      isRequesterManaged,
      operator,
      interfaceType,
      subnetId,
      shownFrom,
    };
    this.#interfaces.set(networkInterfaceId, added);
    return added;
  }

  /**
   * Replaces the security groups that an interface is in.
   *
   * @throws {ApiError} InvalidGroup.NotFound for one that is not there, InvalidParameterValue for one of another VPC.
   */
  setGroups(networkInterfaceId: string, groupIds: readonly string[]): void {
    const before = this.get(networkInterfaceId);
    const place = this.#placeIn(groupIds, before.vpcId);
    if (place.vpcId !== before.vpcId) throw differentNetworks();
    this.#interfaces.set(networkInterfaceId, { ...before, ...place });
  }

  remove(networkInterfaceId: string): void {
    this.#interfaces.delete(networkInterfaceId);
  }

  #placeIn(
    wanted: readonly string[],
    otherwise: string = this.#securityGroups.defaultVpcId,
  ): { readonly groupIds: readonly string[]; readonly vpcId: string } {
    const groups = [...new Set(wanted)].map((groupId) => this.#securityGroups.get(groupId));
    const [first = this.#securityGroups.defaultOf(otherwise), ...others] = groups;
    if (others.some(({ vpcId }) => vpcId !== first.vpcId)) throw differentNetworks();
    return { groupIds: [first, ...others].map(({ groupId }) => groupId), vpcId: first.vpcId };
  }
}

function differentNetworks(): ApiError {
  const message = 'You have specified two resources that belong to different networks.';
  return new ApiError('InvalidParameterValue', message);
}
