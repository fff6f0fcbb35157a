import type { AccountPaths } from '../policy/account-paths.ts';
import type { Place } from '../policy/place.ts';
import { isAccountId } from '../policy/written.ts';

/** An account as AWS Organizations lists it. */
export interface OrganizationAccount {
  /** 12 digits. */
  readonly account: string;
  readonly name?: string;
  /** `ACTIVE`, or why not: `SUSPENDED`, `CLOSED`, `PENDING_CLOSURE`, `PENDING_ACTIVATION`. */
  readonly state: string;
  /** Ids from the organization down to the account's own organizational unit: `['o-…', 'r-…', 'ou-…']`. */
  readonly path?: readonly string[];
  /** When it joined the organization: ISO 8601, in UTC. */
  readonly joinedAt?: string;
}

/** An account that a run speaks of. */
export interface ManifestAccount extends OrganizationAccount {
  /** The settings exclude it. */
  readonly excluded?: true;
}

/** What a run is to speak of. It is written before the first account is evaluated, and the report is made from it. */
export interface Manifest {
  readonly schemaVersion: typeof MANIFEST_SCHEMA_VERSION;
  readonly run: string;
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  /** Which allowlist every account is evaluated by. */
  readonly allowlistSha256: string;
  /** Each account once, by id. */
  readonly accounts: readonly ManifestAccount[];
  /** Each region once, in order. */
  readonly regions: readonly string[];
}

const MANIFEST_SCHEMA_VERSION = '1.0';

/** What is guarded, as the settings say. */
export interface Scope {
  /** Ids of organizational units or roots: an account is in scope anywhere below one of them. Empty: the whole organization. */
  readonly organizationalUnits: readonly string[];
  readonly excludedAccounts: readonly string[];
  readonly regions: readonly string[];
}

/** The manifest of a run cannot be made: then nothing is evaluated, and nothing is revoked. */
export class ManifestError extends Error {
  override name = 'ManifestError';
}

/**
 * The manifest of a run: each account under the organizational units, whatever its state, and the regions of the scope. Excluded
 * accounts are listed and marked.
 *
 * @throws {ManifestError} if an account is listed twice or has no valid id; if units are named and Organizations gave no path of
 * an account; if no account is in scope. Each would leave accounts out without a word.
 */
export function makeManifest(
  { run, startedAt, allowlistSha256 }: Pick<Manifest, 'run' | 'startedAt' | 'allowlistSha256'>,
  listed: readonly OrganizationAccount[],
  { organizationalUnits, excludedAccounts, regions }: Scope,
): Manifest {
  const excluded = new Set(excludedAccounts);
  refuseUnclear(listed);
  const accounts = listed
    .filter((one) => isUnder(one, organizationalUnits))
    .map((one): ManifestAccount => (excluded.has(one.account) ? { ...one, excluded: true } : one))
    .toSorted((a, b) => (a.account < b.account ? -1 : 1));
  if (accounts.length === 0) throw new ManifestError(`no account is in scope: ${explainNone(organizationalUnits)}`);
  if (regions.length === 0) throw new ManifestError('no region is in scope: name at least one in the settings');
  return {
    schemaVersion: MANIFEST_SCHEMA_VERSION,
    run,
    startedAt,
    allowlistSha256,
    accounts,
    regions: [...new Set(regions)].sort(),
  };
}

/** Whether no one can use an account in this state. It says nothing of a state that AWS Organizations does not have today. */
export function isNotActive(state: string): boolean {
  return ['SUSPENDED', 'CLOSED', 'PENDING_CLOSURE', 'PENDING_ACTIVATION'].includes(state);
}

/** The accounts of a manifest that are to be evaluated: active, and not excluded. */
export function accountsToJudge({ accounts }: Manifest): readonly ManifestAccount[] {
  return accounts.filter(({ state, excluded }) => state === 'ACTIVE' && excluded !== true);
}

/** Every account × region of a manifest, by account, then by region. */
export function placesOf({ accounts, regions }: Manifest): Place[] {
  return accounts.flatMap(({ account }) => regions.map((region) => ({ account, region })));
}

/** Where the accounts of a manifest are in the organization: what allowlist rules with `organizationalUnits` are evaluated by. */
export function accountPathsOf({ accounts }: Manifest): AccountPaths {
  return new Map(accounts.flatMap(({ account, path }) => (path === undefined ? [] : [[account, path] as const])));
}

/** The units of a scope without any account: they are empty, or do not exist. */
export function unitsWithoutAccounts(listed: readonly OrganizationAccount[], units: readonly string[]): string[] {
  const known = new Set(listed.flatMap(({ path = [] }) => path));
  return units.filter((id) => !known.has(id));
}

function isUnder({ account, path }: OrganizationAccount, units: readonly string[]): boolean {
  if (units.length === 0) return true;
  if (path === undefined) {
    throw new ManifestError(
      `AWS Organizations gave no path of account ${account}, so its organizational unit is not known: leave organizationalUnits out of the settings to audit every account`,
    );
  }
  return path.some((id) => units.includes(id));
}

function refuseUnclear(listed: readonly OrganizationAccount[]): void {
  const seen = new Set<string>();
  for (const { account } of listed) {
    if (!isAccountId(account)) throw new ManifestError('AWS Organizations listed an account without a valid id');
    if (seen.has(account)) throw new ManifestError(`AWS Organizations listed account ${account} twice`);
    seen.add(account);
  }
}

function explainNone(units: readonly string[]): string {
  if (units.length === 0) return 'AWS Organizations listed none';
  return `none is under ${units.join(', ')}. Check organizationalUnits in the settings`;
}
