import { describe, expect, test } from 'vitest';
import { findWarnings } from '../../../src/policy/allowlist-warnings.ts';
import { parseAllowlist } from '../../../src/policy/parse-allowlist.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import { ACCOUNT, STRANGER } from '../../support/examples/grants.ts';
import { GROUP, OTHER_GROUP } from '../../support/examples/security-groups.ts';

const NOW = new Date('2026-11-23T12:00:00Z');

/** The warnings about rules for the cache `sessions`, as `path: message`. Without an id of its own, a rule is `r` and its number. */
function warningsOf(...rules: readonly Partial<VpcAllowlistRule>[]): string[] {
  const document = { version: 1, rules: rules.map((rule, i) => ({ id: `r${i}`, caches: ['sessions'], ...rule })) };
  const { allowlist } = parseAllowlist(document);
  if (allowlist === undefined) throw new Error('not valid');
  return findWarnings(allowlist, NOW).map(({ path, message }) => `${path.slice(1).join('.')}: ${message}`);
}

test('a rule that opens public endpoints is told so', () => {
  expect(warningsOf({ publicEndpoint: true })).toEqual([
    '0.publicEndpoint: rule `r0` allows anyone on the internet to reach these caches by a public endpoint',
  ]);
});

describe('names of security groups', () => {
  test.each(['*', '**'])('that are every name are told so: %s', (name) => {
    expect(warningsOf({ securityGroupNames: ['web', name] })).toEqual([
      `0.securityGroupNames.1: rule \`r0\` allows every security group of its owners: \`${name}\``,
    ]);
  });

  test('that are ids are told so', () => {
    expect(warningsOf({ securityGroupNames: ['sg-0a*'] })).toEqual([
      '0.securityGroupNames.0: `sg-0a*` matches nothing: no name begins with `sg-`. An id belongs into securityGroupIds',
    ]);
  });

  test.each(['web', '*-web', 'web*', '?*'])('that are some names are not: %s', (name) => {
    expect(warningsOf({ securityGroupNames: [name] })).toEqual([]);
  });

  const foreign: Partial<VpcAllowlistRule> = {
    securityGroupNames: ['web'],
    ownerIds: [STRANGER],
    accounts: [ACCOUNT],
  };

  test('of owners in other accounts only are told to match nothing', () => {
    expect(warningsOf(foreign)).toEqual([
      '0.ownerIds: the securityGroupNames of rule `r0` match nothing: names of groups in other accounts cannot be looked up, so only securityGroupIds can allow them',
    ]);
  });

  test.each<[string, Partial<VpcAllowlistRule>]>([
    ['the account itself is an owner too', { ownerIds: [STRANGER, 'self'] }],
    ['its id is among the owners', { ownerIds: [STRANGER, ACCOUNT] }],
    ['anyone may be the owner', { ownerIds: ['*'] }],
    ['no owner is said', { ownerIds: undefined }],
    ['the rule is for any account', { accounts: undefined }],
    ['the owner may be in a unit of the rule', { organizationalUnits: ['ou-ab12-11111111'] }],
    ['groups are named by their ids', { securityGroupNames: undefined, securityGroupIds: [GROUP] }],
  ])('are not told to match nothing where %s', (_, changes) => {
    expect(warningsOf({ ...foreign, ...changes }).filter((warning) => warning.includes('match nothing'))).toEqual([]);
  });
});

describe('a rule that another one hides', () => {
  const hidden = '1.id: rule `r1` does nothing: rule `r0` allows all that it allows';
  const doingNothing = (...rules: readonly Partial<VpcAllowlistRule>[]) =>
    warningsOf(...rules).filter((warning) => warning.includes('does nothing'));

  test.each<[string, Partial<VpcAllowlistRule>, Partial<VpcAllowlistRule>]>([
    ['opens the public endpoint too', { publicEndpoint: true }, { publicEndpoint: true, ports: [6379] }],
    [
      'opens the public endpoint and more',
      { publicEndpoint: true, cidrs: ['10.0.0.0/16'] },
      { cidrs: ['10.0.0.0/24'] },
    ],
    ['has one of its names among others', { securityGroupNames: ['db-*', 'web'] }, { securityGroupNames: ['web'] }],
    ['has one of its ids among others', { securityGroupIds: [GROUP, OTHER_GROUP] }, { securityGroupIds: [GROUP] }],
  ])('is told: the other one %s', (_, wide, narrow) => {
    expect(doingNothing(wide, narrow)).toEqual([hidden]);
  });

  test.each<[string, Partial<VpcAllowlistRule>, Partial<VpcAllowlistRule>]>([
    ['does not open the public endpoint', { cidrs: ['0.0.0.0/0'] }, { publicEndpoint: true }],
    ['has none of its names', { securityGroupNames: ['db-*'] }, { securityGroupNames: ['web'] }],
    ['has none of its ids', { securityGroupIds: [OTHER_GROUP] }, { securityGroupIds: [GROUP] }],
    ['has none of its prefix lists', { prefixListIds: ['pl-0a'] }, { prefixListIds: ['pl-0b'] }],
    ['has none of any kind', { cidrs: ['10.0.0.0/8'] }, { securityGroupIds: [GROUP], prefixListIds: ['pl-0b'] }],
  ])('is none where the other one %s', (_, wide, narrow) => {
    expect(doingNothing(wide, narrow)).toEqual([]);
  });
});

