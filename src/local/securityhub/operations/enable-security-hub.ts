import { ApiError } from '../../api-error.ts';
import type { Operation } from '../../operation.ts';

/** Without any standard: nothing here checks an account. */
export const enableSecurityHub: Operation = {
  parameters: ['EnableDefaultStandards', 'Tags', 'ControlFindingGenerator'],
  readOnly: false,
  resourceOf: (_parameters, { securityHub }) => securityHub.arn,
  run(_parameters, { securityHub }) {
    if (securityHub.isEnabled) {
      throw new ApiError('ResourceConflictException', 'Account is already subscribed to Security Hub', 409);
    }
    securityHub.isEnabled = true;
    return {};
  },
};
