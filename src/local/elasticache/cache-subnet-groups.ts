import { ApiError } from '../api-error.ts';
import type { SecurityGroups } from '../ec2/security-groups.ts';
import { subnetOf, vpcOfSubnet } from '../ec2/subnets.ts';

/** Whose subnet groups they are. */
interface CacheSubnetGroupSettings {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
}

/** The subnets of one VPC in which the nodes of a cache can be. */
export interface CacheSubnetGroup {
  /** In lower case. */
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
}

/** A cache subnet group as the API shows it. */
export interface ShownCacheSubnetGroup {
  readonly CacheSubnetGroupName: string;
  readonly CacheSubnetGroupDescription: string;
  readonly VpcId: string;
  readonly Subnets: readonly {
    readonly SubnetIdentifier: string;
    readonly SubnetAvailabilityZone: { readonly Name: string };
  }[];
  readonly ARN: string;
}

/** The cache subnet groups of one account in one region. `default` is there from the start, in the default VPC. */
export class CacheSubnetGroups {
  readonly #settings: CacheSubnetGroupSettings;
  readonly #securityGroups: SecurityGroups;
  readonly #groups = new Map<string, CacheSubnetGroup>();

  constructor(settings: CacheSubnetGroupSettings, securityGroups: SecurityGroups) {
    this.#settings = settings;
    this.#securityGroups = securityGroups;
    this.create('default', 'Default CacheSubnetGroup', [subnetOf(securityGroups.defaultVpcId)]);
  }

  /** @throws {ApiError} CacheSubnetGroupAlreadyExists, or InvalidSubnet for an unknown subnet or subnets of two VPCs. */
  create(name: string, description: string, subnetIds: readonly string[]): ShownCacheSubnetGroup {
    if (this.#groups.has(name)) {
      throw new ApiError('CacheSubnetGroupAlreadyExists', `Cache subnet group ${name} already exists.`);
    }
    const vpcIds = subnetIds.map((subnetId) => vpcOfSubnet(subnetId, this.#securityGroups));
    const [vpcId] = vpcIds;
    if (vpcId === undefined || vpcIds.some((other) => other !== vpcId)) {
      throw new ApiError('InvalidSubnet', 'The subnets must exist, and must all be in the same VPC.');
    }
    const group = { name, description, vpcId, subnetIds };
    this.#groups.set(name, group);
    return this.#show(group);
  }

  /** @throws {ApiError} CacheSubnetGroupNotFoundFault. */
  get(name: string): CacheSubnetGroup {
    const group = this.#groups.get(name);
    if (group === undefined) {
      throw new ApiError('CacheSubnetGroupNotFoundFault', `Cache subnet group ${name} does not exist.`);
    }
    return group;
  }

  /** @throws {ApiError} as `get`. */
  show(name: string): ShownCacheSubnetGroup {
    return this.#show(this.get(name));
  }

  /** In order of their names. */
  all(): ShownCacheSubnetGroup[] {
    return [...this.#groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map((group) => this.#show(group));
  }

  #show({ name, description, vpcId, subnetIds }: CacheSubnetGroup): ShownCacheSubnetGroup {
    const { accountId, region } = this.#settings;
    return {
      CacheSubnetGroupName: name,
      CacheSubnetGroupDescription: description,
      VpcId: vpcId,
      Subnets: subnetIds.map((SubnetIdentifier) => ({
        SubnetIdentifier,
        SubnetAvailabilityZone: { Name: `${region}a` },
      })),
      ARN: `arn:aws:elasticache:${region}:${accountId}:subnetgroup:${name}`,
    };
  }
}
