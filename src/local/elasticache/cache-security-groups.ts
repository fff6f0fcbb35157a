import { ApiError } from '../api-error.ts';
import type { Clock } from '../clock.ts';
import type { Tag } from './tags.ts';

/** Whose they are, and how they behave. */
export interface CacheSecurityGroupSettings {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** How long a grant stays `authorizing`, and `revoking`, in milliseconds. */
  readonly transitionMs: number;
  /** How many cache security groups there can be in a region besides `default`. AWS's own default is 50. */
  readonly quota: number;
}

interface Ingress {
  readonly ec2SecurityGroupName: string;
  readonly ec2SecurityGroupOwnerId: string;
  /** Where it is going, and since when. */
  readonly direction: 'authorize' | 'revoke';
  readonly since: number;
}

interface Group {
  readonly name: string;
  readonly description: string;
  /** Kept, but no operation here shows them: ListTagsForResource is not emulated. */
  readonly tags: readonly Tag[];
  readonly ingress: Map<string, Ingress>;
}

type Status = 'authorizing' | 'authorized' | 'revoking';

const IN_BETWEEN = { authorize: 'authorizing', revoke: 'revoking' } as const;

/** A cache security group as the API shows it. */
export interface CacheSecurityGroup {
  readonly OwnerId: string;
  readonly CacheSecurityGroupName: string;
  readonly Description: string;
  readonly EC2SecurityGroups: readonly {
    readonly Status: Status;
    readonly EC2SecurityGroupName: string;
    readonly EC2SecurityGroupOwnerId: string;
  }[];
  readonly ARN: string;
}

/**
 * The cache security groups of one account in one region. A grant goes authorizing → authorized → revoking → gone; what
 * it is follows from when it was asked for and what the clock says, so that no timer runs. `authorized` in between and
 * gone at the end are inferred: AWS documents only the states that Authorize and Revoke answer with.
 */
export class CacheSecurityGroups {
  readonly #settings: CacheSecurityGroupSettings;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();
  /** In order, for paging. */
  readonly #names: string[] = [];

  constructor(settings: CacheSecurityGroupSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#add({ name: 'default', description: 'default', tags: [], ingress: new Map() });
  }

  create(name: string, description: string, tags: readonly Tag[]): CacheSecurityGroup {
    if (this.#groups.has(name)) {
      throw new ApiError('CacheSecurityGroupAlreadyExists', `Cache security group ${name} already exists.`);
    }
    if (this.#groups.size - 1 >= this.#settings.quota) {
      throw new ApiError(
        'QuotaExceeded.CacheSecurityGroup',
        `There are ${this.#settings.quota} cache security groups already, and no more are allowed.`,
      );
    }
    const group: Group = { name, description, tags, ingress: new Map() };
    this.#add(group);
    return this.#show(group);
  }

