import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audit, runAudit } from '../../src/enforcement/audit.ts';
import { enforceEvent } from '../../src/enforcement/enforce-event.ts';
import { DEFAULT_MAX_REVOCATIONS, MODES } from '../../src/enforcement/mode.ts';
import type { ClassicGrant } from '../../src/policy/classic/grant.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { Grant } from '../../src/policy/grant.ts';
import {
  arbitraryAccountPaths,
  arbitraryGrant,
  arbitraryInstant,
  arbitraryRules,
} from '../policy/classic/arbitraries.ts';
import {
  allowed,
  denied,
  howTo,
  manyDenied,
  NOW,
  pageOf,
  pages,
  type RevokeGrant,
} from '../support/examples/audited.ts';
import { ACCOUNT, REGION } from '../support/examples/grants.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const OTHER_REGION = 'eu-west-1';
const answering =
  (result: 'revoked' | 'already-gone' | 'not-applicable'): RevokeGrant =>
  async () => ({ result, requestId: 'request-1' });

describe('an audit', () => {
  test('judges every grant of every page of every region', async () => {
    const here = [denied('a'), denied('b'), allowed()];
    const there = [denied('c', OTHER_REGION)];
    const how = howTo([], {
      regions: [REGION, OTHER_REGION],
      listGrants: (region) => pages(...(region === REGION ? here : there).map((one) => pageOf(one)), pageOf()),
    });

    const { findings, places, notJudged } = await audit(how);

    expect(findings.map(({ grant }) => grant)).toEqual([...here, ...there].map(({ grant }) => grant));
    expect(places).toEqual([
      {
        account: ACCOUNT,
        region: REGION,
        status: 'judged',
        cacheSecurityGroups: 4,
        caches: 0,
        securityGroups: 0,
        grants: 3,
      },
      {
        account: ACCOUNT,
        region: OTHER_REGION,
        status: 'judged',
        cacheSecurityGroups: 2,
        caches: 0,
        securityGroups: 0,
        grants: 1,
      },
    ]);
    expect(notJudged).toEqual([]);
  });

  test('says nothing of grants where there are none', async () => {
    const seen = await audit(howTo([]));

    expect(seen).toEqual({
      findings: [],
      warnings: [],
      names: [{ account: ACCOUNT, region: REGION, names: new Set(), areAll: true }],
      places: [
        {
          account: ACCOUNT,
          region: REGION,
          status: 'judged',
          cacheSecurityGroups: 1,
          caches: 0,
          securityGroups: 0,
          grants: 0,
        },
      ],
      notJudged: [],
    });
  });

  test('decides as the event path does, whatever the grant, the allowlist and the instant', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryGrant, { maxLength: 5 }),
        arbitraryRules,
        arbitraryInstant,
        arbitraryAccountPaths,
        fc.constantFrom(...MODES),
        fc.constantFrom('revoked' as const, 'already-gone' as const, 'not-applicable' as const),
        async (grants, rules, now, paths, mode, result) => {
          const allowlist = new CompiledAllowlist({ version: 1, rules }).withAccountPaths(paths);
          const revokeGrant = answering(result);
          const listed = grants.map((grant) => ({ grant, status: 'authorized' }));
          const enforce = async (grant: ClassicGrant) => {
            const call = { eventId: undefined, eventTime: undefined, grantedBy: {} };
            const policy = { allowlist, allowlistSha256: 'a', mode };
            const how = {
              ...UNHURRIED,
              guardedAccount: undefined,
              readPolicy: async () => policy,
              toRevokeGrant: toRevoke(revokeGrant),
              now: () => now,
            };
            return (await enforceEvent({ kind: 'grant', grant, call }, how)).outcome;
          };

          const { findings, notJudged } = await audit(howTo(listed, { allowlist, mode, revokeGrant, now: () => now }));
          const byEvents = await Promise.all(grants.map(enforce));

          const decided = byEvents.filter(({ decision }) => decision !== undefined);
          expect(findings.map(({ outcome, decision }) => ({ outcome, decision }))).toEqual(
            decided.map(({ outcome, decision }) => ({ outcome, decision })),
          );
          const undecided = byEvents.filter(({ decision }) => decision === undefined);
          expect(undecided.map(({ outcome }) => outcome)).toEqual(notJudged.map(() => 'failed'));
        },
      ),
    );
  });
});

