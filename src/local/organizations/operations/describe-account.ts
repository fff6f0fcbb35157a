import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';
import { toAccount } from '../answers.ts';
import { invalidInput, listableOrganizationOf } from '../asking.ts';

export const describeAccount: Operation = {
  parameters: ['AccountId'],
  readOnly: true,
  run(parameters, _region, context) {
    const organization = listableOrganizationOf(context);
    const id = parameters.get('AccountId') ?? '';
    if (!/^\d{12}$/.test(id)) throw invalidInput('INVALID_PATTERN', 'AccountId must be 12 digits.');
    const member = organization.members.get(id);
    // The words are seen in public reports.
    if (!member) throw new ApiError('AccountNotFoundException', "You specified an account that doesn't exist.");
    return { Account: toAccount(member, organization, context) };
  },
};
