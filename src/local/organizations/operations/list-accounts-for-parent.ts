import type { Operation } from '../../operation.ts';
import { toAccount } from '../answers.ts';
import { listableOrganizationOf } from '../asking.ts';
import { pageOf } from '../pages.ts';
import { readParent } from '../read-parent.ts';

/** Documented: those that are in it itself, not those in the organizational units below it. */
export const listAccountsForParent: Operation = {
  parameters: ['ParentId', 'MaxResults', 'NextToken'],
  readOnly: true,
  run(parameters, _region, context) {
    const organization = listableOrganizationOf(context);
    const parent = readParent(parameters, organization);
    const members = [...organization.members.values()].filter(({ parentId }) => parentId === parent);
    const { shown, ...next } = pageOf(parameters, members, ({ accountId }) => accountId);
    return { Accounts: shown.map((member) => toAccount(member, organization, context)), ...next };
  },
};
