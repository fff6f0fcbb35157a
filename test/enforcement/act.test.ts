import { describe, expect, test } from 'vitest';
import { act } from '../../src/enforcement/act.ts';
import { CacheIndex } from '../../src/enforcement/cache-index.ts';
import { seeGrant } from '../../src/enforcement/look/see-grant.ts';
import { seeRule } from '../../src/enforcement/look/see-rule.ts';
import type { Shared } from '../../src/enforcement/mode.ts';
import { HELD_BECAUSE_SHARED } from '../../src/enforcement/plan.ts';
import type { PreparedRevocation, VpcPorts } from '../../src/enforcement/ports.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import type { PrefixListContent } from '../../src/policy/vpc/source.ts';
import { NOW } from '../support/examples/audited.ts';
import { strangersGrant } from '../support/examples/grants.ts';
import { fakeCalls, GROUP, RULE, ruleFrom, sessions } from '../support/examples/security-groups.ts';
import { toRevoke } from '../support/examples/to-revoke.ts';
import { UNHURRIED_AUDIT } from '../support/examples/unhurried.ts';

const NO_TIME_LEFT = 'there was no time left to revoke it: it stands until it is evaluated again';
const nothingAllowed = new CompiledAllowlist({ version: 1, rules: [] });
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' });
const wide: SecurityGroupRule = { ...anybody, ipProtocol: '-1' };
const how = { ...UNHURRIED_AUDIT, now: () => NOW };

/** Prepares revocations that AWS accepts, and keeps the steps of each. */
const preparing = (steps: string[]) => async (): Promise<PreparedRevocation> => {
  steps.push('prepare');
  return {
    async revoke() {
      steps.push('revoke');
      return { result: 'revoked' };
    },
    [Symbol.dispose]: () => void steps.push('dispose'),
  };
};

describe('the revocation of a grant', () => {
  const seen = seeGrant(strangersGrant, 'authorized', nothingAllowed, NOW);

  test.each(['revoked', 'already-gone', 'not-applicable'] as const)('is %s if AWS says so', async (result) => {
    const revoked: unknown[] = [];
    const revokeGrant = async (grant: unknown) => {
      revoked.push(grant);
      return { result, requestId: 'request-1' };
    };

    const settled = await act(seen, { toRevokeGrant: toRevoke(revokeGrant) }, how);

    expect(settled).toEqual({ outcome: result, revocationRequestId: 'request-1' });
    expect(revoked).toEqual([strangersGrant]);
  });

  test('is failed if it fails, with the error', async () => {
    const error = new Error('ElastiCache is away');

    const toRevokeGrant = toRevoke(() => Promise.reject(error));

    expect(await act(seen, { toRevokeGrant }, how)).toEqual({ outcome: 'failed', error });
  });

  test('is failed if it cannot be prepared, with the error', async () => {
    const error = new Error('STS is away');

    const settled = await act(seen, { toRevokeGrant: () => Promise.reject(error) }, how);

    expect(settled).toEqual({ outcome: 'failed', error });
  });

  test('is prepared before the last look, and disposed of after it was made', async () => {
    const steps: string[] = [];
    const ports = { toRevokeGrant: preparing(steps) };

    const { outcome } = await act(seen, ports, { ...how, confirmPolicy: async () => void steps.push('confirmPolicy') });

    expect(outcome).toBe('revoked');
    expect(steps).toEqual(['prepare', 'confirmPolicy', 'revoke', 'dispose']);
  });

  test('is not made if the allowlist changes while it is prepared', async () => {
    const steps: string[] = [];
    const error = new Error('the allowlist changed');
    const confirmPolicy = async () => {
      if (steps.includes('prepare')) throw error;
    };

    const settled = await act(seen, { toRevokeGrant: preparing(steps) }, { ...how, confirmPolicy });

    expect(settled).toEqual({ outcome: 'failed', error });
    expect(steps).toEqual(['prepare', 'dispose']);
  });

  test('is not made if the time is up once it is prepared', async () => {
    const steps: string[] = [];
    const deadline = new Date(NOW.getTime() + 1);
    const now = () => (steps.includes('prepare') ? deadline : NOW);

    const { outcome, error } = await act(seen, { toRevokeGrant: preparing(steps) }, { ...how, deadline, now });

    expect(outcome).toBe('failed');
    expect((error as Error).message).toBe(NO_TIME_LEFT);
    expect(steps).toEqual(['prepare', 'dispose']);
  });
});

