import type { Grant } from './grant.ts';
import { isPublicEndpoint } from './vpc/grant.ts';

/**
 * Names what one Revoke call takes away: a grant of a cache security group, or a security group's rule with all its grants. The
 * same text for grants that go together. No call takes a public endpoint away; its name is that of no revocation.
 */
export function revocationIdOfGrant(grant: Grant): string {
  const { account, region, target, source } = grant;
  if (grant.kind === 'vpc' && isPublicEndpoint(grant))
    return JSON.stringify([account, region, 'public', grant.target.cacheName]);
  if (grant.kind === 'vpc') return JSON.stringify([account, region, grant.target.securityGroupRuleId]);
  return JSON.stringify([account, region, target, source]);
}
