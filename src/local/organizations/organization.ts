/** What AWS Organizations says of an account. `CLOSED` is one that is on its way to be removed for good. */
export type AccountState = 'ACTIVE' | 'SUSPENDED' | 'CLOSED' | 'PENDING_CLOSURE' | 'PENDING_ACTIVATION';

/** An organization, as a test wants it. */
export interface OrganizationSettings {
  /** `o-` and 10 to 32 letters and digits; `o-localaws01` if not given. */
  readonly id?: string;
  /** The root's id; `r-root` if not given. */
  readonly rootId?: string;
  /** 12 digits. It is a member as well, and need not be among `accounts`. */
  readonly managementAccountId: string;
  /** Who but the management account may ask for the accounts. */
  readonly delegatedAdministratorIds?: readonly string[];
  readonly organizationalUnits?: readonly OrganizationalUnit[];
  readonly accounts: readonly MemberSettings[];
  /** Accounts that are there, and of no organization: someone else's. */
  readonly strangerIds?: readonly string[];
}

export interface OrganizationalUnit {
  /** `ou-root-` and 8 to 32 letters and digits. */
  readonly id: string;
  readonly name: string;
  /** Of the organizational unit that it is in; the root if not given. */
  readonly parentId?: string;
}

export interface MemberSettings {
  /** 12 digits. */
  readonly accountId: string;
  readonly name?: string;
  /** Of the organizational unit that it is in; the root if not given. */
  readonly parentId?: string;
  /** `ACTIVE` if not given. */
  readonly state?: AccountState;
  /** ISO 8601. */
  readonly joinedAt?: string;
}

/** A member, with everything that was not said. */
export type Member = Required<MemberSettings>;

/** Who belongs to whom. */
export class Organization {
  readonly id: string;
  readonly rootId: string;
  readonly managementAccountId: string;
  readonly organizationalUnits: ReadonlyMap<string, Required<OrganizationalUnit>>;
  /** By their ids, in their order. */
  readonly members: ReadonlyMap<string, Member>;
  readonly #administratorIds: ReadonlySet<string>;

  /** @throws if an organizational unit is named that is not there, or is inside itself. */
  constructor(settings: OrganizationSettings) {
    const { id = 'o-localaws01', rootId = 'r-root', managementAccountId, accounts } = settings;
    this.id = id;
    this.rootId = rootId;
    this.managementAccountId = managementAccountId;
    this.#administratorIds = new Set([managementAccountId, ...(settings.delegatedAdministratorIds ?? [])]);
    this.organizationalUnits = new Map(
      (settings.organizationalUnits ?? []).map((unit) => [unit.id, { parentId: rootId, ...unit }]),
    );
    const isManagementNamed = accounts.some(({ accountId }) => accountId === managementAccountId);
    const all = isManagementNamed ? accounts : [{ accountId: managementAccountId, name: 'management' }, ...accounts];
    this.members = new Map(all.map((member) => [member.accountId, this.#whole(member)]));
    for (const { parentId } of this.members.values()) this.parentsOf(parentId);
  }

  /** Whether an account may ask AWS Organizations for the others. */
  mayList(accountId: string): boolean {
    return this.#administratorIds.has(accountId);
  }

  /** `o-…/r-…/ou-…/…/ID`, with a slash at its end. */
  pathOf({ accountId, parentId }: Member): string {
    return [this.id, ...this.parentsOf(parentId), accountId, ''].join('/');
  }

  /** The ids from the root down to this organizational unit, itself too. */
  parentsOf(id: string): string[] {
    const path: string[] = [];
    for (let at = id; at !== this.rootId; ) {
      const unit = this.organizationalUnits.get(at);
      if (unit === undefined) throw new Error(`there is no organizational unit ${at}`);
      if (path.includes(at)) throw new Error(`the organizational unit ${at} is inside itself`);
      path.push(at);
      at = unit.parentId;
    }
    return [...path, this.rootId].reverse();
  }

  #whole({ accountId, ...said }: MemberSettings): Member {
    return {
      accountId,
      name: `account-${accountId}`,
      parentId: this.rootId,
      state: 'ACTIVE',
      joinedAt: '2026-01-01T00:00:00Z',
      ...said,
    };
  }
}
