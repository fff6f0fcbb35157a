import { describe, expect, test } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide, reasonsAgainst } from '../../../src/policy/decide.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import type { VpcGrant } from '../../../src/policy/vpc/grant.ts';
import type { VpcSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION, STRANGER } from '../../support/examples/grants.ts';
import { GROUP, OTHER_GROUP, RULE } from '../../support/examples/security-groups.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const OFFICE: VpcAllowlistRule = { id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/16'] };
const rule = (changes: Partial<VpcAllowlistRule>): VpcAllowlistRule => ({ ...OFFICE, ...changes });

function grantFrom(source: VpcSource, ports: readonly number[] = [6379]): VpcGrant {
  const target = { cacheName: 'sessions', ports, securityGroupId: GROUP, securityGroupRuleId: RULE };
  return { kind: 'vpc', account: ACCOUNT, region: REGION, target, source };
}
const GRANT = grantFrom({ kind: 'cidr', cidr: '10.0.0.0/24' });

function reasonsFor(grant: VpcGrant, ...rules: readonly VpcAllowlistRule[]) {
  const decision = decide(grant, new CompiledAllowlist({ version: 1, rules }), NOW);
  return decision.effect === 'deny' ? decision.reasons : [];
}

describe('the reason against a grant to a cache', () => {
  test.each<[Partial<VpcAllowlistRule>, readonly string[], string]>([
    [{ accounts: [STRANGER] }, ['account'], `the cache and CIDR but not account \`${ACCOUNT}\``],
    [{ regions: ['eu-west-1'] }, ['region'], 'the cache and CIDR but not region `us-east-1`'],
    [{ ports: [6380] }, ['ports'], 'the cache and CIDR but not port 6379'],
    [{ expires: '2026-11-22' }, ['expires'], 'this grant but expired on 2026-11-22'],
    [{ caches: ['carts'] }, ['cache'], 'the CIDR but not cache `sessions`'],
    [
      { accounts: [STRANGER], expires: '2026-11-22' },
      ['account', 'expires'],
      `the cache and CIDR but not account \`${ACCOUNT}\`, and expired on 2026-11-22`,
    ],
    [
      { cidrs: ['10.1.0.0/16'], ports: [6380], regions: ['eu-west-1'] },
      ['cidr', 'ports', 'region'],
      'the cache but not CIDR `10.0.0.0/24` (nearest: 10.1.0.0/16), port 6379 or region `us-east-1`',
    ],
  ])('says what a rule with %j misses: %j', (changes, misses, text) => {
    const [reason] = reasonsFor(GRANT, rule(changes));

    const parts = ['cache', 'cidr', 'ports', 'account', 'region', 'expires'];
    expect(reason).toEqual({
      rule: 'office',
      covers: parts.filter((part) => !misses.includes(part)),
      misses,
      text: `rule \`office\` covers ${text}`,
    });
  });

  test('names the nearest of the ranges of a rule, wherever among them it stands', () => {
    const cidrs = ['192.0.2.0/24', '10.1.0.0/16', '172.16.0.0/12'];
    const text = 'rule `office` covers the cache but not CIDR `10.0.0.0/24` (nearest: 10.1.0.0/16)';

    expect(reasonsFor(GRANT, rule({ cidrs }))).toMatchObject([{ text }]);
    expect(reasonsFor(GRANT, rule({ cidrs: cidrs.toReversed() }))).toMatchObject([{ text }]);
  });

  test('names each port that the rule does not cover', () => {
    expect(
      reasonsFor(grantFrom({ kind: 'cidr', cidr: '10.0.0.0/24' }, [6379, 6380, 6381]), rule({ ports: [6379] })),
    ).toMatchObject([{ text: 'rule `office` covers the cache and CIDR but not ports 6380, 6381' }]);
  });

  test('speaks of an owner only where the source is a security group', () => {
    const groups: VpcAllowlistRule = {
      id: 'web',
      caches: ['sessions'],
      securityGroupIds: [OTHER_GROUP],
      regions: ['eu-west-1'],
    };
    const from = grantFrom({ kind: 'securityGroup', securityGroupId: OTHER_GROUP, securityGroupOwnerId: ACCOUNT });
    const lists: VpcAllowlistRule = {
      id: 'cdn',
      caches: ['sessions'],
      prefixListIds: ['pl-0a'],
      regions: ['eu-west-1'],
    };

    expect(reasonsFor(from, groups)).toMatchObject([
      { covers: ['cache', 'securityGroup', 'ownerId', 'ports', 'account', 'expires'], misses: ['region'] },
    ]);
    expect(reasonsFor(grantFrom({ kind: 'prefixList', prefixListId: 'pl-0a' }), lists)).toMatchObject([
      {
        covers: ['cache', 'prefixList', 'ports', 'account', 'expires'],
        misses: ['region'],
        text: 'rule `cdn` covers the cache and prefix list but not region `us-east-1`',
      },
    ]);
  });

  test('names the source that no rule covers, of whichever kind it is', () => {
    const textsFor = (source: VpcSource) => reasonsFor(grantFrom(source), rule({ caches: ['x'] }));

    expect(textsFor({ kind: 'cidr', cidr: '192.0.2.0/24' })).toEqual([
      { covers: [], misses: ['cache', 'cidr'], text: 'no rule covers cache `sessions` or CIDR `192.0.2.0/24`' },
    ]);
    expect(textsFor({ kind: 'prefixList', prefixListId: 'pl-0a' })).toMatchObject([
      { misses: ['cache', 'prefixList'], text: 'no rule covers cache `sessions` or prefix list `pl-0a`' },
    ]);
    expect(textsFor({ kind: 'securityGroup', securityGroupId: OTHER_GROUP })).toMatchObject([
      {
        misses: ['cache', 'securityGroup'],
        text: `no rule covers cache \`sessions\` or security group \`${OTHER_GROUP}\``,
      },
    ]);
  });
});

