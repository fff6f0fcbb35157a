import type { CallContext } from '../operation.ts';
import type { AccountState, Member, Organization, OrganizationalUnit } from './organization.ts';

/** An account as ListAccounts and DescribeAccount answer it. */
export function toAccount(member: Member, organization: Organization, { accounts }: CallContext): object {
  const { accountId, name, joinedAt } = member;
  const state: AccountState = accounts.find(accountId)?.faults.suspended ? 'SUSPENDED' : member.state;
  const status = STATUS_OF[state];
  return {
    Id: accountId,
    Arn: arnOf(organization, 'account', accountId),
    Email: `${accountId}@example.com`,
    Name: name,
    State: state,
    ...(status !== undefined && { Status: status }),
    Paths: [organization.pathOf(member)],
    JoinedMethod: 'CREATED',
    JoinedTimestamp: Date.parse(joinedAt) / 1000,
  };
}

/**
 * What the older member `Status` says. AWS's model has no word of it for the states that came with `State`, and was to retire it on
 * 2026-09-09; that it is missing then is inferred.
 */
const STATUS_OF: Readonly<Record<AccountState, string | undefined>> = {
  ACTIVE: 'ACTIVE',
  SUSPENDED: 'SUSPENDED',
  CLOSED: 'SUSPENDED',
  PENDING_CLOSURE: 'PENDING_CLOSURE',
  PENDING_ACTIVATION: undefined,
};

export function toUnit({ id, name }: OrganizationalUnit, organization: Organization): object {
  return {
    Id: id,
    Arn: arnOf(organization, 'ou', id),
    Name: name,
    Path: [organization.id, ...organization.parentsOf(id), ''].join('/'),
  };
}

/** Service Authorization Reference, "Resource types defined by AWS Organizations". */
export function arnOf({ id, managementAccountId }: Organization, kind: string, resource: string): string {
  return `arn:aws:organizations::${managementAccountId}:${kind}/${id}/${resource}`;
}
