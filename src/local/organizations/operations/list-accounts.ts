import type { Operation } from '../../operation.ts';
import { toAccount } from '../answers.ts';
import { listableOrganizationOf } from '../asking.ts';
import { pageOf } from '../pages.ts';

export const listAccounts: Operation = {
  parameters: ['MaxResults', 'NextToken'],
  readOnly: true,
  run(parameters, _region, context) {
    const organization = listableOrganizationOf(context);
    const members = [...organization.members.values()];
    const { shown, ...next } = pageOf(parameters, members, ({ accountId }) => accountId);
    return { Accounts: shown.map((member) => toAccount(member, organization, context)), ...next };
  },
};
