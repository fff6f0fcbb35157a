import { describe, expect, test } from 'vitest';
import { CacheIndex } from '../../../src/enforcement/cache-index.ts';
import { seeRule } from '../../../src/enforcement/look/see-rule.ts';
import { planRevocations, settledOf } from '../../../src/enforcement/plan.ts';
import { CompiledAllowlist } from '../../../src/policy/compile-allowlist.ts';
import type { ListedCache, SecurityGroupRule } from '../../../src/policy/vpc/security-group-rule.ts';
import { ruleWith, sessions } from '../../support/examples/security-groups.ts';

const now = new Date('2026-11-23T12:00:00Z');
const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [
    { id: 'office', caches: ['sessions'], cidrs: ['10.0.0.0/8'] },
    { id: 'one-port', caches: ['carts'], cidrs: ['10.0.0.0/8'], ports: [6379] },
  ],
});
const bothPorts = ruleWith({ toPort: 6380 });
const serverless = (cacheName: string): ListedCache => ({ ...sessions, cacheName, ports: [6379, 6380] });

/** What becomes of a rule that stands, in mode enforce; `undefined` if it is to be revoked. */
function settle(rule: SecurityGroupRule, caches: readonly ListedCache[]) {
  const seen = seeRule(rule, new CacheIndex(caches, now), allowlist, now);
  const plan = planRevocations([seen], { mode: 'enforce', mixed: 'hold', maxRevocations: 10 });
  return settledOf(seen, plan);
}

describe('a standing rule that opens both ports of a serverless cache', () => {
  test('is held if the allowlist allows one of them, and it is said which', () => {
    expect(settle(bothPorts, [serverless('carts')])?.problem).toBe(
      'the security group rule also gives access that the allowlist allows, to `carts` (only port 6379, allowlist rule `one-port`). ' +
        'It is not allowed for all of `carts`: make a security group rule for the allowed ports in the place of this one, or allow the access',
    );
  });

  test('is revoked if the allowlist allows neither', () => {
    expect(settle(bothPorts, [serverless('queues')])).toBeUndefined();
  });

  test('is held for another cache whose both ports are allowed, which is named once', () => {
    expect(settle(bothPorts, [serverless('sessions'), serverless('queues')])?.problem).toBe(
      'the security group rule also gives access that the allowlist allows, to `sessions` (allowlist rule `office`). ' +
        'It is not allowed for `queues`: move that cache to another security group, or allow the access',
    );
  });
});

describe('a standing rule, denied for one cache, next to an allowed cache that has no port yet', () => {
  const queues: ListedCache = { ...sessions, cacheName: 'queues', ports: [7000] };
  const creating: ListedCache = { ...sessions, ports: [], likelyPorts: [6379] };

  test('is held, though it does not open the port that is likely: the cache can have the one that the rule begins with', () => {
    expect(settle(ruleWith({ fromPort: 7000, toPort: 7000 }), [queues, creating])?.problem).toContain(
      'to `sessions` (which is being created, allowlist rule `office`)',
    );
  });

  test('is held if it opens all ports of all protocols', () => {
    const { fromPort: _, toPort: __, ...rest } = ruleWith({ ipProtocol: '-1' });

    expect(settle(rest, [queues, creating])?.problem).toContain('to `sessions` (which is being created,');
  });

  test('is revoked if the allowlist allows that cache on no port that the rule opens', () => {
    const onePort = { ...creating, cacheName: 'carts' };

    expect(settle(ruleWith({ fromPort: 7000, toPort: 7000 }), [queues, onePort])).toBeUndefined();
  });
});
