import { describe, expect, test } from 'vitest';
import { enforceGrant, type Mode, type Revoke } from '../../src/enforcement/enforce-grant.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ClassicGrant } from '../../src/policy/grant.ts';
import { ACCOUNT, strangersGrant } from '../support/grants.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [
    {
      id: 'web-to-sessions',
      cacheSecurityGroups: ['sessions'],
      ec2SecurityGroups: ['web'],
      ownerIds: ['self'],
      expires: '2027-01-31',
    },
  ],
});
const now = new Date('2026-11-23T12:00:00Z');
const ownGrant: ClassicGrant = {
  ...strangersGrant,
  source: { ...strangersGrant.source, ec2SecurityGroupOwnerId: ACCOUNT },
};

/** Enforces, and keeps which grants were given to `revoke`. */
async function enforce(grant: ClassicGrant, mode: Mode, answer: Revoke, at = now) {
  const revoked: ClassicGrant[] = [];
  const revoke: Revoke = (denied) => {
    revoked.push(denied);
    return answer(denied);
  };
  return { enforcement: await enforceGrant(grant, { allowlist, mode, now: at, revoke }), revoked };
}
const answers =
  (result: 'revoked' | 'already-gone' | 'not-applicable', requestId?: string): Revoke =>
  async () => ({ result, requestId });

describe.each(['report-only', 'enforce'] as const)('in mode %s, a grant that a rule allows', (mode) => {
  test('is allowed by that rule and never revoked', async () => {
    const { enforcement, revoked } = await enforce(ownGrant, mode, answers('revoked'));

    expect(enforcement).toEqual({
      outcome: 'allowed',
      grant: ownGrant,
      decision: { effect: 'allow', rule: 'web-to-sessions' },
    });
    expect(revoked).toEqual([]);
  });
});

describe('in report-only mode, a grant that no rule allows', () => {
  test('would be revoked, with the reasons, and is left standing', async () => {
    const { enforcement, revoked } = await enforce(strangersGrant, 'report-only', answers('revoked'));

    expect(enforcement).toMatchObject({
      outcome: 'would-revoke',
      grant: strangersGrant,
      decision: { effect: 'deny', reasons: [{ rule: 'web-to-sessions', misses: ['ownerId'] }] },
    });
    expect(revoked).toEqual([]);
  });

  test('is judged as in enforce mode: the mode is no part of the decision', async () => {
    const reported = await enforce(strangersGrant, 'report-only', answers('revoked'));
    const enforced = await enforce(strangersGrant, 'enforce', answers('revoked'));

    expect(reported.enforcement.decision).toEqual(enforced.enforcement.decision);
  });
});

describe('in enforce mode, a grant that no rule allows', () => {
  test.each(['revoked', 'already-gone', 'not-applicable'] as const)(
    'is %s when the revocation says so, with its request id',
    async (result) => {
      const { enforcement, revoked } = await enforce(strangersGrant, 'enforce', answers(result, 'request-1'));

      expect(enforcement).toMatchObject({
        outcome: result,
        grant: strangersGrant,
        decision: { effect: 'deny' },
        revocationRequestId: 'request-1',
      });
      expect(revoked).toEqual([strangersGrant]);
    },
  );

  test('is failed when the revocation fails, with the error and the reasons', async () => {
    const error = new Error('ElastiCache is away');

    const { enforcement, revoked } = await enforce(strangersGrant, 'enforce', () => Promise.reject(error));

    expect(enforcement.outcome).toBe('failed');
    expect(enforcement.error).toBe(error);
    expect(enforcement.decision).toMatchObject({ effect: 'deny', reasons: [{ rule: 'web-to-sessions' }] });
    expect(revoked).toEqual([strangersGrant]);
  });

  test('is revoked when its rule has expired by the instant it is judged at', async () => {
    const lastInstant = new Date('2027-01-31T23:59:59.999Z');
    const nextDay = new Date('2027-02-01T00:00:00.000Z');

    const before = await enforce(ownGrant, 'enforce', answers('revoked'), lastInstant);
    const after = await enforce(ownGrant, 'enforce', answers('revoked'), nextDay);

    expect(before.enforcement.outcome).toBe('allowed');
    expect(after.enforcement.outcome).toBe('revoked');
  });
});
