import fc from 'fast-check';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import type { CacheGrant, VpcGrant } from '../../../src/policy/vpc/grant.ts';
import type { GuardedCache, SecurityGroupRule } from '../../../src/policy/vpc/security-group-rule.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import { arbitraryUnits } from '../classic/arbitraries.ts';

// Small worlds, as in arbitraries.ts: only so do random rules and random grants meet often enough.

const ACCOUNTS = ['111122223333', '012345678901'] as const;
const REGIONS = ['us-east-1', 'eu-west-1'] as const;
const PORTS = [6379, 6380, 11211] as const;
const NAMES = ['a', 'ab', 'abc', 'b'] as const;
const PATTERNS = [...NAMES, 'a*', '*b', '?', '*'] as const;
const GROUPS = ['sg-0a', 'sg-0b'] as const;
/** Names of security groups keep their case, and may hold what is special in a pattern. */
const GROUP_NAMES = ['web', 'Web', 'we*', 'a b'] as const;
const LISTS = ['pl-0a', 'pl-0b'] as const;
const RANGES = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.0.0/9',
  '10.128.0.0/9',
  '10.0.0.1/32',
  '192.0.2.0/24',
  '::/0',
  '2001:db8::/32',
  '2001:db8::/33',
] as const;

const some = <Item>(...items: readonly Item[]) =>
  fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength: 3 });

const arbitrarySource: fc.Arbitrary<VpcSource> = fc.oneof(
  fc.record({ kind: fc.constant('cidr' as const), cidr: fc.constantFrom(...RANGES) }),
  fc.record({ kind: fc.constant('prefixList' as const), prefixListId: fc.constantFrom(...LISTS) }),
  fc.record(
    {
      kind: fc.constant('securityGroup' as const),
      securityGroupId: fc.constantFrom(...GROUPS),
      securityGroupName: fc.constantFrom(...GROUP_NAMES),
      securityGroupOwnerId: fc.constantFrom(...ACCOUNTS),
    },
    { requiredKeys: ['kind', 'securityGroupId'] },
  ),
);

export const arbitraryVpcGrant: fc.Arbitrary<VpcGrant> = fc.record({
  kind: fc.constant('vpc' as const),
  account: fc.constantFrom(...ACCOUNTS),
  region: fc.constantFrom(...REGIONS),
  target: fc.record(
    {
      cacheName: fc.constantFrom(...NAMES),
      clusterNames: some('a-1', 'b-1', 'cb'),
      ports: some(...PORTS).map((ports) => ports.sort((a, b) => a - b)),
      securityGroupId: fc.constant('sg-0c'),
      securityGroupRuleId: fc.constant('sgr-0c'),
    },
    { requiredKeys: ['cacheName', 'ports', 'securityGroupId', 'securityGroupRuleId'] },
  ),
  source: arbitrarySource,
});

/** A grant of a rule, or, less often, of a public endpoint. */
export const arbitraryCacheGrant: fc.Arbitrary<CacheGrant> = fc.oneof(
  { arbitrary: arbitraryVpcGrant, weight: 4 },
  {
    arbitrary: arbitraryVpcGrant.map(({ target: { cacheName, ports }, ...grant }): CacheGrant => {
      return { ...grant, target: { cacheName, ports }, source: { kind: 'internet' } };
    }),
    weight: 1,
  },
);

const who = {
  securityGroupIds: some(...GROUPS),
  securityGroupNames: some('web', 'w*', '?eb', 'we\\*', '*'),
  cidrs: some(...RANGES),
  prefixListIds: some(...LISTS),
  publicEndpoint: fc.constant(true as const),
};

const arbitraryVpcRule: fc.Arbitrary<VpcAllowlistRule> = fc
  .record(
    {
      id: fc.string({ unit: fc.constantFrom('a', 'b', 'Z'), minLength: 1, maxLength: 3 }),
      caches: some(...PATTERNS),
      ...who,
      ownerIds: some('*', 'self', '0123-4567-8901', ...ACCOUNTS),
      ports: some(...PORTS),
      accounts: some(...ACCOUNTS),
      organizationalUnits: arbitraryUnits,
      regions: some(...REGIONS),
      expires: fc.constantFrom('2026-11-22', '2026-11-23'),
    },
    { requiredKeys: ['id', 'caches'] },
  )
  .filter((rule) => Object.keys(who).some((key) => key in rule));

export const arbitraryVpcRules: fc.Arbitrary<VpcAllowlistRule[]> = fc.uniqueArray(arbitraryVpcRule, {
  selector: ({ id }) => id,
  maxLength: 6,
});

/** Ports at, beside and around those that caches listen on, and what stands for all of them. */
const EDGES = [-1, 0, 22, 6378, 6379, 6380, 6381, 11211, 65_535] as const;

/** Ports in order, as EC2 has them, or none. */
const arbitraryRange = fc.oneof(
  fc
    .tuple(fc.constantFrom(...EDGES), fc.constantFrom(...EDGES))
    .map(([one, other]) => ({ fromPort: Math.min(one, other), toPort: Math.max(one, other) })),
  fc.constant({}),
);

export const arbitrarySecurityGroupRule: fc.Arbitrary<SecurityGroupRule> = fc
  .tuple(
    fc.record(
      {
        account: fc.constantFrom(...ACCOUNTS),
        region: fc.constantFrom(...REGIONS),
        securityGroupId: fc.constant('sg-0c'),
        securityGroupRuleId: fc.constant('sgr-0c'),
        ipProtocol: fc.constantFrom('tcp', 'tcp', 'tcp', 'TCP', '6', '-1', 'udp', '17', 'icmp', '50'),
        source: arbitrarySource,
        description: fc.constantFrom('', 'for a test'),
      },
      { requiredKeys: ['account', 'region', 'securityGroupId', 'securityGroupRuleId', 'ipProtocol', 'source'] },
    ),
    arbitraryRange,
  )
  .map(([rule, range]) => ({ ...rule, ...range }));

/** Caches with names of their own, some of which listen on nothing. */
export const arbitraryCaches: fc.Arbitrary<GuardedCache[]> = fc.uniqueArray(
  fc.record({ cacheName: fc.constantFrom(...NAMES), ports: fc.subarray([...PORTS]) }),
  { selector: ({ cacheName }) => cacheName },
);
