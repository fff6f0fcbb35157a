import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide, reasonsAgainst } from '../../../src/policy/decide.ts';
import { learnAllowlist } from '../../../src/policy/learn-allowlist.ts';
import { parseAllowlist } from '../../../src/policy/parse-allowlist.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import type { CacheGrant, VpcGrant } from '../../../src/policy/vpc/grant.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { GROUP, OTHER_GROUP, RULE } from '../../support/examples/security-groups.ts';
import { times } from '../../support/tools/fuzz.ts';
import { arbitraryCacheGrant, arbitraryVpcGrant, arbitraryVpcRules } from './arbitraries.ts';
import { judgeVpcGrantPlainly } from './reference-judge.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const OFFICE: VpcAllowlistRule = {
  id: 'office',
  caches: ['sessions', 'sessions-*'],
  cidrs: ['10.0.0.0/16', '2001:db8::/32'],
};

function grantFrom(source: VpcSource, target: Partial<VpcGrant['target']> = {}): VpcGrant {
  const reached = { cacheName: 'sessions', ports: [6379], securityGroupId: GROUP, securityGroupRuleId: RULE };
  return { kind: 'vpc', account: ACCOUNT, region: REGION, target: { ...reached, ...target }, source };
}

const judge = (grant: CacheGrant, ...rules: readonly VpcAllowlistRule[]) =>
  decide(grant, new CompiledAllowlist({ version: 1, rules }), NOW);
const textsOf = (grant: VpcGrant, ...rules: readonly VpcAllowlistRule[]) => {
  const decision = judge(grant, ...rules);
  return decision.effect === 'deny' ? decision.reasons.map(({ text }) => text) : [];
};
const effectOf = (grant: CacheGrant, ...rules: readonly VpcAllowlistRule[]) => judge(grant, ...rules).effect;

describe('a cache with several names', () => {
  const range: VpcSource = { kind: 'cidr', cidr: '10.0.3.0/24' };
  const named = (...caches: string[]): VpcAllowlistRule => ({ ...OFFICE, caches });

  test.each(['sessions-ha', 'sessions', 'sessions-002', 'sess*-002'])('is covered by a rule that names %s', (name) => {
    const grant = grantFrom(range, { cacheName: 'sessions-ha', clusterNames: ['sessions', 'sessions-002'] });

    expect(effectOf(grant, named(name), named('carts'))).toBe('allow');
  });

  test('is not covered by a rule that names none of them, and is reported by the first', () => {
    const grant = grantFrom(range, { cacheName: 'sessions-ha', clusterNames: ['sessions'] });

    expect(textsOf(grant, named('sessions-h', 'carts'))).toEqual([
      'rule `office` covers the CIDR but not cache `sessions-ha`',
    ]);
  });
});

describe('a range of addresses', () => {
  test('is allowed by a rule in whose range it lies, which is named', () => {
    expect(judge(grantFrom({ kind: 'cidr', cidr: '10.0.3.0/24' }), OFFICE)).toEqual({
      effect: 'allow',
      rule: 'office',
    });
    expect(judge(grantFrom({ kind: 'cidr', cidr: '2001:db8:1::/48' }), OFFICE)).toEqual({
      effect: 'allow',
      rule: 'office',
    });
  });

  test('is denied if it only overlaps, and the nearest entry is named', () => {
    expect(judge(grantFrom({ kind: 'cidr', cidr: '10.0.0.0/15' }), OFFICE)).toEqual({
      effect: 'deny',
      reasons: [
        {
          rule: 'office',
          covers: ['cache', 'ports', 'account', 'region', 'expires'],
          misses: ['cidr'],
          text: 'rule `office` covers the cache but not CIDR `10.0.0.0/15` (nearest: 10.0.0.0/16)',
        },
      ],
    });
  });

  test('is denied if two entries cover it together, and none of them alone', () => {
    const halves: VpcAllowlistRule = { id: 'halves', caches: ['*'], cidrs: ['10.0.0.0/9', '10.128.0.0/9'] };

    expect(effectOf(grantFrom({ kind: 'cidr', cidr: '10.0.0.0/8' }), halves)).toBe('deny');
  });

  test('of IPv6 is not allowed by every address of IPv4, nor the other way round', () => {
    expect(effectOf(grantFrom({ kind: 'cidr', cidr: '::/0' }), { ...OFFICE, cidrs: ['0.0.0.0/0'] })).toBe('deny');
    expect(effectOf(grantFrom({ kind: 'cidr', cidr: '0.0.0.0/0' }), { ...OFFICE, cidrs: ['::/0'] })).toBe('deny');
  });

  test('is not nearest to a range of the other family', () => {
    expect(textsOf(grantFrom({ kind: 'cidr', cidr: '::/0' }), { ...OFFICE, cidrs: ['0.0.0.0/0'] })).toEqual([
      'rule `office` covers the cache but not CIDR `::/0`',
    ]);
  });

  test('is denied if it cannot be read, even by a rule for all addresses', () => {
    expect(textsOf(grantFrom({ kind: 'cidr', cidr: '10.0.0.0' }), { ...OFFICE, cidrs: ['0.0.0.0/0', '::/0'] })).toEqual(
      ['rule `office` covers the cache but not CIDR `10.0.0.0`'],
    );
  });

  test('is named with the rule whose entry is nearest first', () => {
    const rules = [OFFICE, { ...OFFICE, id: 'other', cidrs: ['10.1.0.0/17'] }];

    expect(textsOf(grantFrom({ kind: 'cidr', cidr: '10.1.0.0/16' }), ...rules)).toEqual([
      'rule `other` covers the cache but not CIDR `10.1.0.0/16` (nearest: 10.1.0.0/17)',
      'rule `office` covers the cache but not CIDR `10.1.0.0/16` (nearest: 10.0.0.0/16)',
    ]);
  });
});

