/** The parts of a grant that an allowlist rule speaks of, and the instant, which `expires` speaks of. */
export const PARTS = [
  'cacheSecurityGroup',
  'ec2SecurityGroup',
  'ownerId',
  'account',
  'region',
  'expires',
  'cache',
  'securityGroup',
  'cidr',
  'prefixList',
  'ports',
  'publicEndpoint',
] as const;
export type Part = (typeof PARTS)[number];
