import { describe, expect, test } from 'vitest';
import type { Needs } from '../../src/enforcement/look/needs.ts';
import { type PublicEndpoint, type Revocable, revocationIdOf } from '../../src/enforcement/look/revocable.ts';
import { MODES, type Mode } from '../../src/enforcement/mode.ts';
import { dependsOnNeeds, HELD_BECAUSE_SHARED, planRevocations, settledOf } from '../../src/enforcement/plan.ts';
import { ACCOUNT, REGION, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
import { ruleWith } from '../support/examples/security-groups.ts';

const place = { account: ACCOUNT, region: REGION };
const ALLOW = { effect: 'allow', rule: 'office' } as const;
const DENY = { effect: 'deny', reasons: [{ covers: [], misses: ['cache'], text: 'no rule covers it' }] } as const;

const grantTo = (cacheSecurityGroupName: string) => ({ ...strangersGrant, target: { cacheSecurityGroupName } });

/** A grant of a cache security group. */
const grant = (id: string, isDenied: boolean, status = 'authorized'): Revocable => ({
  kind: 'classic',
  place,
  isDenied,
  grant: grantTo(id),
  grants: [{ grant: grantTo(id), status, decision: isDenied ? DENY : ALLOW }],
});

/** A rule of a security group that makes one grant. */
const rule = (id: string, isDenied: boolean): Revocable => ({
  kind: 'vpc',
  place,
  isDenied,
  rule: ruleWith({ securityGroupRuleId: id }),
  isNew: false,
  isMixed: false,
  alsoAllowed: [],
  opensCachePortsOnly: false,
  grantCount: 1,
  grants: [
    { grant: vpcGrant({ kind: 'cidr', cidr: '0.0.0.0/0' }), status: 'listed', decision: isDenied ? DENY : ALLOW },
  ],
});

const needed = (...ids: readonly string[]): Needs => ({
  neededByOthers: new Set(ids.map((id) => revocationIdOf(rule(id, true)))),
  untold: [],
});

const nameOf = (one: Revocable): string =>
  one.kind === 'vpc' ? one.rule.securityGroupRuleId : one.grant.target.cacheSecurityGroupName;

/** What is to be revoked, and the outcomes of the rest: `{ a: 'revoke', b: 'allowed' }`. */
function planOf(
  seen: readonly Revocable[],
  { mode = 'enforce', maxRevocations = 10, needs }: { mode?: Mode; maxRevocations?: number; needs?: Needs } = {},
) {
  const plan = planRevocations(seen, { mode, mixed: 'hold', maxRevocations }, needs);
  const outcomes = seen.map((one) => [nameOf(one), settledOf(one, plan)?.outcome ?? 'revoke'] as const);
  expect(plan.revocations).toEqual(seen.filter((one) => settledOf(one, plan) === undefined));
  return Object.fromEntries(outcomes);
}

describe('a public endpoint', () => {
  const target = { cacheName: 'open', ports: [6379] };
  const endpoint = (isDenied: boolean): PublicEndpoint => ({
    kind: 'public',
    place,
    isDenied,
    cacheName: 'open',
    grants: [
      {
        grant: { kind: 'vpc', ...place, target, source: { kind: 'internet' } },
        status: 'listed',
        decision: isDenied ? DENY : ALLOW,
      },
    ],
  });

  test.each(MODES)('that is denied is held in mode %s, and does not count to the limit', (mode) => {
    const seen = [endpoint(true), rule('a', true)];

    const plan = planRevocations(seen, { mode, mixed: 'hold', maxRevocations: 1 });

    expect(settledOf(endpoint(true), plan)).toMatchObject({
      outcome: 'held',
      heldBecause: 'public',
      problem: expect.stringMatching(/^no call takes a public endpoint away: make a new serverless cache without one/),
    });
    expect(plan.revocations).toEqual(mode === 'enforce' ? [seen[1]] : []);
    expect(plan.overLimit).toBeUndefined();
  });

  test.each(MODES)('that is allowed is allowed in mode %s', (mode) => {
    const plan = planRevocations([endpoint(false)], { mode, mixed: 'hold', maxRevocations: 1 });

    expect(settledOf(endpoint(false), plan)).toEqual({ outcome: 'allowed' });
  });
});

describe.each([
  ['a grant', grant],
  ['a rule', rule],
] as const)('%s', (_, one) => {
  test.each(MODES)('that is allowed is allowed in mode %s', (mode) => {
    expect(planOf([one('a', false)], { mode })).toEqual({ a: 'allowed' });
  });

  test('that is denied is to be revoked in mode enforce, and would be in report-only', () => {
    expect(planOf([one('a', true)])).toEqual({ a: 'revoke' });
    expect(planOf([one('a', true)], { mode: 'report-only' })).toEqual({ a: 'would-revoke' });
  });

  test('that is denied is held where more are denied than may be revoked at once', () => {
    const seen = [one('a', true), one('b', true), one('c', false)];

    expect(planOf(seen, { maxRevocations: 2 })).toEqual({ a: 'revoke', b: 'revoke', c: 'allowed' });
    expect(planOf(seen, { maxRevocations: 1 })).toEqual({ a: 'held', b: 'held', c: 'allowed' });
    expect(planOf(seen, { maxRevocations: 0, mode: 'report-only' })).toEqual({
      a: 'would-revoke',
      b: 'would-revoke',
      c: 'allowed',
    });
  });
});

describe('a grant that is being revoked already', () => {
  test.each(MODES)('is already gone in mode %s if it is denied, and does not count to the limit', (mode) => {
    const seen = [grant('a', true, 'revoking'), grant('b', true)];

    expect(planOf(seen, { mode, maxRevocations: 1 })).toMatchObject({ a: 'already-gone' });
    expect(planOf(seen, { maxRevocations: 1 })).toEqual({ a: 'already-gone', b: 'revoke' });
  });

  test('is allowed if a rule allows it', () => {
    expect(planOf([grant('a', false, 'revoking')])).toEqual({ a: 'allowed' });
  });
});

describe('the limit', () => {
  test('counts both kinds and every place together', () => {
    const elsewhere = { ...rule('c', true), place: { ...place, account: '777788889999' } };
    const seen = [grant('a', true), rule('b', true), elsewhere];

    expect(planOf(seen, { maxRevocations: 3 })).toEqual({ a: 'revoke', b: 'revoke', c: 'revoke' });
    expect(planOf(seen, { maxRevocations: 2 })).toEqual({ a: 'held', b: 'held', c: 'held' });
  });

  test('says how many are due if they are too many, and nothing else', () => {
    const seen = [rule('a', true), rule('b', true)];

    expect(planRevocations(seen, { mode: 'enforce', mixed: 'hold', maxRevocations: 1 }).overLimit).toBe(2);
    expect(planRevocations(seen, { mode: 'enforce', mixed: 'hold', maxRevocations: 2 })).not.toHaveProperty(
      'overLimit',
    );
  });

  test('does not count rules that others need: these are held, with why, and the others go', () => {
    const seen = [rule('a', true), rule('b', true)];
    const needs = needed('a');

    const { settled } = planRevocations(seen, { mode: 'enforce', mixed: 'hold', maxRevocations: 1 }, needs);

    expect(planOf(seen, { maxRevocations: 1, needs })).toEqual({ a: 'held', b: 'revoke' });
    expect([...settled.values()]).toEqual([{ outcome: 'held', heldBecause: 'shared', problem: HELD_BECAUSE_SHARED }]);
  });

  test('depends on what others need only where it would be exceeded', () => {
    const seen = [rule('a', true), rule('b', true), rule('c', false), grant('d', true, 'revoking')];

    expect(dependsOnNeeds(seen, { mode: 'enforce', mixed: 'hold', maxRevocations: 2 })).toBe(false);
    expect(dependsOnNeeds(seen, { mode: 'enforce', mixed: 'hold', maxRevocations: 1 })).toBe(true);
    expect(dependsOnNeeds(seen, { mode: 'report-only', mixed: 'hold', maxRevocations: 0 })).toBe(false);
  });
});

test('everything that is denied is either to be revoked or settled, and never both', () => {
  const seen = [grant('a', true), grant('b', false), rule('c', true), rule('d', false), grant('e', true, 'revoking')];
  const denied = seen.filter(({ isDenied }) => isDenied);

  for (const mode of MODES) {
    for (const maxRevocations of [0, 1, 2, Number.POSITIVE_INFINITY]) {
      for (const needs of [needed(), needed('c')]) {
        const plan = planRevocations(seen, { mode, mixed: 'hold', maxRevocations }, needs);
        const ids = [...plan.revocations.map(revocationIdOf), ...plan.settled.keys()];
        expect(ids.sort()).toEqual(denied.map(revocationIdOf).sort());
      }
    }
  }
});

describe('a security group rule that makes an allowed and a denied grant', () => {
  const { securityGroupId, securityGroupRuleId } = vpcGrant({ kind: 'cidr', cidr: '10.0.1.0/24' }).target;
  const to = (cacheName: string) => ({
    ...vpcGrant({ kind: 'cidr', cidr: '10.0.1.0/24' }),
    target: { cacheName, ports: [6379], securityGroupId, securityGroupRuleId },
  });
  const mixed = (isNew: boolean): Revocable => ({
    ...(rule('a', true) as Extract<Revocable, { kind: 'vpc' }>),
    isNew,
    isMixed: true,
    grants: [
      { grant: to('sessions'), status: 'listed', decision: ALLOW },
      { grant: to('tmp-load-test'), status: 'listed', decision: DENY },
    ],
  });
  const planned = (one: Revocable, how: { mode: Mode; mixed: 'hold' | 'revoke' }) =>
    settledOf(one, planRevocations([one], { ...how, maxRevocations: 10 }));

  test.each(MODES)('is held in mode %s while it stands, and both are named', (mode) => {
    expect(planned(mixed(false), { mode, mixed: 'hold' })).toEqual({
      outcome: 'held',
      heldBecause: 'mixed',
      problem:
        'the security group rule also gives access that the allowlist allows, to `sessions` (allowlist rule `office`). ' +
        'It is not allowed for `tmp-load-test`: move that cache to another security group, or allow the access',
    });
  });

  test('is to be revoked while it is new: no one lives by it yet', () => {
    expect(planned(mixed(true), { mode: 'enforce', mixed: 'hold' })).toBeUndefined();
    expect(planned(mixed(true), { mode: 'report-only', mixed: 'hold' })).toEqual({ outcome: 'would-revoke' });
  });

  test('is to be revoked where the setting says so', () => {
    expect(planned(mixed(false), { mode: 'enforce', mixed: 'revoke' })).toBeUndefined();
    expect(planned(mixed(false), { mode: 'report-only', mixed: 'revoke' })).toEqual({ outcome: 'would-revoke' });
  });

  test('does not count to the limit on revocations', () => {
    const plan = planRevocations([mixed(false), rule('b', true)], {
      mode: 'enforce',
      mixed: 'hold',
      maxRevocations: 1,
    });

    expect(plan.revocations).toEqual([rule('b', true)]);
  });
});
