import type { Account } from './account.ts';
import type { Accounts } from './accounts.ts';
import type { Service } from './service.ts';
import { unknownToken } from './signature.ts';

/**
 * Whether an account's credentials are good in a region. Documented: IAM spreads credentials only to the regions that the account has
 * enabled, so elsewhere they are answered as if no one had them; of EC2 `AuthFailure`. A service with one endpoint for all regions is
 * called all the same. That an account which is suspended or closed is answered so as well is inferred.
 *
 * @throws {ApiError} InvalidClientTokenId
 */
export function checkAccount(account: Account, accounts: Accounts, { homeRegion }: Service, region: string): void {
  const isEnabled = homeRegion !== undefined || account.hasEnabled(region);
  if (!isEnabled || !accounts.isUsable(account)) throw unknownToken();
}
