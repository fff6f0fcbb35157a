import type { Finding } from '../policy/finding.ts';
import type { Grant } from '../policy/grant.ts';

/**
 * What one revocation takes away: a grant of a cache security group, or a security group's rule with all its grants. The same
 * text for grants that go together.
 */
export function revocationOf(grant: Grant): string {
  const { account, region, target, source } = grant;
  if (grant.kind === 'vpc') return JSON.stringify([account, region, grant.target.securityGroupRuleId]);
  return JSON.stringify([account, region, target, source]);
}

/** How many revocations these findings are about. */
export function countRevocations(findings: readonly Finding[]): number {
  return new Set(findings.map(({ grant }) => revocationOf(grant))).size;
}

/** Held because more revocations were due than an audit may make. */
export function isHeldByLimit({ decision, outcome, problem }: Finding): boolean {
  return decision.effect === 'deny' && outcome === 'held' && problem === undefined;
}

/** Held because the rule opens more than caches, and its security group guards more than caches: its problem says so. */
export function isHeldAsShared({ decision, outcome, problem }: Finding): boolean {
  return decision.effect === 'deny' && outcome === 'held' && problem !== undefined;
}

/** Allowed by itself, but of a rule that goes, stays or fails as its other grants, which are denied, ask for. */
export function goesAlong({ decision, outcome }: Finding): boolean {
  return decision.effect === 'allow' && outcome !== 'allowed';
}
