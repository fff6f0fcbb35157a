import { describe, expect, test } from 'vitest';
import { enforceEvent, type HowToEnforce, type ReadEvent } from '../../src/enforcement/enforce-event.ts';
import type { EventOutcome, RecordedCall } from '../../src/enforcement/event-outcome.ts';
import type { Grant } from '../../src/policy/grant.ts';
import { OUTCOME_SCHEMA_VERSION } from '../../src/policy/outcome.ts';
import { allowlist } from '../support/examples/audited.ts';
import { ACCOUNT, strangersGrant } from '../support/examples/grants.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED } from '../support/examples/unhurried.ts';

const OTHER_ACCOUNT = '777788889999';
const ownGrant: Grant = { ...strangersGrant, source: { ...strangersGrant.source, ec2SecurityGroupOwnerId: ACCOUNT } };
const call: RecordedCall = {
  eventId: '3d2c5a1e',
  eventTime: new Date('2026-11-23T12:00:00Z'),
  grantedBy: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/alice' },
};
const policy = { allowlist, allowlistSha256: 'a1b2', mode: 'enforce' as const };

/** Of a hub in another account, to which EventBridge brought the event from the account of these grants. */
const ofHub = { guardedAccount: OTHER_ACCOUNT, organization: { excludedAccounts: [], envelopeAccount: ACCOUNT } };

/** Enforces a quarter of a minute after the call, and keeps what was revoked and reported, and how often the policy was read. */
async function enforce(read: ReadEvent, changes: Partial<HowToEnforce> = {}) {
  const revoked: Grant[] = [];
  const reported: EventOutcome[] = [];
  let policiesRead = 0;
  const ended = await enforceEvent(read, {
    ...UNHURRIED,
    guardedAccount: ACCOUNT,
    readPolicy: async () => {
      policiesRead++;
      return policy;
    },
    toRevokeGrant: toRevoke(async (grant) => {
      revoked.push(grant);
      return { result: 'revoked', requestId: 'request-1' };
    }),
    reporter: {
      async reportGrant(one) {
        reported.push(one);
      },
      countGrants() {},
    },
    now: () => new Date('2026-11-23T12:00:15Z'),
    ...changes,
  });
  return { ...ended, revoked, reported, policiesRead };
}

describe('an event about a new grant', () => {
  test('that no rule allows is revoked, and its outcome says by which allowlist, in which mode and how long it stood', async () => {
    const { outcome, error, revoked } = await enforce({ kind: 'grant', grant: strangersGrant, call });

    expect(outcome).toEqual({
      schemaVersion: OUTCOME_SCHEMA_VERSION,
      outcome: 'revoked',
      grant: strangersGrant,
      decision: expect.objectContaining({ effect: 'deny' }),
      mode: 'enforce',
      allowlistSha256: 'a1b2',
      revocationRequestId: 'request-1',
      exposureMs: 15_000,
      ...call,
    });
    expect(error).toBeUndefined();
    expect(revoked).toEqual([strangersGrant]);
  });

  test('that a rule allows is allowed, and nothing is revoked', async () => {
    const { outcome, revoked } = await enforce({ kind: 'grant', grant: ownGrant, call });

    expect(outcome).toMatchObject({ outcome: 'allowed', grant: ownGrant, exposureMs: 15_000 });
    expect(revoked).toEqual([]);
  });

  test('has stood for no time at all, never for less, where the clocks disagree', async () => {
    const { outcome } = await enforce(
      { kind: 'grant', grant: strangersGrant, call },
      { now: () => new Date('2026-11-23T11:59:58Z') },
    );

    expect(outcome.exposureMs).toBe(0);
  });

  test('that does not say when the call was made has no exposure', async () => {
    const untimed = { ...call, eventTime: undefined };

    const { outcome } = await enforce({ kind: 'grant', grant: strangersGrant, call: untimed });

    expect(outcome.outcome).toBe('revoked');
    expect(outcome).not.toHaveProperty('exposureMs');
  });

  test('is failed, with the error, when its revocation fails', async () => {
    const away = new Error('ElastiCache is away');

    const { outcome, error } = await enforce(
      { kind: 'grant', grant: strangersGrant, call },
      { toRevokeGrant: toRevoke(() => Promise.reject(away)) },
    );

    expect(outcome).toMatchObject({ outcome: 'failed', grant: strangersGrant, mode: 'enforce', exposureMs: 15_000 });
    expect(outcome).not.toHaveProperty('error');
    expect(error).toBe(away);
  });

  test('is failed, with the error and how long it has stood, and nothing is revoked, when there is nothing to judge by', async () => {
    const unreadable = new Error('the allowlist cannot be read');

    const { outcome, error, revoked } = await enforce(
      { kind: 'grant', grant: strangersGrant, call },
      { readPolicy: () => Promise.reject(unreadable) },
    );

    expect(outcome).toEqual({
      schemaVersion: OUTCOME_SCHEMA_VERSION,
      outcome: 'failed',
      grant: strangersGrant,
      exposureMs: 15_000,
      ...call,
    });
    expect(error).toBe(unreadable);
    expect(revoked).toEqual([]);
  });
});

