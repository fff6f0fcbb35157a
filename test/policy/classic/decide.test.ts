import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ClassicAllowlistRule } from '../../../src/policy/classic/allowlist-rule.ts';
import type { ClassicGrant } from '../../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { CompiledRule } from '../../../src/policy/compiled-rule.ts';
import { decide, reasonsAgainst } from '../../../src/policy/decide.ts';

const GRANT: ClassicGrant = {
  kind: 'classic',
  account: '111122223333',
  region: 'us-east-1',
  target: { cacheSecurityGroupName: 'sessions' },
  source: { ec2SecurityGroupName: 'web', ec2SecurityGroupOwnerId: '999988887777' },
};
const RULE: ClassicAllowlistRule = {
  id: 'web-to-sessions',
  cacheSecurityGroups: ['sessions'],
  ec2SecurityGroups: ['web'],
  ownerIds: ['999988887777'],
};
const NOON = new Date('2027-01-15T12:00:00Z');

const rule = (changes: Partial<ClassicAllowlistRule>): ClassicAllowlistRule => ({ ...RULE, ...changes });
const judge = (rules: readonly ClassicAllowlistRule[], grant = GRANT, instant = NOON) =>
  decide(grant, new CompiledAllowlist({ version: 1, rules }), instant);
const from = (ec2SecurityGroupName: string, ec2SecurityGroupOwnerId = '999988887777'): ClassicGrant => ({
  ...GRANT,
  source: { ec2SecurityGroupName, ec2SecurityGroupOwnerId },
});
const to = (cacheSecurityGroupName: string): ClassicGrant => ({ ...GRANT, target: { cacheSecurityGroupName } });

const ALLOW = { effect: 'allow', rule: 'web-to-sessions' };
/** The sentences of a deny. */
function whyDenied(rules: readonly ClassicAllowlistRule[], grant = GRANT, instant = NOON): string[] {
  const decision = judge(rules, grant, instant);
  return decision.effect === 'deny' ? decision.reasons.map(({ text }) => text) : [];
}

describe('a grant is allowed', () => {
  it.each<[string, Partial<ClassicAllowlistRule>]>([
    ['names it exactly', {}],
    ['names its cache security group in another case', { cacheSecurityGroups: ['Sessions'] }],
    ['names its groups by wildcards', { cacheSecurityGroups: ['s*'], ec2SecurityGroups: ['*', 'x'] }],
    ['names it among others', { ec2SecurityGroups: ['a', 'b', 'w??', 'c'] }],
    ['names it in a long list', { ec2SecurityGroups: [...'abcdefghijklmnop', 'web'] }],
    ['matches it beside a long list', { ec2SecurityGroups: [...'abcdefghijklmnop', 'we*'] }],
    ['names its owner with hyphens', { ownerIds: ['9999-8888-7777'] }],
    ['names any owner', { ownerIds: ['*'] }],
    ['names its account', { accounts: ['444455556666', '1111-2222-3333'] }],
    ['names its region', { regions: ['eu-west-1', 'us-east-1'] }],
    ['expires today', { expires: '2027-01-15' }],
  ])('by a rule that %s, and the decision names that rule', (_, changes) => {
    expect(judge([rule({ id: 'other', ec2SecurityGroups: ['db'] }), rule(changes)])).toEqual(ALLOW);
  });

  it('by `self` only if its owner is the account of the cache security group', () => {
    const rules = [rule({ ownerIds: ['self'] })];

    expect(judge(rules, from('web', '111122223333')).effect).toBe('allow');
    expect(judge(rules, from('web', '999988887777')).effect).toBe('deny');
  });

  it('by the first rule by id if there are several, wherever in the file they stand', () => {
    const rules = ['c', 'B', 'a10', 'a9'].map((id) => rule({ id, ec2SecurityGroups: id === 'B' ? ['w*'] : ['web'] }));

    expect(judge(rules)).toEqual({ effect: 'allow', rule: 'B' });
    expect(judge(rules.slice(2))).toEqual({ effect: 'allow', rule: 'a10' });
    expect(judge(rules.toReversed())).toEqual({ effect: 'allow', rule: 'B' });
  });

  it.each([
    ['2027-01-31T00:00:00.000Z', 'allow'],
    ['2027-01-31T23:59:59.999Z', 'allow'],
    ['2027-02-01T00:00:00.000Z', 'deny'],
    ['2027-02-01T00:30:00.000+01:00', 'allow'],
    ['2027-01-31T23:30:00.000-01:00', 'deny'],
  ])('until the end, in UTC, of the day on which the rule expires: at %s it is %s', (instant, effect) => {
    expect(judge([rule({ expires: '2027-01-31' })], GRANT, new Date(instant)).effect).toBe(effect);
  });
});