describe('the outcome of a grant', () => {
  test.each(MODES)('is allowed in mode %s, and it is not revoked, when a rule allows it', async (mode) => {
    const how = howTo([allowed()], { mode });

    const { findings } = await audit(how);

    expect(findings).toEqual([
      {
        grant: allowed().grant,
        status: 'authorized',
        decision: { effect: 'allow', rule: 'web-to-sessions' },
        outcome: 'allowed',
      },
    ]);
    expect(how.revoked).toEqual([]);
  });

  test('is would-revoke in report-only mode, with the reasons, and it is not revoked', async () => {
    const how = howTo([denied()], { mode: 'report-only' });

    const { findings } = await audit(how);

    expect(findings).toMatchObject([
      {
        grant: denied().grant,
        outcome: 'would-revoke',
        decision: { effect: 'deny', reasons: [{ rule: 'web-to-sessions', misses: ['ownerId'] }] },
      },
    ]);
    expect(how.revoked).toEqual([]);
  });

  test.each(['revoked', 'already-gone', 'not-applicable'] as const)(
    'is %s when the revocation says so, with its request id',
    async (result) => {
      const how = howTo([denied()], { revokeGrant: answering(result) });

      const { findings } = await audit(how);

      expect(findings).toMatchObject([{ outcome: result, revocationRequestId: 'request-1' }]);
      expect(how.revoked).toEqual([denied().grant]);
    },
  );

  test('names no request id when the revocation has none', async () => {
    const { findings } = await audit(howTo([denied()], { revokeGrant: async () => ({ result: 'already-gone' }) }));

    expect(findings[0]).not.toHaveProperty('revocationRequestId');
  });

  test('is failed, with what kept it standing, when the revocation fails; the others are still revoked', async () => {
    const how = howTo([denied('a'), denied('b'), denied('c')], {
      revokeGrant: async ({ source }) => {
        if (source.ec2SecurityGroupName === 'b') throw Object.assign(new Error('No.'), { name: 'AccessDenied' });
        return { result: 'revoked' };
      },
    });

    const { findings } = await audit(how);

    expect(findings.map(({ outcome, problem }) => ({ outcome, problem }))).toEqual([
      { outcome: 'revoked', problem: undefined },
      { outcome: 'failed', problem: 'AccessDenied: No.' },
      { outcome: 'revoked', problem: undefined },
    ]);
  });

  test.each(MODES)(
    'is already-gone in mode %s when it is being revoked already, and it is not touched',
    async (mode) => {
      const how = howTo([denied('web', REGION, 'revoking')], { mode });

      const { findings } = await audit(how);

      expect(findings).toMatchObject([{ status: 'revoking', outcome: 'already-gone', decision: { effect: 'deny' } }]);
      expect(how.revoked).toEqual([]);
    },
  );

  test('is allowed when it is being revoked and a rule allows it', async () => {
    const { findings } = await audit(howTo([allowed(REGION, 'revoking')]));

    expect(findings).toMatchObject([{ status: 'revoking', outcome: 'allowed' }]);
  });

  test('is revoked while it is still authorizing', async () => {
    const { findings } = await audit(howTo([denied('web', REGION, 'authorizing')]));

    expect(findings).toMatchObject([{ status: 'authorizing', outcome: 'revoked' }]);
  });
});