describe('the report of a grant', () => {
  test.each<[string, Grant]>([
    ['revoked', strangersGrant],
    ['allowed', ownGrant],
  ])('that is %s is its whole outcome, and is made once', async (expected, grant) => {
    const { outcome, reported } = await enforce({ kind: 'grant', grant: grant as typeof strangersGrant, call });

    expect(outcome.outcome).toBe(expected);
    expect(reported).toEqual([outcome]);
  });

  test('that failed is left to who takes the error, or its line would be there twice', async () => {
    const { reported } = await enforce(
      { kind: 'grant', grant: strangersGrant, call },
      { toRevokeGrant: toRevoke(() => Promise.reject(new Error('ElastiCache is away'))) },
    );

    expect(reported).toEqual([]);
  });

  test('is not made of a heartbeat: it is no grant', async () => {
    const { reported } = await enforce({ kind: 'heartbeat', grant: strangersGrant, call });

    expect(reported).toEqual([]);
  });
});

describe('an event about a grant in another account', () => {
  test('is rejected, whether a rule allows the grant or not, and nothing is revoked', async () => {
    for (const grant of [strangersGrant, ownGrant]) {
      const { outcome, revoked, policiesRead } = await enforce(
        { kind: 'grant', grant, call },
        { guardedAccount: OTHER_ACCOUNT },
      );

      expect(outcome).toEqual({
        schemaVersion: OUTCOME_SCHEMA_VERSION,
        outcome: 'rejected',
        problems: [`the grant is in account ${ACCOUNT}, and this stack guards ${OTHER_ACCOUNT}`],
        ...call,
      });
      expect(revoked).toEqual([]);
      expect(policiesRead).toBe(0);
    }
  });

  test('is judged where nobody said which account is guarded', async () => {
    const { outcome } = await enforce({ kind: 'grant', grant: strangersGrant, call }, { guardedAccount: undefined });

    expect(outcome.outcome).toBe('revoked');
  });

  test('is judged by a hub, and the grant is revoked there', async () => {
    const { outcome, revoked } = await enforce({ kind: 'grant', grant: strangersGrant, call }, ofHub);

    expect(outcome.outcome).toBe('revoked');
    expect(revoked).toEqual([strangersGrant]);
  });
});

describe('a heartbeat', () => {
  test('is judged and ignored: nothing is revoked, though no rule allows its grant', async () => {
    const { outcome, revoked } = await enforce({ kind: 'heartbeat', grant: strangersGrant, call });

    expect(outcome).toEqual({
      schemaVersion: OUTCOME_SCHEMA_VERSION,
      outcome: 'ignored',
      reason: 'heartbeat',
      decision: expect.objectContaining({ effect: 'deny' }),
      allowlistSha256: 'a1b2',
      ...call,
    });
    expect(revoked).toEqual([]);
  });

  test('is failed when there is nothing to judge by, so that its absence is noticed', async () => {
    const { outcome } = await enforce(
      { kind: 'heartbeat', grant: strangersGrant, call },
      { readPolicy: () => Promise.reject(new Error('the allowlist cannot be read')) },
    );

    expect(outcome.outcome).toBe('failed');
  });
});

test('a heartbeat of a member account is ignored and does not count: nothing is read, so that of the hub can stay away', async () => {
  const { outcome, policiesRead } = await enforce({ kind: 'heartbeat', grant: strangersGrant, call }, ofHub);

  expect(outcome).toEqual({
    schemaVersion: OUTCOME_SCHEMA_VERSION,
    outcome: 'ignored',
    reason: `it is a heartbeat of account ${ACCOUNT}, and only those of the hub count`,
    ...call,
  });
  expect(policiesRead).toBe(0);
});

describe('an event that tells of no grant', () => {
  test('is ignored with its reason, and the policy is not even read', async () => {
    const { outcome, error, policiesRead } = await enforce({ kind: 'ignored', reason: 'another call', call });

    expect(outcome).toEqual({
      schemaVersion: OUTCOME_SCHEMA_VERSION,
      outcome: 'ignored',
      reason: 'another call',
      ...call,
    });
    expect(error).toBeUndefined();
    expect(policiesRead).toBe(0);
  });

  test('is rejected with its problems, and the policy is not even read', async () => {
    const { outcome, policiesRead } = await enforce({ kind: 'rejected', problems: ['account is missing'], call });

    expect(outcome).toEqual({
      schemaVersion: OUTCOME_SCHEMA_VERSION,
      outcome: 'rejected',
      problems: ['account is missing'],
      ...call,
    });
    expect(policiesRead).toBe(0);
  });
});
