import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AccountPaths, readAccountPath, writeAccountPath } from '../../src/policy/account-paths.ts';
import type { AllowlistRule } from '../../src/policy/allowlist.ts';
import { findWarnings } from '../../src/policy/allowlist-warnings.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { decide, dependsOnEntries, whyUnitsUnknown } from '../../src/policy/decide.ts';
import { parseAllowlist } from '../../src/policy/parse-allowlist.ts';
import { GoneNames } from '../../src/policy/vpc/gone-names.ts';
import { ruleThatMayAllow, whyUnknown } from '../../src/policy/vpc/unknown.ts';
import { ACCOUNT, REGION, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { times } from '../support/tools/fuzz.ts';
import { arbitraryAccountPaths, arbitraryGrant, arbitraryInstant, arbitraryRules } from './classic/arbitraries.ts';
import { arbitraryCacheGrant, arbitraryVpcRules } from './vpc/arbitraries.ts';
import { judgeVpcGrantPlainly } from './vpc/reference-judge.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const ROOT = 'r-ab12';
const TOP = 'ou-ab12-11111111';
const BELOW = 'ou-ab12-22222222';
const ELSEWHERE = 'ou-ab12-33333333';
const PATHS: AccountPaths = new Map([[ACCOUNT, ['o-ab12cd34ef', ROOT, TOP, BELOW]]]);
const UNKNOWN: AccountPaths = new Map();

const FROM_OFFICE = { kind: 'cidr', cidr: '10.0.3.0/24' } as const;
const OFFICE = { id: 'office', caches: ['*'], cidrs: ['10.0.0.0/16'] };
const WEB = { id: 'web', cacheSecurityGroups: ['*'], ec2SecurityGroups: ['*'], ownerIds: ['*'] };
const compile = (rule: AllowlistRule, paths: AccountPaths = PATHS) =>
  new CompiledAllowlist({ version: 1, rules: [rule] }).withAccountPaths(paths);

const KINDS = [
  ['a cache', OFFICE, vpcGrant(FROM_OFFICE)],
  ['a cache security group', WEB, strangersGrant],
] as const;

describe.each(KINDS)('a rule with organizationalUnits, about %s,', (_, rule, grant) => {
  test.each([
    ['its own', BELOW],
    ['one above it', TOP],
    ['the root', ROOT],
  ])('allows in an account of the unit, whichever that is: %s', (_, unit) => {
    const allowlist = compile({ ...rule, organizationalUnits: [ELSEWHERE, unit] });

    expect(decide(grant, allowlist, NOW)).toEqual({ effect: 'allow', rule: rule.id });
  });

  test('denies in an account of another unit, for that', () => {
    const decision = decide(grant, compile({ ...rule, organizationalUnits: [ELSEWHERE] }), NOW);

    expect(decision).toMatchObject({ effect: 'deny', reasons: [{ rule: rule.id, misses: ['account'] }] });
  });

  test('allows in its accounts as well, which need not be in the unit', () => {
    const allowlist = compile({ ...rule, accounts: [ACCOUNT], organizationalUnits: [ELSEWHERE] }, UNKNOWN);

    expect(decide(grant, allowlist, NOW).effect).toBe('allow');
    expect(whyUnitsUnknown(grant, allowlist, NOW)).toBeUndefined();
  });

  test('decides nothing where the units of the account are not known', () => {
    const allowlist = compile({ ...rule, organizationalUnits: [BELOW] }, UNKNOWN);

    expect(whyUnitsUnknown(grant, allowlist, NOW)).toBe(
      `the organizational units of account ${ACCOUNT} are not known, and allowlist rule \`${rule.id}\` asks for them`,
    );
  });

  test.each<[string, Partial<AllowlistRule>]>([
    ['is in force elsewhere', { regions: ['eu-west-1'] }],
    ['has expired', { expires: '2026-11-21' }],
  ])('leaves a denial sure where the rule %s', (_, changes) => {
    const allowlist = compile({ ...rule, organizationalUnits: [BELOW], ...changes } as AllowlistRule, UNKNOWN);

    expect(decide(grant, allowlist, NOW).effect).toBe('deny');
    expect(whyUnitsUnknown(grant, allowlist, NOW)).toBeUndefined();
  });

  test('leaves sure what another rule allows', () => {
    const rules = [
      { ...rule, organizationalUnits: [BELOW] },
      { ...rule, id: 'z' },
    ] as AllowlistRule[];
    const allowlist = new CompiledAllowlist({ version: 1, rules });

    expect(decide(grant, allowlist, NOW)).toEqual({ effect: 'allow', rule: 'z' });
    expect(whyUnitsUnknown(grant, allowlist, NOW)).toBeUndefined();
  });
});

describe('units that are not known', () => {
  test('and an owner that is not: neither is guessed', () => {
    const source = { kind: 'securityGroup', securityGroupId: 'sg-0a' } as const;
    const rule = { id: 'app', caches: ['*'], securityGroupIds: ['sg-0a'], organizationalUnits: [BELOW] };

    expect(whyUnknown(vpcGrant(source), compile(rule, UNKNOWN), NOW)).toContain('the organizational units of account');
    expect(whyUnknown(vpcGrant(source), compile(rule), NOW)).toContain('the owner of security group sg-0a');
  });

  test('are said not to be known by the rule that asks for them, and not by one that asks for something else', () => {
    const source = { kind: 'securityGroup', securityGroupId: 'sg-0a' } as const;
    const anyUnit = { id: 'a', caches: ['*'], securityGroupIds: ['sg-0a'] };
    const rules = [anyUnit, { ...anyUnit, id: 'b', organizationalUnits: [BELOW] }];

    const whyOf = (...some: AllowlistRule[]) =>
      whyUnitsUnknown(vpcGrant(source), new CompiledAllowlist({ version: 1, rules: some }), NOW);

    expect(whyOf(anyUnit)).toBeUndefined();
    expect(whyOf(...rules)).toContain('and allowlist rule `b` asks for them');
  });

  test('leave a denial sure that has another reason, whatever else is not known', () => {
    const group = { kind: 'securityGroup', securityGroupId: 'sg-0a' } as const;
    const elsewhere = { id: 'app', caches: ['*'], securityGroupIds: ['sg-0a'], organizationalUnits: [ELSEWHERE] };
    const list = { kind: 'prefixList', prefixListId: 'pl-0a', entries: ['192.0.2.0/24'] } as const;
    const below = { ...OFFICE, organizationalUnits: [BELOW] };

    expect(whyUnknown(vpcGrant(group), compile(elsewhere), NOW)).toBeUndefined();
    expect(ruleThatMayAllow(vpcGrant(list), compile(below, UNKNOWN), NOW)).toBeUndefined();
  });

  test('and entries of a prefix list that are not: the entries are read first', () => {
    const rule = { ...OFFICE, organizationalUnits: [BELOW] };
    const list = { kind: 'prefixList', prefixListId: 'pl-0a' } as const;
    const read = { ...list, entries: ['10.0.3.0/24'] };

    expect(dependsOnEntries(vpcGrant(list), compile(rule, UNKNOWN), NOW)).toBe(true);
    expect(dependsOnEntries(vpcGrant(read), compile(rule, UNKNOWN), NOW)).toBe(false);
    expect(whyUnknown(vpcGrant(read), compile(rule, UNKNOWN), NOW)).toContain('the organizational units of account');
  });

  test('hold what the rule may allow in part, and nothing more', () => {
    const rule = { ...OFFICE, ports: [6379], organizationalUnits: [BELOW] };
    const onPort = (port: number) => vpcGrant(FROM_OFFICE, { ports: [port] });

    expect(ruleThatMayAllow(onPort(6379), compile(rule, UNKNOWN), NOW)).toBe('office');
    expect(ruleThatMayAllow(onPort(6380), compile(rule, UNKNOWN), NOW)).toBeUndefined();
    const elsewhere = compile({ ...rule, organizationalUnits: [ELSEWHERE] });
    expect(ruleThatMayAllow(onPort(6379), elsewhere, NOW)).toBeUndefined();
  });

  test('hold access by a name that may be gone, and warn of none', () => {
    const rule = { ...OFFICE, caches: ['sessions-ha'], organizationalUnits: [BELOW] };
    const here = { account: ACCOUNT, region: REGION, names: new Set(['sessions', 'sessions-ha']), areAll: true };
    const gone = new GoneNames(compile(rule, UNKNOWN), [here], NOW);

    expect(gone.whyHeld(vpcGrant(FROM_OFFICE))).toContain('names cache `sessions-ha`');
    expect(gone.warnings()).toEqual([]);
  });
});

describe('a name that is gone', () => {
  test.each([
    ['gone where the units of its rule have no cache of that name', BELOW, 1],
    ['not looked for where the rule is not in force', ELSEWHERE, 0],
  ])('is %s', (_, unit, warnings) => {
    const rule = { ...OFFICE, caches: ['sessions-ha'], organizationalUnits: [unit] };
    const here = { account: ACCOUNT, region: REGION, names: new Set(['sessions']), areAll: true };

    expect(new GoneNames(compile(rule), [here], NOW).warnings()).toHaveLength(warnings);
  });
});

describe('an allowlist', () => {
  test.each<[string, boolean, Partial<AllowlistRule>]>([
    ['asks for organizational units if a rule does', true, { organizationalUnits: [BELOW] }],
    ['asks for none otherwise', false, { accounts: [ACCOUNT] }],
  ])('%s', (_, asks, changes) => {
    for (const rule of [OFFICE, WEB]) {
      expect(compile({ ...rule, ...changes } as AllowlistRule).asksForAccountPaths).toBe(asks);
    }
  });

  test.each(['ou-ab12', 'r-ab12', 'ou-ab12-0123abcd'])('takes %s for a unit', (unit) => {
    expect(
      parseAllowlist({ version: 1, rules: [{ ...OFFICE, organizationalUnits: [unit] }] }).problems,
    ).toBeUndefined();
  });

  test.each(['o-ab12cd34ef', '123456789012', 'ou-', 'OU-AB12-0123ABCD', 'r-ab12/ou-ab12-0123abcd', 'ou-*', ''])(
    'does not take %j for one',
    (unit) => {
      const { problems } = parseAllowlist({ version: 1, rules: [{ ...WEB, organizationalUnits: [unit] }] });

      expect(problems).toEqual([
        { path: ['rules', 0, 'organizationalUnits', 0], message: expect.stringContaining('is neither the id of an') },
      ]);
    },
  );
});

describe('the warnings of an allowlist', () => {
  const warningsOf = (unit: string) =>
    findWarnings({ version: 1, rules: [{ ...OFFICE, organizationalUnits: [TOP, unit] }] }, NOW);

  test.each([['r-ab12'], [`r-${'a1'.repeat(16)}`], ['ou-ab12-0123abcd'], [`ou-${'a1'.repeat(16)}-${'b2'.repeat(16)}`]])(
    'take %s for the id of a unit as AWS makes it',
    (unit) => {
      expect(warningsOf(unit)).toEqual([]);
    },
  );

  test.each([
    ['the id of a root that is cut off', 'r-ab1'],
    ['that of a unit that is cut off', 'ou-ab12-0123abc'],
    ['the beginning of one', 'ou-ab12'],
    ['one that is cut off in the middle', 'ou-ab1-0123abcd'],
    ['the id of a root in that of a unit', 'ou-r-ab12'],
  ])('tell that %s matches nothing: %s', (_, unit) => {
    expect(warningsOf(unit)).toEqual([
      {
        path: ['rules', 0, 'organizationalUnits', 1],
        message: `\`${unit}\` matches nothing: ids of organizational units are like ou-ab12-0123abcd, those of roots like r-ab12`,
      },
    ]);
  });
});

describe('the path of an account', () => {
  test.each(['o-ab12cd34ef/r-ab12/ou-ab12-0123abcd/ou-ab12-4567abcd/', 'o-ab12cd34ef/r-ab12/'])(
    'is read and written as AWS does: %s',
    (written) => {
      const path = readAccountPath(written);

      expect(path && writeAccountPath(path)).toBe(written);
    },
  );

  test.each(['r-ab12', 'r-ab12/ou-ab12-0123abcd'])('may lack the organization and the last slash: %s', (written) => {
    expect(readAccountPath(written)?.join('/')).toBe(written);
  });

  test.each([
    '',
    'ou-ab12-0123abcd',
    'o-ab12cd34ef',
    'r-ab12//',
    'ou-ab12/r-ab12/',
    'x r-ab12/',
    `r-ab12/${'ou-ab12-0123abcd/'.repeat(100)}`,
  ])('is not %j', (written) => {
    expect(readAccountPath(written)).toBeUndefined();
  });
});

describe('for any grant, rules, paths and instant,', () => {
  const classic = [arbitraryGrant, arbitraryRules, arbitraryInstant, arbitraryAccountPaths] as const;
  const vpc = [arbitraryCacheGrant, arbitraryVpcRules, arbitraryInstant, arbitraryAccountPaths] as const;
  const SOME = times(1_000);

  test('a grant of a cache is decided as by asking every rule in turn', () => {
    fc.assert(
      fc.property(...vpc, (grant, rules, instant, paths) => {
        const allowlist = new CompiledAllowlist({ version: 1, rules }).withAccountPaths(paths);

        expect(decide(grant, allowlist, instant)).toMatchObject(judgeVpcGrantPlainly(grant, rules, instant, paths));
      }),
      SOME,
    );
  });

  test('units are said not to be known if and only if the account is in some for which it would be allowed', () => {
    const check = (grant: Parameters<typeof decide>[0], rules: AllowlistRule[], instant: Date, paths: AccountPaths) => {
      const allowlist = new CompiledAllowlist({ version: 1, rules }).withAccountPaths(paths);
      const everywhere = new Map([
        [grant.account, rules.flatMap(({ organizationalUnits = [] }) => organizationalUnits)],
      ]);
      const could = decide(grant, allowlist.withAccountPaths(everywhere), instant).effect === 'allow';
      const does = decide(grant, allowlist, instant).effect === 'allow';

      // What else is not known of the grant has other tests.
      const isAllElseKnown =
        grant.kind === 'classic' || grant.source.kind === 'cidr' || grant.source.kind === 'internet';
      if (!isAllElseKnown) return;
      expect(whyUnitsUnknown(grant, allowlist, instant) !== undefined).toBe(
        could && !does && !paths.has(grant.account),
      );
    };
    fc.assert(fc.property(...classic, check), SOME);
    fc.assert(fc.property(...vpc, check), SOME);
  });
});
