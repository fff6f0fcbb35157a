import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import { decide, dependsOnEntries } from '../../../src/policy/decide.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import type { VpcGrant } from '../../../src/policy/vpc/grant.ts';
import { judgeRule } from '../../../src/policy/vpc/judge-rule.ts';
import { readVpcSource } from '../../../src/policy/vpc/read-source.ts';
import { type PrefixListSource, shortenSource } from '../../../src/policy/vpc/source.ts';
import { ACCOUNT, REGION, strangersGrant } from '../../support/examples/grants.ts';
import { GROUP, RULE, ruleFrom, sessions } from '../../support/examples/security-groups.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const OFFICE: VpcAllowlistRule = { id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/16', '2001:db8::/32'] };

const listOf = (...entries: readonly string[]): PrefixListSource => {
  return { kind: 'prefixList', prefixListId: 'pl-0a', entries };
};
const UNREAD: PrefixListSource = { kind: 'prefixList', prefixListId: 'pl-0a' };

function grantFrom(source: PrefixListSource): VpcGrant {
  const target = { cacheName: 'sessions', ports: [6379], securityGroupId: GROUP, securityGroupRuleId: RULE };
  return { kind: 'vpc', account: ACCOUNT, region: REGION, target, source };
}

const compile = (...rules: readonly VpcAllowlistRule[]) => new CompiledAllowlist({ version: 1, rules });

/** The rule that allows, or the first reason why none does. */
function decisionOn(source: PrefixListSource, ...rules: readonly VpcAllowlistRule[]) {
  const decision = decide(grantFrom(source), compile(...rules), NOW);
  return decision.effect === 'allow' ? decision.rule : decision.reasons[0]?.text;
}

describe('a prefix list', () => {
  test.each([
    ['whose id an allowlist rule names, whatever it holds', { prefixListIds: ['pl-0a'] }, listOf('0.0.0.0/0')],
    ['whose id an allowlist rule names, empty', { prefixListIds: ['pl-0a'] }, listOf()],
    ['whose id an allowlist rule names, unread', { prefixListIds: ['pl-0a'] }, UNREAD],
    ['of one entry inside a range of the rule', {}, listOf('10.0.3.0/24')],
    ['of entries inside different ranges of one rule', {}, listOf('10.0.3.0/24', '10.0.0.0/16', '2001:db8:1::/48')],
  ])('%s is allowed', (_, changes, source) => {
    expect(decisionOn(source, { ...OFFICE, ...changes })).toBe('office');
  });

  const missing = 'rule `office` covers the cache but not prefix list `pl-0a`';
  test.each([
    ['an entry outside', listOf('10.0.3.0/24', '203.0.113.0/24'), ' (not covered: 203.0.113.0/24, of 2 entries)'],
    ['an entry that is too wide', listOf('10.0.0.0/8'), ' (not covered: 10.0.0.0/8, of 1 entry)'],
    [
      'several entries outside',
      listOf('192.0.2.0/24', '10.0.0.1/32', '198.51.100.0/24', '::/0'),
      ' (not covered: 192.0.2.0/24 and 2 more, of 4 entries)',
    ],
    ['no entry, because it can get any', listOf(), ' (it has no entries, and can get any)'],
    ['entries that were not read', UNREAD, ''],
  ])('with %s is denied, and the decision says which entry is not covered', (_, source, text) => {
    expect(decisionOn(source, OFFICE)).toBe(`${missing}${text}`);
  });

  test('is denied if only two allowlist rules together cover its entries', () => {
    const other = { ...OFFICE, id: 'vpn', cidrs: ['192.0.2.0/24'] };

    expect(decisionOn(listOf('10.0.3.0/24', '192.0.2.0/24'), OFFICE, other)).toBe(
      `${missing} (not covered: 192.0.2.0/24, of 2 entries)`,
    );
  });

  test('that no allowlist rule comes near is denied with its first entry', () => {
    expect(decisionOn(listOf('192.0.2.0/24', '10.0.0.0/24'), { ...OFFICE, caches: ['carts'], cidrs: ['::/0'] })).toBe(
      'no rule covers cache `sessions` or prefix list `pl-0a` (not covered: 192.0.2.0/24 and 1 more, of 2 entries)',
    );
  });

  test('is allowed by ranges exactly if each of its entries would be', () => {
    const octet = fc.integer({ min: 0, max: 3 });
    const range = fc.tuple(octet, octet, fc.constantFrom(8, 16, 24)).map(([a, b, length]) => {
      return length === 8 ? `${a}.0.0.0/8` : length === 16 ? `${a}.${b}.0.0/16` : `${a}.${b}.7.0/24`;
    });
    const rules = fc.array(fc.array(range, { minLength: 1, maxLength: 4 }), { maxLength: 4 });

    fc.assert(
      fc.property(rules, fc.array(range, { minLength: 1, maxLength: 4 }), (cidrLists, entries) => {
        const written = cidrLists.map((cidrs, index) => ({ ...OFFICE, id: `r${index}`, cidrs }));
        const allows = (rule: VpcAllowlistRule, cidr: string) => {
          const grant = { ...grantFrom(UNREAD), source: { kind: 'cidr', cidr } as const };
          return decide(grant, compile(rule), NOW).effect === 'allow';
        };

        const { effect } = decide(grantFrom(listOf(...entries)), compile(...written), NOW);

        const expected = written.some((rule) => entries.every((entry) => allows(rule, entry)));
        expect(effect).toBe(expected ? 'allow' : 'deny');
      }),
    );
  });
});