  #add(group: Group): void {
    this.#groups.set(group.name, group);
    this.#names.splice(this.#placeOf(group.name), 0, group.name);
  }

  /** Up to `most` groups in order of their names, beginning after the name `after`. */
  list(after: string, most: number): CacheSecurityGroup[] {
    const first = this.#placeOf(after);
    const from = this.#names[first] === after ? first + 1 : first;
    return this.#names.slice(from, from + most).map((name) => this.get(name));
  }

  /** Where a name is among the names, or would be. */
  #placeOf(name: string): number {
    let low = 0;
    let high = this.#names.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#names[middle] as string) < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get(name: string): CacheSecurityGroup {
    return this.#show(this.#find(name));
  }

  /** @param members the cache clusters that it guards. */
  delete(name: string, members: readonly string[]): void {
    const group = this.#find(name);
    if (name === 'default') {
      throw new ApiError('InvalidCacheSecurityGroupState', 'The default cache security group cannot be deleted.');
    }
    if (members.length > 0) {
      // Seen in a public report: https://github.com/hashicorp/terraform/issues/17907
      const message = `Cannot delete the security group because at least one cache cluster is still a member: ${members[0]}.`;
      throw new ApiError('InvalidCacheSecurityGroupState', message);
    }
    this.#groups.delete(group.name);
    this.#names.splice(this.#placeOf(group.name), 1);
  }

  authorize(name: string, ec2SecurityGroupName: string, ec2SecurityGroupOwnerId: string): CacheSecurityGroup {
    const group = this.#find(name);
    const key = keyOf(ec2SecurityGroupName, ec2SecurityGroupOwnerId);
    switch (this.#status(group, key)) {
      case 'authorizing':
      case 'authorized':
        throw new ApiError(
          'AuthorizationAlreadyExists',
          `EC2 security group ${ec2SecurityGroupName} of ${ec2SecurityGroupOwnerId} is already authorized for cache security group ${name}.`,
        );
      case 'revoking':
        throw beingChanged(name, 'revoking');
    }
    const since = this.#clock.now();
    group.ingress.set(key, { ec2SecurityGroupName, ec2SecurityGroupOwnerId, direction: 'authorize', since });
    return this.#show(group, key);
  }

  revoke(name: string, ec2SecurityGroupName: string, ec2SecurityGroupOwnerId: string): CacheSecurityGroup {
    const group = this.#find(name);
    const key = keyOf(ec2SecurityGroupName, ec2SecurityGroupOwnerId);
    switch (this.#status(group, key)) {
      case undefined:
        throw new ApiError(
          'AuthorizationNotFound',
          `EC2 security group ${ec2SecurityGroupName} of ${ec2SecurityGroupOwnerId} is not authorized for cache security group ${name}.`,
          404,
        );
      case 'authorizing':
        throw beingChanged(name, 'authorizing');
      case 'revoking':
        throw beingChanged(name, 'revoking');
    }
    const since = this.#clock.now();
    group.ingress.set(key, { ec2SecurityGroupName, ec2SecurityGroupOwnerId, direction: 'revoke', since });
    return this.#show(group, key);
  }

  #find(name: string): Group {
    const group = this.#groups.get(name);
    if (group === undefined) {
      throw new ApiError('CacheSecurityGroupNotFound', `Cache security group ${name} does not exist.`, 404);
    }
    return group;
  }

  #status(group: Group, key: string): Status | undefined {
    const ingress = group.ingress.get(key);
    if (ingress === undefined) return undefined;
    const settled = this.#clock.now() - ingress.since >= this.#settings.transitionMs;
    if (!settled) return IN_BETWEEN[ingress.direction];
    if (ingress.direction === 'authorize') return 'authorized';
    group.ingress.delete(key);
    return undefined;
  }

  /** The ingress at `changing` is in between, however short a transition is: it was changed by the call that is answered. */
  #show(group: Group, changing?: string): CacheSecurityGroup {
    const { accountId, region } = this.#settings;
    return {
      OwnerId: accountId,
      CacheSecurityGroupName: group.name,
      Description: group.description,
      EC2SecurityGroups: [...group.ingress].flatMap(([key, ingress]) => {
        const Status = key === changing ? IN_BETWEEN[ingress.direction] : this.#status(group, key);
        if (Status === undefined) return [];
        const { ec2SecurityGroupName, ec2SecurityGroupOwnerId } = ingress;
        return [
          { Status, EC2SecurityGroupName: ec2SecurityGroupName, EC2SecurityGroupOwnerId: ec2SecurityGroupOwnerId },
        ];
      }),
      ARN: `arn:aws:elasticache:${region}:${accountId}:securitygroup:${group.name}`,
    };
  }
}

// A name may hold any character but a control one.
function keyOf(ec2SecurityGroupName: string, ec2SecurityGroupOwnerId: string): string {
  return `${ec2SecurityGroupOwnerId}\n${ec2SecurityGroupName}`;
}

/** AWS lists this error for Revoke without saying when it answers so; inferred: while the grant is in between. */
function beingChanged(name: string, status: string): ApiError {
  return new ApiError(
    'InvalidCacheSecurityGroupState',
    `Cache security group ${name} is being changed: the ingress is still ${status}. Try again shortly.`,
  );
}