describe('ranges of several rules that together allow nearly every address', () => {
  const together = (...rules: readonly Partial<VpcAllowlistRule>[]) =>
    warningsOf(...rules).filter((warning) => warning.includes('together'));
  const message = (rules: string, cache = 'sessions') =>
    `the ranges of rules ${rules} together allow nearly every address there is to cache \`${cache}\``;
  const EIGHT = ['8.0.0.0/8'];
  const NINE = ['9.0.0.0/8'];

  test('are told once, at the first of the rules', () => {
    expect(together({ cidrs: EIGHT }, { cidrs: NINE })).toEqual([`0.cidrs: ${message('`r0`, `r1`')}`]);
  });

  test('are told with the pattern of a cache where no name is there', () => {
    expect(together({ caches: ['s*'], cidrs: EIGHT }, { caches: ['s*'], cidrs: NINE })).toEqual([
      `0.cidrs: ${message('`r0`, `r1`', 's*')}`,
    ]);
  });

  test('are told with five of the rules and the number of the others', () => {
    const parts = ['8.0.0.0/9', '8.128.0.0/9', '9.0.0.0/9', '9.128.0.0/10', '9.192.0.0/11', '9.224.0.0/11'];
    const rules = parts.map((cidr) => ({ cidrs: [cidr] }));
    const five = '`r0`, `r1`, `r2`, `r3`, `r4`';

    expect(together(...rules)).toEqual([`0.cidrs: ${message(`${five} and 1 more`)}`]);
    expect(together(...rules.slice(0, 4), { cidrs: parts.slice(4) })).toEqual([`0.cidrs: ${message(five)}`]);
  });

  test('are told without the rules that have no part in it', () => {
    const rules = [
      { cidrs: EIGHT },
      { securityGroupIds: [GROUP] },
      { cidrs: ['0.0.0.0/0'] },
      { caches: ['carts'], cidrs: NINE },
      { cidrs: NINE },
    ];

    expect(together(...rules)).toEqual([`0.cidrs: ${message('`r0`, `r4`')}`]);
  });

  test('are told for each set of rules that has them, whatever rules share a cache besides', () => {
    const rules = [
      { id: 'a', caches: ['x'], cidrs: EIGHT },
      { id: 'bc', caches: ['x'], cidrs: ['20.0.0.0/8'] },
      { id: 'ab', caches: ['y'], cidrs: ['30.0.0.0/8'] },
      { id: 'c', caches: ['y', 'z'], cidrs: ['31.0.0.0/8'] },
      { id: 'd', caches: ['z'], cidrs: ['30.0.0.0/9', '30.128.0.0/9'] },
    ];

    expect(together(...rules)).toEqual([
      `2.cidrs: ${message('`ab`, `c`', 'y')}`,
      `3.cidrs: ${message('`c`, `d`', 'z')}`,
    ]);
  });

  test('are not added up where a pattern begins as the name of the cache does and does not cover it', () => {
    expect(together({ caches: ['sb'], cidrs: EIGHT }, { caches: ['s*a'], cidrs: NINE })).toEqual([]);
  });

  const OTHER_UNIT = { organizationalUnits: ['ou-ab12-11111111'] };
  test.each<[string, Partial<VpcAllowlistRule>, Partial<VpcAllowlistRule>]>([
    ['only the first has regions', { regions: ['us-east-1'] }, {}],
    ['only the second has regions', {}, { regions: ['us-east-1'] }],
    ['one region is the same', { regions: ['us-east-1', 'eu-west-1'] }, { regions: ['eu-west-1', 'eu-west-3'] }],
    ['one account is the same', { accounts: [ACCOUNT, STRANGER] }, { accounts: ['4444-5555-6666'] }],
    ['units may have the account', { accounts: [ACCOUNT], ...OTHER_UNIT }, { accounts: [STRANGER] }],
  ])('are added up where the rules may be for one place: %s', (_, one, other) => {
    expect(together({ cidrs: EIGHT, ...one }, { cidrs: NINE, ...other })).toEqual([
      `0.cidrs: ${message('`r0`, `r1`')}`,
    ]);
  });
});
