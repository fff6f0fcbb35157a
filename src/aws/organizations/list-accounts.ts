import { type Account, OrganizationsClient, paginateListAccounts } from '@aws-sdk/client-organizations';
import { printable } from '../../policy/quote.ts';
import { prepareClient, RETRYING } from '../clients.ts';
import { pagesToTheEnd } from '../pages.ts';

/** An account as ListAccounts shows it. See `OrganizationAccount` in src/organization. */
export interface ListedAccount {
  readonly account: string;
  readonly name?: string;
  readonly state: string;
  readonly path?: readonly string[];
  readonly joinedAt?: string;
}

/** The accounts of the organization could not be listed to the end. */
export class AccountsNotListedError extends Error {
  override name = 'AccountsNotListedError';
}

/**
 * Lists every account of the organization with ListAccounts, 20 a page, to the end. For the management account and for delegated
 * administrators (AWS Organizations API Reference).
 *
 * An account has a `State`; endpoints that do not know it yet have `Status` (both in the SDK's model, which announces that `Status`
 * goes).
 *
 * @throws {AccountsNotListedError} with what the API answers, after the SDK's retries, and if it lists an account twice: half a list would leave accounts out without a
 * word.
 */
export async function listAccounts(region: string, abortSignal?: AbortSignal): Promise<ListedAccount[]> {
  const client = prepareClient(new OrganizationsClient({ ...RETRYING, region }), { ListAccounts: 'Accounts' });
  const accounts = new Map<string, ListedAccount>();
  const add = (account: ListedAccount): void => {
    // At once, since a list that goes round and round with ever new tokens does not end.
    if (accounts.has(account.account)) throw new Error(`account ${printable(account.account, 20)} is listed twice`);
    accounts.set(account.account, account);
  };
  try {
    const pages = paginateListAccounts({ client, pageSize: 20 }, {}, { abortSignal });
    for await (const page of pagesToTheEnd(pages, 'Accounts', 'NextToken'))
      page.map((one: Account | null) => readAccount(one ?? {})).forEach(add);
    return [...accounts.values()];
  } catch (error) {
    const { name, message } = error as Error;
    const why = ['Error', 'AbortError'].includes(name) ? message : `${name}: ${message}`;
    throw new AccountsNotListedError(`AWS Organizations did not list every account: ${why}`, { cause: error });
  } finally {
    client.destroy();
  }
}

function readAccount({ Id, Name, State, Status, Paths, JoinedTimestamp }: Account): ListedAccount {
  const path = readPath(Paths, Id);
  return {
    account: Id ?? '',
    ...(Name !== undefined && { name: Name }),
    // An account of which nothing is said must pass neither for an active one nor for one that needs no evaluation.
    state: State ?? Status ?? 'UNKNOWN',
    ...(path !== undefined && { path }),
    ...(isInstant(JoinedTimestamp) && { joinedAt: JoinedTimestamp.toISOString() }),
  };
}

/** The SDK gives a Date without a time for a number that is too large. */
function isInstant(date: Date | undefined): date is Date {
  return date !== undefined && !Number.isNaN(date.getTime());
}

/** `o-a1/r-b2/ou-c3/111122223333/` without the account. An account is in one place today, and has one path. */
export function readPath(paths: readonly string[] | undefined, account: string | undefined): string[] | undefined {
  const [path] = paths ?? [];
  return path?.split('/').filter((id) => id !== '' && id !== account);
}
