import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findWarnings } from '../../src/policy/allowlist-warnings.ts';
import { times } from '../support/tools/fuzz.ts';
import { arbitraryGrant, arbitraryInstant, arbitraryRules } from './classic/arbitraries.ts';
import { judgePlainly } from './classic/reference-judge.ts';
import { RULE, rule, warningsOf } from './classic/warnings-of.ts';

const UNIT = 'ou-ab12-11111111';
const OTHER_UNIT = 'ou-ab12-22222222';

describe('an allowlist in which nothing looks like a mistake', () => {
  it.each([
    ['one plain rule', [RULE]],
    [
      'rules that overlap',
      [rule({ ec2SecurityGroups: ['web', 'db'] }), rule({ id: 'b', ec2SecurityGroups: ['db', 'x'] })],
    ],
    [
      'wildcards that are not for everything',
      [rule({ cacheSecurityGroups: ['*'], ec2SecurityGroups: ['web-*', '?*', '*-db'] })],
    ],
    ['ids of organizational units and of a root', [rule({ organizationalUnits: [UNIT, 'r-ab12'] })]],
    ['a day far off', [rule({ expires: '2027-01-31' })]],
    ['names with escapes', [rule({ cacheSecurityGroups: ['sess\\ions', 'a\\-b*'], ec2SecurityGroups: ['\\*'] })]],
    ['capitals in a name of a cache security group', [rule({ cacheSecurityGroups: ['Sessions'] })]],
  ])('has no warnings: %s', (_, rules) => {
    expect(warningsOf(...rules)).toEqual([]);
  });
});

describe('a rule that another one hides', () => {
  const hidden = ['rules.1.id: rule `b` does nothing: rule `a` allows all that it allows'];

  it.each([
    ['is the same', {}, {}],
    ['names more', { ec2SecurityGroups: ['web', 'db'] }, { ec2SecurityGroups: ['db'] }],
    ['has a wildcard', { cacheSecurityGroups: ['sess*'] }, { cacheSecurityGroups: ['sessions', 'sess-?'] }],
    ['takes any owner', { ownerIds: ['*'] }, { ownerIds: ['111122223333', 'self'] }],
    ['names it among patterns', { cacheSecurityGroups: ['other*', 'sessions'] }, {}],
    ['takes any account', {}, { accounts: ['111122223333'] }],
    ['takes any region', {}, { regions: ['us-east-1'] }],
    ['writes the same account with hyphens', { accounts: ['1111-2222-3333'] }, { accounts: ['111122223333'] }],
    ['writes the same cache security group in capitals', { cacheSecurityGroups: ['SESSIONS'] }, {}],
    ['ends later', { expires: '2027-06-30' }, { expires: '2027-05-31' }],
    ['never ends', {}, { expires: '2027-05-31' }],
    ['is for more units', { organizationalUnits: [UNIT, OTHER_UNIT] }, { organizationalUnits: [UNIT] }],
    [
      'is for an account more',
      { accounts: ['111122223333'], organizationalUnits: [UNIT] },
      { organizationalUnits: [UNIT] },
    ],
    ['is for a unit more', { accounts: ['111122223333'], organizationalUnits: [UNIT] }, { accounts: ['111122223333'] }],
    ['takes any unit', {}, { organizationalUnits: [UNIT] }],
    ['has a pattern where both have patterns', { cacheSecurityGroups: ['s*'] }, { cacheSecurityGroups: ['sess*'] }],
  ])('is told: the other one %s', (_, wide, narrow) => {
    const found = warningsOf(rule({ id: 'a', ...wide }), rule({ id: 'b', ...narrow }));

    expect(found.filter((warning) => warning.includes('does nothing'))).toEqual(hidden);
  });

  it.each([
    ['ends sooner', { expires: '2027-05-31' }, {}],
    ['is for one account only', { accounts: ['111122223333'] }, {}],
    ['is for one unit only', { organizationalUnits: [UNIT] }, {}],
    ['is for another unit', { organizationalUnits: [OTHER_UNIT] }, { organizationalUnits: [UNIT] }],
    ['is for a unit, and not for the account', { organizationalUnits: [UNIT] }, { accounts: ['111122223333'] }],
    ['is for an account, and not for the unit', { accounts: ['111122223333'] }, { organizationalUnits: [UNIT] }],
    ['is for another region', { regions: ['us-east-1'] }, { regions: ['us-east-1', 'eu-west-1'] }],
    ['knows one owner less', {}, { ownerIds: ['self', '111122223333'] }],
    ['names one cache security group less', {}, { cacheSecurityGroups: ['sessions', 'queue'] }],
    ['names one EC2 security group less', {}, { ec2SecurityGroups: ['web', 'db'] }],
    ['differs in the case of an EC2 security group', {}, { ec2SecurityGroups: ['Web'] }],
    ['has a letter that only looks like a k', { cacheSecurityGroups: ['\u212A*'] }, { cacheSecurityGroups: ['k'] }],
  ])('is none where the other one %s', (_, wide, narrow) => {
    const found = warningsOf(rule({ id: 'a', ...wide }), rule({ id: 'b', ...narrow }));

    expect(found.filter((warning) => warning.includes('rule `b` does nothing'))).toEqual([]);
  });

  it('is the later by id, of several that are alike: one is left', () => {
    const found = warningsOf(rule({ id: 'c' }), rule({ id: 'a' }), rule({ id: 'b' }));

    expect(found.map((warning) => warning.slice(0, 'rules.0.id: rule `c` does nothing'.length))).toEqual([
      'rules.0.id: rule `c` does nothing',
      'rules.2.id: rule `b` does nothing',
    ]);
  });

  it('can be left out: without all that are hidden, every grant is judged as before', () => {
    fc.assert(
      fc.property(arbitraryRules, arbitraryGrant, arbitraryInstant, (rules, grant, instant) => {
        const doNothing = new Set(
          findWarnings({ version: 1, rules }, instant)
            .filter(({ message }) => message.includes('does nothing'))
            .map(({ path }) => path[1]),
        );
        const rest = rules.filter((_, index) => !doNothing.has(index));

        expect(judgePlainly(grant, rest, instant).effect).toBe(judgePlainly(grant, rules, instant).effect);
      }),
      times(3_000),
    );
  });
});