describe('the revocation of a rule', () => {
  const see = (rule: SecurityGroupRule) => seeRule(rule, new CacheIndex([sessions], NOW), nothingAllowed, NOW);
  const actOn = (rule: SecurityGroupRule, ports: VpcPorts, shared: Shared = 'hold') =>
    act(see(rule), ports, { ...how, shared });

  test('takes away this rule', async () => {
    const fake = fakeCalls({ rules: [anybody, { ...anybody, securityGroupRuleId: 'sgr-other' }] });

    expect(await actOn(anybody, fake.calls)).toEqual({ outcome: 'revoked', revocationRequestId: 'request-1' });
    expect(fake.revoked).toEqual([RULE]);
  });

  test('is held if it opens more than caches and others are behind its group, unless that is settled otherwise', async () => {
    const fake = fakeCalls({ rules: [wide], shared: [GROUP] });

    expect(await actOn(wide, fake.calls)).toEqual({
      outcome: 'held',
      heldBecause: 'shared',
      problem: HELD_BECAUSE_SHARED,
    });
    expect(fake.revoked).toEqual([]);
    expect(await actOn(wide, fake.calls, 'revoke')).toMatchObject({ outcome: 'revoked' });
  });

  test('asks nobody else if the rule opens nothing but ports of caches', async () => {
    const fake = fakeCalls({ rules: [anybody], shared: [GROUP] });

    expect(await actOn(anybody, fake.calls)).toMatchObject({ outcome: 'revoked' });
    expect(fake.made).not.toContain('guardsSomethingElse');
  });

  test('is failed if the rule was edited since it was judged', async () => {
    const fake = fakeCalls({ rules: [{ ...anybody, fromPort: 22, toPort: 22 }] });

    const { outcome, error } = await actOn(anybody, fake.calls);

    expect(outcome).toBe('failed');
    expect((error as Error).message).toContain('was edited after it was evaluated');
    expect(fake.revoked).toEqual([]);
  });

  test('is made if the description alone was edited: nobody keeps a rule by that', async () => {
    const fake = fakeCalls({ rules: [{ ...anybody, description: 'please keep' }] });

    expect(await actOn(anybody, fake.calls)).toMatchObject({ outcome: 'revoked' });
  });

  test('is already gone if the rule is not there any more', async () => {
    expect(await actOn(anybody, fakeCalls().calls)).toEqual({ outcome: 'already-gone' });
  });

  test('is prepared before the last looks, and disposed of after it was made', async () => {
    const content: PrefixListContent = { entries: ['0.0.0.0/0'] };
    const listed = ruleFrom({ kind: 'prefixList', prefixListId: 'pl-1' }, { ipProtocol: '-1' });
    const evaluated = { ...listed, source: { kind: 'prefixList', prefixListId: 'pl-1', ...content } } as const;
    const { calls, made } = fakeCalls({ rules: [listed], prefixLists: { 'pl-1': content } });
    const ports = { ...calls, toRevokeRule: preparing(made) };
    const confirmPolicy = async () => void made.push('confirmPolicy');

    const { outcome } = await act(see(evaluated), ports, { ...how, shared: 'hold', confirmPolicy });

    expect(outcome).toBe('revoked');
    expect(made).toEqual([
      ...['guardsSomethingElse', 'prepare', 'listRules', 'readPrefixList', 'confirmPolicy'],
      ...['revoke', 'dispose'],
    ]);
  });

  test('is not made if the rule is edited while it is prepared', async () => {
    const fake = fakeCalls({ rules: [anybody] });
    const steps: string[] = [];
    const toRevokeRule = () => {
      fake.state.rules = [{ rule: { ...anybody, source: { kind: 'cidr', cidr: '10.0.0.0/16' } } }];
      return preparing(steps)();
    };

    const { outcome, error } = await actOn(anybody, { ...fake.calls, toRevokeRule });

    expect(outcome).toBe('failed');
    expect((error as Error).message).toContain('was edited after it was evaluated');
    expect(steps).toEqual(['prepare', 'dispose']);
  });

  test('is failed if it cannot be prepared, with the error', async () => {
    const error = new Error('STS is away');
    const fake = fakeCalls({ rules: [anybody] });

    const settled = await actOn(anybody, { ...fake.calls, toRevokeRule: () => Promise.reject(error) });

    expect(settled).toEqual({ outcome: 'failed', error });
  });

  test('is not prepared if it is held', async () => {
    const fake = fakeCalls({ rules: [wide], shared: [GROUP] });

    await actOn(wide, fake.calls);

    expect(fake.made).toEqual(['guardsSomethingElse']);
  });

  test('is not begun after the deadline', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const settled = await act(see(anybody), fake.calls, { ...how, shared: 'hold', deadline: NOW });

    expect(settled).toEqual({ outcome: 'failed', error: expect.objectContaining({ message: NO_TIME_LEFT }) });
    expect(fake.made).toEqual([]);
  });
});