describe('a security group', () => {
  const groups: VpcAllowlistRule = { id: 'web', caches: ['sessions'], securityGroupIds: [OTHER_GROUP] };
  const from = (securityGroupId: string, securityGroupOwnerId: string | undefined = ACCOUNT) =>
    grantFrom({ kind: 'securityGroup', securityGroupId, ...(securityGroupOwnerId && { securityGroupOwnerId }) });

  test('is allowed by its id if the account itself owns it and no owner is said', () => {
    expect(effectOf(from(OTHER_GROUP), groups)).toBe('allow');
  });

  test('of another owner is denied, unless the rule names the owner', () => {
    expect(textsOf(from(OTHER_GROUP, STRANGER), groups)).toEqual([
      `rule \`web\` covers the cache and security group but not owner id \`${STRANGER}\``,
    ]);
    expect(effectOf(from(OTHER_GROUP, STRANGER), { ...groups, ownerIds: ['4444-5555-6666'] })).toBe('allow');
    expect(effectOf(from(OTHER_GROUP, STRANGER), { ...groups, ownerIds: ['*'] })).toBe('allow');
  });

  test('whose owner nobody knows is denied by every rule', () => {
    const unknown = grantFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP });

    expect(textsOf(unknown, { ...groups, ownerIds: ['*'] })).toEqual([
      'rule `web` covers the cache and security group but not an owner that is not known',
    ]);
  });

  test('that lets itself in is a source like any other', () => {
    expect(effectOf(from(GROUP), groups)).toBe('deny');
    expect(effectOf(from(GROUP), { ...groups, securityGroupIds: [GROUP] })).toBe('allow');
  });

  test('is not allowed by a part of its id', () => {
    expect(effectOf(from(`${OTHER_GROUP}0`), groups)).toBe('deny');
  });
});

test('a prefix list is allowed by its id, and its owner is not asked for', () => {
  const lists: VpcAllowlistRule = { id: 'cdn', caches: ['*'], prefixListIds: ['pl-0a'] };

  expect(effectOf(grantFrom({ kind: 'prefixList', prefixListId: 'pl-0a' }), lists)).toBe('allow');
  expect(textsOf(grantFrom({ kind: 'prefixList', prefixListId: 'pl-0b' }), lists)).toEqual([
    'rule `cdn` covers the cache but not prefix list `pl-0b`',
  ]);
});

test('the ports of a rule cover a grant only if they cover each of its ports', () => {
  const limited: VpcAllowlistRule = { ...OFFICE, ports: [6379] };
  const source = { kind: 'cidr', cidr: '10.0.0.0/16' } as const;

  expect(effectOf(grantFrom(source), limited)).toBe('allow');
  expect(textsOf(grantFrom(source, { ports: [6379, 6380] }), limited)).toEqual([
    'rule `office` covers the cache and CIDR but not port 6380',
  ]);
});

test('the name of a cache is compared whole, by patterns, in lower case', () => {
  const source = { kind: 'cidr', cidr: '10.0.0.0/16' } as const;

  expect(effectOf(grantFrom(source, { cacheName: 'sessions-1' }), OFFICE)).toBe('allow');
  expect(effectOf(grantFrom(source, { cacheName: 'sessions1' }), OFFICE)).toBe('deny');
  expect(effectOf(grantFrom(source), { ...OFFICE, caches: ['SESSIONS'] })).toBe('allow');
});

test('a grant that no rule comes near is told so', () => {
  expect(textsOf(grantFrom({ kind: 'cidr', cidr: '192.0.2.0/24' }, { cacheName: 'carts' }), OFFICE)).toEqual([
    'no rule covers cache `carts` or CIDR `192.0.2.0/24`',
  ]);
});

