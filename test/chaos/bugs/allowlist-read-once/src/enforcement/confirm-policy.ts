import type * as right from '../../../../../../src/enforcement/confirm-policy.ts';

/** Never asks again whether the allowlist is still the same. */
export const policyConfirmation: typeof right.policyConfirmation = () => async () => {};