describe('a decision on a prefix list whose entries are not known', () => {
  test.each<[boolean, string, Partial<VpcAllowlistRule>]>([
    [true, 'an allowlist rule that only its entries keep from allowing it', {}],
    [false, 'a rule that allows it by its id', { prefixListIds: ['pl-0a'] }],
    [false, 'a rule that names no ranges', { cidrs: undefined, securityGroupIds: ['sg-0a'] }],
    [false, 'a rule about another cache', { caches: ['carts'] }],
    [false, 'a rule about other ports', { ports: [6380] }],
    [false, 'a rule that expired', { expires: '2026-11-22' }],
  ])('depends on them: %s, with %s', (expected, _, changes) => {
    const allowlist = compile({ ...OFFICE, ...changes });

    expect(dependsOnEntries(grantFrom(UNREAD), allowlist, NOW)).toBe(expected);
    expect(judgeRule(ruleFrom(UNREAD), [sessions], allowlist, NOW).dependsOnEntries).toBe(expected);
  });

  test('depends on them no more where one rule allows it by its id, whatever rules have ranges', () => {
    const byId = { id: 'lists', caches: ['sessions'], prefixListIds: ['pl-0a'] };

    expect(dependsOnEntries(grantFrom(UNREAD), compile(OFFICE, byId), NOW)).toBe(false);
  });

  test('depends on them also where one of them is no range, and it is not allowed by the others', () => {
    const source = listOf('10.0.3.0/24', 'office');

    expect(decisionOn(source, OFFICE)).toBe('rule `office` covers the cache but not prefix list `pl-0a`');
    expect(dependsOnEntries(grantFrom(source), compile(OFFICE), NOW)).toBe(true);
  });

  test('is none where the grant is one of a cache security group', () => {
    expect(dependsOnEntries(strangersGrant, compile(OFFICE), NOW)).toBe(false);
  });

  test('also depends on them if only the first of them are known', () => {
    const source = { ...listOf('10.0.3.0/24'), entryCount: 30 };

    expect(dependsOnEntries(grantFrom(source), compile(OFFICE), NOW)).toBe(true);
    expect(dependsOnEntries(grantFrom(listOf('192.0.2.0/24')), compile(OFFICE), NOW)).toBe(false);
  });
});

describe('a finding on a prefix list', () => {
  const entries = Array.from({ length: 1_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);

  test('holds the first 20 of its entries and their number, though all of them were judged', () => {
    const judged = judgeRule(ruleFrom(listOf(...entries, '192.0.2.0/24')), [sessions], compile(OFFICE), NOW);

    const [one] = judged.grants;
    expect(one && shortenSource(one.grant.source)).toEqual({ ...listOf(...entries.slice(0, 20)), entryCount: 1_001 });
    expect(one?.decision).toMatchObject({
      effect: 'deny',
      reasons: [{ text: expect.stringContaining('10.1.0.0/24 and 744 more, of 1001 entries') }],
    });
  });

  test('holds one for nearly everybody before all others, wherever it is in the list', () => {
    const source = listOf(...entries, '0.0.0.0/0', '8000::/1');

    expect(shortenSource(source)).toEqual({
      ...listOf('0.0.0.0/0', '8000::/1', ...entries.slice(0, 18)),
      entryCount: 1_002,
    });
  });

  test('holds all of them if they are few', () => {
    const source = listOf(...entries.slice(0, 20));

    expect(shortenSource(source)).toEqual(source);
  });

  test('is read as it was written, and not if its entries are none', () => {
    const short = { ...listOf('10.0.0.0/24'), entryCount: 30 };

    expect(readVpcSource(short)).toEqual({ source: short });
    expect(readVpcSource({ ...UNREAD, entries: ['10.0.0.9/24'] })).toEqual({ source: listOf('10.0.0.0/24') });
    expect(readVpcSource({ ...UNREAD, entries: ['office'] }).problem).toMatch(/entries of prefix list pl-0a/);
    expect(readVpcSource({ ...short, entryCount: 1 }).problem).toMatch(/entryCount of prefix list pl-0a/);
    expect(readVpcSource({ cidr: '10.0.0.0/24', entries: [] }).problem).toMatch(/entries are of a prefix list/);
  });
});
