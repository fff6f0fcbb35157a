import { ApiError } from '../api-error.ts';
import type { CallContext } from '../operation.ts';
import type { Organization } from './organization.ts';

/**
 * The caller's organization.
 *
 * @throws {ApiError} AWSOrganizationsNotInUseException if its account is in none.
 */
export function organizationOf({ accounts, caller }: CallContext): Organization {
  const { organization } = accounts;
  if (organization?.members.has(caller.accountId)) return organization;
  throw new ApiError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
}

/**
 * The caller's organization, if it may list what is in it. Documented: the management account may, and a member account that is a
 * delegated administrator for a service of AWS.
 *
 * @throws {ApiError} AWSOrganizationsNotInUseException or AccessDeniedException.
 */
export function listableOrganizationOf(context: CallContext): Organization {
  const organization = organizationOf(context);
  if (organization.mayList(context.caller.accountId)) return organization;
  // The words are seen in many public reports.
  throw new ApiError('AccessDeniedException', "You don't have permissions to access this resource.");
}

/** An error about what a call says. Its `Reason` is AWS's own word for what is wrong. */
export function invalidInput(reason: string, message: string): ApiError {
  return new ApiError('InvalidInputException', message, 400, { members: { Reason: reason } });
}
