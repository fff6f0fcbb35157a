import { describe, expect, test } from 'vitest';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import type { VpcAllowlistRule } from '../../../src/policy/vpc/allowlist-rule.ts';
import { GoneNames, type PlaceNames } from '../../../src/policy/vpc/gone-names.ts';
import type { VpcGrant } from '../../../src/policy/vpc/grant.ts';
import { ACCOUNT, REGION, STRANGER, vpcGrant } from '../../support/examples/grants.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const OTHER_REGION = 'eu-west-1';
const HERE: PlaceNames = { account: ACCOUNT, region: REGION, names: new Set(['sessions', 'carts']), areAll: true };
const THERE: PlaceNames = { account: ACCOUNT, region: OTHER_REGION, names: new Set(['prices']), areAll: true };
const RULE: VpcAllowlistRule = { id: 'office', caches: ['Sessions-HA'], cidrs: ['10.0.0.0/16'] };

const find = (rules: readonly VpcAllowlistRule[], ...places: readonly PlaceNames[]) =>
  new GoneNames(new CompiledAllowlist({ version: 1, rules }), places, NOW);
const grantFrom = (cidr: string, changes: Partial<VpcGrant> = {}): VpcGrant => ({
  ...vpcGrant({ kind: 'cidr', cidr }),
  ...changes,
});
const WARNING =
  'allowlist rule `office` names cache `sessions-ha`, which no longer exists: ' +
  'was it renamed or its replication group dissolved? Correct the name in the rule, or remove it';

