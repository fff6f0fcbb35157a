import type { CompiledAllowlist } from '../policy/compile-allowlist.ts';
import { decideClassicGrant } from '../policy/decide-classic-grant.ts';
import type { Decision } from '../policy/decision.ts';
import type { ClassicGrant } from '../policy/grant.ts';

/** Whether we may act. Never part of the judgement. */
export const MODES = ['report-only', 'enforce'] as const;
export type Mode = (typeof MODES)[number];

/** Takes one classic grant away. Throws if it cannot say that the grant is gone or about to be. */
export type Revoke = (grant: ClassicGrant) => Promise<{
  readonly result: 'revoked' | 'already-gone' | 'not-applicable';
  readonly requestId?: string | undefined;
}>;

/** What became of one grant. */
export interface Enforcement {
  readonly outcome: 'allowed' | 'revoked' | 'already-gone' | 'would-revoke' | 'not-applicable' | 'failed';
  readonly grant: ClassicGrant;
  readonly decision: Decision;
  /** AWS's id of the Revoke call, if one was answered. */
  readonly revocationRequestId?: string | undefined;
  /** With `failed`: what kept the grant standing. */
  readonly error?: unknown;
}

/**
 * Judges one classic grant and does what the judgement and the mode ask for. A revocation that fails is an outcome, `failed`,
 * with the error in it: the caller decides whether to throw (the event handler does, so that Lambda tries again) or to
 * go on with the next grant (the audit does).
 */
export async function enforceGrant(
  grant: ClassicGrant,
  how: { readonly allowlist: CompiledAllowlist; readonly mode: Mode; readonly now: Date; readonly revoke: Revoke },
): Promise<Enforcement> {
  const decision = decideClassicGrant(grant, how.allowlist, how.now);
  if (decision.effect === 'allow') return { outcome: 'allowed', grant, decision };
  if (how.mode !== 'enforce') return { outcome: 'would-revoke', grant, decision };
  try {
    const { result, requestId } = await how.revoke(grant);
    return { outcome: result, grant, decision, revocationRequestId: requestId };
  } catch (error) {
    return { outcome: 'failed', grant, decision, error };
  }
}
