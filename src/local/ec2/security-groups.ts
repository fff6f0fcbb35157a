import { ApiError } from '../api-error.ts';
import { shown } from '../shown.ts';
import type { NewId } from './resource-ids.ts';
import type { SecurityGroupRules } from './security-group-rules.ts';

export interface SecurityGroup {
  readonly groupId: string;
  readonly groupName: string;
  readonly groupDescription: string;
  readonly vpcId: string;
  readonly ownerId: string;
}

/**
 * The VPC security groups of one account in one region. There are two VPCs, the default one and another, each with a
 * security group `default`.
 */
export class SecurityGroups {
  readonly defaultVpcId: string;
  /** The VPC that is not the default one: some calls are answered differently there. */
  readonly otherVpcId: string;
  readonly #ownerId: string;
  readonly #rules: SecurityGroupRules;
  readonly #newId: NewId;
  readonly #groups = new Map<string, SecurityGroup>();

  constructor(ownerId: string, rules: SecurityGroupRules, newId: NewId) {
    this.#ownerId = ownerId;
    this.#rules = rules;
    this.#newId = newId;
    this.defaultVpcId = newId('vpc');
    this.otherVpcId = newId('vpc');
    for (const vpcId of [this.defaultVpcId, this.otherVpcId]) {
      const { groupId } = this.#add('default', 'default VPC security group', vpcId);
      // https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
      rules.add(groupId, [{ ...EVERYTHING, source: { referencedGroupId: groupId, userId: ownerId } }]);
    }
  }

  list(): SecurityGroup[] {
    return [...this.#groups.values()];
  }

  find(groupId: string): SecurityGroup | undefined {
    return this.#groups.get(groupId);
  }

  /** @throws {ApiError} InvalidGroup.NotFound */
  get(groupId: string): SecurityGroup {
    const group = this.find(groupId);
    if (group === undefined) throw notFound(`The security group '${shown(groupId)}' does not exist`);
    return group;
  }

  /**
   * The security group of this name in a VPC; without one, in the default VPC.
   *
   * @throws {ApiError} InvalidGroup.NotFound
   */
  getByName(groupName: string, vpcId = this.defaultVpcId): SecurityGroup {
    const group = this.list().find((one) => one.vpcId === vpcId && one.groupName === groupName);
    if (group === undefined) {
      throw notFound(`The security group '${shown(groupName)}' does not exist in default VPC '${vpcId}'`);
    }
    return group;
  }

  /** The `default` one of a VPC. */
  defaultOf(vpcId: string): SecurityGroup {
    return this.getByName('default', vpcId);
  }

  /** @throws {ApiError} InvalidVpcID.NotFound or InvalidGroup.Duplicate. */
  create(groupName: string, groupDescription: string, vpcId = this.defaultVpcId): SecurityGroup {
    if (vpcId !== this.defaultVpcId && vpcId !== this.otherVpcId) {
      throw new ApiError('InvalidVpcID.NotFound', `The vpc ID '${shown(vpcId)}' does not exist`);
    }
    if (this.list().some((group) => group.vpcId === vpcId && group.groupName === groupName)) {
      const message = `The security group '${groupName}' already exists for VPC '${vpcId}'`;
      throw new ApiError('InvalidGroup.Duplicate', message);
    }
    return this.#add(groupName, groupDescription, vpcId);
  }

  #add(groupName: string, groupDescription: string, vpcId: string): SecurityGroup {
    const groupId = this.#newId('sg');
    const group = { groupId, groupName, groupDescription, vpcId, ownerId: this.#ownerId };
    this.#groups.set(groupId, group);
    // Whatever is in it may reach everything, until someone says otherwise.
    this.#rules.add(groupId, [{ ...EVERYTHING, source: { cidrIpv4: '0.0.0.0/0' } }], true);
    return group;
  }

  /** Deletes a security group with its rules. */
  delete(groupId: string): void {
    this.#rules.remove(this.#rules.list(groupId));
    this.#groups.delete(groupId);
  }
}

const EVERYTHING = { ipProtocol: '-1', fromPort: -1, toPort: -1 };

function notFound(message: string): ApiError {
  return new ApiError('InvalidGroup.NotFound', message);
}
