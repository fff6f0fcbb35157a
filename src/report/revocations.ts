import type { Finding } from '../policy/finding.ts';
import type { HeldBecause } from '../policy/outcome.ts';
import { revocationIdOfGrant } from '../policy/revocation-id.ts';

/** How many revocations these findings are about. */
export function countRevocations(findings: readonly Finding[]): number {
  return new Set(findings.map(({ grant }) => revocationIdOfGrant(grant))).size;
}

/**
 * Why a denied finding is held; `undefined` if it is not. Reports before schema version 1.3 knew two causes, and did not name
 * them: with a problem it was a shared security group.
 */
export function whyHeld({ decision, outcome, problem, heldBecause }: Finding): HeldBecause | undefined {
  if (decision.effect !== 'deny' || outcome !== 'held') return undefined;
  return heldBecause ?? (problem === undefined ? 'limit' : 'shared');
}

/** Allowed by itself, but of a rule that goes, stays or fails as its other grants, which are denied, ask for. */
export function goesAlong({ decision, outcome }: Finding): boolean {
  return decision.effect === 'allow' && outcome !== 'allowed';
}
