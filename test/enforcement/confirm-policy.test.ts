import { expect, test } from 'vitest';
import { policyConfirmation } from '../../src/enforcement/confirm-policy.ts';

const decidedBy = { allowlistSha256: 'old' };

test('the allowlist that decided is confirmed while it is the current one', async () => {
  const confirm = policyConfirmation(decidedBy, async () => ({ allowlistSha256: 'old' }));

  await expect(confirm()).resolves.toBeUndefined();
});

test('a decision is not confirmed by another allowlist, and the error says what comes next', async () => {
  const confirm = policyConfirmation(decidedBy, async () => ({ allowlistSha256: 'new' }));

  await expect(confirm()).rejects.toThrow(
    'the allowlist changed after the grant was evaluated: it stands until it is evaluated by the new allowlist',
  );
});

test('a decision is not confirmed where no valid allowlist can be read, and the error says why', async () => {
  const confirm = policyConfirmation(decidedBy, () => Promise.reject(new Error('the allowlist cannot be read')));

  await expect(confirm()).rejects.toThrow('the allowlist cannot be read');
});
