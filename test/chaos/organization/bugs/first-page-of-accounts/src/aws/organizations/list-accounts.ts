import {
  type ListedAccount,
  listAccounts as right,
} from '../../../../../../../../src/aws/organizations/list-accounts.ts';

/** Takes the first page for all there is. */
export async function listAccounts(region: string, abortSignal?: AbortSignal): Promise<ListedAccount[]> {
  return (await right(region, abortSignal)).slice(0, 20);
}
