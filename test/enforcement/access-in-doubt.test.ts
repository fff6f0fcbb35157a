import { describe, expect, test } from 'vitest';
import { audit as auditAll } from '../../src/enforcement/audit.ts';
import { CompiledAllowlist } from '../../src/policy/compile-allowlist.ts';
import type { ListedCache } from '../../src/policy/vpc/security-group-rule.ts';
import { howTo } from '../support/examples/audited.ts';
import { fakeCalls, ruleWith, sessions } from '../support/examples/security-groups.ts';

const allowlist = new CompiledAllowlist({
  version: 1,
  rules: [
    { id: 'office', caches: ['sessions*'], cidrs: ['10.0.0.0/8'] },
    { id: 'odd-port', caches: ['odd*'], cidrs: ['10.0.0.0/8'], ports: [7000] },
    { id: 'one-port', caches: ['one-port*'], cidrs: ['10.0.0.0/8'], ports: [6379] },
  ],
});
const loadTest: ListedCache = { ...sessions, cacheName: 'tmp-load-test' };
const wide = ruleWith({ fromPort: 6379, toPort: 12_000 });
const GONE_DARK: ListedCache = { ...sessions, ports: [], formerPorts: [6379] };

const auditOf = async (caches: readonly ListedCache[], rule = wide) => {
  const fake = fakeCalls({ caches, rules: [rule] });
  const { findings } = await auditAll(howTo([], { ...fake.calls, allowlist, mode: 'enforce' }));
  return { fake, findings };
};

describe('a standing rule, denied for one cache, that the allowlist allows for another which may be behind its group', () => {
  test.each<[string, ListedCache, RegExp]>([
    [
      'that is being deleted: it is often made again',
      GONE_DARK,
      /`sessions` \(which shows no port, allowlist rule `office`\)/,
    ],
    [
      'of which ElastiCache shows no port, and does not say why',
      { ...GONE_DARK, problem: 'its status is `rebooting`' },
      /`sessions` \(which shows no port, allowlist rule `office`\)/,
    ],
    [
      'of which no security group is known',
      { ...sessions, securityGroupIds: [], unknownGroups: 'nobody knows' },
      /`sessions` \(whose security groups are not known, allowlist rule `office`\)/,
    ],
    [
      'of which no security group is known yet, and no port',
      { ...sessions, securityGroupIds: [], ports: [], likelyPorts: [6379], unknownGroups: 'nobody knows' },
      /`sessions` \(whose security groups are not known, allowlist rule `office`\)/,
    ],
    [
      'of which no security group is known yet, and a custom port is allowed',
      { cacheName: 'odd', securityGroupIds: [], ports: [], likelyPorts: [6379], unknownGroups: 'nobody knows' },
      /`odd` \(whose security groups are not known, allowlist rule `odd-port`\)/,
    ],
    [
      'that is being created, and of which a custom port is allowed',
      { ...sessions, cacheName: 'odd', ports: [], likelyPorts: [6379] },
      /`odd` \(which is being created, allowlist rule `odd-port`\)/,
    ],
    [
      'that is being created, by an engine that is not known, and of which one port is allowed',
      { ...sessions, cacheName: 'one-port', ports: [], likelyPorts: [6379, 11_211] },
      /`one-port` \(which is being created, allowlist rule `one-port`\)/,
    ],
  ])('is held: a cache %s', async (_, doubtful, named) => {
    const { fake, findings } = await auditOf([loadTest, doubtful]);

    expect(fake.revoked).toEqual([]);
    expect(findings).toMatchObject([{ outcome: 'held', heldBecause: 'mixed', problem: expect.stringMatching(named) }]);
  });

  test.each<[string, readonly ListedCache[]]>([
    ['of another group', [loadTest, { ...GONE_DARK, securityGroupIds: ['sg-0cccccccccccccccc'] }]],
    ['that the allowlist does not allow', [loadTest, { ...GONE_DARK, cacheName: 'carts' }]],
    [
      'whose security groups are not known, and whose port the rule does not open',
      [loadTest, { ...sessions, securityGroupIds: [], ports: [6300], unknownGroups: 'nobody knows' }],
    ],
    ['that was never there', [loadTest, { ...sessions, ports: [] }]],
    [
      'that is a node which goes, of a replication group that stays: its grants are known',
      [
        loadTest,
        { ...sessions, cacheName: 'carts', clusterName: 'carts-001' },
        { ...GONE_DARK, cacheName: 'carts', clusterName: 'carts-002' },
      ],
    ],
  ])('is revoked: a cache %s', async (_, caches) => {
    const { fake } = await auditOf(caches);

    expect(fake.revoked).toEqual([wide.securityGroupRuleId]);
  });
});
