import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnAllowlist, whyNoneAllows } from '../../../src/policy/learn-allowlist.ts';
import { describeMisspeltCidr } from '../../../src/policy/vpc/cidr.ts';
import type { VpcGrant } from '../../../src/policy/vpc/grant.ts';
import { readVpcSource } from '../../../src/policy/vpc/read-source.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { GROUP, RULE } from '../../support/examples/security-groups.ts';
import { times } from '../../support/tools/fuzz.ts';

function grant(
  source: VpcSource,
  changes: { cacheName?: string; ports?: readonly number[]; region?: string } = {},
): VpcGrant {
  const { cacheName = 'sessions', ports = [6379], region = REGION } = changes;
  const target = { cacheName, ports, securityGroupId: GROUP, securityGroupRuleId: RULE };
  return { kind: 'vpc', account: ACCOUNT, region, target, source };
}
const group = (securityGroupId: string, securityGroupOwnerId: string): VpcSource => ({
  kind: 'securityGroup',
  securityGroupId,
  securityGroupOwnerId,
});
const learn = (...grants: readonly VpcGrant[]) => learnAllowlist(grants, { wildcards: false }).rules;
const PLACE = { accounts: [ACCOUNT], regions: [REGION] };

describe('what is learnt from grants to caches', () => {
  it('is one rule for a cache, with all that it lets in, each once and in order', () => {
    const rules = learn(
      grant({ kind: 'cidr', cidr: '192.0.2.0/24' }),
      grant({ kind: 'prefixList', prefixListId: 'pl-0b' }),
      grant({ kind: 'cidr', cidr: '10.0.0.0/8' }),
      grant(group('sg-0b', ACCOUNT)),
      grant({ kind: 'prefixList', prefixListId: 'pl-0a' }),
      grant(group('sg-0a', ACCOUNT)),
      grant({ kind: 'cidr', cidr: '192.0.2.0/24' }),
    );

    expect(rules).toEqual([
      {
        id: 'sessions',
        caches: ['sessions'],
        securityGroupIds: ['sg-0a', 'sg-0b'],
        ownerIds: ['self'],
        cidrs: ['10.0.0.0/8', '192.0.2.0/24'],
        prefixListIds: ['pl-0a', 'pl-0b'],
        ports: [6379],
        ...PLACE,
      },
    ]);
  });

  it('says nothing of whom nobody is let in by', () => {
    expect(learn(grant({ kind: 'cidr', cidr: '10.0.0.0/8' }))).toEqual([
      { id: 'sessions', caches: ['sessions'], cidrs: ['10.0.0.0/8'], ports: [6379], ...PLACE },
    ]);
  });

  it('says why no rule can allow a grant, if none can', () => {
    const classic = {
      kind: 'classic' as const,
      account: ACCOUNT,
      region: REGION,
      target: { cacheSecurityGroupName: 'sessions' },
      source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: STRANGER },
    };

    const publicEndpoint = {
      kind: 'vpc' as const,
      account: ACCOUNT,
      region: REGION,
      target: { cacheName: 'sessions', ports: [6379] },
      source: { kind: 'internet' as const },
    };

    const reasons = [
      classic,
      grant({ kind: 'cidr', cidr: '10.0.0.0/8' }),
      grant({ kind: 'cidr', cidr: '2001:db8::ffff:a00:0/128' }),
      grant({ kind: 'prefixList', prefixListId: 'pl-0a' }),
      grant(group('sg-0a', STRANGER)),
      grant({ kind: 'securityGroup', securityGroupId: 'sg-0a' }),
      grant({ kind: 'cidr', cidr: '::ffff:a00:0/104' }),
      publicEndpoint,
    ].map(whyNoneAllows);
    const { rules } = learnAllowlist([publicEndpoint], { wildcards: false });

    expect(reasons).toEqual([
      ...[undefined, undefined, undefined, undefined, undefined],
      'the owner of the group is not known',
      'its range is IPv4 written as IPv6',
      'no rule is written for a public endpoint: anyone on the internet reaches it',
    ]);
    expect(rules).toEqual([]);
  });

  it('leaves out what the allowlist would refuse: IPv4 written as IPv6, and no other range', () => {
    const group = fc.constantFrom('0', '0', 'ffff', '1', 'a00');
    const zeros = (many: number) => fc.constant(Array.from({ length: many }, () => '0'));
    const groups = fc.oneof(
      fc.array(group, { minLength: 8, maxLength: 8 }),
      fc.tuple(zeros(5), fc.constant('FFFF'), group, group).map(([first, ...rest]) => [...first, ...rest]),
    );
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 128 }), (written, length) => {
        const { source } = readVpcSource({ cidr: `${written.join(':')}/${length}` });
        const { cidr = '' } = source as { readonly cidr?: string };

        const isRefused = describeMisspeltCidr(cidr) !== undefined;

        expect(whyNoneAllows(grant({ kind: 'cidr', cidr })) !== undefined).toBe(isRefused);
        expect(learn(grant({ kind: 'cidr', cidr }))).toHaveLength(isRefused ? 0 : 1);
      }),
      times(500),
    );
  });

  it('is a rule of its own where the owner is another, and names that owner', () => {
    const rules = learn(grant(group('sg-0a', STRANGER)), grant(group('sg-0b', ACCOUNT)));

    expect(rules).toMatchObject([
      { id: 'sessions-1', securityGroupIds: ['sg-0a'], ownerIds: [STRANGER] },
      { id: 'sessions-2', securityGroupIds: ['sg-0b'], ownerIds: ['self'] },
    ]);
  });

  it('names security groups of the account itself, as patterns that stand for them alone', () => {
    const named = (id: string, securityGroupName: string, owner = ACCOUNT): VpcSource => ({
      kind: 'securityGroup',
      securityGroupId: id,
      securityGroupName,
      securityGroupOwnerId: owner,
    });
    const rules = learn(
      grant(named('sg-0a', 'web*')),
      grant(named('sg-0b', 'default')),
      grant(named('sg-0c', 'their web', STRANGER)),
      grant(group('sg-0d', ACCOUNT)),
    );

    expect(rules).toMatchObject([
      { securityGroupIds: ['sg-0c'], ownerIds: [STRANGER] },
      { securityGroupIds: ['sg-0b', 'sg-0d'], securityGroupNames: ['web\\*'], ownerIds: ['self'] },
    ]);
    expect(rules[0]).not.toHaveProperty('securityGroupNames');
  });

  it('is a rule of its own for other ports and other regions, so that no combination is new', () => {
    const source = { kind: 'cidr', cidr: '10.0.0.0/8' } as const;
    const rules = learn(grant(source, { ports: [6379, 6380] }), grant(source), grant(source, { region: 'eu-west-1' }));

    expect(rules).toMatchObject([
      { id: 'sessions-1', ports: [6379], regions: ['eu-west-1'] },
      { id: 'sessions-2', ports: [6379, 6380], regions: [REGION] },
      { id: 'sessions-3', ports: [6379], regions: [REGION] },
    ]);
  });

  it('is the same, whatever the order of the grants, and in the order of the caches', () => {
    const grants = ['queue', 'carts', 'sessions'].map((cacheName) =>
      grant({ kind: 'cidr', cidr: '10.0.0.0/8' }, { cacheName }),
    );

    expect(learn(...grants).map(({ id }) => id)).toEqual(['carts', 'queue', 'sessions']);
    expect(learn(...grants.toReversed())).toEqual(learn(...grants));
  });

  it('leaves out a security group of which nobody knows whose it is', () => {
    expect(learn(grant({ kind: 'securityGroup', securityGroupId: 'sg-0a' }))).toEqual([]);
  });
});
