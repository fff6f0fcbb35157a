import { describe, expect, it } from 'vitest';
import type { ClassicAllowlistRule } from '../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { decide } from '../../src/policy/decide.ts';
import { ACCOUNT, STRANGER, strangersGrant } from '../support/examples/grants.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const RULE: ClassicAllowlistRule = {
  id: 'web-to-sessions',
  cacheSecurityGroups: ['sessions'],
  ec2SecurityGroups: ['web'],
  ownerIds: [STRANGER],
};
const rule = (changes: Partial<ClassicAllowlistRule>): ClassicAllowlistRule => ({ ...RULE, ...changes });
const OWN_GRANT: ClassicGrant = {
  ...strangersGrant,
  source: { ...strangersGrant.source, ec2SecurityGroupOwnerId: ACCOUNT },
};
const judge = (rules: readonly ClassicAllowlistRule[], grant: ClassicGrant = strangersGrant) =>
  decide(grant, new CompiledAllowlist({ version: 1, rules }), NOW);

/** So many names, or patterns, that all are others. */
const others = (count: number, end = '') => Array.from({ length: count }, (_, i) => `other-${i}${end}`);
/** So many rules that name both groups of the grant, and do not allow it. */
const alike = (count: number): ClassicAllowlistRule[] =>
  Array.from({ length: count }, (_, i) => rule({ id: `a-${i}`, ownerIds: ['777788889999'] }));

describe('a rule with lists of any length', () => {
  it.each([1, 7, 8, 9, 10, 50])('allows what stands in them, and nothing else: %i entries', (length) => {
    for (const list of ['cacheSecurityGroups', 'ec2SecurityGroups'] as const) {
      const [name = ''] = RULE[list];
      const without = rule({ [list]: others(length) });

      expect(judge([rule({ [list]: [...others(length - 1), name] })]).effect).toBe('allow');
      expect(judge([rule({ [list]: [...others(length - 1, '*'), `${name}*`] })]).effect).toBe('allow');
      expect(judge([without]).effect).toBe('deny');
    }
  });

  it('says which of its lists keeps it from allowing a grant, however long it is', () => {
    expect(judge([rule({ cacheSecurityGroups: others(50, '*') })])).toMatchObject({
      reasons: [
        { covers: ['ec2SecurityGroup', 'ownerId', 'account', 'region', 'expires'], misses: ['cacheSecurityGroup'] },
      ],
    });
    expect(judge([rule({ ec2SecurityGroups: others(50, '*') })])).toMatchObject({
      reasons: [
        { covers: ['cacheSecurityGroup', 'ownerId', 'account', 'region', 'expires'], misses: ['ec2SecurityGroup'] },
      ],
    });
  });

  it('allows by each of its patterns, among many', () => {
    const ec2SecurityGroups = [...others(20), ...others(20, '-*'), 'we?'];

    expect(judge([rule({ ec2SecurityGroups })]).effect).toBe('allow');
  });
});

describe('a rule among many that name the same groups', () => {
  it.each([
    ['the owner', strangersGrant, [STRANGER]],
    ['the owner, with hyphens', strangersGrant, ['4444-5555-6666']],
    ['any owner', strangersGrant, ['*']],
    ['the account itself by its id', OWN_GRANT, [ACCOUNT]],
    ['the account itself as `self`', OWN_GRANT, ['self']],
    ['any owner, and so the account itself', OWN_GRANT, ['*']],
  ])('is found when it names %s', (_, grant, ownerIds) => {
    for (const count of [7, 8, 9, 100]) {
      expect(judge([...alike(count), rule({ id: 'z', ownerIds })], grant)).toEqual({ effect: 'allow', rule: 'z' });
      expect(judge(alike(count), grant).effect).toBe('deny');
    }
  });

  it('is not taken for one that names `self`, by a grant from another account', () => {
    expect(judge([...alike(20), rule({ id: 'z', ownerIds: ['self'] })]).effect).toBe('deny');
  });

  it.each<[string, Partial<ClassicAllowlistRule>]>([
    ['its cache security group is rare', { ec2SecurityGroups: ['*'], ownerIds: ['*'] }],
    ['its EC2 security group is rare', { cacheSecurityGroups: ['*'], ownerIds: ['*'] }],
    ['its owner is rare', { cacheSecurityGroups: ['*'], ec2SecurityGroups: ['*'] }],
  ])('is found where %s, and all else fits hundreds', (_, common) => {
    const elsewhere = Array.from({ length: 300 }, (_, i) => rule({ id: `a-${i}`, regions: ['eu-west-1'], ...common }));

    expect(judge([...elsewhere, rule({ id: 'z' })])).toEqual({ effect: 'allow', rule: 'z' });
  });
});

describe('whether an owner is known', () => {
  const knows = (ownerIds: readonly string[], ownerId: string) =>
    new CompiledAllowlist({ version: 1, rules: [rule({ ownerIds })] }).classic.knowsOwner(ownerId, ACCOUNT);

  it.each([
    [[STRANGER], STRANGER, true],
    [['4444-5555-6666'], STRANGER, true],
    [['*'], STRANGER, true],
    [['self'], ACCOUNT, true],
    [['*'], ACCOUNT, true],
    [['self'], STRANGER, false],
    [[ACCOUNT], STRANGER, false],
  ])('a rule with owners %j knows %s: %s', (ownerIds, ownerId, expected) => {
    expect(knows(ownerIds, ownerId)).toBe(expected);
  });
});
