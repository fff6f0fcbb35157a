import { quote } from './quote.ts';

/**
 * Where accounts are in their organization, by account: the ids from the organization down to the account's own organizational unit,
 * `['o-…', 'r-…', 'ou-…', 'ou-…']`. An account that is not there is in an organizational unit that is not known.
 */
export type AccountPaths = ReadonlyMap<string, readonly string[]>;

/**
 * Reads a path as AWS Organizations and the condition key `aws:PrincipalOrgPaths` write it: `o-…/r-…/ou-…/ou-…/`. The organization
 * may be left out, and so may the slash at the end.
 *
 * @returns its ids from the top down; `undefined` if it is no path.
 */
export function readAccountPath(written: string): readonly string[] | undefined {
  if (written.length > LONGEST_PATH) return undefined;
  return /^(o-[0-9a-z]{1,32}\/)?r-[0-9a-z]{1,32}(\/ou-[0-9a-z-]{1,68})*\/?$/.test(written)
    ? written.split('/').filter((id) => id !== '')
    : undefined;
}

/** AWS nests organizational units five deep. */
const LONGEST_PATH = 1024;

/** A path as AWS writes it, which `readAccountPath` reads. */
export function writeAccountPath(path: readonly string[]): string {
  return `${path.join('/')}/`;
}

/** Whether a text could be the id of an organizational unit or of a root. AWS's have `ou-`, 4 to 32, `-`, and 8 to 32 characters. */
export function isUnitId(text: string): boolean {
  return /^(r-[0-9a-z]{1,32}|ou-[0-9a-z]{1,32}(-[0-9a-z]{1,32})?)$/.test(text);
}

/** Whether AWS makes ids like it: one that is shorter is most likely cut off. */
export function isLikelyUnitId(text: string): boolean {
  return /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/.test(text);
}

/** Why a decision that depends on an account's organizational units is none, as a clause. */
export function describeUnknownUnits(account: string, rule: string): string {
  return `the organizational units of account ${account} are not known, and allowlist rule ${quote(rule)} asks for them`;
}
