import type { PreparedRevocation, Revoked } from '../../../src/enforcement/ports.ts';

/** Prepares a revocation that needs nothing: it is made by this. */
export function toRevoke<Target>(revoke: (target: Target) => Promise<Revoked>) {
  return async (target: Target): Promise<PreparedRevocation> => ({
    revoke: () => revoke(target),
    [Symbol.dispose]() {},
  });
}

/** Makes a revocation as soon as it is prepared. */
export async function madeAtOnce<Result>(
  preparing: Promise<Disposable & { revoke(): Promise<Result> }>,
): Promise<Result> {
  using revocation = await preparing;
  return await revocation.revoke();
}
