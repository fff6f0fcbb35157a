import { Account } from './account.ts';
import type { Clock } from './clock.ts';
import { StackSets } from './cloudformation/stack-sets.ts';
import type { Caller } from './iam/caller.ts';
import type { Context } from './iam/conditions.ts';
import { Organization, type OrganizationSettings } from './organizations/organization.ts';
import type { AccountSettings } from './region.ts';
import { Buckets } from './s3/buckets.ts';
import type { Credentials } from './signature.ts';
import { Sessions } from './sts/sessions.ts';

export interface AccountsSettings extends AccountSettings {
  readonly regions: readonly string[];
  /** Whose signatures are good. Without them no signature is looked at, and calls of other web sites are refused. */
  readonly credentials?: Credentials;
  /** `accountId` is one of its accounts, or of its strangers. Without it, there is no other account. */
  readonly organization?: OrganizationSettings;
}

/** A key that calls are signed with, and who has it. */
export interface Key {
  readonly secretAccessKey: string;
  readonly caller: Caller;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  readonly expiresAt?: number;
}

/** All accounts that there are. */
export class Accounts {
  /** The one that was there before there were others: where the functions are. */
  readonly home: Account;
  readonly organization: Organization | undefined;
  readonly sessions = new Sessions();
  readonly stackSets = new StackSets();
  readonly buckets = new Buckets();
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #byKey: ReadonlyMap<string, Account>;

  constructor(settings: AccountsSettings, clock: Clock) {
    const { accountId, regions, credentials, organization } = settings;
    this.organization = organization && new Organization(organization);
    const others = [...(this.organization?.members.keys() ?? []), ...(organization?.strangerIds ?? [])];
    this.#accounts = new Map(
      [...new Set([accountId, ...others])].map((id) => {
        const own = id === accountId ? credentials : credentialsOf(id);
        return [id, new Account({ ...settings, accountId: id }, regions, own, clock)];
      }),
    );
    this.home = this.#accounts.get(accountId) as Account;
    this.#byKey = new Map(
      this.list().flatMap((one) => (one.credentials ? [[one.credentials.accessKeyId, one] as const] : [])),
    );
  }

  find(accountId: string): Account | undefined {
    return this.#accounts.get(accountId);
  }

  /** Those that there are, `home` first. */
  list(): Account[] {
    return [...this.#accounts.values()];
  }

  /** Whether credentials of an account are good at all. */
  isUsable({ id, faults }: Account): boolean {
    const state = this.organization?.members.get(id)?.state ?? 'ACTIVE';
    return faults.suspended !== true && state !== 'SUSPENDED' && state !== 'CLOSED';
  }

  /** Who has an access key. */
  key(accessKeyId: string): Key | undefined {
    const account = this.#byKey.get(accessKeyId);
    if (account?.credentials !== undefined) {
      return { secretAccessKey: account.credentials.secretAccessKey, caller: account.user };
    }
    const issued = this.sessions.find(accessKeyId);
    if (issued === undefined) return undefined;
    const { secretAccessKey, sessionToken, expiresAt } = issued.credentials;
    return { secretAccessKey, sessionToken, expiresAt, caller: issued.caller };
  }

  /** What condition keys say of a caller. `aws:PrincipalOrgID` is not there for one of no organization. */
  contextOf({ accountId, principalArn }: Caller): Context {
    const organization = this.organization;
    const member = organization?.members.get(accountId);
    return new Map<string, string | readonly string[]>([
      ['aws:principalarn', principalArn],
      ['aws:principalaccount', accountId],
      ...(organization && member
        ? ([
            ['aws:principalorgid', organization.id],
            ['aws:principalorgpaths', [organization.pathOf(member).replace(/[^/]+\/$/, '')]],
          ] as const)
        : []),
    ]);
  }
}

/** The key of an account's own user. */
function credentialsOf(accountId: string): Credentials {
  return { accessKeyId: `AKIALOCAL${accountId}`, secretAccessKey: `secret-of-${accountId}` };
}
