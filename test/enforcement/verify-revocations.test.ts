import { describe, expect, test } from 'vitest';
import { verifyRevocations } from '../../src/enforcement/verify-revocations.ts';
import type { Finding } from '../../src/policy/finding.ts';
import type { Grant } from '../../src/policy/grant.ts';
import type { Outcome } from '../../src/policy/outcome.ts';
import { OUTCOMES } from '../../src/policy/outcome.ts';
import { strangersGrant } from '../support/examples/grants.ts';
import { ManualClock } from '../support/time/manual-clock.ts';
import { gauge } from '../support/tools/gauge.ts';

const NEVER = new AbortController().signal;
const PATIENCE = 60_000;

function finding(outcome: Outcome, ec2SecurityGroupName = 'web'): Finding {
  return {
    grant: { ...strangersGrant, source: { ...strangersGrant.source, ec2SecurityGroupName } },
    status: 'authorized',
    decision: outcome === 'allowed' ? { effect: 'allow', rule: 'a' } : { effect: 'deny', reasons: [] },
    outcome,
  };
}

function nameOf({ source }: Grant): string {
  return 'ec2SecurityGroupName' in source ? source.ec2SecurityGroupName : '';
}

/** Verifies against an ElastiCache that answers by the name of the EC2 security group and the number of the look. */
async function verify(
  findings: readonly Finding[],
  statusOf: (name: string, look: number) => string | undefined | Promise<never>,
  patience = PATIENCE,
) {
  const clock = new ManualClock();
  const started = clock.now();
  const looks = new Map<string, number>();
  const verified = await verifyRevocations(findings, {
    readStatus: async (grant) => {
      const name = nameOf(grant);
      looks.set(name, (looks.get(name) ?? 0) + 1);
      return await statusOf(name, looks.get(name) as number);
    },
    sleep: (ms) => clock.sleep(ms),
    now: () => new Date(clock.now()),
    deadline: new Date(started + patience),
    timeUp: NEVER,
  });
  return { verified, looks, waited: clock.now() - started };
}

describe('a revoked grant', () => {
  test('is verified as gone once ElastiCache does not list it any more', async () => {
    const { verified, looks } = await verify([finding('revoked')], (_, look) => (look < 4 ? 'revoking' : undefined));

    expect(verified).toEqual([{ ...finding('revoked'), verifiedGone: true }]);
    expect(looks.get('web')).toBe(4);
  });

  test('is waited for no longer than until it is gone', async () => {
    const { waited } = await verify([finding('revoked')], () => undefined);

    expect(waited).toBe(0);
  });

  test.each(['revoking', 'authorized'])('is not verified when it is still %s at the deadline', async (status) => {
    const { verified, waited } = await verify([finding('revoked')], () => status);

    expect(verified).toEqual([{ ...finding('revoked'), verifiedGone: false }]);
    expect(waited).toBe(PATIENCE);
  });

  test('is not waited for longer than until the deadline, also if that is nearer than the next look', async () => {
    const { verified, waited } = await verify([finding('revoked')], () => 'revoking', 2_500);

    expect(verified).toMatchObject([{ verifiedGone: false }]);
    expect(waited).toBe(2_500);
  });

  test('is verified in spite of looks that fail, if one succeeds', async () => {
    const { verified } = await verify([finding('revoked')], (_, look) =>
      look < 3 ? Promise.reject(new Error('away')) : undefined,
    );

    expect(verified).toMatchObject([{ verifiedGone: true }]);
  });

  test('is not verified when no look succeeds', async () => {
    const { verified } = await verify([finding('revoked')], () => Promise.reject(new Error('away')));

    expect(verified).toMatchObject([{ verifiedGone: false }]);
  });
});

describe('the grants that are looked at', () => {
  test('are those that were revoked or were gone already, and no others', async () => {
    const findings = OUTCOMES.map((outcome) => finding(outcome, outcome));

    const { verified, looks } = await verify(findings, () => undefined);

    expect([...looks.keys()].sort()).toEqual(['already-gone', 'revoked']);
    expect(verified.filter(({ verifiedGone }) => verifiedGone !== undefined).map(({ outcome }) => outcome)).toEqual([
      'revoked',
      'already-gone',
    ]);
    expect(verified.map(({ outcome }) => outcome)).toEqual(OUTCOMES);
  });

  test('are all looked at in time, however many others never go', async () => {
    const stuck = Array.from({ length: 9 }, (_, index) => finding('revoked', `stuck-${index}`));

    const { verified, looks } = await verify([...stuck, finding('revoked', 'last')], (name, look) =>
      name === 'last' && look > 1 ? undefined : 'revoking',
    );

    expect(verified.at(-1)).toMatchObject({ verifiedGone: true });
    expect(looks.get('last')).toBe(2);
    expect(verified.filter(({ verifiedGone }) => verifiedGone === false)).toHaveLength(9);
  });

  test('are looked at at least once, even when there is no time left', async () => {
    const looked: string[] = [];

    const verified = await verifyRevocations([finding('revoked')], {
      readStatus: async (grant) => void looked.push(nameOf(grant)),
      sleep: () => Promise.reject(new Error('there is nothing to wait for')),
      now: () => new Date(),
      deadline: new Date(0),
      timeUp: NEVER,
    });

    expect(verified).toMatchObject([{ verifiedGone: true }]);
    expect(looked).toEqual(['web']);
  });

  test('are looked at several at once, and no more than four', async () => {
    const { during, most } = gauge();

    await verifyRevocations(
      Array.from({ length: 12 }, () => finding('revoked')),
      {
        readStatus: async () => void (await during()),
        sleep: () => Promise.reject(new Error('there is nothing to wait for')),
        now: () => new Date(),
        deadline: new Date(0),
        timeUp: NEVER,
      },
    );

    expect(most()).toBe(4);
  });
});
