import type { Accounts } from './accounts.ts';
import type { Admitted } from './admission.ts';
import { checkPermission, denied } from './iam/permission.ts';
import type { Service } from './service.ts';

/**
 * Whether the organization and the policies of the caller's role and session let it do this.
 *
 * @throws {ApiError} AccessDenied
 */
export function permit(
  service: Service,
  { action, operation, parameters, region, account, caller }: Admitted,
  accounts: Accounts,
): void {
  const { scp } = account.faults;
  if (operation.permission === null || (scp === undefined && caller.session === undefined)) return;
  const asked = {
    action: operation.permission ?? `${service.name}:${action}`,
    resource: operation.resourceOf?.(parameters, region) ?? '*',
    context: new Map([...accounts.contextOf(caller), ['aws:requestedregion', region.name] as const]),
  };
  if (scp !== undefined && (scp.regions?.includes(region.name) ?? true)) {
    throw denied(caller, asked, 'with an explicit deny in a service control policy');
  }
  checkPermission(caller, asked);
}
