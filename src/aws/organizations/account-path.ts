import { DescribeAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { prepareClient, RETRYING } from '../clients.ts';
import { readPath } from './list-accounts.ts';

/** How long the path of an account is kept, in milliseconds: accounts move from unit to unit by hand, and rarely. */
const KEPT_MS = 3_600_000;

/**
 * Gives where an account is in the organization, by DescribeAccount: the ids from the organization down to its own organizational unit.
 * Kept for an hour. Its call ends when `timeUp` is aborted.
 *
 * @throws what the API answers, after the SDK's retries, or an error if it gives no path: then no rule that names units is decided.
 */
export function accountPathReader(
  region: string,
  now = () => Date.now(),
): (account: string, timeUp: AbortSignal) => Promise<readonly string[]> {
  const kept = new Map<string, { readonly path: readonly string[]; readonly readAt: number }>();
  const client = prepareClient(new OrganizationsClient({ ...RETRYING, region }), { DescribeAccount: 'Account' });
  return async (account, abortSignal) => {
    const known = kept.get(account);
    const age = now() - (known?.readAt ?? Number.NaN);
    if (known !== undefined && age >= 0 && age < KEPT_MS) return known.path;
    const readAt = now();
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: account }), { abortSignal });
    const path = readPath(Account?.Paths, account);
    if (path === undefined) throw new Error(`AWS Organizations gave no path of account ${account}`);
    kept.set(account, { path, readAt });
    return path;
  };
}
