import type { Operation } from '../../operation.ts';
import { describeAccount } from './describe-account.ts';
import { describeOrganization } from './describe-organization.ts';
import { listAccounts } from './list-accounts.ts';
import { listAccountsForParent } from './list-accounts-for-parent.ts';
import { listOrganizationalUnitsForParent } from './list-organizational-units-for-parent.ts';
import { listRoots } from './list-roots.ts';

/** The operations by the end of the header X-Amz-Target. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    DescribeAccount: describeAccount,
    DescribeOrganization: describeOrganization,
    ListAccounts: listAccounts,
    ListAccountsForParent: listAccountsForParent,
    ListOrganizationalUnitsForParent: listOrganizationalUnitsForParent,
    ListRoots: listRoots,
  }),
);
