import { describe, expect, test } from 'vitest';
import type { EventOutcome, Reporter } from '../../src/enforcement/event-outcome.ts';
import { GrantOutcomes } from '../../src/enforcement/grant-outcomes.ts';
import type { Settled } from '../../src/enforcement/plan.ts';
import type { SeenGrant } from '../../src/policy/finding.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import { vpcGrant } from '../support/examples/grants.ts';

const eventTime = new Date('2026-11-23T12:00:00Z');
const call = { eventId: 'e', eventTime, grantedBy: { type: 'IAMUser' } };
const about = { schemaVersion: OUTCOME_SCHEMA_VERSION, mode: 'enforce', allowlistSha256: 'abc', ...call } as const;

const reached = (cacheName: string) => vpcGrant({ kind: 'cidr', cidr: '10.0.0.0/16' }, { cacheName });
const allowed = (cacheName: string): SeenGrant => {
  return { grant: reached(cacheName), status: 'listed', decision: { effect: 'allow', rule: 'office' } };
};
const denied = (cacheName: string): SeenGrant => {
  return { grant: reached(cacheName), status: 'listed', decision: { effect: 'deny', reasons: [] } };
};
const many = (count: number, make: (cacheName: string) => SeenGrant) =>
  Array.from({ length: count }, (_, i) => make(`cache-${i}`));
const nameOf = (one: { readonly grant?: Grant } | undefined) =>
  one?.grant?.kind === 'vpc' ? one.grant.target.cacheName : undefined;

/** The outcomes of an event, a quarter of a minute after its call, and what was reported of them. */
function start() {
  const reported: EventOutcome[] = [];
  const errors: unknown[] = [];
  const counted: Partial<Record<string, number>> = {};
  const reporter: Reporter = {
    async reportGrant(outcome, error) {
      reported.push(outcome);
      errors.push(error);
    },
    countGrants(outcome, count) {
      counted[outcome] = count;
    },
  };
  const outcomes = new GrantOutcomes(about, reporter, () => new Date(eventTime.getTime() + 15_000));
  return { outcomes, reported, errors, counted };
}

test('a grant is reported with its event, its allowlist, its mode and how long it stood', async () => {
  const { outcomes, reported } = start();
  const { grant, decision } = denied('carts');

  await outcomes.add([denied('carts')], { outcome: 'revoked', revocationRequestId: 'request-1' });

  expect(reported).toEqual([
    { ...about, exposureMs: 15_000, grant, decision, outcome: 'revoked', revocationRequestId: 'request-1' },
  ]);
});

test('a grant that failed is reported with why it stands in words, and the first error is that of the event', async () => {
  const { outcomes, reported, errors } = start();
  const [away, slow] = [new Error('EC2 is away'), new Error('EC2 is slow')];

  await outcomes.add([denied('carts')], { outcome: 'failed', error: away });
  await outcomes.add([denied('queues')], { outcome: 'failed', error: slow });

  expect(reported.map(({ problem }) => problem)).toEqual(['EC2 is away', 'EC2 is slow']);
  expect(errors).toEqual([away, slow]);
  expect(outcomes.error).toBe(away);
});

describe('of many allowed grants', () => {
  test('fifty are reported and listed, and the others are counted', async () => {
    const { outcomes, reported, counted } = start();

    await outcomes.add(many(60, allowed), { outcome: 'allowed' });
    outcomes.reportCounts();

    const fifty = many(50, allowed).map(nameOf);
    expect(reported.map(nameOf)).toEqual(fifty);
    expect(outcomes.list.grants?.map(nameOf)).toEqual(fifty);
    expect(outcomes.list.grantsLeftOut).toBe(10);
    expect(counted).toEqual({ allowed: 10 });
    expect(outcomes.count).toBe(60);
  });

  test('fifty are all listed, and none is said to be left out or counted', async () => {
    const { outcomes, reported, counted } = start();

    await outcomes.add(many(50, allowed), { outcome: 'allowed' });
    outcomes.reportCounts();

    expect(reported).toHaveLength(50);
    expect(outcomes.list).not.toHaveProperty('grantsLeftOut');
    expect(counted).toEqual({});
  });

  test('those of one rule that waits are counted apart from those of another that does not', async () => {
    const { outcomes, counted } = start();

    await outcomes.add(many(60, allowed), { outcome: 'allowed' });
    await outcomes.add(many(3, allowed), { outcome: 'pending', problem: 'a cache is being created' });
    outcomes.reportCounts();

    expect(counted).toEqual({ allowed: 10, pending: 3 });
  });

  test('all are reported that were revoked with a denied one of their rule', async () => {
    const { outcomes, reported, counted } = start();

    await outcomes.add([...many(60, allowed), denied('carts')], { outcome: 'revoked' });
    outcomes.reportCounts();

    expect(reported).toHaveLength(61);
    expect(outcomes.list.grants).toHaveLength(61);
    expect(counted).toEqual({});
  });

  test('the denied ones among them are all reported and listed', async () => {
    const { outcomes, reported } = start();

    await outcomes.add([...many(60, allowed), ...many(60, denied)], { outcome: 'held', heldBecause: 'mixed' });

    expect(reported.filter(({ decision }) => decision?.effect === 'deny')).toHaveLength(60);
    expect(outcomes.list.grants?.filter(({ decision }) => decision.effect === 'deny')).toHaveLength(60);
    expect(outcomes.list.grantsLeftOut).toBe(10);
  });
});

test('of denied grants each is reported, however many there are; a thousand are listed, beside the allowed ones', async () => {
  const { outcomes, reported, counted } = start();

  await outcomes.add(many(50, allowed), { outcome: 'allowed' });
  await outcomes.add(many(1_001, denied), { outcome: 'would-revoke' });
  outcomes.reportCounts();

  expect(reported).toHaveLength(1_051);
  expect(outcomes.list.grants).toHaveLength(1_050);
  expect(outcomes.list.grantsLeftOut).toBe(1);
  expect(counted).toEqual({});
});

describe('the outcome of the event', () => {
  const bySeriousness: readonly Settled['outcome'][] = [
    'failed',
    'held',
    'revoked',
    'would-revoke',
    'pending',
    'already-gone',
    'allowed',
  ];
  const pairs = bySeriousness.flatMap((one, i) => bySeriousness.slice(i + 1).map((other) => [one, other] as const));

  test.each(pairs)('is %s rather than %s, whichever comes first', async (graver, other) => {
    for (const [first, second] of [
      [graver, other],
      [other, graver],
    ] as const) {
      const { outcomes } = start();

      await outcomes.add([denied('carts')], { outcome: first });
      await outcomes.add([denied('queues')], { outcome: second });

      expect(outcomes.gravest?.outcome).toBe(graver);
    }
  });

  test('names the denied grant of a rule that was revoked, not the allowed one that went with it', async () => {
    const { outcomes } = start();

    await outcomes.add([allowed('sessions'), denied('carts')], { outcome: 'revoked' });

    expect(nameOf(outcomes.gravest)).toBe('carts');
  });

  test('names the first of grants that are alike', async () => {
    const { outcomes } = start();

    await outcomes.add([denied('carts'), denied('queues')], { outcome: 'revoked' });

    expect(nameOf(outcomes.gravest)).toBe('carts');
  });

  test('is none where there is no grant', () => {
    const { outcomes } = start();

    expect(outcomes.gravest).toBeUndefined();
    expect(outcomes.count).toBe(0);
    expect(outcomes.error).toBeUndefined();
  });
});