describe('a rule that ends', () => {
  it.each([
    ['2026-11-22', ['rules.1.expires: rule `b` expired on 2026-11-22 and allows nothing any more']],
    [
      '2026-11-23',
      ['rules.1.expires: rule `b` expires on 2026-11-23, in 1 day: from then on, what it allows is denied'],
    ],
    [
      '2026-12-22',
      ['rules.1.expires: rule `b` expires on 2026-12-22, in 30 days: from then on, what it allows is denied'],
    ],
    ['2026-12-23', []],
  ])('is told when it has, or will within 30 days: %s', (expires, warnings) => {
    expect(warningsOf(RULE, rule({ id: 'b', cacheSecurityGroups: ['other'], expires }))).toEqual(warnings);
  });
});

describe('a rule that ends, to the millisecond,', () => {
  const warned = (expires: string, instant: string) =>
    findWarnings(
      { version: 1, rules: [RULE, rule({ id: 'b', cacheSecurityGroups: ['x'], expires })] },
      new Date(instant),
    );

  it('has expired when its last day is over', () => {
    expect(warned('2026-11-22', '2026-11-22T23:59:59.999Z')[0]?.message).toContain('in 1 day:');
    expect(warned('2026-11-22', '2026-11-23T00:00:00.000Z')[0]?.message).toContain('expired on 2026-11-22');
  });

  it('is told 30 days before, and no sooner', () => {
    expect(warned('2026-12-22', '2026-11-23T00:00:00.000Z')[0]?.message).toContain('in 30 days:');
    expect(warned('2026-12-22', '2026-11-22T23:59:59.999Z')).toEqual([]);
  });
});

describe('a rule that allows more than anyone would want', () => {
  const EVERY = { cacheSecurityGroups: ['*'], ec2SecurityGroups: ['**'], ownerIds: ['*'] };

  it.each([
    [
      { ec2SecurityGroups: ['web', '*'] },
      ['rules.0.ec2SecurityGroups: rule `a` allows every EC2 security group of its owners'],
    ],
    [{ ownerIds: ['*'] }, ['rules.0.ownerIds: rule `a` allows security groups of any owner']],
    [EVERY, ['rules.0.id: rule `a` allows every grant there can be']],
    [
      { ...EVERY, cacheSecurityGroups: ['x', '*'], ec2SecurityGroups: ['*', 'x'] },
      ['rules.0.id: rule `a` allows every grant there can be'],
    ],
    [{ ...EVERY, ec2SecurityGroups: ['web'] }, ['rules.0.ownerIds: rule `a` allows security groups of any owner']],
    [
      { ...EVERY, accounts: ['111122223333'] },
      [
        'rules.0.ec2SecurityGroups: rule `a` allows every EC2 security group of its owners',
        'rules.0.ownerIds: rule `a` allows security groups of any owner',
      ],
    ],
    [
      { ...EVERY, regions: ['us-east-1'] },
      [
        'rules.0.ec2SecurityGroups: rule `a` allows every EC2 security group of its owners',
        'rules.0.ownerIds: rule `a` allows security groups of any owner',
      ],
    ],
  ])('is told: %j', (changes, warnings) => {
    expect(warningsOf(rule(changes))).toEqual(warnings);
  });
});

describe('a rule that allows everything but for its places', () => {
  it('is not told to allow every grant there can be if it is for organizational units', () => {
    const everything = { cacheSecurityGroups: ['*'], ec2SecurityGroups: ['*'], ownerIds: ['*'] };

    expect(warningsOf(rule({ ...everything, organizationalUnits: [UNIT] }))).toEqual([
      'rules.0.ec2SecurityGroups: rule `a` allows every EC2 security group of its owners',
      'rules.0.ownerIds: rule `a` allows security groups of any owner',
    ]);
  });
});

describe('an id that no organizational unit can have', () => {
  it.each(['ou-ab12', 'ou-ab12-123'])('is told: %s', (id) => {
    expect(warningsOf(rule({ organizationalUnits: [UNIT, id] }))).toEqual([
      `rules.0.organizationalUnits.1: \`${id}\` matches nothing: ids of organizational units are like ou-ab12-0123abcd, those of roots like r-ab12`,
    ]);
  });
});

describe('a name that no cache security group can have', () => {
  it.each(['my sessions', 'sessions_1', '[a]', 'sessi\u00F6ns', 'a\\*', '\u212A'])('is told: %s', (name) => {
    const [warning, ...more] = warningsOf(rule({ cacheSecurityGroups: ['sessions', name] }));

    expect(warning).toMatch(
      /^rules\.0\.cacheSecurityGroups\.1: .* matches nothing: names of cache security groups are/,
    );
    expect(more).toEqual([]);
  });
});

describe('an allowlist that allows nothing', () => {
  it('is told, with why', () => {
    expect(warningsOf()).toEqual(['rules: the allowlist allows nothing, so every grant is denied: it has no rules']);
    expect(warningsOf(rule({ expires: '2026-01-01' }))[0]).toBe(
      'rules: the allowlist allows nothing, so every grant is denied: all its rules have expired',
    );
  });
});