describe('a grant is denied', () => {
  it.each<[string, Partial<ClassicAllowlistRule>, ClassicGrant]>([
    ['EC2 security group in another case', { ec2SecurityGroups: ['Web'] }, GRANT],
    ['EC2 security group with a space more', { ec2SecurityGroups: ['web'] }, from('web ')],
    ['EC2 security group that looks like the pattern', { ec2SecurityGroups: ['web-1'] }, from('web-*')],
    ['cache security group `k` where the rule names a Kelvin sign', { cacheSecurityGroups: ['\u212A'] }, to('k')],
    ['cache security group `i` where the rule names a dotted I', { cacheSecurityGroups: ['\u0130'] }, to('i')],
    ['owner without its leading zero', { ownerIds: ['099988887777'] }, GRANT],
  ])('for an %s', (_, changes, grant) => {
    expect(judge([rule(changes)], grant).effect).toBe('deny');
  });

  it('by an allowlist without rules', () => {
    expect(judge([])).toEqual({
      effect: 'deny',
      reasons: [
        {
          covers: [],
          misses: ['cacheSecurityGroup', 'ec2SecurityGroup', 'ownerId'],
          text: 'no rule covers cache security group `sessions`, EC2 security group `web` or owner id `999988887777`',
        },
      ],
    });
  });

  it('with the one reason that no rule comes near, if the rules know at most its owner', () => {
    expect(judge([rule({ cacheSecurityGroups: ['x'], ec2SecurityGroups: ['x'] })])).toEqual({
      effect: 'deny',
      reasons: [
        {
          covers: [],
          misses: ['cacheSecurityGroup', 'ec2SecurityGroup'],
          text: 'no rule covers cache security group `sessions` or EC2 security group `web`',
        },
      ],
    });
  });

  it('with what the nearest rule covers and misses', () => {
    expect(judge([rule({ ownerIds: ['self'], regions: ['eu-west-1'], accounts: ['111122223333'] })])).toEqual({
      effect: 'deny',
      reasons: [
        {
          rule: 'web-to-sessions',
          covers: ['cacheSecurityGroup', 'ec2SecurityGroup', 'account', 'expires'],
          misses: ['ownerId', 'region'],
          text: 'rule `web-to-sessions` covers the cache security group and EC2 security group but not owner id `999988887777` or region `us-east-1`',
        },
      ],
    });
  });

  it.each<[Partial<ClassicAllowlistRule>, string]>([
    [{ ownerIds: ['self'] }, 'the cache security group and EC2 security group but not owner id `999988887777`'],
    [{ cacheSecurityGroups: ['x'] }, 'the EC2 security group and owner id but not cache security group `sessions`'],
    [{ ec2SecurityGroups: ['x'] }, 'the cache security group and owner id but not EC2 security group `web`'],
    [
      { cacheSecurityGroups: ['x'], ownerIds: ['self'] },
      'the EC2 security group but not cache security group `sessions` or owner id `999988887777`',
    ],
    [{ accounts: ['444455556666'] }, 'this grant but not account `111122223333`'],
    [{ regions: ['eu-west-1'] }, 'this grant but not region `us-east-1`'],
    [{ expires: '2027-01-14' }, 'this grant but expired on 2027-01-14'],
    [
      { accounts: ['444455556666'], expires: '2027-01-14' },
      'this grant but not account `111122223333`, and expired on 2027-01-14',
    ],
    [
      { ownerIds: ['self'], accounts: ['444455556666'], regions: ['eu-west-1'], expires: '2027-01-14' },
      'the cache security group and EC2 security group but not owner id `999988887777`, account `111122223333` or region `us-east-1`, and expired on 2027-01-14',
    ],
  ])('by a rule with %j, which covers %s', (changes, reason) => {
    expect(whyDenied([rule(changes)])).toEqual([`rule \`web-to-sessions\` covers ${reason}`]);
  });

  it('with up to three reasons: the rules that miss the fewest parts first, then by id', () => {
    const rules = [
      rule({ id: 'a-misses-3', cacheSecurityGroups: ['x'], ownerIds: ['self'], regions: ['eu-west-1'] }),
      rule({ id: 'b-misses-2', ownerIds: ['self'], regions: ['eu-west-1'] }),
      rule({ id: 'd-misses-1', ownerIds: ['self'] }),
      rule({ id: 'c-misses-1', expires: '2027-01-14' }),
      rule({ id: 'e-misses-2', ec2SecurityGroups: ['x'], ownerIds: ['self'] }),
    ];

    expect(whyDenied(rules).map((text) => text.split('`')[1])).toEqual(['c-misses-1', 'd-misses-1', 'b-misses-2']);
  });

  it('with each rule named once, however many of its names fit', () => {
    const near = rule({
      cacheSecurityGroups: ['s*', 'sessions', '*s'],
      ec2SecurityGroups: ['w*', '*b'],
      ownerIds: ['self'],
    });

    expect(whyDenied([near])).toHaveLength(1);
  });

  it('with its names quoted, on one line and cut', () => {
    const [text] = whyDenied([rule({})], from(`\`${'x'.repeat(254)}`));

    expect(text).toBe(
      `rule \`web-to-sessions\` covers the cache security group and owner id but not EC2 security group \`?${'x'.repeat(63)}...\``,
    );
  });

  it('also after very many rules that share its names', () => {
    const rules = Array.from({ length: 5_000 }, (_, i) => rule({ id: `rule-${i}`, ownerIds: ['self'] }));

    expect(judge(rules).effect).toBe('deny');
    expect(judge([...rules, rule({ id: 'zzz' })])).toEqual({ effect: 'allow', rule: 'zzz' });
  });

  it('comes to an end on names made to keep a matcher busy', () => {
    const hostile = '*a'.repeat(255);
    const rules = [rule({ ec2SecurityGroups: [`${hostile}b`, '*a*a*a*a*b', `?${hostile}b`] })];

    expect(judge(rules, from('a'.repeat(255))).effect).toBe('deny');
  });
});

