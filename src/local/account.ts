import type { AccountFaults } from './account-faults.ts';
import type { Clock } from './clock.ts';
import { EventHistory } from './cloudtrail/event-history.ts';
import { Trails } from './cloudtrail/trails.ts';
import type { Rule } from './events/event-buses.ts';
import { type Caller, userOf } from './iam/caller.ts';
import { Roles } from './iam/roles.ts';
import { type AccountSettings, openRegion, type Region } from './region.ts';
import type { Credentials } from './signature.ts';

/** An account: what it has in each region, its roles, and what is wrong with it. */
export class Account {
  readonly id: string;
  /** Of its one user. Not there where no one looks at signatures. */
  readonly credentials: Credentials | undefined;
  readonly user: Caller;
  readonly roles: Roles;
  readonly trails: Trails;
  readonly history = new EventHistory();
  /** Set it to try what it leads to. */
  faults: AccountFaults = {};
  readonly #settings: AccountSettings;
  readonly #regionNames: readonly string[];
  readonly #clock: Clock;
  readonly #regions = new Map<string, Region>();

  constructor(
    settings: AccountSettings,
    regionNames: readonly string[],
    credentials: Credentials | undefined,
    clock: Clock,
  ) {
    this.id = settings.accountId;
    this.credentials = credentials;
    this.user = userOf(settings.accountId, credentials?.accessKeyId);
    this.roles = new Roles(settings.accountId);
    this.trails = new Trails(settings.accountId, regionNames[0] as string);
    this.#settings = settings;
    this.#regionNames = regionNames;
    this.#clock = clock;
  }

  /** All that the account has in a region, enabled or not; `undefined` if there is no such region. */
  region(name: string): Region | undefined {
    const open = this.#regions.get(name);
    if (open !== undefined || !this.#regionNames.includes(name)) return open;
    // An organization has thousands of places, and most tests look at a few.
    const opened = openRegion(name, this.#settings, this.#clock);
    this.#regions.set(name, opened);
    return opened;
  }

  /** Those where something was looked at or made. */
  openRegions(): Region[] {
    return [...this.#regions.values()];
  }

  /** Whether it can have cache security groups. */
  get hasEc2Classic(): boolean {
    return this.#settings.vpcOnly !== true;
  }

  /** The regions there are, whether the account has enabled them or not. */
  get regionNames(): readonly string[] {
    return this.#regionNames;
  }

  hasEnabled(region: string): boolean {
    return !(this.faults.optOut ?? []).includes(region);
  }

  /** Whether a rule of the account's is at work. */
  stateOf(rule: Rule): Rule['state'] {
    return this.faults.ruleDisabled ? 'DISABLED' : rule.state;
  }
}
