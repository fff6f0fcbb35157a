import type { Operation } from '../../operation.ts';

/** Whose credentials these are: the account's own user, or a session. Documented: no policy can deny it. */
export const getCallerIdentity: Operation = {
  parameters: [],
  readOnly: true,
  permission: null,
  run: (_parameters, _region, { caller: { accountId, arn, userId } }) => ({
    Arn: arn,
    UserId: userId,
    Account: accountId,
  }),
};
