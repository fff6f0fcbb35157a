import type { Accounts } from '../accounts.ts';
import { type BusEvent, toBusEvent, toCloudTrailRecord } from '../cloudtrail-record.ts';
import type { ApiCall } from '../service.ts';
import { logsManagementEvent } from './trails.ts';

/**
 * Records a call in the event history of its account, if it is a management event.
 *
 * @returns the event that EventBridge gets of the call; `undefined` if it gets none.
 */
export function recordCall(call: ApiCall, time: Date, accounts: Accounts): BusEvent | undefined {
  if (call.service.operations.get(call.action)?.isDataEvent) return undefined;
  const record = toCloudTrailRecord(call, time);
  accounts.find(call.principal.accountId)?.history.add(record);
  return isLogged(call, accounts) ? toBusEvent(record) : undefined;
}

/** Documented: EventBridge gets a call only where a trail logs it. */
function isLogged({ service, principal, region, readOnly }: ApiCall, accounts: Accounts): boolean {
  const trails = accounts.find(principal.accountId)?.trails.in(region) ?? [];
  return trails.some((trail) => logsManagementEvent(trail, `${service.name}.amazonaws.com`, readOnly));
}
