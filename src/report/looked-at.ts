import type { AuditReport } from './audit-report.ts';
import { count, list } from './wording.ts';

/** More regions than these are counted, not named. */
const MOST_REGIONS = 4;

/** What an audit looked at: `12 caches behind 5 security groups, and 4 cache security groups`; nothing if there was nothing. */
export function describeLookedAt({ counts, regions }: AuditReport): string {
  const { caches, securityGroups = 0, cacheSecurityGroups } = counts;
  const hasClassic = regions.some((one) => !isWithoutEc2Classic(one));
  const parts = [
    ...(caches === undefined ? [] : [`${count(caches, 'cache')} behind ${count(securityGroups, 'security group')}`]),
    ...(hasClassic || cacheSecurityGroups > 0 ? [count(cacheSecurityGroups, 'cache security group')] : []),
  ];
  // Not `behind 5 security groups and 4 cache security groups`.
  return parts.join(', and ');
}

/** Where the account has no EC2-Classic, and so no cache security groups: `us-east-1 and eu-west-1`, `9 regions`. */
export function describeWithoutEc2Classic({ regions }: AuditReport): string {
  const without = regions.filter(isWithoutEc2Classic).map(({ region }) => region);
  return nameRegions(without);
}

export function nameRegions(regions: readonly string[]): string {
  return regions.length > MOST_REGIONS ? count(regions.length, 'region') : list(regions, 'and');
}

export function isWithoutEc2Classic({ status, ec2Classic }: AuditReport['regions'][number]): boolean {
  return ec2Classic === false || status === 'not-applicable';
}
