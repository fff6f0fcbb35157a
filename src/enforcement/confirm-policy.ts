import type { Policy } from './event-outcome.ts';

/**
 * Makes the question that is asked right before each revocation: is the allowlist that decided still the current one? Between look and act
 * an audit lists whole accounts, and AWS can freeze a function for hours.
 *
 * @param decidedBy what decided.
 * @param readPolicy gives the current policy. It keeps it for a while, so to ask costs a call once in a while.
 * @returns rejects if the allowlist is another one now, or if nothing valid can be read: then nothing may be revoked.
 */
export function policyConfirmation(
  decidedBy: Pick<Policy, 'allowlistSha256'>,
  readPolicy: () => Promise<Pick<Policy, 'allowlistSha256'>>,
): () => Promise<void> {
  return async () => {
    const { allowlistSha256 } = await readPolicy();
    if (allowlistSha256 !== decidedBy.allowlistSha256) throw new Error(ALLOWLIST_CHANGED);
  };
}

const ALLOWLIST_CHANGED =
  'the allowlist changed after the grant was evaluated: it stands until it is evaluated by the new allowlist';
