import type { Accounts } from './accounts.ts';
import { noEc2Classic } from './api-endpoint.ts';
import { ApiError } from './api-error.ts';
import type { HttpRequest } from './query-request.ts';
import type { WireAnswer } from './service.ts';
import { serviceOf } from './services.ts';

/** What a request is answered, with its status. */
export interface PeekAnswer extends WireAnswer {
  readonly status: number;
}

/**
 * Answers a request that changes nothing as the API would, without a call being made: CloudTrail has no record of it, no fault
 * happens to it, no permission is asked for, and no one hears of it. For the console page, which must not disturb what it shows.
 *
 * @param place whose resources the request is about, whatever it is signed with.
 * @returns the answer, on the wire; an error of the API's is one.
 */
export function peek(
  accounts: Accounts,
  place: { readonly account: string; readonly region: string },
  request: HttpRequest,
): PeekAnswer {
  const requestId = 'peek';
  const service = serviceOf(request);
  try {
    const account = accounts.find(place.account);
    const region = account?.region(place.region);
    if (account === undefined || region === undefined) throw new ApiError('InvalidClientTokenId', 'no such place', 403);
    const parameters = service.readParameters(request);
    const action = service.actionOf(request, parameters);
    const operation = service.operations.get(action);
    if (operation?.readOnly !== true) throw new ApiError('InvalidAction', `${action} changes something`);
    if (!account.hasEc2Classic && operation.needsEc2Classic?.(parameters)) throw noEc2Classic();
    const context = {
      caller: account.user,
      account,
      accounts,
      now: Date.now(),
      putEvent: () => {},
      invoke: () => false,
    };
    const result = operation.run(parameters, region, context);
    return { status: 200, ...service.toAnswer(action, result, requestId) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const inWords = service.inItsWords(error);
    return { ...service.toErrorAnswer(inWords, requestId), status: inWords.status };
  }
}
