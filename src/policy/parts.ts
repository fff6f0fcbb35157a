/** The parts of a grant that a rule speaks of, and the instant, which `expires` speaks of. */
export const CLASSIC_PARTS = [
  'cacheSecurityGroup',
  'ec2SecurityGroup',
  'ownerId',
  'account',
  'region',
  'expires',
] as const;
export const PARTS = [...CLASSIC_PARTS, 'cache', 'securityGroup', 'cidr', 'prefixList', 'ports'] as const;
export type Part = (typeof PARTS)[number];
