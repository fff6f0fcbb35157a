import { describe, expect, test } from 'vitest';
import type { Needs } from '../../src/enforcement/look/needs.ts';
import {
  type AllowedAccess,
  type PublicEndpoint,
  type Revocable,
  type RevocableRule,
  revocationIdOf,
} from '../../src/enforcement/look/revocable.ts';
import { MODES, type Mode } from '../../src/enforcement/mode.ts';
import { dependsOnNeeds, HELD_BECAUSE_SHARED, planRevocations, settledOf } from '../../src/enforcement/plan.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import { GoneNames } from '../../src/policy/vpc/gone-names.ts';
import { NOW } from '../support/examples/audited.ts';
import { ACCOUNT, REGION, STRANGER, strangersGrant, vpcGrant } from '../support/examples/grants.ts';
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
const rule = (id: string, isDenied: boolean): RevocableRule => ({
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

  test('holds no rule for others where it is not exceeded: what else its group guards is asked before it is revoked', () => {
    const seen = [rule('a', true)];

    expect(planOf(seen, { maxRevocations: 1, needs: needed('a') })).toEqual({ a: 'revoke' });
  });

  test('says that a rule is held because its security group guards more than caches', () => {
    const seen = [rule('a', true), rule('b', true)];
    const how = { mode: 'enforce', mixed: 'hold', maxRevocations: 1 } as const;

    expect(settledOf(rule('a', true), planRevocations(seen, how, needed('a')))?.problem).toBe(
      'the rule opens more than cache ports, and its security group also guards something other than caches',
    );
  });

  test('depends on what others need only where it would be exceeded', () => {
    const seen = [rule('a', true), rule('b', true), rule('c', false), grant('d', true, 'revoking')];

    expect(dependsOnNeeds(seen, { mode: 'enforce', mixed: 'hold', maxRevocations: 2 })).toBe(false);
    expect(dependsOnNeeds(seen, { mode: 'enforce', mixed: 'hold', maxRevocations: 1 })).toBe(true);
    expect(dependsOnNeeds(seen, { mode: 'report-only', mixed: 'hold', maxRevocations: 0 })).toBe(false);
  });
});

describe('a denied rule of a security group that another account owns and shares', () => {
  const shared = { ...rule('a', true), place: { ...place, account: STRANGER } };
  const planned = (one: Revocable, mode: Mode = 'enforce') =>
    settledOf(one, planRevocations([one], { mode, mixed: 'hold', maxRevocations: 10, revocableIn: ACCOUNT }));

  test('fails, and says which account can revoke it', () => {
    expect(planned(shared)).toEqual({
      outcome: 'failed',
      error: new Error(
        `account ${STRANGER} owns its security group and shares it, so only that account can revoke the rule: revoke it there, or allow the access`,
      ),
    });
  });

  test('does not count to the limit on revocations', () => {
    const how = { mode: 'enforce', mixed: 'hold', maxRevocations: 1, revocableIn: ACCOUNT } as const;

    expect(planRevocations([shared, rule('b', true)], how).revocations).toEqual([rule('b', true)]);
  });

  test('would be revoked in mode report-only, where no one tries', () => {
    expect(planned(shared, 'report-only')).toEqual({ outcome: 'would-revoke' });
  });

  test('is unlike a rule of the one account in which revocations can be made: that is to be revoked', () => {
    expect(planned(rule('a', true))).toBeUndefined();
  });
});

describe('a denied rule, where the allowlist names a cache that is gone', () => {
  const source = { kind: 'cidr', cidr: '10.0.1.0/24' } as const;
  const allowlist = new CompiledAllowlist({
    version: 1,
    rules: [{ id: 'old', caches: ['carts'], cidrs: ['10.0.0.0/8'], ports: [6379] }],
  });
  const names = new Set(['sessions', 'queues']);
  const goneNames = new GoneNames(allowlist, [{ ...place, names, areAll: true }], NOW);
  const to = (cacheName: string, port: number, decision: typeof ALLOW | typeof DENY) =>
    ({ grant: vpcGrant(source, { cacheName, ports: [port] }), status: 'listed', decision }) as const;
  const planned = (...grants: ReturnType<typeof to>[]) => {
    const one = { ...rule('a', true), grants };
    return settledOf(one, planRevocations([one], { mode: 'enforce', mixed: 'hold', maxRevocations: 10, goneNames }));
  };

  test.each([
    ['its first denied grant', [to('sessions', 6379, DENY), to('queues', 6380, DENY)]],
    ['its last denied grant', [to('queues', 6380, DENY), to('sessions', 6379, DENY)]],
  ])('is held if the gone name would allow %s', (_, grants) => {
    expect(planned(...grants)).toEqual({
      outcome: 'held',
      heldBecause: 'gone-name',
      problem: expect.stringMatching(/^allowlist rule `old` names cache `carts`, which no longer exists/),
    });
  });

  test('is to be revoked if the gone name would allow none of its denied grants, but one that is allowed anyway', () => {
    expect(planned(to('sessions', 6379, ALLOW), to('queues', 6380, DENY))).toBeUndefined();
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
    ...rule('a', true),
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

describe('what is said of a standing rule that also gives access that the allowlist allows', () => {
  const from = (cacheName: string, decision: typeof ALLOW | typeof DENY) =>
    ({ grant: vpcGrant({ kind: 'cidr', cidr: '10.0.1.0/24' }, { cacheName }), status: 'listed', decision }) as const;
  const said = (grants: ReturnType<typeof from>[], alsoAllowed: readonly AllowedAccess[] = []) => {
    const one: RevocableRule = { ...rule('a', true), isMixed: true, grants, alsoAllowed };
    return settledOf(one, planRevocations([one], { mode: 'enforce', mixed: 'hold', maxRevocations: 10 }))?.problem;
  };
  const somePorts = { cacheName: 'sessions', ports: [6379, 6380], allowlistRule: 'office' };

  test('names every cache, and has several that are denied moved', () => {
    const grants = [from('a', ALLOW), from('b', ALLOW), from('c', DENY), from('d', DENY)];

    expect(said(grants)).toBe(
      'the security group rule also gives access that the allowlist allows, to `a` (allowlist rule `office`), `b` (allowlist rule `office`). ' +
        'It is not allowed for `c`, `d`: move those caches to another security group, or allow the access',
    );
  });

  test('asks for a rule of the allowed ports where only some ports of the denied cache are allowed', () => {
    expect(said([from('sessions', DENY)], [somePorts])).toBe(
      'the security group rule also gives access that the allowlist allows, to `sessions` (only port 6379, 6380, allowlist rule `office`). ' +
        'It is not allowed for all of `sessions`: make a security group rule for the allowed ports in the place of this one, or allow the access',
    );
  });

  test('has caches moved where another is denied on every port: a rule of the allowed ports would not do', () => {
    expect(said([from('sessions', DENY), from('c', DENY)], [somePorts])).toMatch(
      /It is not allowed for all of `sessions`, `c`: move those caches to another security group, or allow the access$/,
    );
  });

  test.each([
    ['being-created', 'which is being created'],
    ['shows-no-port', 'which shows no port'],
    ['groups-not-known', 'whose security groups are not known'],
  ] as const)(
    'has the denied cache moved where it is in doubt whether the rule opens the other: %s',
    (why, inWords) => {
      expect(said([from('c', DENY)], [{ cacheName: 'sessions', why, allowlistRule: 'office' }])).toBe(
        `the security group rule also gives access that the allowlist allows, to \`sessions\` (${inWords}, allowlist rule \`office\`). ` +
          'It is not allowed for `c`: move that cache to another security group, or allow the access',
      );
    },
  );
});