test('a rule about cache security groups allows no grant of a cache, and the other way round', () => {
  const rules = [
    { id: 'classic', cacheSecurityGroups: ['*'], ec2SecurityGroups: ['*'], ownerIds: ['*'] },
    { id: 'vpc', caches: ['*'], cidrs: ['0.0.0.0/0'] },
  ];
  const allowlist = new CompiledAllowlist({ version: 1, rules });
  const classic = {
    kind: 'classic' as const,
    account: ACCOUNT,
    region: REGION,
    target: { cacheSecurityGroupName: 'sessions' },
    source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: ACCOUNT },
  };

  expect(decide(grantFrom({ kind: 'cidr', cidr: '10.0.0.0/8' }), allowlist, NOW)).toEqual({
    effect: 'allow',
    rule: 'vpc',
  });
  expect(decide(classic, allowlist, NOW)).toEqual({ effect: 'allow', rule: 'classic' });
});

describe('a public endpoint', () => {
  const target = { cacheName: 'sessions', ports: [6379, 6380] };
  const open = { kind: 'vpc', account: ACCOUNT, region: REGION, target, source: { kind: 'internet' } } as const;
  const meant: VpcAllowlistRule = { id: 'meant', caches: ['sessions'], publicEndpoint: true };

  test('is allowed by the key of its own', () => {
    expect(judge(open, meant)).toEqual({ effect: 'allow', rule: 'meant' });
  });

  test.each<readonly [string, VpcAllowlistRule]>([
    ['ranges, however wide', { id: 'a', caches: ['*'], cidrs: ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1'] }],
    ['groups of whoever', { id: 'a', caches: ['*'], securityGroupIds: [GROUP], ownerIds: ['*'] }],
    ['another cache', { ...meant, caches: ['prices'] }],
    ['one of its ports', { ...meant, ports: [6379] }],
    ['another region', { ...meant, regions: ['eu-west-1'] }],
    ['yesterday', { ...meant, expires: '2026-11-22' }],
  ])('is not allowed by a rule for %s', (_, rule) => {
    expect(judge(open, rule)).toMatchObject({ effect: 'deny' });
  });

  test('is what no rule says of a range', () => {
    expect(judge(grantFrom({ kind: 'cidr', cidr: '0.0.0.0/0' }), meant)).toMatchObject({ effect: 'deny' });
  });

  test('is named in the reasons for what it is', () => {
    expect(judge(open, OFFICE)).toMatchObject({
      reasons: [{ misses: ['publicEndpoint'], text: 'rule `office` covers the cache but not its public endpoint' }],
    });
    expect(judge(open, { ...meant, caches: ['prices'] })).toMatchObject({
      reasons: [{ misses: ['cache'], text: 'rule `meant` covers the public endpoint but not cache `sessions`' }],
    });
  });
});

describe('whatever the rules and the grant are', () => {
  test('the decision is that of asking every rule in turn', () => {
    fc.assert(
      fc.property(arbitraryCacheGrant, arbitraryVpcRules, (grant, rules) => {
        const decision = judge(grant, ...rules);
        const plain = judgeVpcGrantPlainly(grant, rules, NOW);

        expect(decision.effect).toBe(plain.effect);
        if (decision.effect === 'allow') expect(decision).toEqual(plain);
      }),
      times(2_000),
    );
  });

  test('the order of rules does not matter, and one more never turns an allow into a deny', () => {
    fc.assert(
      fc.property(arbitraryCacheGrant, arbitraryVpcRules, (grant, rules) => {
        expect(judge(grant, ...rules.toReversed())).toEqual(judge(grant, ...rules));
        if (effectOf(grant, ...rules.slice(1)) === 'allow') expect(effectOf(grant, ...rules)).toBe('allow');
      }),
    );
  });

  test('every rule has a reason against a grant that is denied', () => {
    fc.assert(
      fc.property(arbitraryCacheGrant, arbitraryVpcRules, (grant, rules) => {
        const compiled = new CompiledAllowlist({ version: 1, rules });
        const reasons = reasonsAgainst(grant, compiled, NOW);
        if (decide(grant, compiled, NOW).effect === 'deny') expect(reasons).toHaveLength(rules.length);
        else expect(reasons.length).toBeLessThan(rules.length);
      }),
    );
  });

  test('the allowlist that is learnt from grants is valid and allows exactly these of them all', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryVpcGrant, { maxLength: 6 }),
        fc.array(arbitraryVpcGrant, { maxLength: 6 }),
        (known, others) => {
          const learnt = learnAllowlist(known, { wildcards: false });
          const compiled = new CompiledAllowlist(learnt);

          expect(parseAllowlist(learnt)).toEqual({ allowlist: learnt });
          for (const grant of known) {
            const hasOwner = !('securityGroupId' in grant.source) || grant.source.securityGroupOwnerId !== undefined;
            expect(decide(grant, compiled, NOW).effect).toBe(hasOwner ? 'allow' : 'deny');
          }
          for (const grant of others) {
            if (decide(grant, compiled, NOW).effect === 'allow') {
              // A part of a range, and some of the ports, may reach the cache as well as the whole.
              const alike = known.filter(
                ({ account, region, target }) =>
                  account === grant.account && region === grant.region && target.cacheName === grant.target.cacheName,
              );
              expect(alike).not.toEqual([]);
            }
          }
        },
      ),
    );
  });
});
