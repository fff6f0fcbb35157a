import { describe, expect, test } from 'vitest';
import { act } from '../../src/enforcement/act.ts';
import { CacheIndex } from '../../src/enforcement/cache-index.ts';
import { seeGrant } from '../../src/enforcement/look/see-grant.ts';
import { seeRule } from '../../src/enforcement/look/see-rule.ts';
import type { Shared } from '../../src/enforcement/mode.ts';
import { HELD_BECAUSE_SHARED } from '../../src/enforcement/plan.ts';
import type { VpcPorts } from '../../src/enforcement/ports.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { SecurityGroupRule } from '../../src/policy/vpc/security-group-rule.ts';
import { NOW } from '../support/examples/audited.ts';
import { strangersGrant } from '../support/examples/grants.ts';
import { fakeCalls, GROUP, RULE, ruleFrom, sessions } from '../support/examples/security-groups.ts';
import { UNHURRIED_AUDIT } from '../support/examples/unhurried.ts';

const NO_TIME_LEFT = 'there was no time left to revoke it: it stands until it is evaluated again';
const nothingAllowed = new CompiledAllowlist({ version: 1, rules: [] });
const anybody = ruleFrom({ kind: 'cidr', cidr: '0.0.0.0/0' });
const wide: SecurityGroupRule = { ...anybody, ipProtocol: '-1' };
const how = { ...UNHURRIED_AUDIT, now: () => NOW };

describe('the revocation of a grant', () => {
  const seen = seeGrant(strangersGrant, 'authorized', nothingAllowed, NOW);

  test.each(['revoked', 'already-gone', 'not-applicable'] as const)('is %s if AWS says so', async (result) => {
    const revoked: unknown[] = [];
    const revokeGrant = async (grant: unknown) => {
      revoked.push(grant);
      return { result, requestId: 'request-1' };
    };

    expect(await act(seen, { revokeGrant }, how)).toEqual({ outcome: result, revocationRequestId: 'request-1' });
    expect(revoked).toEqual([strangersGrant]);
  });

  test('is failed if it fails, with the error', async () => {
    const error = new Error('ElastiCache is away');

    expect(await act(seen, { revokeGrant: () => Promise.reject(error) }, how)).toEqual({ outcome: 'failed', error });
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

  test('is not begun after the deadline', async () => {
    const fake = fakeCalls({ rules: [anybody] });

    const settled = await act(see(anybody), fake.calls, { ...how, shared: 'hold', deadline: NOW });

    expect(settled).toEqual({ outcome: 'failed', error: expect.objectContaining({ message: NO_TIME_LEFT }) });
    expect(fake.made).toEqual([]);
  });
});