describe('the rules that a deny of a grant to a cache names', () => {
  test('are three at most: those that miss the fewest parts, then those with the nearest range, then by id', () => {
    const rules = [
      rule({ id: 'misses-2', accounts: [STRANGER], regions: ['eu-west-1'] }),
      rule({ id: 'far', cidrs: ['192.0.2.0/24'] }),
      rule({ id: 'b-near', cidrs: ['10.1.0.0/16'] }),
      rule({ id: 'a-near', cidrs: ['10.1.0.0/16'] }),
    ];

    expect(reasonsFor(GRANT, ...rules).map((reason) => reason.rule)).toEqual(['a-near', 'b-near', 'far']);
  });

  test('are those with a range before those with none, whatever their ids and however far the range is', () => {
    const rules = [
      rule({ id: 'a-none', cidrs: undefined, securityGroupIds: [GROUP] }),
      rule({ id: 'b-other-family', cidrs: ['::/0'] }),
      rule({ id: 'c-far', cidrs: ['192.0.2.0/24'] }),
    ];

    expect(reasonsFor(GRANT, ...rules).map((reason) => reason.rule)).toEqual(['c-far', 'a-none', 'b-other-family']);
  });

  test('are also those that cover the source and not the cache, and no others', () => {
    const rules = [
      rule({ id: 'elsewhere', caches: ['carts'] }),
      rule({ id: 'x', caches: ['x'], cidrs: ['192.0.2.0/24'] }),
    ];

    expect(reasonsFor(GRANT, ...rules).map((reason) => reason.rule)).toEqual(['elsewhere']);
  });

  test('are all of them, the nearest first, where somebody asks for every reason', () => {
    const rules = [
      rule({ id: 'far', caches: ['x'], cidrs: ['192.0.2.0/24'], regions: ['eu-west-1'], expires: '2026-11-22' }),
      rule({ id: 'near', ports: [6380] }),
      rule({ id: 'allows' }),
    ];

    const reasons = reasonsAgainst(GRANT, new CompiledAllowlist({ version: 1, rules }), NOW);

    expect(reasons.map(({ rule: id, text }) => [id, text])).toEqual([
      ['near', 'rule `near` covers the cache and CIDR but not port 6379'],
      [
        'far',
        'rule `far` does not cover cache `sessions`, CIDR `10.0.0.0/24` (nearest: 192.0.2.0/24) or region `us-east-1`, and expired on 2026-11-22',
      ],
    ]);
  });
});

test('the first rule by id that allows a grant to a cache is named, wherever in the file it stands', () => {
  const rules = ['c', 'B', 'a'].map((id) => rule({ id }));
  const named = (...some: readonly VpcAllowlistRule[]) =>
    decide(GRANT, new CompiledAllowlist({ version: 1, rules: some }), NOW);

  expect(named(...rules)).toEqual({ effect: 'allow', rule: 'B' });
  expect(named(...rules.toReversed())).toEqual({ effect: 'allow', rule: 'B' });
});

test('an allowlist that was not checked is an error when a grant is judged by it, and never one that denies', () => {
  const allowlist = new CompiledAllowlist({ version: 1, rules: [rule({ cidrs: ['10.0.0.0/8', 'anybody'] })] });

  expect(() => decide(GRANT, allowlist, NOW)).toThrow(
    'an allowlist was compiled that was not checked: anybody is no range',
  );
});
