import type { Account } from './account.ts';
import type { Accounts, AccountsSettings, Key } from './accounts.ts';
import { checkAccount } from './check-account.ts';
import type { Clock } from './clock.ts';
import type { Caller } from './iam/caller.ts';
import type { Operation } from './operation.ts';
import type { Parameters } from './parameters.ts';
import type { HttpRequest } from './query-request.ts';
import type { Region } from './region.ts';
import type { Service } from './service.ts';
import { claimedScope, signatureVerifier } from './signature.ts';

/** A request that was accepted. */
export interface Admitted {
  readonly action: string;
  readonly operation: Operation;
  readonly parameters: Parameters;
  /** Those of the parameters that the operation knows. */
  readonly known: Parameters;
  readonly region: Region;
  readonly account: Account;
  readonly caller: Caller;
}

/**
 * Makes what finds out of a request to a service who asks for what, and where. It accepts what is signed by a key that is good there; if
 * there are no credentials, whatever comes. It throws an ApiError for all else.
 */
export function admission(
  accounts: Accounts,
  { regions, credentials }: Pick<AccountsSettings, 'regions' | 'credentials'>,
  clock: Clock,
): (service: Service, request: HttpRequest) => Promise<Admitted> {
  const verify = credentials && signatureVerifier((accessKeyId) => accounts.key(accessKeyId));

  function meantBy({ name, homeRegion }: Service) {
    return { service: name, regions: homeRegion === undefined ? regions : [...regions, homeRegion] };
  }

  function unverified(request: HttpRequest): { readonly region: string; readonly key: Pick<Key, 'caller'> } {
    const claimed = claimedScope(request);
    const region = claimed !== undefined && regions.includes(claimed.region) ? claimed.region : (regions[0] as string);
    return { region, key: accounts.key(claimed?.accessKeyId ?? '') ?? { caller: accounts.home.user } };
  }

  return async (service, request) => {
    const parameters = service.readParameters(request);
    const signed = verify ? await verify(request, meantBy(service), new Date(clock.now())) : unverified(request);
    const account = accounts.find(signed.key.caller.accountId) as Account;
    checkAccount(account, accounts, service, signed.region);
    const action = service.actionOf(request, parameters);
    const operation = service.operations.get(action) as Operation;
    const region = account.region(signed.region) ?? (account.region(regions[0] as string) as Region);
    const known = knownParameters(operation, parameters);
    return { action, operation, parameters, known, region, account, caller: signed.key.caller };
  };
}

function knownParameters({ parameters: known }: Operation, parameters: Parameters): Parameters {
  return new Map(
    [...parameters].filter(([name]) => known.some((one) => (one.endsWith('.') ? name.startsWith(one) : name === one))),
  );
}