describe('an instant that is no date', () => {
  it('is an error and no denial, because every rule would seem to have expired', () => {
    expect(() => judge([RULE], GRANT, new Date(Number.NaN))).toThrow(
      new RangeError('a grant cannot be evaluated at an instant that is not a date'),
    );
  });
});

describe('the reasons against a grant', () => {
  const against = (...rules: readonly ClassicAllowlistRule[]) =>
    reasonsAgainst(GRANT, new CompiledAllowlist({ version: 1, rules }), NOON);

  it('are those of every rule that does not allow it, however far from it, the nearest first', () => {
    const far = rule({ id: 'far', cacheSecurityGroups: ['x'], ec2SecurityGroups: ['x'], ownerIds: ['self'] });
    const near = rule({ id: 'near', regions: ['eu-west-1'] });
    const between = rule({ id: 'between', ownerIds: ['self'], regions: ['eu-west-1'] });

    expect(against(far, near, rule({}), between)).toMatchObject([
      { rule: 'near', misses: ['region'] },
      { rule: 'between', misses: ['ownerId', 'region'] },
      {
        rule: 'far',
        covers: ['account', 'region', 'expires'],
        misses: ['cacheSecurityGroup', 'ec2SecurityGroup', 'ownerId'],
        text: 'rule `far` does not cover cache security group `sessions`, EC2 security group `web` or owner id `999988887777`',
      },
    ]);
  });

  it('are none where each rule allows it', () => {
    expect(against(rule({}), rule({ id: 'also' }))).toEqual([]);
  });
});

describe('a rule that names one group many times', () => {
  it('does not hide nearer rules from the reasons', () => {
    const elsewhere = { cacheSecurityGroups: ['other'] };
    const repeating = rule({ ...elsewhere, id: 'a', ec2SecurityGroups: Array(20).fill('web'), ownerIds: ['self'] });
    const nearer = rule({ ...elsewhere, id: 'b' });

    expect(whyDenied([repeating, nearer])[0]).toContain('rule `b`');
  });
});

describe('many patterns that a name may match', () => {
  it('do not hide the rule that covers it, though they begin and end alike', () => {
    const ids = 'api bill cart chat dns feed geo jobs log mail pay push rank sso tags vote web'.split(' ');
    const rules = ids.map((id) => rule({ id, cacheSecurityGroups: [`*-${id}-*`], ec2SecurityGroups: [`*-${id}-*`] }));
    const grant = { ...from('eu-web-1', '123456789012'), target: { cacheSecurityGroupName: 'prod-web-1' } };

    expect(judge(rules, grant)).toMatchObject({ effect: 'deny', reasons: [{ rule: 'web', misses: ['ownerId'] }] });
  });

  it('do not have a rule judged again for each', () => {
    const ec2SecurityGroups = Array.from({ length: 20 }, (_, i) => `${'a'.repeat(i + 1)}*`);
    const rules = [...'abcdef'].map((id) => rule({ id, ec2SecurityGroups, ownerIds: ['self'] }));
    const compiled = new CompiledAllowlist({ version: 1, rules });
    const asked = vi.spyOn(CompiledRule.prototype, 'coversOwnerId');
    onTestFinished(() => asked.mockRestore());

    decide(from('a'.repeat(30)), compiled, NOON);

    // Once whether it allows, once how near it is.
    expect(asked.mock.calls.length).toBe(2 * rules.length);
  });
});
