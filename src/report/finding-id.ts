import { createHash } from 'node:crypto';
import type { Grant } from '../policy/grant.ts';
import { describeSource } from '../policy/vpc/source.ts';

/** The id of a grant's finding: 32 hexadecimal digits. The same in every audit that sees the grant, whatever its outcome is. */
export function findingIdOf(grant: Grant): string {
  return hashOf(...identityOf(grant));
}

/** 32 hexadecimal digits that stand for these texts, in this order. */
export function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** What makes a grant the same in another audit. */
function identityOf(grant: Grant): string[] {
  const { account, region, target, source } = grant;
  if (grant.kind === 'vpc') {
    const { cacheName, ports, securityGroupId, securityGroupRuleId } = grant.target;
    const who = describeSource(grant.source);
    if (securityGroupId === undefined) return ['public', account, region, cacheName, ports.join(), who];
    return ['rule', account, region, cacheName, ports.join(), securityGroupId, securityGroupRuleId, who];
  }
  return ['grant', account, region, ...Object.values(target), ...Object.values(source)];
}
