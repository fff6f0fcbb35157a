import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfDay } from '../../src/policy/allowlist.ts';
import { describeUnquoted } from '../../src/policy/allowlist-fields.ts';
import { parseAllowlist } from '../../src/policy/parse-allowlist.ts';
import { times } from '../support/tools/fuzz.ts';
import { arbitraryRules } from './classic/arbitraries.ts';

const RULE = {
  id: 'web-to-sessions',
  cacheSecurityGroups: ['sessions', 'sessions-*'],
  ec2SecurityGroups: ['web', 'web-*'],
  ownerIds: ['123456789012', 'self'],
  accounts: ['123456789012'],
  regions: ['us-east-1'],
  expires: '2027-01-31',
  reason: 'SEC-1234, session store of the shop',
};

const withRule = (changes: object) => ({ version: 1, rules: [{ ...RULE, ...changes }] });

/** The problems, as `path: message`. */
function problemsOf(document: unknown): string[] | undefined {
  return parseAllowlist(document).problems?.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('an allowlist', () => {
  it('is read as it is written', () => {
    const document = withRule({});
    expect(parseAllowlist(document)).toEqual({ allowlist: document });
  });

  it('needs no more of a rule than id, names and owners', () => {
    const { id, cacheSecurityGroups, ec2SecurityGroups, ownerIds } = RULE;
    const document = { version: 1, rules: [{ id, cacheSecurityGroups, ec2SecurityGroups, ownerIds }] };
    expect(parseAllowlist(document)).toEqual({ allowlist: document });
  });

  it('may be without rules, and then allows nothing', () => {
    expect(parseAllowlist({ version: 1, rules: [] })).toEqual({ allowlist: { version: 1, rules: [] } });
  });

  it.each(['*', 'self', '1234-5678-9012', '000000000001'])('may name the owner %s', (ownerId) => {
    expect(problemsOf(withRule({ ownerIds: [ownerId] }))).toBeUndefined();
  });

  it.each(['[a', '{b', '!c', 'd e', '\\*', '\\\\', '?', '**'])('may hold the name %s', (name) => {
    expect(problemsOf(withRule({ ec2SecurityGroups: [name] }))).toBeUndefined();
  });

  it('may hold a name of 512 characters', () => {
    expect(problemsOf(withRule({ ec2SecurityGroups: ['x'.repeat(512)] }))).toBeUndefined();
  });

  it('takes every set of rules that the other tests are made with', () => {
    fc.assert(
      fc.property(arbitraryRules, (rules) => {
        expect(problemsOf({ version: 1, rules })).toBeUndefined();
      }),
    );
  });

  it.each([
    [undefined, ': must be an allowlist: a mapping with version and rules, and is missing'],
    [null, ': must be an allowlist: a mapping with version and rules, and is empty'],
    [[], ': must be an allowlist: a mapping with version and rules, and is a list'],
    ['rules', ': must be an allowlist: a mapping with version and rules, and is `rules`'],
    [5, ': must be an allowlist: a mapping with version and rules, and is the number 5'],
    [{ version: 1 }, 'rules: must be a list of rules, and is missing'],
    [{ version: 1, rules: null }, 'rules: must be a list of rules, and is empty'],
    [{ version: 1, rules: {} }, 'rules: must be a list of rules, and is a mapping'],
    [{ rules: [] }, 'version: must be 1, the only version there is, and is missing'],
    [{ version: 2, rules: [] }, 'version: must be 1, the only version there is, and is the number 2'],
    [{ version: '1', rules: [] }, 'version: must be 1, the only version there is, and is `1`'],
    [{ version: 1, rules: [], rule: [] }, 'rule: unknown key `rule`'],
    [
      { version: 1, rules: ['web'] },
      'rules.0: must be a rule: a mapping with id, cacheSecurityGroups, ec2SecurityGroups and ownerIds, and is `web`',
    ],
  ])('is not %j', (document, problem) => {
    expect(problemsOf(document)).toEqual([problem]);
  });

  it.each([
    [{ id: null }, 'id: must be a name for the rule, and is empty'],
    [{ id: '' }, 'id: `` is not up to 128 letters, digits, dots, hyphens and underscores'],
    [{ id: 'a b' }, 'id: `a b` is not up to 128 letters, digits, dots, hyphens and underscores'],
    [{ id: '__proto__' }, 'id: `__proto__` is not up to 128 letters, digits, dots, hyphens and underscores'],
    [{ id: 7 }, 'id: must be a name for the rule, and is the number 7'],
    [
      { cacheSecurityGroups: undefined },
      'cacheSecurityGroups: must be a list of cache security groups, and is missing',
    ],
    [{ cacheSecurityGroups: 'a' }, 'cacheSecurityGroups: must be a list of cache security groups, and is `a`'],
    [
      { cacheSecurityGroups: [] },
      'cacheSecurityGroups: is empty: name at least one of the cache security groups, or remove it',
    ],
    [{ cacheSecurityGroups: [''] }, 'cacheSecurityGroups.0: is empty: name a security group, or use `*` for any'],
    [
      { ec2SecurityGroups: [] },
      'ec2SecurityGroups: is empty: name at least one of the EC2 security groups, or remove it',
    ],
    [
      { ec2SecurityGroups: ['web', 'a\\'] },
      'ec2SecurityGroups.1: ends in a lone backslash: write `\\\\` for a backslash',
    ],
    [{ ec2SecurityGroups: [123] }, 'ec2SecurityGroups.0: name `123` is a number here: put it in quotes'],
    [{ ec2SecurityGroups: [true] }, 'ec2SecurityGroups.0: name `true` is a boolean here: put it in quotes'],
    [{ ec2SecurityGroups: [['web']] }, 'ec2SecurityGroups.0: must be a name or a pattern, and is a list'],
    [{ ownerIds: [] }, 'ownerIds: is empty: name at least one of the owner ids, or remove it'],
    [{ ownerIds: [123456789012] }, 'ownerIds.0: owner id `123456789012` is a number here: put it in quotes'],
    [{ ownerIds: ['Self'] }, 'ownerIds.0: `Self` is neither 12 digits, nor `self`, nor `*`'],
    [{ ownerIds: ['1234*'] }, 'ownerIds.0: `1234*` is neither 12 digits, nor `self`, nor `*`'],
    [{ accounts: [] }, 'accounts: is empty: name at least one of the account ids, or remove it'],
    [{ accounts: ['self'] }, 'accounts.0: `self` is not 12 digits'],
    [{ accounts: ['*'] }, 'accounts.0: `*` is not 12 digits'],
    [{ accounts: [1] }, 'accounts.0: account id `1` is a number here: put it in quotes'],
    [{ regions: [] }, 'regions: is empty: name at least one of the regions, or remove it'],
    [{ regions: ['us-*'] }, 'regions.0: `us-*` is not the name of a region'],
    [{ regions: ['a/us-east-1'] }, 'regions.0: `a/us-east-1` is not the name of a region'],
    [{ ownerIds: [{}] }, 'ownerIds.0: must be an owner id, and is a mapping'],
    [{ accounts: [null] }, 'accounts.0: must be an account id, and is empty'],
    [{ regions: [1] }, 'regions.0: must be the name of a region, such as us-east-1, and is the number 1'],
    [{ expires: null }, 'expires: must be a day, such as 2027-01-31, and is empty'],
    [{ expires: 20270131 }, 'expires: must be a day, such as 2027-01-31, and is the number 20270131'],
    [{ reason: ['SEC-1'] }, 'reason: must be a text, and is a list'],
    [{ expired: '2027-01-31' }, 'expired: unknown key `expired`'],
  ])('is refused for a rule with %j', (changes, problem) => {
    expect(problemsOf(withRule(changes))).toEqual([`rules.0.${problem}`]);
  });

  it.each([
    '2027-02-29',
    '2027-02-30',
    '2027-13-01',
    '2027-00-10',
    '2027-1-31',
    '2027',
    '2027-01',
    '+002027-01-31',
    '31.01.2027',
    '2027-01-31T00:00:00Z',
    '',
  ])('is refused for a rule that expires on %j, which is no day', (expires) => {
    expect(problemsOf(withRule({ expires }))).toEqual([
      `rules.0.expires: \`${expires}\` is not a day, such as 2027-01-31`,
    ]);
  });

  it.each([
    [{ ec2SecurityGroups: [123] }, 'name'],
    [{ ownerIds: [123456789012] }, 'owner id'],
    [{ accounts: [1] }, 'account id'],
    [{ regions: [1] }, undefined],
    [{ ownerIds: ['x'] }, undefined],
  ])('has it told what a rule with %j was to hold in quotes, so that its source can be shown: %s', (changes, what) => {
    expect(parseAllowlist(withRule(changes)).problems?.map(({ unquoted }) => unquoted)).toEqual([what]);
  });

  it.each([
    [
      'owner id',
      12345678901,
      '012345678901',
      'owner id `012345678901` is a number here and has lost its leading zero: put it in quotes',
    ],
    ['owner id', 123456789012, '123456789012', 'owner id `123456789012` is a number here: put it in quotes'],
    ['name', 0, '0', 'name `0` is a number here: put it in quotes'],
    ['name', true, 'yes', 'name `yes` is a boolean here: put it in quotes'],
    ['name', true, '01', 'name `01` is a boolean here: put it in quotes'],
  ])('says of the %s %j, written as %s, what was lost: %s', (what, value, source, described) => {
    expect(describeUnquoted(what, value, source)).toBe(described);
  });

  it('is refused for a rule with more problems than zod can tell', () => {
    const ownerIds = Array.from({ length: 300_000 }, () => 1);

    expect(problemsOf(withRule({ ownerIds }))).toEqual(['rules.0: has more problems than can be listed']);
  });

  it('is refused for a name or a reason that is too long', () => {
    const tooLong = { ec2SecurityGroups: ['x'.repeat(513)], reason: 'x'.repeat(1025) };

    expect(problemsOf(withRule(tooLong))).toEqual([
      'rules.0.ec2SecurityGroups.0: is longer than 512 characters',
      'rules.0.reason: is longer than 1024 characters',
    ]);
  });

  it('may expire on a leap day', () => {
    expect(problemsOf(withRule({ expires: '2028-02-29' }))).toBeUndefined();
    expect(endOfDay('2028-02-29')).toBe(Date.UTC(2028, 2, 1));
  });

  it('is refused for an id that is taken already, once for each rule that takes it again', () => {
    const rules = ['a', 'b', 'a', 'A', 'a'].map((id) => ({ ...RULE, id }));

    expect(problemsOf({ version: 1, rules })).toEqual([
      'rules.2.id: `a` is the id of rules[0] already',
      'rules.4.id: `a` is the id of rules[0] already',
    ]);
  });

  it('has all its problems told at once', () => {
    const document = {
      version: 3,
      rules: [
        { ...RULE, ownerIds: [1, 'x'], regions: [], typo: true },
        { ...RULE, ec2SecurityGroups: ['\\'], expires: 'never' },
      ],
      extra: 1,
      more: 2,
    };

    expect(
      parseAllowlist(document)
        .problems?.map(({ path }) => path.join('.'))
        .sort(),
    ).toEqual([
      'extra',
      'more',
      'rules.0.ownerIds.0',
      'rules.0.ownerIds.1',
      'rules.0.regions',
      'rules.0.typo',
      'rules.1.ec2SecurityGroups.0',
      'rules.1.expires',
      'version',
    ]);
  });

  it('is refused, and not choked on, when it has hundreds of thousands of problems', () => {
    const rules = Array.from({ length: 300_000 }, () => 1);

    expect(problemsOf({ version: 1, rules })).toEqual([': has more problems than can be listed']);
  });

  it('is refused, and not choked on, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (document) => {
        expect(parseAllowlist(document).problems?.length).toBeGreaterThan(0);
      }),
    );
    expect(problemsOf({ version: Symbol('1'), rules: [] })).toHaveLength(1);
  });

  it('is refused for keys that reach for a prototype', () => {
    const document = JSON.parse('{"version": 1, "rules": [], "__proto__": {"rules": []}, "constructor": 1}');

    expect(problemsOf(document)?.sort()).toEqual([
      '__proto__: unknown key `__proto__`',
      'constructor: unknown key `constructor`',
    ]);
  });

  it('is an allowlist or has problems in short and printable sentences, whatever the document is', () => {
    const member = fc.oneof(fc.jsonValue(), fc.array(fc.string({ unit: 'binary', maxLength: 600 })));
    const document = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...Object.keys(RULE), '__proto__', 'x\n'), member).map(withRule),
    );
    fc.assert(
      fc.property(document, (value) => {
        const { allowlist, problems } = parseAllowlist(value);
        expect(allowlist === undefined).toBe(problems !== undefined);
        for (const { message } of problems ?? []) expect(message).toMatch(/^[ -~]{1,200}$/);
      }),
      times(100),
    );
  });
});
