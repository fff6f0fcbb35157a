import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';
import type { HeldBecause } from '../policy/outcome.ts';
import { isPublicEndpoint } from '../policy/vpc/grant.ts';

/**
 * What one revocation takes away: a grant of a cache security group, or a security group's rule with all its grants. The same
 * text for grants that go together.
 */
export function revocationOf(grant: Grant): string {
  const { account, region, target, source } = grant;
  if (grant.kind === 'vpc' && isPublicEndpoint(grant))
    return JSON.stringify([account, region, source, grant.target.cacheName]);
  if (grant.kind === 'vpc') return JSON.stringify([account, region, grant.target.securityGroupRuleId]);
  return JSON.stringify([account, region, target, source]);
}

/** How many revocations these findings are about. */
export function countRevocations(findings: readonly Finding[]): number {
  return new Set(findings.map(({ grant }) => revocationOf(grant))).size;
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