describe('the limit on revocations', () => {
  const outcomesOf = async (count: number, changes: Parameters<typeof howTo>[1] = {}) => {
    const how = howTo([allowed(), ...manyDenied(count)], changes);
    const { findings } = await audit(how);
    return {
      outcomes: findings.slice(1).map(({ outcome }) => outcome),
      revoked: how.revoked.length,
      first: findings[0],
    };
  };

  test('is 10 unless somebody says otherwise', () => {
    expect(DEFAULT_MAX_REVOCATIONS).toBe(10);
  });

  test('lets all be revoked when exactly so many are denied', async () => {
    const { outcomes, revoked } = await outcomesOf(3, { maxRevocations: 3 });

    expect(outcomes).toEqual(['revoked', 'revoked', 'revoked']);
    expect(revoked).toBe(3);
  });

  test('lets none be revoked when one more is denied: all are held, and allowed ones are allowed', async () => {
    const { outcomes, revoked, first } = await outcomesOf(4, { maxRevocations: 3 });

    expect(outcomes).toEqual(['held', 'held', 'held', 'held']);
    expect(first?.outcome).toBe('allowed');
    expect(revoked).toBe(0);
  });

  test('holds a single one back when it is 0', async () => {
    const { outcomes, revoked } = await outcomesOf(1, { maxRevocations: 0 });

    expect(outcomes).toEqual(['held']);
    expect(revoked).toBe(0);
  });

  test('lets all be revoked when it is unlimited', async () => {
    const { outcomes, revoked } = await outcomesOf(500, { maxRevocations: Number.POSITIVE_INFINITY });

    expect(new Set(outcomes)).toEqual(new Set(['revoked']));
    expect(revoked).toBe(500);
  });

  test('holds nothing back in report-only mode, where nothing is revoked anyway', async () => {
    const { outcomes } = await outcomesOf(4, { maxRevocations: 3, mode: 'report-only' });

    expect(new Set(outcomes)).toEqual(new Set(['would-revoke']));
  });

  test('does not count grants that are being revoked already', async () => {
    const how = howTo([denied('a', REGION, 'revoking'), denied('b')], { maxRevocations: 1 });

    const { findings } = await audit(how);

    expect(findings.map(({ outcome }) => outcome)).toEqual(['already-gone', 'revoked']);
  });

  test('counts the grants of all regions together', async () => {
    const how = howTo([], {
      regions: [REGION, OTHER_REGION],
      listGrants: (region) => pages(pageOf(...manyDenied(2, region))),
      maxRevocations: 3,
    });

    const { findings } = await audit(how);

    expect(findings.map(({ outcome }) => outcome)).toEqual(['held', 'held', 'held', 'held']);
    expect(how.revoked).toEqual([]);
  });
});

describe('an audit that may not make every revocation', () => {
  test('makes those that it may, and says of the others that they would be made', async () => {
    const how = howTo([denied('web-0'), denied('web-1')]);

    const { findings } = await audit({ ...how, mayRevoke: (id) => id.includes('web-1') });

    expect(findings.map(({ outcome }) => outcome)).toEqual(['would-revoke', 'revoked']);
    expect(how.revoked).toHaveLength(1);
  });
});

describe('an audit that is to wait until what it revoked is gone', () => {
  const deadline = new Date(NOW.getTime() + 60_000);
  let now = NOW;
  const wait = {
    sleep: async (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    readStatus: async ({ source }: Grant) =>
      'ec2SecurityGroupName' in source && source.ec2SecurityGroupName === 'stays' ? 'revoking' : undefined,
  };

  test('says of each grant that it revoked whether it is gone, and of no other', async () => {
    const how = howTo([allowed(), denied('goes'), denied('stays')], { deadline, now: () => now });

    const { findings, startedAt, finishedAt } = await runAudit(how, wait);

    expect(findings.map(({ outcome, verifiedGone }) => [outcome, verifiedGone])).toEqual([
      ['allowed', undefined],
      ['revoked', true],
      ['revoked', false],
    ]);
    expect([startedAt, finishedAt]).toEqual([NOW, deadline]);
  });

  test('says nothing of it where no one asked for that', async () => {
    const { findings, ...run } = await runAudit(howTo([denied()]));

    expect(findings).toMatchObject([{ outcome: 'revoked' }]);
    expect(findings[0]).not.toHaveProperty('verifiedGone');
    expect(run).toMatchObject({ mode: 'enforce', maxRevocations: 10, expectedPlaces: [{ region: REGION }] });
  });
});
