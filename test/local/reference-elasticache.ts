/** What a call is answered: the members of its result that count here, or the JavaScript SDK's name for its error. */
export type ReferenceAnswer = { readonly answer: unknown } | { readonly error: string };

interface ReferenceGrant {
  readonly EC2SecurityGroupName: string;
  readonly EC2SecurityGroupOwnerId: string;
  Status: 'authorizing' | 'authorized' | 'revoking';
  /** Until it is authorized, or gone, in milliseconds. */
  left: number;
}

interface ReferenceGroup {
  readonly CacheSecurityGroupName: string;
  readonly Description: string;
  grants: ReferenceGrant[];
}

/**
 * ElastiCache's cache security groups in one region, told as plainly as can be: lists that are searched, and grants that
 * count down. Names are in lower case and owner ids without hyphens by the time they come here.
 */
export class ReferenceElastiCache {
  readonly #owner: { readonly account: string; readonly region: string };
  readonly #quota: number;
  readonly #transitionMs: number;
  #groups: ReferenceGroup[] = [{ CacheSecurityGroupName: 'default', Description: 'default', grants: [] }];

  constructor(
    owner: { readonly account: string; readonly region: string },
    settings: { readonly quota: number; readonly transitionMs: number },
  ) {
    this.#owner = owner;
    this.#quota = settings.quota;
    this.#transitionMs = settings.transitionMs;
  }

  pass(ms: number): void {
    for (const group of this.#groups) {
      for (const grant of group.grants) {
        grant.left -= ms;
        if (grant.Status === 'authorizing' && grant.left <= 0) grant.Status = 'authorized';
      }
      group.grants = group.grants.filter(({ Status, left }) => Status !== 'revoking' || left > 0);
    }
  }

  create(name: string, Description: string): ReferenceAnswer {
    if (name === 'default') return { error: 'InvalidParameterValueException' };
    if (this.#find(name)) return { error: 'CacheSecurityGroupAlreadyExistsFault' };
    if (this.#groups.length > this.#quota) return { error: 'CacheSecurityGroupQuotaExceededFault' };
    const group = { CacheSecurityGroupName: name, Description, grants: [] };
    this.#groups.push(group);
    return { answer: this.#show(group) };
  }

  delete(name: string): ReferenceAnswer {
    if (!this.#find(name)) return { error: 'CacheSecurityGroupNotFoundFault' };
    if (name === 'default') return { error: 'InvalidCacheSecurityGroupStateFault' };
    this.#groups = this.#groups.filter((group) => group.CacheSecurityGroupName !== name);
    return { answer: undefined };
  }

  authorize(name: string, EC2SecurityGroupName: string, EC2SecurityGroupOwnerId: string): ReferenceAnswer {
    const group = this.#find(name);
    if (!group) return { error: 'CacheSecurityGroupNotFoundFault' };
    const there = findGrant(group, EC2SecurityGroupName, EC2SecurityGroupOwnerId);
    if (there?.Status === 'revoking') return { error: 'InvalidCacheSecurityGroupStateFault' };
    if (there) return { error: 'AuthorizationAlreadyExistsFault' };
    const left = this.#transitionMs;
    group.grants.push({ EC2SecurityGroupName, EC2SecurityGroupOwnerId, Status: 'authorizing', left });
    return this.#changed(group);
  }

  revoke(name: string, ec2SecurityGroupName: string, ec2SecurityGroupOwnerId: string): ReferenceAnswer {
    const group = this.#find(name);
    if (!group) return { error: 'CacheSecurityGroupNotFoundFault' };
    const grant = findGrant(group, ec2SecurityGroupName, ec2SecurityGroupOwnerId);
    if (!grant) return { error: 'AuthorizationNotFoundFault' };
    if (grant.Status !== 'authorized') return { error: 'InvalidCacheSecurityGroupStateFault' };
    grant.Status = 'revoking';
    grant.left = this.#transitionMs;
    return this.#changed(group);
  }

  describe(name: string): ReferenceAnswer {
    const group = this.#find(name);
    return group ? { answer: [this.#show(group)] } : { error: 'CacheSecurityGroupNotFoundFault' };
  }

  /** Up to `most` groups by name, beginning after the name `after`; and the name to go on after, if there are more. */
  page(after: string, most: number): { readonly groups: readonly unknown[]; readonly next: string | undefined } {
    const rest = this.#groups
      .filter(({ CacheSecurityGroupName }) => CacheSecurityGroupName > after)
      .sort((a, b) => (a.CacheSecurityGroupName < b.CacheSecurityGroupName ? -1 : 1));
    const groups = rest.slice(0, most);
    return {
      groups: groups.map((group) => this.#show(group)),
      next: rest.length > most ? groups.at(-1)?.CacheSecurityGroupName : undefined,
    };
  }

  /** Shown as it is right after the call, also where a transition takes no time. */
  #changed(group: ReferenceGroup): ReferenceAnswer {
    const answer = this.#show(group);
    this.pass(0);
    return { answer };
  }

  #find(name: string): ReferenceGroup | undefined {
    return this.#groups.find(({ CacheSecurityGroupName }) => CacheSecurityGroupName === name);
  }

  #show({ CacheSecurityGroupName, Description, grants }: ReferenceGroup): unknown {
    const { account, region } = this.#owner;
    return {
      OwnerId: account,
      CacheSecurityGroupName,
      Description,
      EC2SecurityGroups: grants.map(({ left: _, ...shown }) => shown),
      ARN: `arn:aws:elasticache:${region}:${account}:securitygroup:${CacheSecurityGroupName}`,
    };
  }
}

function findGrant({ grants }: ReferenceGroup, name: string, ownerId: string): ReferenceGrant | undefined {
  return grants.find((one) => one.EC2SecurityGroupName === name && one.EC2SecurityGroupOwnerId === ownerId);
}