describe('a name that no cache has any more', () => {
  test('is warned of, and holds what its rule would allow by it', () => {
    const gone = find([RULE], HERE);

    expect(gone.warnings()).toEqual([{ rule: 'office', text: WARNING }]);
    expect(gone.whyHeld(grantFrom('10.0.3.0/24'))).toBe(WARNING);
  });

  test.each<[string, Partial<VpcGrant>, Partial<VpcAllowlistRule>]>([
    ['another source', { source: { kind: 'cidr', cidr: '0.0.0.0/0' } }, {}],
    ['another account', {}, { accounts: [STRANGER] }],
    ['another region', {}, { regions: [OTHER_REGION] }],
    ['another port', {}, { ports: [6380] }],
    ['an earlier day', {}, { expires: '2026-11-22' }],
  ])('holds nothing that its rule would not allow anyway: %s', (_, changes, ruleChanges) => {
    const gone = find([{ ...RULE, ...ruleChanges }], HERE, THERE);

    expect(gone.whyHeld(grantFrom('10.0.3.0/24', changes))).toBeUndefined();
  });

  test.each<[string, Partial<VpcAllowlistRule>]>([
    ['is there', { caches: ['carts', 'sessions'] }],
    ['is a pattern', { caches: ['sessions-*', 'session-h?'] }],
    ['is elsewhere in the scope of the rule', { caches: ['prices'] }],
  ])('is not one that %s', (_, changes) => {
    const gone = find([{ ...RULE, ...changes }], HERE, THERE);

    expect(gone.warnings()).toEqual([]);
    expect(gone.whyHeld(grantFrom('10.0.3.0/24'))).toBeUndefined();
  });

  test.each([
    ['prices-001', 'a cluster'],
    ['prices-0002-001', 'a cluster of a shard'],
  ])('holds access to %s, %s of a replication group that was dissolved here and is there elsewhere', (cacheName) => {
    const gone = find([{ ...RULE, caches: ['prices'] }], HERE, THERE);
    const left = vpcGrant({ kind: 'cidr', cidr: '10.0.3.0/24' }, { cacheName });

    expect(gone.whyHeld(left)).toBe(
      'allowlist rule `office` names cache `prices`, which no longer exists in us-east-1: ' +
        `was its replication group dissolved? Add \`${cacheName}\` to the rule, or limit the rule to its regions`,
    );
    expect(gone.whyHeld({ ...left, region: OTHER_REGION })).toBeUndefined();
    expect(gone.whyHeld({ ...left, source: { kind: 'cidr', cidr: '0.0.0.0/0' } })).toBeUndefined();
    expect(gone.warnings()).toEqual([]);
  });

  test.each<[string, string, Partial<VpcGrant>]>([
    ['whose name has such a number within', 'prices-001-blue', {}],
    ['whose name is no cluster, and that is new since', 'prices-blue', {}],
    ['in a region whose caches were not asked for', 'prices-blue-001', { region: 'eu-west-3' }],
  ])('does not hold access to a cache %s', (_, cacheName, changes) => {
    const gone = find([{ ...RULE, caches: ['prices-blue', 'prices-blu?'] }], HERE, {
      ...THERE,
      names: new Set(['prices-blue']),
    });

    expect(gone.whyHeld({ ...vpcGrant({ kind: 'cidr', cidr: '10.0.3.0/24' }, { cacheName }), ...changes })).toBe(
      undefined,
    );
  });

  test('holds nothing by the rules whose names are all there', () => {
    const gone = find([RULE, { ...RULE, id: 'carts', caches: ['carts'], cidrs: ['192.0.2.0/24'] }], HERE);

    expect(gone.whyHeld(grantFrom('10.0.3.0/24'))).toBe(WARNING);
    expect(gone.whyHeld(grantFrom('192.0.2.0/24'))).toBeUndefined();
  });

  test('holds by a rule that is for one of two accounts surely and for the other perhaps', () => {
    const unit = 'ou-ab12-11111111';
    const allowlist = new CompiledAllowlist({ version: 1, rules: [{ ...RULE, organizationalUnits: [unit] }] });
    const withPath = allowlist.withAccountPaths(new Map([[ACCOUNT, ['o-ab12cd34ef', 'r-ab12', unit]]]));
    const gone = new GoneNames(withPath, [HERE, { ...HERE, account: STRANGER }], NOW);

    expect(gone.whyHeld(grantFrom('10.0.3.0/24'))).toBe(WARNING);
    expect(gone.warnings()).toEqual([]);
  });

  test('is one that another place has, outside of the scope of the rule', () => {
    const gone = find([{ ...RULE, caches: ['prices'], regions: [REGION], accounts: [ACCOUNT] }], HERE, THERE);

    expect(gone.warnings()).toHaveLength(1);
    expect(gone.whyHeld(grantFrom('10.0.3.0/24'))).toContain('`prices`');
  });

  test('is not warned of where not every cache was seen, but holds: nothing is revoked on doubt', () => {
    const gone = find([RULE], HERE, { ...THERE, areAll: false });

    expect(gone.warnings()).toEqual([]);
    expect(gone.whyHeld(grantFrom('10.0.3.0/24'))).toBe(WARNING);
  });

  test('is not warned of where no place of the scope was looked at, nor of a rule that has expired', () => {
    const rules = [
      { ...RULE, accounts: [STRANGER] },
      { ...RULE, id: 'old', expires: '2026-11-22' },
    ];

    expect(find(rules, HERE).warnings()).toEqual([]);
  });

  test('holds by every rule where the clock tells no time', () => {
    const rules = [{ ...RULE, expires: '2026-11-22' }];
    const gone = new GoneNames(new CompiledAllowlist({ version: 1, rules }), [HERE], new Date(Number.NaN));

    expect(gone.whyHeld(grantFrom('10.0.3.0/24'))).toBe(WARNING);
  });

  test('is found also with an account id with hyphens, and shown with a few others', () => {
    const hyphens = `${ACCOUNT.slice(0, 4)}-${ACCOUNT.slice(4, 8)}-${ACCOUNT.slice(8)}`;
    const caches = ['a', 'b', 'c', 'd', 'sessions'];

    const [warning] = find([{ ...RULE, caches, accounts: [hyphens] }], HERE).warnings();

    expect(warning?.text).toContain('names caches `a`, `b`, `c`, 1 more, which no longer exist: ');
    expect(find([{ ...RULE, caches: ['a', 'b', 'c'] }], HERE).warnings()[0]?.text).toContain(
      'names caches `a`, `b`, `c`, which no longer exist: ',
    );
  });
});
