// The cache security groups and grants of bench/audit.ts.

export const ACCOUNT = '111122223333';
export const STRANGER = '999988887777';
export const REGION = 'us-east-1';

const GRANTS_OF_A_GROUP = 20;
/** An allowlist names teams, not groups. */
const TEAMS = 100;
const GROUPS_OF_A_TEAM = 50;
/** One grant in so many is a stranger's, which no rule allows. */
const DENIED_EVERY = 100;

export interface BenchGrant {
  readonly CacheSecurityGroupName: string;
  readonly EC2SecurityGroupName: string;
  readonly EC2SecurityGroupOwnerId: string;
}

const groupName = (group: number): string => `cache-${Math.floor(group / GROUPS_OF_A_TEAM)}-${group}`;

export function groupsFor(grants: number): string[] {
  return Array.from({ length: grants / GRANTS_OF_A_GROUP }, (_, group) => groupName(group));
}

export const isDenied = (number: number): boolean => number % DENIED_EVERY === 0;

export function benchGrant(number: number): BenchGrant {
  const group = Math.floor(number / GRANTS_OF_A_GROUP);
  return {
    CacheSecurityGroupName: groupName(group),
    EC2SecurityGroupName: `web-${Math.floor(group / GROUPS_OF_A_TEAM)}-${number % GRANTS_OF_A_GROUP}`,
    EC2SecurityGroupOwnerId: isDenied(number) ? STRANGER : ACCOUNT,
  };
}

/** A rule for each team, as people write them. */
export function benchAllowlist(): string {
  const rules = Array.from({ length: TEAMS }, (_, team) => {
    const names = `cacheSecurityGroups: [cache-${team}-*], ec2SecurityGroups: [web-${team}-*]`;
    return `  - { id: team-${team}, ${names}, ownerIds: [self] }`;
  });
  return `version: 1\nrules:\n${rules.join('\n')}\n`;
}
